//! Row types shared by all backends.

use tc_factor::{Fingerprint, KindId};
use tc_market::{CandleTime, SeriesId};
use tc_overlay::RenderKey;

/// Integer key of a series within one store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesKey(pub u32);

/// Names behind the numbers of event kinds and settled drawings.
///
/// The position in each list is the process-local id; a backend keeps the names and maps its own numbers to them, so
/// that a store survives a changed registry. Rows of names that are not listed are skipped by reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Event kinds, in the order of their `KindId`.
    pub event_kinds: Vec<String>,
    /// Settled drawings, in the order of their `DrawingId`.
    pub drawings: Vec<String>,
}

/// Everything about a series that is not a row of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SeriesState {
    /// Newest candle up to which the factor ledger is complete.
    pub factor_head: Option<CandleTime>,
    /// Newest candle up to which feature rows may be read; they are a function of the events.
    pub feature_head: Option<CandleTime>,
    /// Newest candle up to which the drawings are complete; `None`: they must be materialised.
    pub overlay_head: Option<CandleTime>,
    /// What the factor ledger was computed with.
    pub fingerprint: Option<Fingerprint>,
    /// What the drawings were made with.
    pub render_key: Option<RenderKey>,
    /// Overlay head before the newest event that may have changed older drawings; cursors up to it prove nothing.
    pub resync_floor: CandleTime,
    /// Earliest late or corrected candle that still waits for its fold.
    pub stale_from: Option<CandleTime>,
    /// Number of times that existing ledgers were folded again.
    pub epoch: u32,
    /// Rises with every transaction that changes or removes anything at or below a head; internal.
    pub generation: u64,
    /// Whether every hole between stored candles has its gap record; `false`: the candles must be looked through once.
    pub gaps_known: bool,
}

/// One line of the list of stored series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesSummary {
    /// The series.
    pub series: SeriesId,
    /// Oldest stored candle.
    pub first_time: Option<CandleTime>,
    /// Newest stored candle.
    pub head_time: Option<CandleTime>,
    /// Epoch of its ledgers.
    pub epoch: u32,
}

/// What an upsert of candles did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PutReport {
    /// Rows that were not there before.
    pub inserted: usize,
    /// Rows that were there with equal values; not written.
    pub equal: usize,
    /// Rows that were there with other values; overwritten.
    pub changed: usize,
    /// Oldest of the inserted times.
    pub first_inserted: Option<CandleTime>,
    /// Oldest of the changed times.
    pub first_changed: Option<CandleTime>,
}

/// Direction in which a list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Oldest first.
    Ascending,
    /// Newest first.
    Descending,
}

/// Whether the payloads of events are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payloads {
    /// As they are stored.
    Stored,
    /// Not at all: every event has an empty one.
    LeftOut,
}

/// Which events are wanted, and in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventQuery<'a> {
    /// Oldest tick, inclusive.
    pub from: CandleTime,
    /// Newest tick, inclusive.
    pub to: CandleTime,
    /// Kinds that count; `None`: all of them.
    pub kinds: Option<&'a [KindId]>,
    /// By `(visible_time, ord)`.
    pub order: Order,
    /// Most events to return: the first ones in that order.
    pub limit: usize,
    /// What is read of each.
    pub payloads: Payloads,
}

impl EventQuery<'_> {
    /// Whether events of this kind count.
    #[must_use]
    pub fn wants(&self, kind: KindId) -> bool {
        self.kinds.is_none_or(|kinds| kinds.contains(&kind))
    }
}

/// A checkpoint as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// Candle after which the state was saved.
    pub time: CandleTime,
    /// Encoded state.
    pub bytes: Vec<u8>,
}
