//! What a job did.

use tc_factor::Fingerprint;
use tc_market::{CandleTime, SeriesId};
use tc_store::RebuildReason;

use crate::{GapChanges, PublishError};

/// Ledgers that were folded again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rebuild {
    /// Why.
    pub reason: RebuildReason,
    /// First candle folded again; `None`: from the start.
    pub from: Option<CandleTime>,
    /// Candles folded again.
    pub candles: u64,
    /// Newest candles that a trim before the fold kept; `None`: all, there was no trim.
    pub keep_candles: Option<u64>,
    /// Candles removed before the fold.
    pub trimmed: u64,
}

/// One step of the pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepReport {
    /// `<step>:<series_id>`.
    pub name: String,
    /// Microseconds.
    pub duration_us: u64,
}

/// What the steps of a job went through, for those who watch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Work {
    /// New candles at or below the candle head that the job found.
    pub late: usize,
    /// Oldest candle that replaced other values.
    pub first_changed: Option<CandleTime>,
    /// What the factors were computed with; `None`: they did not run.
    pub fingerprint: Option<Fingerprint>,
    /// Candles that the factors took.
    pub folded: u64,
    /// Checkpoints written.
    pub checkpoints: usize,
    /// Ledger events that drawings were made of.
    pub drawn_events: usize,
    /// Settled drawings written.
    pub drawn_rows: usize,
    /// Candle up to which drawings were completed; `None`: they were complete, or are switched off.
    pub drawn_to: Option<CandleTime>,
    /// Whether the drawings of the whole series were made again.
    pub redrawn: bool,
}

/// What a job wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestReport {
    /// The series.
    pub series: SeriesId,
    /// Candles that were new.
    pub inserted: usize,
    /// Candles that were stored with equal values.
    pub equal: usize,
    /// Candles that replaced other values.
    pub changed: usize,
    /// Ledger events written.
    pub events: usize,
    /// Set when existing ledgers were folded again.
    pub rebuilt: Option<Rebuild>,
    /// Epoch of the ledgers.
    pub epoch: u32,
    /// Newest stored candle.
    pub candle_head: Option<CandleTime>,
    /// Factor head.
    pub factor_head: Option<CandleTime>,
    /// Feature head.
    pub feature_head: Option<CandleTime>,
    /// Overlay head.
    pub overlay_head: Option<CandleTime>,
    /// What became of the gap records.
    pub gaps: GapChanges,
    /// What the steps went through.
    pub work: Work,
    /// Steps that were done, in order.
    pub steps: Vec<StepReport>,
    /// What was written to the series that are derived from this one, in the order of the set. One that failed is
    /// missing; it catches up with its next bucket.
    pub derived: Vec<IngestReport>,
    /// First publication of the series itself that could not be handed on.
    pub publish_error: Option<PublishError>,
}
