//! Turns of those who work, so that only a few do at a time.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Somebody's turn; over when it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Arc<Semaphore>,
    /// `None` while its owner waits for something, and when there are no turns any more.
    held: Option<OwnedSemaphorePermit>,
}

impl Turn {
    /// Waits for one.
    pub(super) async fn take(turns: Arc<Semaphore>) -> Self {
        let held = Arc::clone(&turns).acquire_owned().await.ok();
        Self { turns, held }
    }

    /// Waits for something long; meanwhile it is somebody else's turn.
    pub(super) async fn aside<T>(&mut self, something: impl Future<Output = T>) -> T {
        self.held = None;
        let answer = something.await;
        self.held = Arc::clone(&self.turns).acquire_owned().await.ok();
        answer
    }
}
