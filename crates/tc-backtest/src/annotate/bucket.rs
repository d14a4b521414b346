//! Facts of one kind, candle by candle.

use tc_factor::{CodecError, FactorGraph, FeatureValue, KindId, LedgerEvent, ReadDirection};
use tc_market::CandleTime;

use super::BucketSpec;

/// A candle with facts of one kind. They became visible at its close; every key that such facts can be ordered by is its
/// time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BucketRow {
    /// The candle.
    pub candle_time: CandleTime,
    /// How many facts; at least one.
    pub count: u32,
    /// Direction of the last of them, if facts of the kind have one.
    pub direction: Option<FeatureValue>,
}

/// Facts by the name of their bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct Buckets(Vec<(&'static str, Vec<BucketRow>)>);

impl Buckets {
    /// The rows of a bucket, ascending; none for an unknown name.
    #[must_use]
    pub fn rows(&self, bucket: &str) -> &[BucketRow] {
        let found = self.0.iter().find(|(name, _)| *name == bucket);
        found.map_or(&[], |(_, rows)| rows)
    }
}

/// Fills buckets from ledger events: the rows of the feature vectors, without the columns that nobody asked for.
#[derive(Debug)]
pub struct BucketRecorder {
    kinds: Vec<Option<(KindId, Option<ReadDirection>)>>,
    buckets: Buckets,
}

impl BucketRecorder {
    /// Buckets that `graph` numbers the kinds of. One of a kind that it does not know stays empty.
    pub(super) fn new<'a>(specs: impl Iterator<Item = &'a BucketSpec>, graph: &FactorGraph) -> Self {
        let (mut kinds, mut buckets) = (Vec::new(), Vec::new());
        for spec in specs {
            let kind = graph.kind(spec.event_kind);
            let direction = kind.and_then(|kind| graph.kind_spec(kind)?.direction);
            kinds.push(kind.map(|kind| (kind, direction)));
            buckets.push((spec.bucket, Vec::new()));
        }
        Self {
            kinds,
            buckets: Buckets(buckets),
        }
    }

    /// Kinds that it looks at, as the graph numbers them.
    #[must_use]
    pub fn kinds(&self) -> Vec<KindId> {
        let mut kinds: Vec<KindId> = self.kinds.iter().flatten().map(|(kind, _)| *kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// Takes the next events in ledger order.
    ///
    /// # Errors
    /// [`CodecError`] when a payload cannot be read.
    pub fn push(&mut self, events: &[LedgerEvent]) -> Result<(), CodecError> {
        for event in events {
            for (kind, (_, rows)) in self.kinds.iter().zip(&mut self.buckets.0) {
                let Some((_, read)) = kind.filter(|(kind, _)| *kind == event.kind) else {
                    continue;
                };
                let direction = read.map(|read| read(event)).transpose()?;
                match rows
                    .last_mut()
                    .filter(|row| row.candle_time == event.visible_time)
                {
                    Some(row) => {
                        row.count += 1;
                        row.direction = direction;
                    }
                    None => rows.push(BucketRow {
                        candle_time: event.visible_time,
                        count: 1,
                        direction,
                    }),
                }
            }
        }
        Ok(())
    }

    /// What was recorded.
    #[must_use]
    pub fn finish(self) -> Buckets {
        self.buckets
    }
}
