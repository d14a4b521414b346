//! One task per followed series: its events of a shared connection, REST fill, buffer, write path.

mod derived;
mod fill;
mod job;
mod late;
mod observe;
#[cfg(test)]
mod tests;

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use tc_exchange::{HistoryClient, LiveStreams, SessionOptions, Venue, VenueError};
use tc_ingest::{BackfillBounds, BatcherOptions, BufferFull, FlushReason, PublishError};
use tc_market::{CandleTime, DerivedTimeframes, SeriesId};
use tc_store::StoreError;
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{Coverage, JobRunner, JobStatus};
use crate::{
    hub::Hub,
    threads::{ReadPoolError, ReaderPool, WriterHandle},
};
use fill::Fill;
use job::LiveJob;

/// How a live job publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PublishStrategy {
    /// Everything best-effort: a publication that fails is logged.
    #[default]
    Unified,
    /// The batch of the job's own series strictly: a publication that fails ends the job.
    PrimaryFirst,
}

/// How live jobs behave.
#[derive(Debug, Clone)]
pub struct LiveOptions {
    /// The buffer of closed candles.
    pub batcher: BatcherOptions,
    /// How much is fetched by REST.
    pub backfill: BackfillBounds,
    /// Series that are built from the candles of others.
    pub derived: DerivedTimeframes,
    /// Between two forming frames of a series, in milliseconds; 0 lets all through.
    pub forming_min_interval_ms: u64,
    /// Timers, limits and guardrail of the connections. The probe is filled in by the runner.
    pub session: SessionOptions,
    /// How closed candles are published.
    pub publish: PublishStrategy,
    /// Pauses before a failed REST fill is tried again.
    pub fill_retry: FillRetry,
    /// Longest flush when a job stops, in milliseconds.
    pub stop_flush_ms: u64,
}

impl Default for LiveOptions {
    fn default() -> Self {
        Self {
            batcher: BatcherOptions::default(),
            backfill: BackfillBounds::default(),
            derived: DerivedTimeframes::default(),
            forming_min_interval_ms: 250,
            session: SessionOptions::default(),
            publish: PublishStrategy::default(),
            fill_retry: FillRetry::default(),
            stop_flush_ms: 2_000,
        }
    }
}

/// Pauses before a failed REST fill is tried again, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FillRetry {
    /// The first pause; doubles with each failure.
    pub initial_ms: u64,
    /// Its cap.
    pub max_ms: u64,
}

impl Default for FillRetry {
    fn default() -> Self {
        Self {
            initial_ms: 1_000,
            max_ms: 60_000,
        }
    }
}

/// Where live candles come from.
#[derive(Debug, Clone)]
pub struct LiveSource {
    /// The venue.
    pub venue: Arc<dyn Venue>,
    /// Its history.
    pub history: HistoryClient,
    /// Gives empty series their first candles before REST does.
    pub coverage: Coverage,
}

/// Why a job ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The venue has no stream for the series.
    #[error(transparent)]
    Venue(#[from] VenueError),
    /// The head of the series cannot be read.
    #[error(transparent)]
    Reader(#[from] ReadPoolError),
    /// The head of the series cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Closed candles came faster than they could be committed.
    #[error(transparent)]
    BufferFull(#[from] BufferFull),
    /// A strict publication failed.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The task that reads the connections is gone.
    #[error("live streams ended")]
    StreamsEnded,
}

/// Runs live jobs.
pub struct LiveRunner {
    streams: LiveStreams,
    history: HistoryClient,
    coverage: Coverage,
    writer: WriterHandle,
    readers: ReaderPool,
    hub: Arc<Hub>,
    options: LiveOptions,
}

impl fmt::Debug for LiveRunner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveRunner")
            .field("streams", &self.streams)
            .finish_non_exhaustive()
    }
}

impl LiveRunner {
    /// A runner whose jobs write through `writer` and show forming candles on `hub`. Its connections are driven in the
    /// present runtime.
    ///
    /// # Panics
    /// Outside of a runtime.
    #[must_use]
    pub fn new(
        source: LiveSource,
        writer: WriterHandle,
        readers: ReaderPool,
        hub: Arc<Hub>,
        mut options: LiveOptions,
    ) -> Self {
        options.session.probe = Some(source.history.clone());
        Self {
            streams: LiveStreams::spawn(source.venue, &options.session),
            history: source.history,
            coverage: source.coverage,
            writer,
            readers,
            hub,
            options,
        }
    }

    async fn head(&self, series: &SeriesId) -> Result<Option<CandleTime>, LiveError> {
        let wanted = series.clone();
        let head = self
            .readers
            .read(move |snapshot| match snapshot.series_key(&wanted)? {
                Some(key) => snapshot.head_time(key),
                None => Ok(None),
            });
        Ok(head.await??)
    }

    async fn ingest(
        &self,
        series: SeriesId,
        stop: CancellationToken,
        status: Arc<JobStatus>,
    ) -> Result<(), LiveError> {
        tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(()),
            _candles = self.coverage.bootstrap(&series) => {}
        }
        let head = self.head(&series).await?;
        let mut events = self.streams.follow(&series)?;
        let mut job = LiveJob::new(self, series, head, status);
        let mut fills: JoinSet<Fill> = JoinSet::new();
        loop {
            if let Some(order) = job.next_fill(fills.is_empty()) {
                fills.spawn(order.run(self.history.clone(), self.writer.clone()));
            }
            let deadline = job.deadline();
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(filled) = fills.join_next(), if !fills.is_empty() => job.filled(filled),
                event = events.next() => {
                    job.on(event.ok_or(LiveError::StreamsEnded)?)?;
                    // What waits already may share the flush.
                    while let Some(event) = events.try_next() {
                        job.on(event)?;
                    }
                }
                () = sleep_until(deadline), if deadline.is_some() => {}
            }
            while let Some(reason) = job.due() {
                if !job.flush(reason).await? {
                    break;
                }
            }
            job.store_late().await;
            job.show_derived().await;
        }
        // The fill is cut short: what it has not stored is fetched at the next start.
        let interrupted = !fills.is_empty();
        fills.abort_all();
        if !interrupted {
            let flush = job.flush_all(FlushReason::Disconnect);
            let budget = Duration::from_millis(self.options.stop_flush_ms);
            if tokio::time::timeout(budget, flush).await.is_err() {
                tracing::warn!("live buffer was not flushed in time");
            }
        }
        events.close().await;
        Ok(())
    }
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

impl JobRunner for LiveRunner {
    fn serves(&self, series: &SeriesId) -> bool {
        self.streams.serves(series)
    }

    fn run(
        self: Arc<Self>,
        series: SeriesId,
        stop: CancellationToken,
        status: Arc<JobStatus>,
    ) -> Pin<Box<dyn Future<Output = Result<(), LiveError>> + Send>> {
        Box::pin(async move {
            let ended = self.ingest(series, stop, Arc::clone(&status)).await;
            status.ended();
            ended
        })
    }
}
