//! A client that does not read.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use crate::{
    candles::{GLD, times},
    site::{Publish, Site, TestServer},
    socket::Socket,
};

const FIRST: i64 = 1_700_000_040;
/// Candles of one publication: about 170 kB on the wire.
const BURST: i64 = 1_000;
/// More publications than any system buffers for a connection.
const MOST_BURSTS: i64 = 400;

type Stalled = WebSocketStream<TcpStream>;

/// Opens a market socket whose system buffer holds next to nothing.
async fn narrow(address: SocketAddr) -> Stalled {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let stream = socket.connect(address).await.unwrap();
    client_async(format!("ws://{address}/ws/market"), stream)
        .await
        .unwrap()
        .0
}

/// Candles of burst `n`, with long numbers.
fn burst(n: i64) -> Vec<Value> {
    let minute = |i: i64| {
        let time = FIRST + 60 * (BURST * n + i);
        json!({
            "candle_time": time, "open": 1.234_567_890_123_456_7, "high": 2.345_678_901_234_567,
            "low": 0.123_456_789_012_345_68, "close": 1.345_678_901_234_567_8, "volume": 3.456_789_012_345_678,
        })
    };
    (0..BURST).map(minute).collect()
}

fn subscribe(since: i64) -> Value {
    json!({ "type": "subscribe", "series_id": GLD, "since": since, "supports_batch": true })
}

async fn slow_clients(server: &TestServer) -> bool {
    let metrics = server.get("/metrics", &[]).await;
    metrics
        .text
        .lines()
        .any(|line| line == "market_ws_slow_disconnects_total 1")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_is_closed_and_delays_nobody() {
    let site = Site::new()
        .with("MARKET_WS_QUEUE_FRAMES", "16")
        .with("MARKET_WS_QUEUE_BYTES", "262144")
        // What is drawn does not matter here.
        .with("ENABLE_FACTOR_INGEST", "0")
        .with("ENABLE_OVERLAY_INGEST", "0");
    let server = site.start_with_metrics().await;
    let mut stalled = narrow(server.address()).await;
    stalled
        .send(Message::text(subscribe(FIRST - 60).to_string()))
        .await
        .unwrap();
    stalled.send(Message::text("{\"type\":\"ping\"}")).await.unwrap();
    // Its one answer proves that it is subscribed; from here on it reads nothing.
    let answer = stalled.next().await.unwrap().unwrap();
    assert!(
        answer.to_text().unwrap().contains("unknown message type"),
        "{answer}"
    );
    let mut reading = Socket::market(server.address()).await;
    reading.send(&subscribe(FIRST - 60)).await;
    reading.settle().await;

    // The other one gets every burst at once, before, while and after the stalled one is given up.
    let mut published = 0;
    let mut given_up = false;
    let mut afterwards = 0;
    while afterwards < 3 {
        assert!(published < MOST_BURSTS, "nothing is ever too slow");
        let candles = burst(published);
        server.ingest_batch(GLD, &candles, Publish::Yes).await;
        reading
            .expect(&[json!({ "type": "candles_batch", "series_id": GLD, "candles": candles })])
            .await;
        published += 1;
        given_up = given_up || slow_clients(&server).await;
        afterwards += i64::from(given_up);
    }
    reading.settle().await;

    // Now it reads: what had been sent, in order and whole, and then why nothing follows.
    let (mut received, reason) = read_to_the_end(&mut stalled).await;
    assert_eq!(reason, (1013, "slow_consumer".to_owned()));
    let all: Vec<i64> = (0..BURST * published).map(|n| FIRST + 60 * n).collect();
    assert!(
        received.len() < all.len() && all.starts_with(&received),
        "{} candles came",
        received.len()
    );

    // With its cursor it loses nothing.
    let since = received.last().copied().unwrap_or(FIRST - 60);
    let mut back = Socket::market(server.address()).await;
    back.send(&subscribe(since)).await;
    while received.last() != all.last() {
        received.extend(times(&back.json().await["candles"]));
    }
    assert!(
        received == all,
        "{} candles of {} came",
        received.len(),
        all.len()
    );
    server.stop().await;
}

/// The times of everything that still comes, and the code and reason of the end.
async fn read_to_the_end(stalled: &mut Stalled) -> (Vec<i64>, (u16, String)) {
    let mut received = Vec::new();
    loop {
        match stalled
            .next()
            .await
            .expect("a close frame ends the connection")
            .unwrap()
        {
            Message::Text(text) => {
                let frame: Value = serde_json::from_str(&text).unwrap();
                assert_eq!(frame["type"], "candles_batch");
                received.extend(times(&frame["candles"]));
            }
            Message::Close(frame) => {
                let frame = frame.expect("a code and a reason");
                return (received, (u16::from(frame.code), frame.reason.to_string()));
            }
            other => panic!("{other}"),
        }
    }
}
