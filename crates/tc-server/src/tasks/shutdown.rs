//! The order in which the moving parts stop.

use std::{sync::Arc, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::IngestControl;
use crate::{
    hub::Hub,
    threads::{ReaderPool, WriterHandle},
};

/// Longest wait for sockets, for background tasks and for readers, each.
const PHASE: Duration = Duration::from_secs(2);

/// Everything that has to be stopped.
#[derive(Debug)]
pub struct ShutdownParts {
    /// Sockets.
    pub hub: Arc<Hub>,
    /// Background tasks: start-up sync and the like.
    pub background: TaskTracker,
    /// Fires for the background tasks.
    pub background_stop: CancellationToken,
    /// Live jobs.
    pub ingest: IngestControl,
    /// The writer.
    pub writer: WriterHandle,
    /// Readers.
    pub readers: ReaderPool,
}

/// Closes the sockets with 1001, stops the live jobs and flushes their buffers, drains the writer, then the readers.
/// To be called when no request is accepted any more; the store may be closed afterwards.
pub async fn shut_down(parts: ShutdownParts) {
    parts.background_stop.cancel();
    within("sockets", parts.hub.shut_down()).await;
    // It has deadlines of its own.
    parts.ingest.shut_down().await;
    parts.background.close();
    within("background tasks", parts.background.wait()).await;
    parts.writer.drain().await;
    within("readers", parts.readers.drain()).await;
}

async fn within(what: &'static str, phase: impl Future<Output = ()>) {
    if tokio::time::timeout(PHASE, phase).await.is_err() {
        tracing::warn!(what, "did not stop in time");
    }
}
