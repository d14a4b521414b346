//! One client of the hub.

use std::{collections::BTreeMap, fmt, sync::Arc};

use tc_ingest::{IngestRefusal, Job};
use tc_market::SeriesId;
use tokio::{runtime::Handle, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{
    Hub, HubOptions, Outbound,
    catch_up::{self, first_cursor},
    count,
    delivery::Modes,
    outbound::{CloseReason, SubscriptionId},
    subscriber::{Healing, Subscriber},
};
use crate::{
    clock::MarketClock,
    tasks::{AcquireError, Coverage, GapHealer, IngestControl, Lease},
    threads::{ReaderPool, WriterHandle},
    ws::messages::{ServerMessage, Subscribe},
};

/// What connections work with.
#[derive(Clone)]
pub struct ConnectionParts {
    /// The hub.
    pub hub: Arc<Hub>,
    /// Reads catch-ups.
    pub readers: ReaderPool,
    /// Builds the first candles of derived series.
    pub writer: WriterHandle,
    /// Starts what is subscribed.
    pub ingest: IngestControl,
    /// Market clock.
    pub clock: Arc<dyn MarketClock>,
    /// Gives empty series their first candles.
    pub coverage: Coverage,
    /// Heals holes before they are told of; `None`: they are told of.
    pub healer: Option<GapHealer>,
}

impl fmt::Debug for ConnectionParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionParts")
            .field("hub", &self.hub)
            .finish_non_exhaustive()
    }
}

/// Why a subscription was refused. An earlier one to the same series goes on unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubscribeRefusal {
    /// Nothing is stored, and there is no live source.
    #[error("unsupported exchange")]
    UnsupportedExchange,
    /// The connection follows too many series already.
    #[error("subscription_limit")]
    SubscriptionLimit,
    /// No slot for another ingest job.
    #[error("ondemand_ingest_capacity")]
    Capacity,
    /// The job of the series is down and waits.
    #[error("ingest_cooling_down")]
    CoolingDown,
}

impl SubscribeRefusal {
    /// Error code of the answer.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnsupportedExchange => "bad_request",
            Self::SubscriptionLimit | Self::Capacity => "capacity",
            Self::CoolingDown => "unavailable",
        }
    }

    /// The answer to the client.
    #[must_use]
    pub fn to_message(self, series: &SeriesId) -> ServerMessage {
        let series_id = Some(series.to_string());
        ServerMessage::Error {
            code: self.code().to_owned(),
            message: self.to_string(),
            series_id,
        }
    }
}

/// Subscriptions of one client and the queue towards it. Dropping it ends them and releases what they hold.
#[derive(Debug)]
pub struct Connection {
    parts: ConnectionParts,
    outbound: Arc<Outbound>,
    held: BTreeMap<SeriesId, Held>,
    subscriptions: u32,
}

#[derive(Debug)]
struct Held {
    subscriber: Arc<Subscriber>,
    catch_up: CancellationToken,
    lease: Lease,
}

impl Connection {
    /// A connection without subscriptions; `None` when there are too many already or the hub is closing.
    #[must_use]
    pub fn open(parts: ConnectionParts) -> Option<Self> {
        let hub = &parts.hub;
        if !hub.is_open() || !hub.admit() {
            return None;
        }
        let outbound = Arc::new(Outbound::for_socket(&hub.options));
        Some(Self {
            parts,
            outbound,
            held: BTreeMap::new(),
            subscriptions: 0,
        })
    }

    /// The queue towards the client.
    pub(crate) const fn outbound(&self) -> &Arc<Outbound> {
        &self.outbound
    }

    /// Limits of the hub.
    #[must_use]
    pub fn options(&self) -> &HubOptions {
        self.parts.hub.options()
    }

    /// Fires when the connection is to be closed with the hub.
    pub(crate) fn stopping(&self) -> CancellationToken {
        self.parts.hub.stopping().clone()
    }

