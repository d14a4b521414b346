//! Live sessions against the simulator.

use tc_exchange::{
    DisconnectReason, GuardrailOptions, HistoryClient, HistoryOptions, LiveStream, LiveStreams, MarketEvent,
    SessionOptions, SessionStatus, SessionTiming, VenueError,
};
use tc_exchange_sim::{SampleSet, SimConfig, Simulator, VirtualClock};
use tc_market::{Candle, MarketKind, roll_up};

use crate::{FIRST_S, START_S, advance_to, candles, endpoints, install_crypto, series, start, venue_at};

/// A stream under test.
pub(crate) struct Live {
    stream: LiveStream,
}

/// Retries without noticeable waits.
pub(crate) fn options() -> SessionOptions {
    SessionOptions {
        guardrail: GuardrailOptions {
            backoff_initial_ms: 1,
            crash_budget: 50,
            ..GuardrailOptions::default()
        },
        ..SessionOptions::default()
    }
}

impl Live {
    pub(crate) fn of(simulator: &Simulator, id: &str, options: SessionOptions) -> Self {
        Self::at(venue_at(simulator), id, options)
    }

    fn at(venue: std::sync::Arc<dyn tc_exchange::Venue>, id: &str, options: SessionOptions) -> Self {
        let stream = LiveStreams::spawn(venue, &options).follow(&series(id)).unwrap();
        Self { stream }
    }

    pub(crate) async fn next(&mut self) -> MarketEvent {
        self.stream.next().await.unwrap()
    }

    /// Skips everything before the next status and returns it.
    pub(crate) async fn status(&mut self) -> SessionStatus {
        loop {
            if let MarketEvent::Status(status) = self.next().await {
                return status;
            }
        }
    }

    pub(crate) async fn expect(&mut self, expected: SessionStatus) {
        assert_eq!(self.status().await, expected);
    }

    pub(crate) async fn connected(&mut self) {
        self.expect(SessionStatus::Connecting).await;
        self.expect(SessionStatus::Connected).await;
    }

    /// The next closed candles, checking every forming one against the candle it becomes.
    async fn closed(&mut self, count: usize) -> Vec<Candle> {
        let mut closed: Vec<Candle> = Vec::new();
        let mut forming: Vec<Candle> = Vec::new();
        while closed.len() < count {
            match self.next().await {
                MarketEvent::Forming { candle, .. } => forming.push(*candle.values()),
                MarketEvent::Closed { candle, .. } => {
                    assert!(!forming.is_empty(), "a bucket moves before it closes");
                    for before in forming.drain(..) {
                        assert_eq!(before.time(), candle.time());
                        assert!(before.high() <= candle.high() && before.low() >= candle.low());
                        assert!(before.volume() <= candle.volume());
                    }
                    closed.push(candle);
                }
                MarketEvent::Status(SessionStatus::Live | SessionStatus::Healthy) => {}
                MarketEvent::Status(status) => panic!("{status:?}"),
            }
        }
        closed
    }

    pub(crate) async fn stop(self) {
        self.stream.close().await;
    }
}

/// The played candles from the start of the clock on.
pub(crate) fn played(count: usize) -> Vec<Candle> {
    let skip = usize::try_from((START_S - FIRST_S) / 60).unwrap();
    candles().into_iter().skip(skip).take(count).collect()
}

#[tokio::test]
async fn forming_then_closed_in_order_on_both_markets() {
    for id in ["binance:futures:BTC/USDT:1m", "binance:spot:BTC/USDT:1m"] {
        let simulator = start().await;
        let mut live = Live::of(&simulator, id, options());
        live.connected().await;
        advance_to(&simulator, START_S + 1);
        advance_to(&simulator, START_S + 4 * 60);
        assert_eq!(live.closed(4).await, played(4), "{id}");
        live.stop().await;
        simulator
            .wait_for(|counters| counters.open_connections == 0)
            .await;
    }
}

#[tokio::test]
async fn longer_intervals_are_rolled_up_by_the_exchange() {
    let simulator = start().await;
    let mut live = Live::of(&simulator, "binance:spot:BTC/USDT:USDT:5m", options());
    live.connected().await;
    advance_to(&simulator, START_S + 15 * 60);
    let expected = roll_up(&played(20), "1m".parse().unwrap(), "5m".parse().unwrap()).unwrap();
    assert_eq!(live.closed(3).await, expected[..3]);
    live.stop().await;
}

#[tokio::test]
async fn comes_back_after_the_server_breaks_the_connection() {
    let simulator = start().await;
    let mut live = Live::of(&simulator, "binance:futures:BTC/USDT:1m", options());
    live.connected().await;
    advance_to(&simulator, START_S + 60);
    assert_eq!(live.closed(1).await, played(1));
    simulator.drop_connections();
    let SessionStatus::Disconnected {
        reason: DisconnectReason::Lost,
        ..
    } = live.status().await
    else {
        panic!()
    };
    let SessionStatus::Waiting { guardrail, .. } = live.status().await else {
        panic!()
    };
    assert_eq!(guardrail.window_failures, 1);
    live.connected().await;
    advance_to(&simulator, START_S + 180);
    assert_eq!(live.closed(2).await, played(3)[1..]);
    assert_eq!(simulator.counters().connections, 2);
    live.stop().await;
}

