//! One series of a snapshot as the source that folds resume from.

use std::fmt;

use tc_factor::LedgerEvent;
use tc_market::{Candle, CandleTime};
use tc_overlay::LedgerSource;

use crate::{SeriesKey, Snapshot, StoreError};

/// Candles that a checkpoint may ask for again; far more than any factor looks back.
const TAIL_CANDLES: usize = 10_000_000;

/// Checkpoints, candles and events of one series.
pub struct SeriesLedger<'a, S: Snapshot + ?Sized> {
    snapshot: &'a S,
    key: SeriesKey,
}

impl<'a, S: Snapshot + ?Sized> SeriesLedger<'a, S> {
    /// The series with `key` as `snapshot` sees it.
    pub const fn new(snapshot: &'a S, key: SeriesKey) -> Self {
        Self { snapshot, key }
    }
}

impl<S: Snapshot + ?Sized> fmt::Debug for SeriesLedger<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeriesLedger")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl<S: Snapshot + ?Sized> LedgerSource for SeriesLedger<'_, S> {
    type Error = StoreError;

    fn checkpoint_at(&self, at: CandleTime) -> Result<Option<(CandleTime, Vec<u8>)>, StoreError> {
        let stored = self.snapshot.checkpoint_at(self.key, at)?;
        Ok(stored.map(|checkpoint| (checkpoint.time, checkpoint.bytes)))
    }

    fn candles(&self, from: CandleTime, to: CandleTime) -> Result<Vec<Candle>, StoreError> {
        self.snapshot.candles_between(self.key, from, to, TAIL_CANDLES)
    }

    fn events(&self, from: CandleTime, to: CandleTime) -> Result<Vec<LedgerEvent>, StoreError> {
        self.snapshot.events(self.key, from, to)
    }
}
