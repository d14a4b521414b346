//! Candle files that somebody else fetches, one series at a time.
//!
//! Who fetches them is a port that the binary fills in. Here is only when: never twice at once for a series, not again
//! before a cooldown is over, one fetch at a time for all of them.

mod gate;

use std::{
    error::Error,
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{FutureExt, future::Shared};
use tc_market::{CandleTime, SeriesId};
use tokio::sync::Semaphore;

use self::gate::{Answer, Gate};
use crate::clock::unix_ms;

/// A fetch under way. Dropping it ends it.
pub type Fetching = Pin<Box<dyn Future<Output = Result<(), FetchError>> + Send>>;

/// Somebody who can put newer candles into the files.
pub trait CandleFetcher: Send + Sync {
    /// Fetches the candles of `series` from `from` on into its file.
    fn fetch(&self, series: &SeriesId, from: CandleTime) -> Fetching;
}

/// Why nothing was fetched. Whoever waited for the same fetch gets the same reason.
#[derive(Debug, Clone, thiserror::Error)]
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

/// Decides which fetches run. Cheap to clone.
#[derive(Clone)]
pub struct Downloads(Arc<Inner>);

struct Inner {
    fetcher: Arc<dyn CandleFetcher>,
    gate: Mutex<Gate<Shared<Fetching>>>,
    /// A fetch takes network and memory of its own: one at a time.
    turn: Semaphore,
}

impl fmt::Debug for Downloads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Downloads").finish_non_exhaustive()
    }
}

impl Downloads {
    /// Fetches of one series are at least `cooldown_s` seconds apart.
    #[must_use]
    pub fn new(fetcher: Arc<dyn CandleFetcher>, cooldown_s: u64) -> Self {
        let cooldown_ms = i64::try_from(cooldown_s)
            .unwrap_or(i64::MAX)
            .saturating_mul(1_000);
        Self(Arc::new(Inner {
            fetcher,
            gate: Mutex::new(Gate::new(cooldown_ms)),
            turn: Semaphore::new(1),
        }))
    }

    /// Fetches the candles of `series` from `from` on, or waits for who does so already. `false`: it is too early to do
    /// so again, and nothing was fetched.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn fetch(&self, series: &SeriesId, from: CandleTime) -> Result<bool, FetchError> {
        let asked = self.gate().ask(series, unix_ms(), || self.begin(series, from));
        let fetching = match asked {
            Answer::Cooling => return Ok(false),
            Answer::Run(fetching) | Answer::Join(fetching) => fetching,
        };
        let fetched = fetching.await;
        self.gate().ended(series, unix_ms());
        fetched.map(|()| true)
    }

    fn begin(&self, series: &SeriesId, from: CandleTime) -> Shared<Fetching> {
        let (inner, series) = (Arc::clone(&self.0), series.clone());
        let fetching: Fetching = Box::pin(async move {
            let _turn = inner.turn.acquire().await.map_err(FetchError::new)?;
            tracing::info!(%series, from = %from, "candles are being downloaded");
            let fetched = inner.fetcher.fetch(&series, from).await;
            match &fetched {
                Ok(()) => tracing::info!(%series, "candles are downloaded"),
                Err(error) => tracing::warn!(%series, %error, "candles could not be downloaded"),
            }
            fetched
        });
        fetching.shared()
    }

    fn gate(&self) -> MutexGuard<'_, Gate<Shared<Fetching>>> {
        self.0.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use tokio::sync::Notify;

    use super::*;

    #[derive(Default)]
    struct Slow {
        begun: AtomicUsize,
        running: Arc<AtomicUsize>,
        most: Arc<AtomicUsize>,
        go: Arc<Notify>,
        fails: bool,
    }

    impl CandleFetcher for Slow {
        fn fetch(&self, _series: &SeriesId, _from: CandleTime) -> Fetching {
            self.begun.fetch_add(1, Ordering::SeqCst);
            let (go, fails) = (Arc::clone(&self.go), self.fails);
            let (running, most) = (Arc::clone(&self.running), Arc::clone(&self.most));
            Box::pin(async move {
                let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(now, Ordering::SeqCst);
                go.notified().await;
                running.fetch_sub(1, Ordering::SeqCst);
                if fails {
                    Err(FetchError::new("exit code 2"))
                } else {
                    Ok(())
                }
            })
        }
    }

    fn series(symbol: &str) -> SeriesId {
        format!("binance:spot:{symbol}/USDT:1m").parse().unwrap()
    }

    #[tokio::test]
    async fn whoever_asks_meanwhile_waits_for_the_same_one() {
        let slow = Arc::new(Slow::default());
        let downloads = Downloads::new(slow.clone(), 60);
        let a = series("A");
        let from = CandleTime::clamped(60);
        let together = async { tokio::join!(downloads.fetch(&a, from), downloads.fetch(&a, from)) };
        let release = async {
            while slow.begun.load(Ordering::SeqCst) == 0 {
                tokio::task::yield_now().await;
            }
            slow.go.notify_one();
        };
        let ((first, second), ()) = tokio::join!(together, release);
        assert_eq!((first.unwrap(), second.unwrap()), (true, true));
        assert_eq!(slow.begun.load(Ordering::SeqCst), 1);
        assert!(!downloads.fetch(&a, from).await.unwrap(), "it cools down");
        assert_eq!(slow.begun.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn one_at_a_time_and_a_failure_is_told_to_everybody() {
        let slow = Arc::new(Slow {
            fails: true,
            ..Slow::default()
        });
        let downloads = Downloads::new(slow.clone(), 60);
        let (a, b) = (series("A"), series("B"));
        let from = CandleTime::clamped(60);
        let both = async { tokio::join!(downloads.fetch(&a, from), downloads.fetch(&b, from)) };
        let release = async {
            for turn in 1..=2 {
                while slow.begun.load(Ordering::SeqCst) < turn {
                    tokio::task::yield_now().await;
                }
                slow.go.notify_one();
            }
        };
        let ((first, second), ()) = tokio::join!(both, release);
        assert_eq!(first.unwrap_err().to_string(), "exit code 2");
        assert_eq!(second.unwrap_err().to_string(), "exit code 2");
        assert_eq!(slow.most.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_fetch_that_nobody_waits_for_any_more_is_dropped() {
        let slow = Arc::new(Slow::default());
        let downloads = Downloads::new(slow.clone(), 0);
        let a = series("A");
        let impatient = downloads.fetch(&a, CandleTime::clamped(60));
        assert!(
            tokio::time::timeout(Duration::from_secs(1), impatient)
                .await
                .is_err()
        );
        slow.go.notify_one();
        assert!(downloads.fetch(&a, CandleTime::clamped(60)).await.unwrap());
    }
}
