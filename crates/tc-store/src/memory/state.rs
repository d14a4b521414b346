//! The rows themselves.

use std::{collections::BTreeMap, sync::Arc};

use tc_factor::Payload;
use tc_market::{Candle, CandleTime, SeriesId};

use super::{
    numbering::{Numbering, Numbers},
    table::Table,
};
use crate::{EpochRecord, GapRecord, Names, SeriesKey, SeriesState, StoreError};

/// Everything a store holds. A clone shares everything until one of the two changes; then the series that changes is
/// taken apart and the others stay shared, so that a savepoint costs the same however many series there are.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) keys: Arc<BTreeMap<SeriesId, SeriesKey>>,
    pub(super) series: Arc<BTreeMap<SeriesKey, Arc<SeriesRows>>>,
    event_kinds: Vec<String>,
    drawings: Vec<String>,
}

/// Everything of one series.
#[derive(Debug, Clone, Default)]
pub(super) struct SeriesRows {
    pub(super) state: SeriesState,
    pub(super) candles: Table<Candle>,
    pub(super) events: Table<EventRow>,
    pub(super) settled: Table<SettledEntry>,
    pub(super) checkpoints: Table<Vec<u8>>,
    /// By the first missing time.
    pub(super) gaps: Table<GapRecord>,
    pub(super) epochs: BTreeMap<u32, EpochRecord>,
}

/// An event without its position; `kind` is a number of the store.
#[derive(Debug, Clone)]
pub(super) struct EventRow {
    pub(super) kind: u16,
    pub(super) anchor_time: CandleTime,
    pub(super) payload: Payload,
}

/// A settled drawing without its position; `drawing` is a number of the store.
#[derive(Debug, Clone)]
pub(super) struct SettledEntry {
    pub(super) drawing: u16,
    pub(super) first_time: CandleTime,
    pub(super) last_time: CandleTime,
    pub(super) payload: Payload,
}

impl State {
    /// Numbers for `names`; names that are new to the store get the next ones.
    pub(super) fn number(&mut self, names: &Names) -> Numbering {
        Numbering {
            events: Numbers::assign(&names.event_kinds, &mut self.event_kinds),
            drawings: Numbers::assign(&names.drawings, &mut self.drawings),
        }
    }

    pub(super) fn rows_mut(&mut self, key: SeriesKey) -> Result<&mut SeriesRows, StoreError> {
        let rows = Arc::make_mut(&mut self.series).get_mut(&key);
        rows.map(Arc::make_mut).ok_or_else(|| no_row(key))
    }
}

/// A key that this store never gave out, or that was rolled back.
pub(super) fn no_row(key: SeriesKey) -> StoreError {
    StoreError::Corrupt {
        table: "series",
        reason: format!("no row has the key {}", key.0),
    }
}
