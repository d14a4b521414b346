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
    /// Everything derived of a series again, from its first candle, in one commit. Every candle is kept.
    Rebuild {
        /// The series.
        series: SeriesId,
        /// Candles of that series that are stored first, in the same commit.
        candles: Option<CandleBatch>,
    },
    /// A derived series that somebody wants: from now on it is built of the base candles as they are written, and when
    /// it has no candle yet, of the newest stored ones at once. Nothing happens for a series that is not derived.
    Derive {
        /// The derived series.
        series: SeriesId,
    },
    /// The stored drawings of a series again, from its ledger, after the ledgers were brought to the candle head.
    RepairDrawings {
        /// The series.
        series: SeriesId,
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
    /// The job by which a derived series becomes one that is built; it tells draw heads only.
    #[must_use]
    pub const fn derive(series: SeriesId) -> Self {
        Self {
            input: JobInput::Derive { series },
            publish: PublishPolicy::Derived,
            late: LatePolicy::Fold,
        }
    }

    /// The series that the job writes.
    #[must_use]
    pub const fn series(&self) -> &SeriesId {
        match &self.input {
            JobInput::Batch(batch) => batch.series(),
            JobInput::Refresh { series, .. }
            | JobInput::Rebuild { series, .. }
            | JobInput::Derive { series }
            | JobInput::RepairDrawings { series } => series,
        }
    }

    /// Candles that count towards [`MAX_GROUP_CANDLES`]. A job that goes through a whole series counts as more than
    /// that, so that nobody waits for it in a shared commit.
    #[must_use]
    pub fn candle_count(&self) -> usize {
        match &self.input {
            JobInput::Batch(batch) => batch.candles().len(),
            JobInput::Refresh { .. } | JobInput::Derive { .. } => 0,
            JobInput::Rebuild { .. } | JobInput::RepairDrawings { .. } => MAX_GROUP_CANDLES + 1,
        }
    }
}
