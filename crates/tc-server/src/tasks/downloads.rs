//! Candle files that somebody else fetches, one series at a time.
//!
//! Who fetches them is a port that the binary fills in. Here is only when: never twice at once for a series, not again
//! before a cooldown is over, one fetch at a time for all of them, and no more waiting than allowed. A fetch runs in
//! the background, so that it goes on when whoever asked for it goes away, and ends when the server stops.

mod gate;
#[cfg(test)]
mod tests;

use std::{
    error::Error,
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tc_ingest::MicrosClock;
use tc_market::{CandleTime, SeriesId};
use tokio::sync::{Semaphore, watch};

use self::gate::{Answer, Gate};
use super::Background;

/// A fetch under way. Dropping it ends it.
pub type Fetching = Pin<Box<dyn Future<Output = Result<(), FetchError>> + Send>>;

/// Somebody who can put newer candles into the files.
pub trait CandleFetcher: Send + Sync {
    /// Whether there may be candles of `series` to fetch.
    fn serves(&self, series: &SeriesId) -> bool;

    /// Fetches the candles of `series` from `from` on into its file.
    fn fetch(&self, series: &SeriesId, from: CandleTime) -> Fetching;
}

/// Why nothing was fetched. Whoever waited for the same fetch gets the same reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FetchError(Arc<str>);

impl FetchError {
    /// With its reason.
    #[must_use]
    pub fn new(reason: impl fmt::Display) -> Self {
        Self(reason.to_string().into())
    }

    /// With the reason of its cause.
    #[must_use]
    pub fn of(cause: &(dyn Error + 'static)) -> Self {
        Self::new(cause)
    }
}

/// When fetches may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DownloadOptions {
    /// Least time between the end of a fetch of a series and the next one.
    pub cooldown: Duration,
    /// Most series that may wait while another one is fetched.
    pub most_waiting: usize,
}

impl Default for DownloadOptions {
    fn default() -> Self {
        Self {
            cooldown: Duration::from_secs(600),
            most_waiting: 32,
        }
    }
}

/// Decides which fetches run. Cheap to clone.
#[derive(Clone)]
pub struct Downloads(Arc<Inner>);

struct Inner {
    fetcher: Arc<dyn CandleFetcher>,
    gate: Mutex<Gate<Progress>>,
    /// A fetch takes network and memory of its own: one at a time.
    turn: Semaphore,
    /// Microseconds of a clock that never goes back.
    clock: MicrosClock,
    background: Background,
}

/// What came of a fetch, once it is over.
type Outcome = Result<(), FetchError>;
type Progress = watch::Receiver<Option<Outcome>>;

impl fmt::Debug for Downloads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Downloads").finish_non_exhaustive()
    }
}

/// A fetch that runs or waits for its turn. It goes on when this is dropped.
#[derive(Debug)]
pub struct Download(Progress);

impl Download {
    /// Waits for its end.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn ended(mut self) -> Result<(), FetchError> {
        let outcome = self.0.wait_for(Option::is_some).await;
        let outcome = outcome.ok().and_then(|outcome| outcome.clone());
        outcome.unwrap_or_else(|| Err(broken_off()))
    }
}

impl Downloads {
    /// Nothing runs yet. `clock` tells the microseconds since some beginning.
    #[must_use]
    pub fn new(
        fetcher: Arc<dyn CandleFetcher>,
        options: DownloadOptions,
        clock: MicrosClock,
        background: Background,
    ) -> Self {
        Self(Arc::new(Inner {
            fetcher,
            gate: Mutex::new(Gate::new(options)),
            turn: Semaphore::new(1),
            clock,
            background,
        }))
    }

    /// Begins to fetch the candles of `series` from `from` on, unless somebody has done so already. `None`: nothing is
    /// fetched, because nobody has candles of the series or because the last fetch has ended a moment ago.
    ///
    /// # Errors
    /// [`FetchError`] of the last fetch while it is too early for another one, or when too many wait.
    pub fn begin(&self, series: &SeriesId, from: CandleTime) -> Result<Option<Download>, FetchError> {
        if !self.0.fetcher.serves(series) {
            return Ok(None);
        }
        let (ended, progress) = watch::channel(None);
        let asked = self.gate().ask(series, (self.0.clock)(), progress);
        match asked {
            Answer::Run(progress) => {
                self.spawn(series.clone(), from, ended);
                Ok(Some(Download(progress)))
            }
            Answer::Join(progress) => Ok(Some(Download(progress))),
            Answer::Cooling(last) => last.map(|()| None),
            Answer::Full => Err(FetchError::new("too many downloads are waiting")),
        }
    }

    fn spawn(&self, series: SeriesId, from: CandleTime, ended: watch::Sender<Option<Outcome>>) {
        let mut run = Run {
            downloads: self.clone(),
            series,
            outcome: Err(broken_off()),
            ended,
        };
        let stop = self.0.background.stop.clone();
        self.0.background.tasks.spawn(async move {
            let fetched = tokio::select! {
                biased;
                () = stop.cancelled() => Err(FetchError::new("the server is stopping")),
                fetched = run.fetch(from) => fetched,
            };
            run.end(fetched);
        });
    }

    fn gate(&self) -> MutexGuard<'_, Gate<Progress>> {
        self.0.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A fetch in the background. However it ends, those who wait are told and others get their turn.
struct Run {
    downloads: Downloads,
    series: SeriesId,
    outcome: Outcome,
    ended: watch::Sender<Option<Outcome>>,
}

impl Run {
    /// It ended by itself.
    fn end(&mut self, outcome: Outcome) {
        self.outcome = outcome;
    }

    async fn fetch(&self, from: CandleTime) -> Outcome {
        let (inner, series) = (&self.downloads.0, &self.series);
        let _turn = inner.turn.acquire().await.map_err(FetchError::new)?;
        tracing::info!(%series, from = %from, "candles are being downloaded");
        let fetched = inner.fetcher.fetch(series, from).await;
        match &fetched {
            Ok(()) => tracing::info!(%series, "candles are downloaded"),
            Err(error) => tracing::warn!(%series, %error, "candles could not be downloaded"),
        }
        fetched
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let now_us = (self.downloads.0.clock)();
        self.downloads
            .gate()
            .ended(&self.series, now_us, self.outcome.clone());
        self.ended.send_replace(Some(self.outcome.clone()));
    }
}

fn broken_off() -> FetchError {
    FetchError::new("the download was broken off")
}
