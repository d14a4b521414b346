//! Live ingest on demand, against an exchange whose clock the test moves.

use serde_json::json;
use tc_exchange_sim::{SampleSet, SimConfig, Simulator, VirtualClock};
use tc_market::MarketKind;

use crate::{
    candles::{BTC, ETH, real_minutes, wire, wires},
    site::{Publish, Site, TestServer, eventually},
    socket::{Frame, Socket},
};

/// The first sample candle that has not closed when the exchange opens.
const OPEN: usize = 3_000;

async fn exchange() -> Simulator {
    let start_ms = real_minutes()[OPEN].time().seconds() * 1000;
    let config = SimConfig::new(SampleSet::bundled().unwrap(), VirtualClock::manual(start_ms));
    Simulator::start(config).await.unwrap()
}

/// On-demand ingest from `exchange`, nothing else.
fn site(exchange: &Simulator) -> Site {
    Site::new()
        .with_whitelist(&[BTC, ETH])
        .with("ENABLE_ONDEMAND_INGEST", "1")
        .with("BINANCE_WS_FLUSH_S", "0.05")
        .with(
            "BINANCE_FUTURES_WS_BASE_URL",
            &exchange.ws_base(MarketKind::Futures),
        )
        .with(
            "BINANCE_FUTURES_BASE_URL",
            &exchange.rest_base(MarketKind::Futures),
        )
}

async fn connected(server: &TestServer, series: &str) {
    eventually("the series is live", async || {
        (server.series_row(series).await["live"] == true).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_starts_the_stream_and_each_minute_closes_once() {
    let candles = real_minutes();
    let exchange = exchange().await;
    let site = site(&exchange);
    let server = site.start().await;
    server
        .ingest_batch(BTC, &wires(&candles[OPEN - 100..OPEN]), Publish::No)
        .await;
    assert_eq!(server.series_row(BTC).await["live"], false);

    let mut socket = Socket::market(server.address()).await;
    let newest = candles[OPEN - 1].time().seconds();
    socket
        .send(&json!({ "type": "subscribe", "series_id": BTC, "since": newest }))
        .await;
    connected(&server, BTC).await;
    for candle in &candles[OPEN..OPEN + 3] {
        // Half the minute: something forms. The whole minute: it closes.
        exchange
            .clock()
            .advance_to((candle.time().seconds() + 30) * 1000)
            .unwrap();
        let rows = site.stored_rows()["candle_rows"];
        let forming = socket.json().await;
        assert_eq!(
            (&forming["type"], &forming["candle"]["candle_time"]),
            (&json!("candle_forming"), &json!(candle.time().seconds()))
        );
        assert_eq!(site.stored_rows()["candle_rows"], rows);
        exchange
            .clock()
            .advance_to((candle.time().seconds() + 60) * 1000)
            .unwrap();
        let closed = loop {
            let frame = socket.json().await;
            if frame["type"] != "candle_forming" {
                break frame;
            }
        };
        assert_eq!(
            closed,
            json!({ "type": "candle_closed", "series_id": BTC, "candle": wire(candle) })
        );
        assert_eq!(
            server.candles(BTC, &[("limit", "1")]).await["candles"],
            json!([wire(candle)])
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_free_slot_the_second_series_is_refused_and_the_first_goes_on() {
    let candles = real_minutes();
    let exchange = exchange().await;
    let server = site(&exchange).with("ONDEMAND_MAX_JOBS", "1").start().await;
    let mut socket = Socket::market(server.address()).await;
    socket
        .send(&json!({ "type": "subscribe", "series_id": BTC }))
        .await;
    connected(&server, BTC).await;
    socket
        .send(&json!({ "type": "subscribe", "series_id": ETH }))
        .await;
    let refusal = json!({ "type": "error", "code": "capacity", "message": "ondemand_ingest_capacity", "series_id": ETH });
    let first = loop {
        let frame = socket.json().await;
        if frame["type"] != "candle_forming" {
            break frame;
        }
    };
    assert_eq!(first, refusal);

    exchange
        .clock()
        .advance_to((candles[OPEN].time().seconds() + 61) * 1000)
        .unwrap();
    loop {
        let frame = socket.json().await;
        assert_eq!(frame["series_id"], BTC, "{frame}");
        if frame["type"] == "candle_closed" {
            assert_eq!(frame["candle"], wire(&candles[OPEN]));
            break;
        }
    }
    assert_eq!(server.series_row(ETH).await["live"], false);

    // The slot is free again after the last follower has left.
    socket
        .send(&json!({ "type": "unsubscribe", "series_id": BTC }))
        .await;
    socket
        .send(&json!({ "type": "subscribe", "series_id": ETH }))
        .await;
    connected(&server, ETH).await;
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

    let candle = wire(&real_minutes()[0]);
    server.ingest(foreign, &candle).await;
    socket.send(&subscribe).await;
    socket
        .expect(&[json!({ "type": "candle_closed", "series_id": foreign, "candle": candle })])
        .await;
    socket.settle().await;
    server.stop().await;
    assert!(matches!(socket.next().await, Frame::Closed(_)));
}