    /// Number of series that are followed.
    #[must_use]
    pub fn subscriptions(&self) -> usize {
        self.held.len()
    }

    /// Queues a message that belongs to no subscription.
    pub fn send(&self, message: &ServerMessage) {
        self.outbound.send(message.encode());
    }

    /// Starts or replaces a subscription; the catch-up goes on in the background.
    ///
    /// # Errors
    /// [`SubscribeRefusal`].
    pub async fn subscribe(&mut self, wanted: Subscribe) -> Result<(), SubscribeRefusal> {
        let series = wanted.series.clone();
        let accepted = self.follow(&wanted).await;
        if let Err(refusal) = accepted {
            metrics::counter!("market_ws_subscribe_total", "result" => refusal.code()).increment(1);
            tracing::info!(%series, reason = %refusal, "market_ws_subscribe_rejected");
            return Err(refusal);
        }
        if let Some(held) = self.held.get(&series) {
            self.spawn_catch_up(Arc::clone(&held.subscriber), wanted, held.catch_up.clone());
        }
        Ok(())
    }

    /// Registers the subscription and makes sure that its series is followed.
    async fn follow(&mut self, wanted: &Subscribe) -> Result<(), SubscribeRefusal> {
        let series = &wanted.series;
        if let Some(earlier) = self.held.remove(series) {
            // The new one listens before the old one stops, so that no system event falls between them.
            self.register(wanted);
            earlier.catch_up.cancel();
            self.parts.hub.remove(&earlier.subscriber);
            if let Some(held) = self.held.get_mut(series) {
                earlier.subscriber.hand_over(&held.subscriber);
                held.lease = earlier.lease;
            }
            return Ok(());
        }
        self.check(series).await?;
        self.parts.coverage.bootstrap(series).await;
        self.derive(series).await;
        // It listens before its job can start: what it hears waits for the catch-up.
        self.register(wanted);
        match self.lease(series).await {
            Ok(lease) => {
                if let Some(held) = self.held.get_mut(series) {
                    held.lease = lease;
                }
                Ok(())
            }
            Err(refusal) => {
                if let Some(held) = self.held.remove(series) {
                    self.end(&held);
                }
                Err(refusal)
            }
        }
    }

    fn register(&mut self, wanted: &Subscribe) {
        self.subscriptions += 1;
        let subscriber = Arc::new(Subscriber::new(
            SubscriptionId(self.subscriptions),
            wanted.series.clone(),
            Modes {
                batch: wanted.supports_batch,
                draw_head: wanted.supports_draw_head,
            },
            first_cursor(wanted.since, &wanted.series, self.parts.clock.now_s()),
            self.parts.hub.options.queue_frames,
            Arc::clone(&self.outbound),
            self.healing(),
        ));
        self.parts.hub.add(Arc::clone(&subscriber));
        let held = Held {
            subscriber,
            catch_up: CancellationToken::new(),
            lease: Lease::none(),
        };
        self.held.insert(wanted.series.clone(), held);
    }

    /// How live holes are healed, with this connection's own runtime.
    fn healing(&self) -> Option<Healing> {
        let hub = &self.parts.hub;
        Some(Healing {
            healer: self.parts.healer.clone()?,
            tasks: hub.tasks().clone(),
            stop: hub.stopping().clone(),
            runtime: Handle::try_current().ok()?,
        })
    }

    /// Ends a subscription. Silent, also when there is none.
    pub fn unsubscribe(&mut self, series: &SeriesId) {
        let held = self.held.remove(series);
        let result = if held.is_some() { "ok" } else { "noop" };
        metrics::counter!("market_ws_unsubscribe_total", "result" => result).increment(1);
        if let Some(held) = held {
            self.end(&held);
        }
    }

    async fn check(&self, series: &SeriesId) -> Result<(), SubscribeRefusal> {
        if !self.parts.ingest.serves(series) && !self.stored(series).await {
            return Err(SubscribeRefusal::UnsupportedExchange);
        }
        if self.held.len() >= self.parts.hub.options.max_subscriptions {
            return Err(SubscribeRefusal::SubscriptionLimit);
        }
        Ok(())
    }

