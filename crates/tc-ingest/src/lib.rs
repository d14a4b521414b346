//! The write path and its supervision, no sockets.
//!
//! [`IngestPipeline`] is the only writer of facts: candles, then factors, then features, then drawings, then
//! publications, one atomic unit per batch and series. Start reading at `pipeline.rs`. The state machines beside it
//! decide who must be ingesting and when a live buffer is flushed; time is always an argument.
//!
//! Deliberately absent: sockets, threads, clocks, reads for clients.
//!
//! Invariants owned here: I3 (one atomic unit per batch and series), I4 (publish after commit), I5 (convergence).

mod backfill_plan;
mod batcher;
mod cooldown;
mod engine_cache;
mod error;
mod gap_ledger;
mod job;
mod pipeline;
mod progress;
mod publication;
mod report;
mod supervisor;
mod unit;

pub use backfill_plan::{BackfillBounds, BackfillPlan};
pub use batcher::{Batcher, BatcherOptions, BufferFull, FlushReason, Pushed};
pub use cooldown::{Cooldown, CooldownOptions};
pub use error::{IngestError, PipelineError, Step};
pub use gap_ledger::{GapAttempt, GapChanges};
pub use job::{Interruption, Job, JobInput, JobOrigin, LatePolicy, MAX_GROUP_CANDLES, MAX_GROUP_JOBS};
pub use pipeline::{IngestOptions, IngestPipeline, MicrosClock, WallClock};
pub use progress::{BackfillProgress, BackfillState, MAX_TRACKED_SERIES, Missing, ProgressTracker};
pub use publication::{Publication, PublishError, PublishPolicy, Publisher};
pub use report::{IngestReport, Rebuild, StepReport, Work};
pub use tc_store::RebuildReason;

pub use supervisor::{
    Hold, IngestRefusal, IngestRole, JobEnd, JobState, RunId, Supervisor, SupervisorAction, SupervisorOptions,
};
