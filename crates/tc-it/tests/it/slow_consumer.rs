//! A client that does not read.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use crate::{
    candles::{GLD, flat_minutes, times},
    site::{Publish, Site},
    socket::Socket,
};

const FIRST: i64 = 1_700_000_040;
/// Candles of one publication: about 100 kB on the wire.
const BURST: i64 = 1_000;
/// Publications: more than the buffers of a connection and its queue can hold.
const BURSTS: i64 = 60;

/// Opens a market socket whose system buffer holds next to nothing.
async fn narrow(address: SocketAddr) -> WebSocketStream<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let stream = socket.connect(address).await.unwrap();
    client_async(format!("ws://{address}/ws/market"), stream)
        .await
        .unwrap()
        .0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_is_closed_and_delays_nobody() {
    let site = Site::new()
        .with("MARKET_WS_QUEUE_FRAMES", "16")
        .with("MARKET_WS_QUEUE_BYTES", "262144")
        // How much is drawn does not matter here.
        .with("ENABLE_FACTOR_INGEST", "0")
        .with("ENABLE_OVERLAY_INGEST", "0");
    let server = site.start().await;
    let subscribe =
        json!({ "type": "subscribe", "series_id": GLD, "since": FIRST - 60, "supports_batch": true });
    let mut stalled = narrow(server.address()).await;
    stalled.send(Message::text(subscribe.to_string())).await.unwrap();
    stalled.send(Message::text("{\"type\":\"ping\"}")).await.unwrap();
    // Its one answer proves that it is subscribed; from here on it reads nothing.
    let answer = stalled.next().await.unwrap().unwrap();
    assert!(
        answer.to_text().unwrap().contains("unknown message type"),
        "{answer}"
    );
    let mut reading = Socket::market(server.address()).await;
    reading.send(&subscribe).await;
    reading.settle().await;

    for n in 0..BURSTS {
        let candles = flat_minutes(FIRST + 60 * BURST * n, BURST);
        server.ingest_batch(GLD, &candles, Publish::Yes).await;
        reading
            .expect(&[json!({ "type": "candles_batch", "series_id": GLD, "candles": candles })])
            .await;
    }
    reading.settle().await;

    // Now it reads: what had been sent, in order and whole, and then why nothing follows.
    let mut received = Vec::new();
    let close = loop {
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
            Message::Close(frame) => break frame.expect("a code and a reason"),
            other => panic!("{other}"),
        }
    };
    assert_eq!(
        (u16::from(close.code), close.reason.as_str()),
        (1013, "slow_consumer")
    );
    assert!((received.len() as i64) < BURST * BURSTS, "it was never too slow");
    assert!(
        received.iter().zip(0..).all(|(time, n)| *time == FIRST + 60 * n),
        "nothing is skipped silently"
    );

    // With its cursor it loses nothing.
    let since = received.last().copied().unwrap_or(FIRST - 60);
    let mut back = Socket::market(server.address()).await;
    back.send(&json!({ "type": "subscribe", "series_id": GLD, "since": since, "supports_batch": true }))
        .await;
    while received.last() != Some(&(FIRST + 60 * (BURST * BURSTS - 1))) {
        received.extend(times(&back.json().await["candles"]));
    }
    assert_eq!(received.len() as i64, BURST * BURSTS);
    assert!(received.iter().zip(0..).all(|(time, n)| *time == FIRST + 60 * n));
    server.stop().await;
}
