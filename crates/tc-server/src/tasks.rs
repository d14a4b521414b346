//! Drivers of the state machines: live jobs, their supervision, start-up sync, rebuilds, shutdown.

mod backfills;
mod history;
mod live;
mod rebuild;
mod shutdown;
mod startup_sync;
mod status;
mod supervise;

pub use backfills::Backfills;
pub use live::{FillRetry, LiveError, LiveOptions, LiveRunner, LiveSource, PublishStrategy};
pub use rebuild::{RebuildError, RebuildParts, RebuildSource, RebuiltSeries, rebuild};
pub use shutdown::{ShutdownParts, shut_down};
pub use startup_sync::{StartupSyncOptions, StartupSyncParts, StartupSyncReport, SyncedSeries, startup_sync};
pub use status::{JobSnapshot, JobStatus};
#[cfg(test)]
pub(crate) use supervise::tests::{idle_control, waiting_control};
pub use supervise::{AcquireError, IngestControl, IngestJob, IngestState, JobRunner, Lease};
