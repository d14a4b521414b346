//! Jobs: what the writer is asked to do.

use tc_market::{CandleBatch, CandleTime, SeriesId};

use crate::PublishPolicy;

/// Most jobs that may share one storage commit.
pub const MAX_GROUP_JOBS: usize = 64;
/// Most candles that may share one storage commit; a single larger batch commits alone.
pub const MAX_GROUP_CANDLES: usize = 20_000;

/// When late and corrected candles are folded in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LatePolicy {
    /// In the same run.
    Fold,
    /// Remembered, and folded by the next run or refresh that does not defer: for jobs that write many batches.
    Defer,
}

/// What to write.
#[derive(Debug, Clone, PartialEq)]
pub enum JobInput {
    /// Closed candles of one series.
    Batch(CandleBatch),
    /// No candles: advance the derived ledgers of a series, at most to `up_to`.
    Refresh {
        /// The series.
        series: SeriesId,
        /// Newest candle to cover.
        up_to: CandleTime,
    },
}

/// One unit of work for the pipeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// What to write.
    pub input: JobInput,
    /// What to tell.
    pub publish: PublishPolicy,
    /// When late candles are folded in.
    pub late: LatePolicy,
}

impl Job {
    /// The series that the job writes.
    #[must_use]
    pub const fn series(&self) -> &SeriesId {
        match &self.input {
            JobInput::Batch(batch) => batch.series(),
            JobInput::Refresh { series, .. } => series,
        }
    }

    /// Number of candles in the job.
    #[must_use]
    pub fn candle_count(&self) -> usize {
        match &self.input {
            JobInput::Batch(batch) => batch.candles().len(),
            JobInput::Refresh { .. } => 0,
        }
    }
}
