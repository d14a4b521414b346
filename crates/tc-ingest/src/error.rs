//! Pipeline errors.

use std::fmt;

use tc_factor::CodecError;
use tc_market::{CandleTime, SeriesId};
use tc_overlay::FoldError;
use tc_store::StoreError;

use crate::IngestReport;

/// A step of the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Candles.
    Store,
    /// Factors.
    Factor,
    /// Feature rows.
    Feature,
    /// Drawings.
    Overlay,
}

impl Step {
    /// Name used in results, errors and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Store => "store.upsert_many_closed",
            Self::Factor => "factor.ingest_closed",
            Self::Feature => "feature.ingest_closed",
            Self::Overlay => "overlay.ingest_closed",
        }
    }
}

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The shared commit failed; nothing was kept.
    #[error("commit failed: {0}")]
    Commit(String),
    /// The fold failed.
    #[error(transparent)]
    Fold(#[from] FoldError),
    /// A payload cannot be read.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// A rebuild was asked for while no factors are computed: it would only delete.
    #[error("factors are switched off, so a rebuild would only delete; switch factor ingest on")]
    FactorsOff,
    /// The factor ledger does not reach the candle that feature rows are wanted for.
    #[error("feature_factor_out_of_sync:{series}:{}:{up_to}", .factor_head.unwrap_or_default())]
    FeatureOutOfSync {
        /// The series.
        series: SeriesId,
        /// Where its factor ledger ends.
        factor_head: Option<CandleTime>,
        /// Newest candle to cover.
        up_to: CandleTime,
    },
    /// Folding stored candles again gave other events than the ledger holds.
    #[error("ledger differs from the fold over its candles at {0}; rebuild the series")]
    LedgerMismatch(CandleTime),
}

/// A job that failed, and what was kept of it.
#[derive(Debug)]
pub struct PipelineError {
    /// The step that failed.
    pub step: Step,
    /// The series.
    pub series: SeriesId,
    /// Why.
    pub cause: Box<IngestError>,
    /// New candles that were rolled back.
    pub candle_compensated_rows: usize,
    /// Whether the drawings of the series were cleared.
    pub overlay_compensated: bool,
    /// Why clearing the drawings failed too; then nothing was kept.
    pub compensation_error: Option<String>,
    /// What was committed of the job all the same; `None`: nothing.
    pub kept: Option<Box<IngestReport>>,
}

impl PipelineError {
    pub(crate) fn new(step: Step, series: SeriesId, cause: IngestError) -> Self {
        Self {
            step,
            series,
            cause: Box::new(cause),
            candle_compensated_rows: 0,
            overlay_compensated: false,
            compensation_error: None,
            kept: None,
        }
    }

    /// Whether anything was undone beyond the failed step itself.
    #[must_use]
    pub const fn compensated(&self) -> bool {
        self.overlay_compensated || self.candle_compensated_rows > 0
    }
}

impl fmt::Display for PipelineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ingest_pipeline_failed:{}:{}:{}",
            self.step.name(),
            self.series,
            self.cause
        )?;
        if self.compensated() {
            f.write_str(":compensated")?;
        }
        if self.overlay_compensated {
            f.write_str(":overlay_reset")?;
        }
        if self.candle_compensated_rows > 0 {
            write!(f, ":candle_rows:{}", self.candle_compensated_rows)?;
        }
        match &self.compensation_error {
            Some(error) => write!(f, ":compensation_error:{error}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for PipelineError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.cause)
    }
}
