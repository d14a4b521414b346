//! Starts and stops the exchange.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    routing::{any, get},
};
use tc_market::MarketKind;
use tokio::{sync::broadcast, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Counters, Exchange, FaultError, FaultScript, Now, SampleSet, SimError, SimLimits, VirtualClock, control,
    rest,
    tcp::{Cable, CutListener},
    ws,
};

const YEAR_MS: u64 = 365 * 86_400_000;
/// Orders to all connections that may wait for a slow one.
const CONTROL_QUEUE: usize = 16;

/// What to play, when, and how strictly.
#[derive(Debug, Clone)]
pub struct SimConfig {
    /// The candles.
    pub data: SampleSet,
    /// The time. Keep a clone to read or move it.
    pub clock: VirtualClock,
    /// Where to listen; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Least real milliseconds between two pushes of a stream on a running clock.
    pub push_floor_ms: u32,
    /// Chooses the paths inside the minutes.
    pub seed: u64,
    /// What the exchange puts up with.
    pub limits: SimLimits,
    /// What goes wrong.
    pub faults: FaultScript,
}

impl SimConfig {
    /// On a free loopback port, at most five pushes per second, with the real limits.
    #[must_use]
    pub fn new(data: SampleSet, clock: VirtualClock) -> Self {
        Self {
            data,
            clock,
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            push_floor_ms: 200,
            seed: 0,
            limits: SimLimits::default(),
            faults: FaultScript::default(),
        }
    }
}

/// An order to every open connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Control {
    /// Break the connection without a word.
    Drop,
    /// Announce the shutdown, where the market does that.
    AnnounceShutdown,
}

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) clock: VirtualClock,
    pub(crate) push_floor_ms: u32,
    pub(crate) controls: broadcast::Sender<Control>,
    pub(crate) cancel: CancellationToken,
    pub(crate) tasks: TaskTracker,
    started: Instant,
}

impl Shared {
    fn new(config: SimConfig) -> Result<Self, SimError> {
        Ok(Self {
            exchange: Arc::new(Exchange::new(
                config.data,
                config.seed,
                config.limits,
                config.faults,
            )?),
            clock: config.clock,
            push_floor_ms: config.push_floor_ms,
            controls: broadcast::Sender::new(CONTROL_QUEUE),
            cancel: CancellationToken::new(),
            tasks: TaskTracker::new(),
            started: Instant::now(),
        })
    }

    pub(crate) fn now(&self) -> Now {
        let real = self.started.elapsed().as_millis();
        Now {
            market_ms: self.clock.now_ms(),
            real_ms: u64::try_from(real).unwrap_or(u64::MAX),
        }
    }

    /// The moment at which [`Now::real_ms`] is `real_ms`.
    pub(crate) fn instant(&self, real_ms: u64) -> Instant {
        // A year is never, and never overflows.
        self.started + Duration::from_millis(real_ms.min(YEAR_MS))
    }
}

/// A running exchange. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct Simulator {
    shared: Arc<Shared>,
    address: SocketAddr,
}

impl Simulator {
    /// Listens and serves in the background of the present runtime.
    ///
    /// # Errors
    /// [`SimError::Bind`] when the address is taken, [`SimError::Faults`] when the script makes no sense.
    pub async fn start(config: SimConfig) -> Result<Self, SimError> {
        let wanted = config.bind;
        let refused = |source| SimError::Bind {
            address: wanted,
            source,
        };
        let listener = CutListener::bind(wanted).await.map_err(refused)?;
        let address = listener.address().map_err(refused)?;
        let shared = Arc::new(Shared::new(config)?);
        let service = router(Arc::clone(&shared)).into_make_service_with_connect_info::<Cable>();
        let server =
            axum::serve(listener, service).with_graceful_shutdown(shared.cancel.clone().cancelled_owned());
        shared.tasks.spawn(async move {
            if let Err(error) = server.await {
                tracing::warn!(%error, "simulator stopped serving");
            }
        });
        Ok(Self { shared, address })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Base address of the REST endpoints, for the exchange options of the product.
    #[must_use]
    pub fn rest_base(&self, _market: MarketKind) -> String {
        format!("http://{}", self.address)
    }

    /// Base address of the streams, for the exchange options of the product; of futures the routed one.
    #[must_use]
    pub fn ws_base(&self, market: MarketKind) -> String {
        match market {
            MarketKind::Spot => format!("ws://{}", self.address),
            MarketKind::Futures => format!("ws://{}/market", self.address),
        }
    }

    /// Base address of futures streams that accepts everything and sends no candles.
    #[must_use]
    pub fn unrouted_ws_base(&self) -> String {
        format!("ws://{}/unrouted", self.address)
    }

    /// Its clock.
    #[must_use]
    pub fn clock(&self) -> &VirtualClock {
        &self.shared.clock
    }

    /// What happened so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.shared.exchange.counters()
    }

    /// Waits until the counters fulfil `condition` and returns them.
    pub async fn wait_for(&self, condition: impl FnMut(&Counters) -> bool) -> Counters {
        self.shared.exchange.board.wait_for(condition).await
    }

    /// The exchange behind the port.
    #[must_use]
    pub fn exchange(&self) -> &Exchange {
        &self.shared.exchange
    }

    /// Another fault script from now on.
    ///
    /// # Errors
    /// [`FaultError`] when it makes no sense; the present one stays.
    pub fn set_faults(&self, script: impl Into<FaultScript>) -> Result<(), FaultError> {
        self.shared.exchange.set_faults(script.into())
    }

    /// Breaks every open socket without a closing handshake.
    pub fn drop_connections(&self) {
        self.order(Control::Drop);
    }

    /// Sends the shutdown notice to every open spot socket; futures have none.
    pub fn announce_shutdown(&self) {
        self.order(Control::AnnounceShutdown);
    }

    fn order(&self, control: Control) {
        // Nobody listening means that no socket is open.
        let _ = self.shared.controls.send(control);
    }

    /// Closes all sockets and waits until everything has ended.
    pub async fn shutdown(self) {
        self.shared.cancel.cancel();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.shared.cancel.cancel();
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/api/{*path}", get(rest::answer))
        .route("/fapi/{*path}", get(rest::answer))
        .route("/ws", any(ws::open))
        .route("/ws/{*streams}", any(ws::open))
        .route("/stream", any(ws::open))
        .route("/market/{*path}", any(ws::open))
        .route("/public/{*path}", any(ws::open))
        .route("/unrouted/{*path}", any(ws::open))
        .merge(control::routes())
        .with_state(shared)
}
