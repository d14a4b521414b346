//! Sessions on `/ws/market` beyond the transcripts.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    candles::{GLD, flat, flat_minutes, times},
    site::{Publish, Site, TestServer},
    socket::{Frame, Socket, error},
};

const OTHER: &str = "binance:spot:SLV/USDT:1m";

fn subscribe(series: &str, since: i64) -> Value {
    json!({ "type": "subscribe", "series_id": series, "since": since })
}

fn batch_subscribe(since: i64) -> Value {
    json!({ "type": "subscribe", "series_id": GLD, "since": since, "supports_batch": true })
}

fn closed(series: &str, time: i64) -> Value {
    json!({ "type": "candle_closed", "series_id": series, "candle": flat(time) })
}

fn batch(times: &[i64]) -> Value {
    let candles: Vec<Value> = times.iter().copied().map(flat).collect();
    json!({ "type": "candles_batch", "series_id": GLD, "candles": candles })
}

fn gap(expected: i64, actual: i64) -> Value {
    json!({ "type": "gap", "series_id": GLD, "expected_next_time": expected, "actual_time": actual })
}

/// A server with these candles of the usual series.
async fn server_with(candle_times: &[i64]) -> TestServer {
    let server = Site::new().start().await;
    if !candle_times.is_empty() {
        let candles: Vec<Value> = candle_times.iter().copied().map(flat).collect();
        server.ingest_batch(GLD, &candles, Publish::No).await;
    }
    server
}

