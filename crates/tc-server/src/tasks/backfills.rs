//! How far backfills are, shared by those who run them and those who ask, and kept in a file if that is wanted.

mod file;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tc_ingest::{BackfillProgress, ProgressTracker};
use tc_market::SeriesId;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The latest backfill of every series. Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Backfills(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    tracker: Mutex<ProgressTracker>,
    changed: Notify,
}

impl Backfills {
    /// What an earlier process left in the file; nothing when it is missing or broken.
    #[must_use]
    pub fn resumed(path: &Path) -> Self {
        Self(Arc::new(Inner {
            tracker: Mutex::new(file::read(path)),
            changed: Notify::new(),
        }))
    }

    /// Writes every change into the file, the last ones when `stop` fires.
    pub async fn keep_in(self, path: PathBuf, stop: CancellationToken) {
        loop {
            tokio::select! {
                biased;
                () = self.0.changed.notified() => {}
                () = stop.cancelled() => break,
            }
            self.write(path.clone()).await;
        }
        self.write(path).await;
    }

    async fn write(&self, path: PathBuf) {
        let text = file::encode(&self.lock());
        let written = tokio::task::spawn_blocking(move || file::replace(&path, &text)).await;
        match written {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "backfill progress is not kept"),
            Err(error) => tracing::warn!(%error, "backfill progress is not kept"),
        }
    }

    /// What is known of a series.
    #[must_use]
    pub fn get(&self, series: &SeriesId) -> BackfillProgress {
        self.lock().get(series)
    }

    /// Something happened.
    pub(super) fn update(&self, change: impl FnOnce(&mut ProgressTracker)) {
        change(&mut self.lock());
        self.0.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, ProgressTracker> {
        // A tracker is plain values: a panic elsewhere cannot leave it half changed.
        self.0.tracker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