    /// The first subscription of a derived series makes its candles of the stored ones of its base.
    async fn derive(&self, series: &SeriesId) {
        if !self.parts.ingest.is_derived(series) || self.stored(series).await {
            return;
        }
        let job = Job::derive(series.clone());
        if let Err(error) = self.parts.writer.submit(job).await {
            tracing::warn!(%series, %error, "the first candles of a derived series cannot be built");
        }
    }

    async fn lease(&self, series: &SeriesId) -> Result<Lease, SubscribeRefusal> {
        match self.parts.ingest.acquire(series).await {
            Ok(lease) => Ok(lease),
            // Whoever subscribes to what cannot be followed live gets what is stored.
            Err(AcquireError::Unsupported) => Ok(Lease::none()),
            Err(AcquireError::Refused(IngestRefusal::Capacity | IngestRefusal::ShuttingDown)) => {
                Err(SubscribeRefusal::Capacity)
            }
            Err(AcquireError::Refused(IngestRefusal::CoolingDown { .. })) => {
                Err(SubscribeRefusal::CoolingDown)
            }
        }
    }

    async fn stored(&self, series: &SeriesId) -> bool {
        let wanted = series.clone();
        let answer = self
            .parts
            .readers
            .read(move |snapshot| match snapshot.series_key(&wanted)? {
                Some(key) => snapshot.head_time(key),
                None => Ok(None),
            })
            .await;
        matches!(answer, Ok(Ok(Some(_))))
    }

    fn spawn_catch_up(&self, subscriber: Arc<Subscriber>, wanted: Subscribe, cancel: CancellationToken) {
        let ConnectionParts {
            hub, readers, clock, ..
        } = self.parts.clone();
        let outbound = Arc::clone(&self.outbound);
        let limit = hub.options.catchup_limit;
        let tasks = hub.tasks().clone();
        tasks.spawn(async move {
            let started = Instant::now();
            let caught_up = tokio::select! {
                biased;
                () = cancel.cancelled() => return,
                _reason = outbound.closed() => return,
                caught_up = catch_up::run(&readers, &clock, &subscriber, wanted.since, limit) => caught_up,
            };
            let series = subscriber.series();
            match caught_up {
                Ok(report) => {
                    metrics::counter!("market_ws_subscribe_total", "result" => "ok").increment(1);
                    metrics::counter!("market_ws_catchup_candles_total").increment(report.candles as u64);
                    metrics::gauge!("market_ws_last_catchup_count").set(count(report.candles));
                    metrics::histogram!("market_ws_subscribe_duration_ms", "result" => "ok")
                        .record(started.elapsed().as_secs_f64() * 1_000.0);
                    tracing::info!(
                        %series, since = ?wanted.since, supports_batch = wanted.supports_batch,
                        catchup_count = report.candles, payload_count = report.payloads, gap_emitted = report.gap,
                        last_sent = ?subscriber.cursor(), elapsed_ms = started.elapsed().as_millis(),
                        "market_ws_subscribe_handled"
                    );
                }
                Err(error) => {
                    tracing::error!(%series, %error, "catch-up failed");
                    outbound.close(CloseReason::Internal);
                }
            }
        });
    }

    fn end(&self, held: &Held) {
        held.catch_up.cancel();
        self.parts.hub.remove(&held.subscriber);
        held.subscriber.end();
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        for held in self.held.values() {
            self.end(held);
            metrics::counter!("market_ws_disconnect_unsubscribe_total", "result" => "ok").increment(1);
        }
        metrics::counter!("market_ws_disconnect_cleanup_total").increment(1);
        metrics::gauge!("market_ws_disconnect_cleanup_series_count").set(count(self.held.len()));
        self.parts.hub.leave(self.outbound.deepest());
    }
}