async fn open(server: &TestServer, subscription: Value) -> Socket {
    let mut socket = Socket::market(server.address()).await;
    socket.send(&subscription).await;
    socket
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_beginning_then_live() {
    let server = server_with(&[100, 160, 220]).await;
    let mut socket = open(&server, subscribe(GLD, 0)).await;
    socket
        .expect(&[100, 160, 220].map(|time| closed(GLD, time)))
        .await;
    server.ingest(GLD, &flat(280)).await;
    socket.expect(&[closed(GLD, 280)]).await;

    // The same over HTTP; taking a candle in again changes nothing and tells nobody.
    server.ingest(GLD, &flat(280)).await;
    socket.settle().await;
    assert_eq!(
        times(&server.candles(GLD, &[("limit", "2")]).await["candles"]),
        [220, 280]
    );
    assert_eq!(
        times(&server.candles(GLD, &[("since", "220")]).await["candles"]),
        [280]
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_with_different_cursors_and_modes() {
    let server = server_with(&[100, 160, 220]).await;
    let mut streaming = open(&server, subscribe(GLD, 160)).await;
    let mut batching = open(&server, batch_subscribe(100)).await;
    let mut newest = open(
        &server,
        json!({ "type": "subscribe", "series_id": GLD, "supports_batch": true }),
    )
    .await;
    let mut done = open(&server, batch_subscribe(220)).await;
    streaming.expect(&[closed(GLD, 220)]).await;
    batching.expect(&[batch(&[160, 220])]).await;
    newest.expect(&[batch(&[100, 160, 220])]).await;
    done.settle().await;
    let mut all = [streaming, batching, newest, done];

    // A single candle is always told as one.
    server.ingest(GLD, &flat(280)).await;
    for socket in &mut all {
        socket.expect(&[closed(GLD, 280)]).await;
    }
    // Several at once: together for those who asked for it, else one by one with a gap before each hole.
    server
        .ingest_batch(GLD, &[flat(340), flat(460)], Publish::Yes)
        .await;
    let [streaming, batching, newest, done] = &mut all;
    streaming
        .expect(&[closed(GLD, 340), gap(400, 460), closed(GLD, 460)])
        .await;
    for socket in [batching, newest, done] {
        socket.expect(&[batch(&[340, 460])]).await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hole_is_announced_once_and_its_candle_is_not_pushed() {
    let server = server_with(&[100]).await;
    let mut socket = open(
        &server,
        json!({ "type": "subscribe", "series_id": GLD, "since": 100, "supports_draw_head": true }),
    )
    .await;
    let head = |time: i64, epoch: u32| json!({ "type": "draw_head", "series_id": GLD, "to_candle_time": time, "version_id": time, "epoch": epoch });
    socket.expect(&[head(100, 0)]).await;
    server.ingest(GLD, &flat(220)).await;
    socket
        .expect(&[gap(160, 220), closed(GLD, 220), head(220, 0)])
        .await;
    server.ingest(GLD, &flat(160)).await;
    let mut rebuild = socket.json().await;
    assert!(!rebuild["message"].as_str().unwrap().is_empty());
    rebuild.as_object_mut().unwrap().remove("message");
    let data = json!({ "series_id": GLD });
    assert_eq!(
        rebuild,
        json!({ "type": "system", "series_id": GLD, "event": "factor.rebuild", "data": data })
    );
    socket.expect(&[head(220, 1)]).await;
    socket.settle().await;
    assert_eq!(server.series_row(GLD).await["epoch"], 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_that_told_nobody_show_as_a_gap() {
    let server = server_with(&[100]).await;
    let mut socket = open(&server, batch_subscribe(100)).await;
    socket.settle().await;
    server
        .ingest_batch(GLD, &[flat(160), flat(220)], Publish::No)
        .await;
    socket.settle().await;
    server.ingest(GLD, &flat(280)).await;
    socket.expect(&[gap(160, 280), closed(GLD, 280)]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn subscribing_again_rewinds() {
    let server = server_with(&[100, 160, 220]).await;
    let mut socket = open(&server, subscribe(GLD, 160)).await;
    socket.expect(&[closed(GLD, 220)]).await;
    socket.send(&subscribe(GLD, 100)).await;
    socket.expect(&[160, 220].map(|time| closed(GLD, time))).await;
    // With another mode; live frames follow the newest subscription only, and come once.
    socket.send(&batch_subscribe(100)).await;
    socket.expect(&[batch(&[160, 220])]).await;
    server
        .ingest_batch(GLD, &[flat(280), flat(340)], Publish::Yes)
        .await;
    socket.expect(&[batch(&[280, 340])]).await;
    // Forward as well: what lies between is not sent.
    socket.send(&subscribe(GLD, 340)).await;
    socket.settle().await;
    server.ingest(GLD, &flat(400)).await;
    socket.expect(&[closed(GLD, 400)]).await;
    socket.settle().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unsubscribing_ends_one_series() {
    let server = server_with(&[100, 160]).await;
    let mut socket = open(&server, subscribe(GLD, 100)).await;
    socket.expect(&[closed(GLD, 160)]).await;
    socket
        .send(&json!({ "type": "subscribe", "series_id": OTHER }))
        .await;
    socket.settle().await;
    socket
        .send(&json!({ "type": "unsubscribe", "series_id": GLD }))
        .await;
    // Silent, whatever is wrong with it.
    for nonsense in [
        json!(null),
        json!(7),
        json!("bogus"),
        json!("binance:spot:TIN/USDT:1m"),
    ] {
        socket
            .send(&json!({ "type": "unsubscribe", "series_id": nonsense }))
            .await;
    }
    socket.send(&json!({ "type": "unsubscribe" })).await;
    socket.settle().await;
    server.ingest(GLD, &flat(220)).await;
    server.ingest(OTHER, &flat(220)).await;
    socket.expect(&[closed(OTHER, 220)]).await;
    socket.settle().await;
    // Coming back goes on where the client says.
    socket.send(&subscribe(GLD, 160)).await;
    socket.expect(&[closed(GLD, 220)]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_absence_is_caught_up_in_pages() {
    const FIRST: i64 = 1_700_000_040;
    let server = Site::new().start().await;
    let candles = flat_minutes(FIRST, 5_301);
    server.ingest_batch(GLD, &candles, Publish::No).await;
    let mut socket = open(&server, batch_subscribe(FIRST)).await;
    let mut received = Vec::new();
    for length in [5_000, 300] {
        let page = socket.json().await;
        assert_eq!(
            (&page["type"], page["candles"].as_array().unwrap().len()),
            (&json!("candles_batch"), length)
        );
        received.extend(page["candles"].as_array().unwrap().clone());
    }
    assert_eq!(received, candles[1..]);
    // What comes live meanwhile waits its turn: no page is overtaken, nothing is missing or twice.
    socket.send(&subscribe(GLD, FIRST)).await;
    server.ingest(GLD, &flat(FIRST + 60 * 5_301)).await;
    for n in 1..=5_301 {
        socket.expect(&[closed(GLD, FIRST + 60 * n)]).await;
    }
    socket.settle().await;
    // Without a cursor: the newest page only.
    socket
        .send(&json!({ "type": "subscribe", "series_id": GLD, "supports_batch": true }))
        .await;
    let newest = socket.json().await;
    assert_eq!(
        times(&newest["candles"]),
        (302..=5_301).map(|n| FIRST + 60 * n).collect::<Vec<_>>()
    );
    socket.settle().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forming_candles_are_shown_and_forgotten() {
    let site = Site::new();
    let server = site.start().await;
    server.ingest(GLD, &flat(100)).await;
    let rows = site.stored_rows();
    let mut socket = open(&server, subscribe(GLD, 40)).await;
    socket.expect(&[closed(GLD, 100)]).await;
    let form = async |time: i64, close: f64| {
        let mut candle = flat(time);
        candle["close"] = close.into();
        let body = json!({ "series_id": GLD, "candle": candle });
        server.post("/api/market/ingest/candle_forming", &body).await.ok();
        json!({ "type": "candle_forming", "series_id": GLD, "candle": candle })
    };
    // Two updates of a bucket; a bucket that has closed forms no more; a later one makes no gap.
    for (time, close) in [(160, 1.1), (160, 1.2), (400, 1.3)] {
        let expected = form(time, close).await;
        socket.expect(&[expected]).await;
    }
    form(100, 1.4).await;
    socket.settle().await;
    assert_eq!(site.stored_rows(), rows);
    server.ingest(GLD, &flat(160)).await;
    socket.expect(&[closed(GLD, 160)]).await;
    form(160, 1.5).await;
    socket.settle().await;
    // Who comes later sees nothing of it.
    let mut later = open(&server, subscribe(GLD, 100)).await;
    later.expect(&[closed(GLD, 160)]).await;
    later.settle().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_messages_keep_the_connection() {
    let server = server_with(&[100, 160]).await;
    let mut socket = open(&server, subscribe(GLD, 100)).await;
    socket.expect(&[closed(GLD, 160)]).await;
    for text in [
        "",
        "{",
        "nonsense",
        "[\"x\"]",
        "7",
        "null",
        "\"subscribe\"",
        "{\"type\":\"subscribe\"",
        "NaN",
    ] {
        socket.send_message(Message::text(text)).await;
        socket.expect(&[error("invalid message envelope")]).await;
    }
    for bytes in [
        vec![],
        vec![0xff, 0xfe],
        subscribe(GLD, 0).to_string().into_bytes(),
    ] {
        socket.send_message(Message::binary(bytes)).await;
        socket.expect(&[error("invalid message envelope")]).await;
    }
    let message = |series: Value| json!({ "type": "subscribe", "series_id": series });
    let with = |field: &str, value: Value| {
        let mut message = message(json!(GLD));
        message[field] = value;
        message
    };
    let refused = [
        (json!({ "series_id": GLD }), "missing message type"),
        (json!({ "type": 7 }), "missing message type"),
        (json!({ "type": "noop" }), "unknown message type: noop"),
        (message(json!("")), "missing series_id"),
        (message(json!(7)), "missing series_id"),
        (message(json!("binance:futures:GLD/USDT:1w")), "invalid series_id"),
        (message(json!("bogus")), "invalid series_id"),
        (with("since", json!(60.0)), "invalid since"),
        (with("since", json!("60")), "invalid since"),
        (with("since", json!(true)), "invalid since"),
        (with("supports_batch", json!(1)), "invalid supports_batch"),
        (
            with("supports_draw_head", json!("yes")),
            "invalid supports_draw_head",
        ),
    ];
    for (message, text) in refused {
        socket.send(&message).await;
        socket.expect(&[error(text)]).await;
    }
    // The subscription has gone on unchanged, and nothing of all that was written.
    server.ingest(GLD, &flat(220)).await;
    socket.expect(&[closed(GLD, 220)]).await;
    let stored = server.get("/api/market/series", &[]).await.ok();
    assert_eq!(stored["series"].as_array().unwrap().len(), 1, "{stored}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_above_the_limit_ends_the_connection() {
    let server = server_with(&[]).await;
    let mut socket = Socket::market(server.address()).await;
    socket.send_message(Message::text(" ".repeat(65_536))).await;
    socket.expect(&[error("invalid message envelope")]).await;
    socket.send_message(Message::text(" ".repeat(65_537))).await;
    assert!(matches!(socket.next().await, Frame::Closed(Some((1009, _)))));
    // Others are served.
    Socket::market(server.address()).await.settle().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_of_subscriptions_and_connections() {
    let site = Site::new()
        .with("MARKET_WS_MAX_SUBSCRIPTIONS", "1")
        .with("MARKET_WS_MAX_CONNECTIONS", "2");
    let server = site.start().await;
    server.ingest(GLD, &flat(100)).await;
    let mut first = open(&server, subscribe(GLD, 0)).await;
    first.expect(&[closed(GLD, 100)]).await;
    first.send(&subscribe(OTHER, 0)).await;
    let refusal =
        json!({ "type": "error", "code": "capacity", "message": "subscription_limit", "series_id": OTHER });
    first.expect(&[refusal]).await;
    // The one it has can be replaced, or given up for another.
    first.send(&subscribe(GLD, 0)).await;
    first.expect(&[closed(GLD, 100)]).await;
    first
        .send(&json!({ "type": "unsubscribe", "series_id": GLD }))
        .await;
    first.send(&subscribe(OTHER, 0)).await;
    first.settle().await;

    let mut second = Socket::market(server.address()).await;
    assert_eq!(
        Socket::open(server.address(), "/ws/market").await.err(),
        Some(503)
    );
    second.close().await;
    assert!(matches!(second.next().await, Frame::Closed(_)));
    crate::site::eventually("the place of a closed connection is free", async || {
        Socket::open(server.address(), "/ws/market").await.ok().map(drop)
    })
    .await;
    first.settle().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopping_server_says_goodbye() {
    let server = server_with(&[100, 160]).await;
    let mut idle = Socket::market(server.address()).await;
    let mut following = open(&server, subscribe(GLD, 100)).await;
    following.expect(&[closed(GLD, 160)]).await;
    server.stop().await;
    idle.expect_close(1001, "server_shutdown").await;
    following.expect_close(1001, "server_shutdown").await;
}
