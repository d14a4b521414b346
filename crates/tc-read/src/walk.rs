//! The ledger of a series from its first candle on, page by page.

use tc_factor::LedgerEvent;
use tc_market::{Candle, CandleTime, SeriesId};
use tc_store::Snapshot;

use crate::{ReadError, position::StoredSeries};

/// Candles and the events of their ticks. Payloads are as they are stored, which is what an engine follows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LedgerPage {
    /// Candles by growing time.
    pub candles: Vec<Candle>,
    /// Events of these candles in ledger order.
    pub events: Vec<LedgerEvent>,
}

impl LedgerPage {
    /// Every candle with the events of its tick.
    pub fn ticks(&self) -> impl Iterator<Item = (&Candle, &[LedgerEvent])> {
        let mut rest = self.events.as_slice();
        self.candles.iter().map(move |candle| {
            let count = rest.partition_point(|event| event.visible_time <= candle.time());
            let (tick, later) = rest.split_at(count);
            rest = later;
            (candle, tick)
        })
    }
}

/// Walks the stored ledger of a series. Holds one page in memory, however long the ledger is.
pub struct LedgerWalk<'a> {
    stored: StoredSeries<'a>,
    next: Option<CandleTime>,
    to: CandleTime,
    candles: u64,
    page_candles: usize,
}

impl std::fmt::Debug for LedgerWalk<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LedgerWalk")
            .field("series", self.stored.series)
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}

impl<'a> LedgerWalk<'a> {
    /// A walk from the first stored candle to the newest one at or before `to` (`None`: the newest of all), in pages of at
    /// most `page_candles`, which is at least 1.
    ///
    /// # Errors
    /// [`ReadError::NoData`] when there is no such candle, [`ReadError::OutOfSync`] when the factor ledger does not cover
    /// the last one.
    pub fn open(
        snapshot: &'a dyn Snapshot,
        series: &'a SeriesId,
        to: Option<i64>,
        page_candles: usize,
    ) -> Result<Self, ReadError> {
        let stored = StoredSeries::open(snapshot, series)?.ok_or(ReadError::NoData)?;
        let to = stored.floor(to)?.ok_or(ReadError::NoData)?;
        stored.require_factors(to)?;
        Ok(Self {
            candles: snapshot.count_between(stored.key, CandleTime::MIN, to)?,
            stored,
            next: Some(CandleTime::MIN),
            to,
            page_candles: page_candles.max(1),
        })
    }

    /// Number of candles of the whole walk.
    #[must_use]
    pub const fn candles(&self) -> u64 {
        self.candles
    }

    /// The next page; `None` after the last one.
    ///
    /// # Errors
    /// [`ReadError::Store`].
    pub fn next_page(&mut self) -> Result<Option<LedgerPage>, ReadError> {
        let (snapshot, key) = (self.stored.snapshot, self.stored.key);
        let Some(from) = self.next else { return Ok(None) };
        let candles = snapshot.candles_between(key, from, self.to, self.page_candles)?;
        let (Some(first), Some(last)) = (candles.first(), candles.last()) else {
            self.next = None;
            return Ok(None);
        };
        let (first, last) = (first.time(), last.time());
        self.next = (last < self.to).then(|| last.shifted(1));
        let events = snapshot.events(key, first, last)?;
        Ok(Some(LedgerPage { candles, events }))
    }
}