#[tokio::test]
async fn an_announced_shutdown_hands_over_without_loss() {
    let simulator = start().await;
    let mut live = Live::of(&simulator, "binance:spot:BTC/USDT:1m", options());
    live.connected().await;
    advance_to(&simulator, START_S + 60);
    assert_eq!(live.closed(1).await, played(1));
    simulator.announce_shutdown();
    live.expect(SessionStatus::Rotating).await;
    simulator
        .wait_for(|counters| counters.open_connections == 2)
        .await;
    advance_to(&simulator, START_S + 62);
    let reason = DisconnectReason::ServerShutdown;
    live.expect(SessionStatus::Disconnected {
        reason,
        detail: String::new(),
    })
    .await;
    live.expect(SessionStatus::Connected).await;
    live.expect(SessionStatus::Live).await;
    simulator
        .wait_for(|counters| counters.open_connections == 1)
        .await;
    advance_to(&simulator, START_S + 240);
    assert_eq!(live.closed(3).await, played(4)[1..]);
    live.stop().await;
}

#[tokio::test]
async fn refused_connections_are_retried() {
    let simulator = start().await;
    let venue = venue_at(&simulator);
    simulator.shutdown().await;
    let mut live = Live::at(venue, "binance:spot:BTC/USDT:1m", options());
    for attempt in 1..=3 {
        live.expect(SessionStatus::Connecting).await;
        let SessionStatus::Disconnected {
            reason: DisconnectReason::Connect,
            detail,
        } = live.status().await
        else {
            panic!()
        };
        assert!(!detail.is_empty());
        let SessionStatus::Waiting { guardrail, .. } = live.status().await else {
            panic!()
        };
        assert_eq!(guardrail.consecutive_failures, attempt);
    }
    live.stop().await;
}

/// Checks the silence after 20 ms.
fn impatient(simulator: &Simulator) -> SessionOptions {
    install_crypto();
    SessionOptions {
        timing: SessionTiming {
            stall_timeout_ms: 20,
            ..SessionTiming::default()
        },
        probe: Some(HistoryClient::new(venue_at(simulator), HistoryOptions::default()).unwrap()),
        ..options()
    }
}

#[tokio::test]
async fn a_silent_route_is_found_out() {
    let simulator = start().await;
    let mut endpoints = endpoints(&simulator);
    endpoints.futures_ws = simulator.unrouted_ws_base();
    let venue = std::sync::Arc::new(tc_exchange::Binance::new(endpoints).unwrap());
    let mut live = Live::at(venue, "binance:futures:BTC/USDT:1m", impatient(&simulator));
    live.connected().await;
    live.expect(SessionStatus::Disconnected {
        reason: DisconnectReason::Stall,
        detail: String::new(),
    })
    .await;
    assert_eq!(simulator.counters().requests["/fapi/v1/klines"], 1);
    live.stop().await;
}

#[tokio::test]
async fn a_quiet_market_is_left_alone() {
    let simulator = start().await;
    let mut live = Live::of(&simulator, "binance:spot:BTC/USDT:1m", impatient(&simulator));
    // Before the first frame silence counts as a stall, so the clock moves at once.
    advance_to(&simulator, START_S + 2);
    loop {
        if let MarketEvent::Forming { .. } = live.next().await {
            break;
        }
        advance_to(&simulator, simulator.clock().now_s() + 2);
    }
    let asked = simulator
        .counters()
        .requests
        .get("/api/v3/klines")
        .copied()
        .unwrap_or_default();
    simulator
        .wait_for(|counters| counters.requests.get("/api/v3/klines").copied() >= Some(asked + 3))
        .await;
    let lost = std::iter::from_fn(|| live.stream.try_next())
        .find(|event| matches!(event, MarketEvent::Status(SessionStatus::Disconnected { .. })));
    assert_eq!(lost, None);
    live.stop().await;
}

#[tokio::test]
async fn ends_when_nobody_listens_any_more() {
    let simulator = start().await;
    let live = Live::of(&simulator, "binance:spot:BTC/USDT:1m", options());
    simulator
        .wait_for(|counters| counters.open_connections == 1)
        .await;
    drop(live);
    simulator
        .wait_for(|counters| counters.open_connections == 0)
        .await;
}

#[tokio::test]
async fn a_series_without_stream_is_an_error_at_once() {
    let simulator = start().await;
    let streams = LiveStreams::spawn(venue_at(&simulator), &options());
    let error = streams.follow(&series("binance:spot:BTCUSDT:1m")).unwrap_err();
    assert!(matches!(error, VenueError::UnsupportedSymbol { .. }));
    assert_eq!(simulator.counters().connections, 0);
}

#[tokio::test]
async fn a_running_clock_plays_the_bundled_sample() {
    let data = SampleSet::bundled().unwrap();
    let start_ms = data.demo_start_ms();
    let clock = VirtualClock::running(start_ms, 2_000.0).unwrap();
    let simulator = Simulator::start(SimConfig {
        push_floor_ms: 5,
        ..SimConfig::new(data, clock)
    })
    .await
    .unwrap();
    let mut live = Live::of(&simulator, "binance:futures:SOL/USDT:1m", options());
    let mut closed = Vec::new();
    while closed.len() < 5 {
        if let MarketEvent::Closed { candle, .. } = live.next().await {
            closed.push(candle);
        }
    }
    let sample = tc_exchange_sim::sample::candles(&series("binance:futures:SOL/USDT:1m"))
        .unwrap()
        .unwrap();
    let first = sample
        .iter()
        .position(|candle| candle.time() == closed[0].time())
        .unwrap();
    assert_eq!(closed, sample[first..first + 5]);
    assert!(closed[0].time().seconds() * 1000 >= start_ms);
    assert_eq!(
        simulator.ws_base(MarketKind::Futures),
        format!("ws://{}/market", simulator.address())
    );
    live.stop().await;
}
