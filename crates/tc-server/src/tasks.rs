//! Drivers of the state machines: live jobs, their supervision, coverage and what sets it off, rebuilds, shutdown.

mod backfills;
mod coverage;
mod coverage_jobs;
mod downloads;
mod gap_heal;
mod gap_keeper;
mod history;
mod live;
mod local_history;
mod read_follow_up;
mod rebuild;
mod shutdown;
mod startup_sync;
mod status;
mod supervise;
mod turn;

pub use backfills::Backfills;
pub use coverage::{Coverage, CoverageOptions, CoverageParts, Covered};
pub use coverage_jobs::{CountError, CoverageJob, CoverageJobId, CoverageJobState, CoverageJobs};
pub use downloads::{CandleFetcher, Download, DownloadOptions, Downloads, FetchError, Fetching};
pub use gap_heal::{GapHealOptions, GapHealer};
pub(crate) use gap_keeper::due_at_ms;
pub use gap_keeper::{announce_gaps, keep_gaps};
pub(crate) use history::refresh;
pub use live::{FillRetry, LiveError, LiveOptions, LiveRunner, LiveSource, PublishStrategy};
pub use local_history::{LocalHistory, LocalHistoryError};
pub use read_follow_up::{Background, ReadFollowUp, ReadFollowUpOptions};
pub(crate) use read_follow_up::{CandleRead, WarmUp};
pub use rebuild::{RebuildError, RebuildParts, RebuildSource, RebuiltSeries, rebuild};
pub use shutdown::{ShutdownParts, shut_down};
pub use startup_sync::{StartupSyncOptions, StartupSyncParts, StartupSyncReport, SyncedSeries, startup_sync};
pub use status::{JobSnapshot, JobStatus};
#[cfg(test)]
pub(crate) use supervise::tests::{idle_control, waiting_control};
pub use supervise::{AcquireError, IngestControl, IngestJob, IngestState, JobRunner, Lease};
