//! Fan-out of publications to subscribers.
//!
//! A publication is encoded once and put into the bounded queue of every connection that follows its series; nobody
//! is waited for. [`Connection`] is one client: it subscribes, catches up from the store and is sent what it may see.
//! What a subscriber is sent and in which order is decided in `delivery.rs`.

mod catch_up;
mod connection;
mod delivery;
mod notice;
mod options;
mod outbound;
mod subscriber;
#[cfg(test)]
mod tests;
mod watcher;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tc_ingest::{Publication, PublishError, Publisher};
use tc_market::{FormingCandle, SeriesId};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use notice::{DrawHead, Notice};
use subscriber::Subscriber;

pub use connection::{Connection, ConnectionParts, SubscribeRefusal};
pub use options::HubOptions;
pub use outbound::CloseReason;
pub(crate) use outbound::{Entry, Outbound};
pub(crate) use watcher::Watcher;

type Subscribers = Arc<Vec<Arc<Subscriber>>>;

/// See the module.
pub struct Hub {
    options: HubOptions,
    topics: Mutex<BTreeMap<SeriesId, Subscribers>>,
    connections: AtomicUsize,
    deepest: AtomicUsize,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub")
            .field("connections", &self.connections())
            .finish_non_exhaustive()
    }
}

impl Hub {
    /// A hub without connections.
    #[must_use]
    pub fn new(options: HubOptions) -> Self {
        let options = HubOptions {
            catchup_limit: options.catchup_limit.max(1),
            queue_frames: options.queue_frames.max(4),
            ..options
        };
        Self {
            options,
            topics: Mutex::default(),
            connections: AtomicUsize::new(0),
            deepest: AtomicUsize::new(0),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }
    }

    /// Its limits.
    #[must_use]
    pub const fn options(&self) -> &HubOptions {
        &self.options
    }

    /// Number of open connections.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Number of subscriptions to a series.
    #[must_use]
    pub fn subscriptions(&self, series: &SeriesId) -> usize {
        self.topics()
            .get(series)
            .map_or(0, |subscribers| subscribers.len())
    }

    /// Shows the open bucket to those who have not seen it close. Never waits.
    pub fn publish_forming(&self, series: &SeriesId, candle: FormingCandle) {
        self.fan_out(series, || Notice::forming(series, candle));
    }

    /// Closes every connection with 1001 and waits until all have ended. New ones are refused from now on.
    pub async fn shut_down(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Whether connections are still accepted.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.stop.is_cancelled()
    }

    /// Fires when the connections are to be closed.
    pub(crate) const fn stopping(&self) -> &CancellationToken {
        &self.stop
    }

    /// Everything that runs for connections, so that a shutdown can wait for it.
    pub(crate) const fn tasks(&self) -> &TaskTracker {
        &self.tasks
    }

    /// Counts one more connection unless there are too many.
    pub(crate) fn admit(&self) -> bool {
        let most = self.options.max_connections;
        let one_more = |open: usize| (open < most).then_some(open + 1);
        self.connections
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more)
            .is_ok()
    }

    /// One connection fewer; at most `deepest` frames waited for it.
    pub(crate) fn leave(&self, deepest: usize) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
        let deepest = deepest.max(self.deepest.fetch_max(deepest, Ordering::Relaxed));
        metrics::gauge!("market_ws_queue_depth_max").set(count(deepest));
    }

    fn fan_out(&self, series: &SeriesId, notice: impl FnOnce() -> Notice) {
        let Some(subscribers) = self.topics().get(series).cloned() else {
            return;
        };
        let notice = notice();
        let mut scratch = Vec::new();
        for subscriber in subscribers.iter() {
            Subscriber::offer(subscriber, &notice, &mut scratch);
        }
        metrics::counter!("market_ws_payloads_total").increment(subscribers.len() as u64);
        metrics::gauge!("market_ws_last_payload_count").set(count(subscribers.len()));
    }

    fn add(&self, subscriber: Arc<Subscriber>) {
        let mut topics = self.topics();
        let subscribers = topics.entry(subscriber.series().clone()).or_default();
        Arc::make_mut(subscribers).push(subscriber);
        metrics::gauge!("market_ws_active_subscriptions").increment(1.0);
    }

    fn remove(&self, subscriber: &Arc<Subscriber>) {
        let mut topics = self.topics();
        let Some(subscribers) = topics.get_mut(subscriber.series()) else {
            return;
        };
        let list = Arc::make_mut(subscribers);
        let Some(place) = list.iter().position(|other| Arc::ptr_eq(other, subscriber)) else {
            return;
        };
        list.swap_remove(place);
        if list.is_empty() {
            topics.remove(subscriber.series());
        }
        metrics::gauge!("market_ws_active_subscriptions").decrement(1.0);
    }

    fn topics(&self) -> MutexGuard<'_, BTreeMap<SeriesId, Subscribers>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Publisher for Hub {
    fn publish(&self, publication: &Publication) -> Result<(), PublishError> {
        match publication {
            Publication::Candles { series, candles } => {
                if !candles.is_empty() {
                    self.fan_out(series, || Notice::closed(series, candles.clone()));
                }
            }
            Publication::Rebuilt { series, message } => {
                self.fan_out(series, || Notice::rebuilt(series, message))
            }
            Publication::DrawHead { series, to, epoch } => {
                self.fan_out(series, || {
                    Notice::draw_head(
                        series,
                        DrawHead {
                            to: *to,
                            epoch: *epoch,
                        },
                    )
                });
            }
        }
        Ok(())
    }
}

/// A number for a gauge.
#[expect(
    clippy::cast_precision_loss,
    reason = "connections, frames and candles of a page stay far below 2^53"
)]
const fn count(number: usize) -> f64 {
    number as f64
}
