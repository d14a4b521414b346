//! Jobs: what the writer is asked to do.

use tc_market::{CandleBatch, CandleTime, Gap, SeriesId};
use tc_store::{GapCause, HealedFrom};

use crate::{GapAttempt, PublishPolicy};

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

/// What may have cost a live stream candles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Interruption {
    /// The connection was gone.
    Disconnect,
    /// The connection was silent.
    Stall,
    /// Nothing that is known: a candle does not follow the one before.
    HeadJump,
}

/// Where the candles of a job come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobOrigin {
    /// An ingest request.
    Ingest,
    /// A live stream, and what happened to it since its last candle.
    Stream(Interruption),
    /// REST history of the exchange.
    Rest,
    /// REST history in place of what a live stream did not bring, and what had happened to it.
    Fill(Interruption),
    /// Files of candles.
    Files,
    /// Stored candles of the base series.
    RollUp,
    /// An operator, or a task that only brings ledgers forward.
    Operator,
}

impl JobOrigin {
    /// Name in metrics and debug events.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Stream(_) => "stream",
            Self::Rest | Self::Fill(_) => "rest",
            Self::Files => "files",
            Self::RollUp => "roll_up",
            Self::Operator => "operator",
        }
    }

    /// Why there is a hole before candles of this origin.
    pub(crate) const fn gap_cause(self) -> GapCause {
        match self {
            Self::Ingest => GapCause::Ingest,
            Self::Stream(interruption) | Self::Fill(interruption) => match interruption {
                Interruption::Disconnect => GapCause::Disconnect,
                Interruption::Stall => GapCause::Stall,
                Interruption::HeadJump => GapCause::HeadJump,
            },
            Self::Rest | Self::Files => GapCause::Import,
            Self::RollUp | Self::Operator => GapCause::Unknown,
        }
    }

    /// Who closed a hole that candles of this origin close.
    pub(crate) const fn healed_from(self) -> HealedFrom {
        match self {
            Self::Ingest => HealedFrom::Ingest,
            Self::Stream(_) => HealedFrom::Stream,
            Self::Rest | Self::Fill(_) => HealedFrom::Rest,
            Self::Files => HealedFrom::Freqtrade,
            Self::RollUp | Self::Operator => HealedFrom::Store,
        }
    }
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
    /// The gap records of a series that was never looked through; nothing for others, but that what a former process
    /// was filling counts as interrupted.
    LookForGaps {
        /// The series.
        series: SeriesId,
    },
    /// How a try to fill the gaps of a range went.
    GapAttempt {
        /// The series.
        series: SeriesId,
        /// The range.
        range: Gap,
        /// The try.
        attempt: GapAttempt,
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
    /// Where the candles come from.
    pub origin: JobOrigin,
}

impl Job {
    /// A job that says something about the gaps of a series; it tells nobody.
    #[must_use]
    pub const fn about_gaps(input: JobInput) -> Self {
        Self {
            input,
            publish: PublishPolicy::RebuildsOnly,
            late: LatePolicy::Defer,
            origin: JobOrigin::Operator,
        }
    }

    /// The job by which a derived series becomes one that is built; it tells draw heads only.
    #[must_use]
    pub const fn derive(series: SeriesId) -> Self {
        Self {
            input: JobInput::Derive { series },
            publish: PublishPolicy::Derived,
            late: LatePolicy::Fold,
            origin: JobOrigin::RollUp,
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
            | JobInput::LookForGaps { series }
            | JobInput::GapAttempt { series, .. }
            | JobInput::RepairDrawings { series } => series,
        }
    }

    /// Candles that count towards [`MAX_GROUP_CANDLES`]. A job that goes through a whole series counts as more than
    /// that, so that nobody waits for it in a shared commit.
    #[must_use]
    pub fn candle_count(&self) -> usize {
        match &self.input {
            JobInput::Batch(batch) => batch.candles().len(),
            JobInput::Refresh { .. } | JobInput::Derive { .. } | JobInput::GapAttempt { .. } => 0,
            JobInput::Rebuild { .. } | JobInput::RepairDrawings { .. } | JobInput::LookForGaps { .. } => {
                MAX_GROUP_CANDLES + 1
            }
        }
    }
}
