//! Why a question cannot be answered.

use tc_factor::CodecError;
use tc_market::CandleTime;
use tc_overlay::FoldError;
use tc_replay::RecordError;
use tc_store::StoreError;

use crate::IntegrityFindings;

/// Which ledger is behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ledger {
    /// Factor events and heads.
    Factor,
    /// Feature rows.
    Feature,
    /// Stored drawings.
    Overlay,
}

/// Read errors.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no candle at or before the instant that was asked for.
    #[error("there is no candle")]
    NoData,
    /// The series was never drawn.
    #[error("there are no drawings")]
    NoOverlay,
    /// A ledger does not reach the candle that was asked for, or disagrees with itself.
    #[error("{ledger:?} ledger is not in step with the candles at {at}")]
    OutOfSync {
        /// Which one.
        ledger: Ledger,
        /// Candle that was asked for.
        at: CandleTime,
    },
    /// Stored drawings differ from a fresh render.
    #[error(
        "stored drawings at {at} differ: {} missing, {} different, {} bogus",
        findings.missing.count, findings.different.count, findings.bogus.count
    )]
    Integrity {
        /// Candle that was asked for.
        at: CandleTime,
        /// What differs.
        findings: Box<IntegrityFindings>,
    },
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A fold could not be resumed.
    #[error(transparent)]
    Fold(#[from] FoldError),
    /// A payload cannot be read.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// A frame cannot be written down.
    #[error(transparent)]
    Record(#[from] RecordError),
}
