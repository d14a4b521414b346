//! What a job did.

use tc_market::{CandleTime, SeriesId};

use crate::PublishError;

/// Why existing ledgers were folded again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RebuildReason {
    /// A candle older than the head arrived.
    LateCandle,
    /// A stored candle got other values.
    CorrectedCandle,
    /// Logic or settings changed.
    Fingerprint,
}

impl RebuildReason {
    /// Stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LateCandle => "late_candle",
            Self::CorrectedCandle => "corrected_candle",
            Self::Fingerprint => "fingerprint",
        }
    }
}

/// Ledgers that were folded again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rebuild {
    /// Why.
    pub reason: RebuildReason,
    /// First candle folded again; `None`: from the start.
    pub from: Option<CandleTime>,
    /// Candles folded again.
    pub candles: u64,
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
    /// Steps that were done, in order.
    pub steps: Vec<StepReport>,
    /// First publication that could not be handed on.
    pub publish_error: Option<PublishError>,
}
