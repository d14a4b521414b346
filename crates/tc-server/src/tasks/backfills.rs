//! How far backfills are, shared by those who run them and those who ask.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tc_ingest::{BackfillProgress, ProgressTracker};
use tc_market::SeriesId;

/// The latest backfill of every series. Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Backfills(Arc<Mutex<ProgressTracker>>);

impl Backfills {
    /// What is known of a series.
    #[must_use]
    pub fn get(&self, series: &SeriesId) -> BackfillProgress {
        self.lock().get(series)
    }

    fn lock(&self) -> MutexGuard<'_, ProgressTracker> {
        // A tracker is plain values: a panic elsewhere cannot leave it half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
