//! Starts and stops the exchange.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{any, get, post},
    serve::ListenerExt,
};
use tc_market::MarketKind;
use tokio::{net::TcpListener, sync::broadcast};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Counters, SampleSet, SimError, VirtualClock,
    counters::CounterBoard,
    feed::Feed,
    rest,
    weights::{Admission, Weights},
    ws,
};

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
        }
    }
}

/// Limits of the exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimLimits {
    /// Limits of the spot market.
    pub spot: MarketLimits,
    /// Limits of the futures market.
    pub futures: MarketLimits,
    /// Requests over the weight limit within a minute that are refused before the ban.
    pub refusals_before_ban: u32,
    /// What spot does with a row limit above 1,000.
    pub spot_rows_above_maximum: AboveMaximum,
    /// Streams of one connection.
    pub streams_per_connection: usize,
    /// Real time after which a connection is closed.
    pub lifetime: Duration,
}

impl Default for SimLimits {
    fn default() -> Self {
        Self {
            spot: MarketLimits {
                weight_per_minute: 6_000,
                messages_per_second: 5,
                ping_interval: Duration::from_secs(20),
                pong_timeout: Duration::from_secs(60),
            },
            futures: MarketLimits {
                weight_per_minute: 2_400,
                messages_per_second: 10,
                ping_interval: Duration::from_secs(180),
                pong_timeout: Duration::from_secs(600),
            },
            refusals_before_ban: 20,
            spot_rows_above_maximum: AboveMaximum::Cap,
            streams_per_connection: 1_024,
            lifetime: Duration::from_secs(86_400),
        }
    }
}

impl SimLimits {
    pub(crate) const fn market(&self, market: MarketKind) -> &MarketLimits {
        match market {
            MarketKind::Spot => &self.spot,
            MarketKind::Futures => &self.futures,
        }
    }
}

/// Limits of one market. Durations are real time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarketLimits {
    /// Request weight per minute of virtual time.
    pub weight_per_minute: u32,
    /// Incoming socket messages per real second; more close the connection with 1008.
    pub messages_per_second: usize,
    /// Between two pings of the exchange.
    pub ping_interval: Duration,
    /// Longest wait for a pong.
    pub pong_timeout: Duration,
}

/// What happens to a parameter above its maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AboveMaximum {
    /// Treated as the maximum.
    Cap,
    /// Refused with -1130.
    Refuse,
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
    pub(crate) feed: Feed,
    pub(crate) clock: VirtualClock,
    pub(crate) limits: SimLimits,
    pub(crate) push_floor_ms: u32,
    pub(crate) board: CounterBoard,
    pub(crate) controls: broadcast::Sender<Control>,
    pub(crate) cancel: CancellationToken,
    pub(crate) tasks: TaskTracker,
    spot_weights: Mutex<Weights>,
    futures_weights: Mutex<Weights>,
}

impl Shared {
    pub(crate) fn new(config: SimConfig) -> Self {
        let weights = |market: &MarketLimits| {
            Mutex::new(Weights::new(
                market.weight_per_minute,
                config.limits.refusals_before_ban,
            ))
        };
        Self {
            spot_weights: weights(&config.limits.spot),
            futures_weights: weights(&config.limits.futures),
            feed: Feed::new(config.data, config.seed),
            clock: config.clock,
            limits: config.limits,
            push_floor_ms: config.push_floor_ms,
            board: CounterBoard::default(),
            controls: broadcast::Sender::new(CONTROL_QUEUE),
            cancel: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }
    }

    pub(crate) fn charge(&self, market: MarketKind, weight: u32, now_ms: i64) -> Admission {
        let weights = match market {
            MarketKind::Spot => &self.spot_weights,
            MarketKind::Futures => &self.futures_weights,
        };
        // Plain numbers: a panic elsewhere cannot leave them half changed.
        weights
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .charge(weight, now_ms)
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
    /// [`SimError::Bind`] when the address is taken.
    pub async fn start(config: SimConfig) -> Result<Self, SimError> {
        let wanted = config.bind;
        let refused = |source| SimError::Bind {
            address: wanted,
            source,
        };
        let listener = TcpListener::bind(wanted).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let listener = listener.tap_io(|stream| {
            // Frames are small and late ones look like a slow exchange; without it they still arrive.
            let _ = stream.set_nodelay(true);
        });
        let shared = Arc::new(Shared::new(config));
        let server = axum::serve(listener, router(Arc::clone(&shared)))
            .with_graceful_shutdown(shared.cancel.clone().cancelled_owned());
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
        self.shared.board.copy()
    }

    /// Waits until the counters fulfil `condition` and returns them.
    pub async fn wait_for(&self, condition: impl FnMut(&Counters) -> bool) -> Counters {
        self.shared.board.wait_for(condition).await
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
        .route("/ws", any(ws::spot))
        .route("/ws/{*streams}", any(ws::spot))
        .route("/stream", any(ws::spot))
        .route("/market/{*path}", any(ws::futures))
        .route("/public/{*path}", any(ws::silent))
        .route("/unrouted/{*path}", any(ws::silent))
        .route("/sim/clock", get(clock))
        .route("/sim/clock/{to_ms}", post(advance))
        .with_state(shared)
}

/// The virtual time, for whoever drives the stand-alone program.
async fn clock(State(shared): State<Arc<Shared>>) -> String {
    let clock = &shared.clock;
    serde_json::json!({ "now_ms": clock.now_ms(), "speed": clock.speed(), "manual": clock.is_manual() })
        .to_string()
}

async fn advance(
    State(shared): State<Arc<Shared>>,
    Path(to_ms): Path<i64>,
) -> Result<String, (StatusCode, String)> {
    match shared.clock.advance_to(to_ms) {
        Ok(()) => Ok(clock(State(shared)).await),
        Err(error) => Err((StatusCode::CONFLICT, error.to_string())),
    }
}
