//! A value that is fetched at most once at a time and kept for a while.

use std::{future::Future, sync::Arc, time::Duration};

use tc_exchange::VenueError;
use tokio::{sync::Mutex, time::Instant};

use super::MarketListError;

/// After a failure the venue is left alone for so long.
const RETRY_AFTER: Duration = Duration::from_secs(1);

pub(super) struct Kept<T> {
    ttl: Duration,
    /// Held while the value is fetched: whoever asks meanwhile waits for that one.
    state: Mutex<State<T>>,
}

struct State<T> {
    value: Option<Arc<T>>,
    version: u64,
    fetched: Option<Instant>,
    failed: Option<(Instant, MarketListError)>,
}

/// A value and where it comes from.
#[derive(Debug)]
pub(super) struct Found<T> {
    pub(super) value: Arc<T>,
    /// Another value has another version.
    pub(super) version: u64,
    /// Whether it was there already.
    pub(super) cached: bool,
    /// Set when it should have been fetched anew and could not: its age.
    pub(super) stale: Option<Duration>,
}

impl<T> Kept<T> {
    pub(super) fn new(ttl: Duration) -> Self {
        Self {
            ttl,
            state: Mutex::new(State {
                value: None,
                version: 0,
                fetched: None,
                failed: None,
            }),
        }
    }

    /// The kept value, or that of `fetch` when it is too old or `force` is set; the old one when `fetch` fails.
    ///
    /// # Errors
    /// What `fetch` failed with, when there is no old value.
    pub(super) async fn get<F>(
        &self,
        force: bool,
        fetch: impl FnOnce() -> F,
    ) -> Result<Found<T>, MarketListError>
    where
        F: Future<Output = Result<T, VenueError>>,
    {
        let mut state = self.state.lock().await;
        let now = Instant::now();
        let fresh = state.fetched.is_some_and(|at| now.duration_since(at) < self.ttl);
        if let Some(value) = state.value.as_ref().filter(|_| fresh && !force) {
            return Ok(Found {
                value: Arc::clone(value),
                version: state.version,
                cached: true,
                stale: None,
            });
        }
        let failed = state.failed.clone();
        if let Some((_, error)) = failed.filter(|(at, _)| !force && now.duration_since(*at) < RETRY_AFTER) {
            return state.old(error);
        }
        match fetch().await {
            Ok(value) => {
                let value = Arc::new(value);
                state.value = Some(Arc::clone(&value));
                state.version += 1;
                state.fetched = Some(Instant::now());
                state.failed = None;
                Ok(Found {
                    value,
                    version: state.version,
                    cached: false,
                    stale: None,
                })
            }
            Err(error) => {
                tracing::warn!(%error, "a market list cannot be fetched");
                let error = MarketListError::from(&error);
                state.failed = Some((Instant::now(), error.clone()));
                state.old(error)
            }
        }
    }
}

impl<T> State<T> {
    fn old(&self, error: MarketListError) -> Result<Found<T>, MarketListError> {
        let (Some(value), Some(fetched)) = (&self.value, self.fetched) else {
            return Err(error);
        };
        Ok(Found {
            value: Arc::clone(value),
            version: self.version,
            cached: true,
            stale: Some(fetched.elapsed()),
        })
    }
}
