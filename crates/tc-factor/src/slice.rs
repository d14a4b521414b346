//! Factor slices: head plus history of a window, as JSON objects.

use tc_market::CandleTime;

use crate::{CodecError, FactorEngine, FactorGraph, LedgerEvent, SortKey};

/// Events of a window in ledger order.
#[derive(Debug, Clone, Copy)]
pub struct WindowEvents<'a> {
    graph: &'a FactorGraph,
    events: &'a [LedgerEvent],
}

impl<'a> WindowEvents<'a> {
    /// `events` must be in ledger order, `(visible_time, ord)` ascending.
    #[must_use]
    pub const fn new(graph: &'a FactorGraph, events: &'a [LedgerEvent]) -> Self {
        Self { graph, events }
    }

    /// Events of the kind called `name`, in ledger order.
    pub fn of_kind(&self, name: &str) -> impl Iterator<Item = &'a LedgerEvent> + use<'a> {
        let kind = self.graph.kind(name);
        self.events.iter().filter(move |event| Some(event.kind) == kind)
    }

    /// Whether the window holds an event of the kind called `name`.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.of_kind(name).next().is_some()
    }

    /// The graph that the events belong to.
    #[must_use]
    pub const fn graph(&self) -> &'a FactorGraph {
        self.graph
    }
}

/// What a factor builds its slice from.
#[derive(Debug, Clone, Copy)]
pub struct SliceInput<'a> {
    /// Position of the factor in the graph.
    pub position: usize,
    /// Events of the window.
    pub events: WindowEvents<'a>,
    /// Factors as of `at`.
    pub engine: &'a FactorEngine,
    /// Newest candle of the window.
    pub at: CandleTime,
}

/// History and head of one factor, each a JSON object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// Lists of event payloads per bucket.
    pub history: Vec<u8>,
    /// Head at the newest candle; `{}` when there is none.
    pub head: Vec<u8>,
}

impl SliceInput<'_> {
    /// Head of this factor, `{}` when it has none.
    ///
    /// # Errors
    /// [`CodecError::Json`].
    pub fn head(&self) -> Result<Vec<u8>, CodecError> {
        Ok(self
            .engine
            .head_json(self.position)?
            .unwrap_or_else(|| b"{}".to_vec()))
    }

    /// History object with one list per event kind of this factor, in declared order and sort.
    ///
    /// # Errors
    /// [`CodecError`] when a payload cannot be read or written.
    pub fn history(&self) -> Result<Vec<u8>, CodecError> {
        let mut out = vec![b'{'];
        let spec = self.events.graph.specs().nth(self.position);
        for (n, kind) in spec.map_or(&[][..], |spec| spec.events).iter().enumerate() {
            if n > 0 {
                out.push(b',');
            }
            out.push(b'"');
            out.extend_from_slice(kind.bucket.as_bytes());
            out.extend_from_slice(b"\":");
            write_list(
                &mut out,
                sorted_bucket(self.events.of_kind(kind.name), kind.sort),
                kind.write_json,
            )?;
        }
        out.push(b'}');
        Ok(out)
    }
}

/// Stable sort of events by the keys of their bucket; ledger order where the keys are equal.
pub fn sorted_bucket<'a>(
    events: impl Iterator<Item = &'a LedgerEvent>,
    sort: &[SortKey],
) -> Vec<&'a LedgerEvent> {
    let mut events: Vec<_> = events.collect();
    if !sort.is_empty() {
        events.sort_by(|a, b| {
            let key = |event: &LedgerEvent, key: SortKey| match key {
                SortKey::VisibleTime => event.visible_time,
                SortKey::AnchorTime => event.anchor_time,
            };
            sort.iter()
                .map(|k| key(a, *k).cmp(&key(b, *k)))
                .fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        });
    }
    events
}

/// Writes a JSON list of payloads.
///
/// # Errors
/// [`CodecError`] of the first event that cannot be written.
pub fn write_list<'a>(
    out: &mut Vec<u8>,
    events: impl IntoIterator<Item = &'a LedgerEvent>,
    write: fn(&LedgerEvent, &mut Vec<u8>) -> Result<(), CodecError>,
) -> Result<(), CodecError> {
    out.push(b'[');
    for (n, event) in events.into_iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        write(event, out)?;
    }
    out.push(b']');
    Ok(())
}
