//! Replay packages on disk, and the jobs that make them. Replay contract, sections 8, 9 and 16.
//!
//! [`PackageStore`] is files and nothing else: synchronous, with the time as an argument. [`PackageJobs`] decides who
//! builds what, and is the only part that runs tasks.

mod archive;
mod evict;
mod jobs;
mod shelf;
mod store;
mod writer;

pub use archive::{ArchiveError, read_archive, write_archive};
pub use jobs::{JobState, PackageJobs, PackageJobsParts, Started};
pub use shelf::Shelf;
pub use store::{PackageLimits, PackageStore, StoredPackage};
pub use writer::{PackageWriter, WriteError};
