//! Live ingest on demand, against an exchange whose clock the test moves.

use serde_json::{Value, json};
use tc_exchange_sim::{SampleSet, SimConfig, Simulator, VirtualClock};
use tc_market::{Candle, MarketKind};

use crate::{
    candles::{BTC, ETH, minutes, wire, wires},
    site::{Publish, Site, TestServer, eventually},
    socket::{Frame, Socket, error},
};

/// The sample candle whose minute begins when the exchange opens.
const OPEN: usize = 3_000;

async fn exchange() -> Simulator {
    let start_ms = minutes(BTC)[OPEN].time().seconds() * 1000;
    let config = SimConfig::new(SampleSet::bundled().unwrap(), VirtualClock::manual(start_ms));
    Simulator::start(config).await.unwrap()
}

/// On-demand ingest from `exchange`, nothing else.
fn site(exchange: &Simulator) -> Site {
    Site::new()
        .with_whitelist(&[BTC, ETH])
        .with("ENABLE_ONDEMAND_INGEST", "1")
        .with("BINANCE_WS_FLUSH_S", "0.05")
        // The clock of the exchange jumps; nothing that it sends may be thinned out by ours.
        .with("MARKET_FORMING_MIN_INTERVAL_MS", "0")
        .with(
            "BINANCE_FUTURES_WS_BASE_URL",
            &exchange.ws_base(MarketKind::Futures),
        )
        .with(
            "BINANCE_FUTURES_BASE_URL",
            &exchange.rest_base(MarketKind::Futures),
        )
}

/// Moves the clock of the exchange to so many seconds after the opening of `candle`.
fn advance(exchange: &Simulator, candle: &Candle, seconds: i64) {
    exchange
        .clock()
        .advance_to((candle.time().seconds() + seconds) * 1000)
        .unwrap();
}

/// Follows a series that is stored up to `newest`; returns once the exchange streams it and nothing else.
async fn follow(server: &TestServer, exchange: &Simulator, series: &str, newest: usize) -> Socket {
    let candles = minutes(series);
    server
        .ingest_batch(series, &wires(&candles[newest - 100..=newest]), Publish::No)
        .await;
    let mut socket = Socket::market(server.address()).await;
    let since = candles[newest].time().seconds();
    let streamed = exchange.counters().connections;
    socket
        .send(&json!({ "type": "subscribe", "series_id": series, "since": since }))
        .await;
    exchange
        .wait_for(|counters| counters.connections > streamed && counters.subscriptions == 1)
        .await;
    socket
}

/// The next frame that shows no open bucket.
async fn next_lasting(socket: &mut Socket) -> Value {
    loop {
        let frame = socket.json().await;
        if frame["type"] != "candle_forming" {
            return frame;
        }
    }
}

fn closed(series: &str, n: usize) -> Value {
    json!({ "type": "candle_closed", "series_id": series, "candle": wire(&minutes(series)[n]) })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_starts_the_stream_and_each_minute_closes_once() {
    let candles = minutes(BTC);
    let exchange = exchange().await;
    let site = site(&exchange);
    let server = site.start().await;
    assert_eq!(server.series_row(BTC).await["live"], false);
    let mut socket = follow(&server, &exchange, BTC, OPEN - 1).await;
    for (n, candle) in candles.iter().enumerate().skip(OPEN).take(3) {
        // Half the minute: something forms. The whole minute: it closes.
        advance(&exchange, candle, 30);
        let rows = site.stored_rows();
        let forming = socket.json().await;
        let shown = (&forming["type"], &forming["candle"]["candle_time"]);
        assert_eq!(shown, (&json!("candle_forming"), &json!(candle.time().seconds())));
        assert_eq!(site.stored_rows(), rows);
        assert_eq!(server.series_row(BTC).await["live"], true);

        advance(&exchange, candle, 60);
        assert_eq!(next_lasting(&mut socket).await, closed(BTC, n));
        assert_eq!(
            server.candles(BTC, &[("limit", "1")]).await["candles"],
            json!([wire(candle)])
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn minutes_that_were_missed_are_fetched_first() {
    let exchange = exchange().await;
    let server = site(&exchange).start().await;
    let mut socket = follow(&server, &exchange, BTC, OPEN - 4).await;
    advance(&exchange, &minutes(BTC)[OPEN], 30);
    for n in OPEN - 3..OPEN {
        assert_eq!(next_lasting(&mut socket).await, closed(BTC, n));
    }
    // A connection that breaks costs nothing either.
    let connections = exchange.counters().connections;
    exchange.drop_connections();
    exchange
        .wait_for(|counters| counters.connections > connections && counters.subscriptions == 1)
        .await;
    advance(&exchange, &minutes(BTC)[OPEN + 2], 30);
    for n in OPEN..OPEN + 2 {
        assert_eq!(next_lasting(&mut socket).await, closed(BTC, n));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_free_slot_the_second_series_is_refused_and_the_first_goes_on() {
    let candles = minutes(BTC);
    let exchange = exchange().await;
    let server = site(&exchange).with("ONDEMAND_MAX_JOBS", "1").start().await;
    let mut socket = follow(&server, &exchange, BTC, OPEN - 1).await;
    socket
        .send(&json!({ "type": "subscribe", "series_id": ETH }))
        .await;
    let refusal = json!({ "type": "error", "code": "capacity", "message": "ondemand_ingest_capacity", "series_id": ETH });
    assert_eq!(next_lasting(&mut socket).await, refusal);
    advance(&exchange, &candles[OPEN], 60);
    assert_eq!(next_lasting(&mut socket).await, closed(BTC, OPEN));
    assert_eq!(server.series_row(ETH).await["live"], false);

    // A job that nobody follows any more makes room.
    socket
        .send(&json!({ "type": "unsubscribe", "series_id": BTC }))
        .await;
    socket.send(&json!({ "type": "ping" })).await;
    assert_eq!(
        next_lasting(&mut socket).await,
        error("unknown message type: ping")
    );
    let mut other = follow(&server, &exchange, ETH, OPEN).await;
    advance(&exchange, &candles[OPEN + 1], 60);
    assert_eq!(next_lasting(&mut other).await, closed(ETH, OPEN + 1));
    assert_eq!(server.series_row(BTC).await["live"], false);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_market_without_a_source_is_refused_unless_something_is_stored() {
    let exchange = exchange().await;
    let server = site(&exchange).start().await;
    let mut socket = Socket::market(server.address()).await;
    let foreign = "bitfinex:spot:BTC/USD:1m";
    let subscribe = json!({ "type": "subscribe", "series_id": foreign, "since": 0 });
    socket.send(&subscribe).await;
    let refusal = json!({ "type": "error", "code": "bad_request", "message": "unsupported exchange", "series_id": foreign });
    socket.expect(&[refusal]).await;

    let candle = wire(&minutes(BTC)[0]);
    server.ingest(foreign, &candle).await;
    socket.send(&subscribe).await;
    socket
        .expect(&[json!({ "type": "candle_closed", "series_id": foreign, "candle": candle })])
        .await;
    socket.settle().await;
    server.stop().await;
    assert!(matches!(socket.next().await, Frame::Closed(_)));
}

/// The job of the series, as the server tells of it.
async fn job_of(server: &TestServer, series: &str) -> Option<Value> {
    let state = server.get("/api/market/debug/ingest_state", &[]).await.ok();
    let jobs = state["jobs"].as_array().unwrap();
    jobs.iter().find(|job| job["series_id"] == series).cloned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_lives_as_long_as_somebody_listens() {
    let exchange = exchange().await;
    let site = site(&exchange).with("ONDEMAND_IDLE_TTL_S", "1");
    let server = site.start_with_metrics().await;
    let mut socket = follow(&server, &exchange, BTC, OPEN - 1).await;
    advance(&exchange, &minutes(BTC)[OPEN], 30);
    assert_eq!(socket.json().await["type"], "candle_forming");
    let job = job_of(&server, BTC).await.unwrap();
    assert_eq!(
        (
            &job["source"],
            &job["refcount"],
            &job["running"],
            &job["connected"]
        ),
        (&json!("binance_ws"), &json!(1), &json!(true), &json!(true))
    );
    assert_eq!(job["last_closed_time"], minutes(BTC)[OPEN - 1].time().seconds());
    assert!(
        job["frames"].as_u64() > Some(0) && job["last_zero_at"].is_null(),
        "{job}"
    );
    let measured = server.get("/api/market/debug/metrics", &[]).await.ok();
    let age = format!("market_last_closed_age_seconds{{series_id={BTC}}}");
    assert!(
        measured["gauges"][&age].as_f64() > Some(0.0),
        "the sample is from the past: {measured:#}"
    );

    socket.close().await;
    let idle = eventually("nobody holds the job", async || {
        job_of(&server, BTC).await.filter(|job| job["refcount"] == 0)
    })
    .await;
    assert!(idle["last_zero_at"].is_f64(), "{idle}");
    eventually("the job is reaped", async || {
        job_of(&server, BTC).await.is_none().then_some(())
    })
    .await;
    server.stop().await;
}
