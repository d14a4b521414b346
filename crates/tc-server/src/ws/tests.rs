//! The socket contract over real sockets on loopback.

use std::{net::SocketAddr, sync::Arc};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tc_ingest::{Publication, PublishPolicy, Publisher};
use tc_read::{ReadModel, ReadOptions};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error as ClientError, Message as Frame},
};
use tokio_util::sync::CancellationToken;

use crate::{
    AppParts, AppState, ServerOptions,
    fixture::{Bench, annotations, candle, market_lists, series},
    hub::HubOptions,
    router,
    tasks::{ReadFollowUpOptions, idle_control},
};

type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A server on a free port.
struct Server {
    bench: Bench,
    address: SocketAddr,
}

impl Server {
    async fn start(options: HubOptions) -> Self {
        let bench = Bench::new(options);
        let state = AppState::new(AppParts {
            backtests: bench.backtests(),
            annotations: annotations(),
            options: ServerOptions::default(),
            readers: bench.readers.clone(),
            model: Arc::new(ReadModel::new(Arc::clone(&bench.setup), ReadOptions::default())),
            writer: bench.writer.clone(),
            hub: Arc::clone(&bench.hub),
            ingest: idle_control(),
            market_lists: market_lists(),
            stopping: CancellationToken::new(),
            coverage: bench.coverage(None, None),
            healer: None,
            coverage_jobs: bench.coverage_jobs(),
            packages: bench.packages(),
            follow_up: bench.follow_up(ReadFollowUpOptions::default()),
            clock: bench.clock.clone(),
            metrics: None,
            debug: bench.debug.clone(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router(state)).await });
        Self { bench, address }
    }

    async fn connect(&self) -> Client {
        self.try_connect("/ws/market").await.unwrap()
    }

    async fn try_connect(&self, path: &str) -> Result<Client, u16> {
        match connect_async(format!("ws://{}{path}", self.address)).await {
            Ok((client, _)) => Ok(client),
            Err(ClientError::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    fn publish(&self, seconds: impl IntoIterator<Item = i64>) {
        let candles = seconds.into_iter().map(candle).collect();
        self.bench
            .hub
            .publish(&Publication::Candles {
                series: series(),
                candles,
            })
            .unwrap();
    }
}

async fn send(client: &mut Client, message: Value) {
    client.send(Frame::text(message.to_string())).await.unwrap();
}

/// The next text frame.
async fn received(client: &mut Client) -> Value {
    loop {
        match client.next().await.unwrap().unwrap() {
            Frame::Text(text) => return serde_json::from_str(&text).unwrap(),
            Frame::Ping(_) | Frame::Pong(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// Reads to the end of the connection; code and reason of the close frame.
async fn closed(client: &mut Client) -> Option<(u16, String)> {
    let mut told = None;
    while let Some(frame) = client.next().await {
        if let Frame::Close(frame) = frame.unwrap() {
            told = frame.map(|frame| (frame.code.into(), frame.reason.to_string()));
        }
    }
    told
}

fn subscribe(since: i64) -> Value {
    json!({"type": "subscribe", "series_id": series().as_str(), "since": since})
}

fn error(message: &str) -> Value {
    json!({"type": "error", "code": "bad_request", "message": message})
}

#[tokio::test]
async fn bad_messages_are_answered_and_the_connection_stays() {
    let server = Server::start(HubOptions::default()).await;
    server
        .bench
        .ingest(&series(), &[60, 120], PublishPolicy::RebuildsOnly)
        .await;
    let mut client = server.connect().await;
    for (frame, message) in [
        (Frame::text("hello"), "invalid message envelope"),
        (Frame::binary(b"{}".to_vec()), "invalid message envelope"),
        (Frame::text("{}"), "missing message type"),
        (Frame::text(r#"{"type":"ping"}"#), "unknown message type: ping"),
        (Frame::text(r#"{"type":"subscribe"}"#), "missing series_id"),
        (
            Frame::text(r#"{"type":"subscribe","series_id":"binance:futures:BTC/USDT:1w"}"#),
            "invalid series_id",
        ),
        (Frame::text("x".repeat(60_000)), "invalid message envelope"),
    ] {
        client.send(frame).await.unwrap();
        assert_eq!(received(&mut client).await, error(message));
    }
    send(&mut client, json!({"type": "unsubscribe"})).await;
    send(&mut client, subscribe(60)).await;
    assert_eq!(received(&mut client).await["candle"]["candle_time"], 120);
    server
        .bench
        .ingest(&series(), &[240], PublishPolicy::Everything)
        .await;
    assert_eq!(
        received(&mut client).await,
        json!({"type": "gap", "series_id": series().as_str(), "expected_next_time": 180, "actual_time": 240})
    );
    assert_eq!(received(&mut client).await["type"], "candle_closed");
    client.close(None).await.unwrap();
    server.bench.hub.shut_down().await;
    assert_eq!(server.bench.hub.subscriptions(&series()), 0);
}

#[tokio::test]
async fn handshakes_that_are_refused() {
    let server = Server::start(HubOptions {
        max_connections: 1,
        ..HubOptions::default()
    })
    .await;
    assert_eq!(server.try_connect("/ws/debug").await.map(drop), Err(403));
    assert_eq!(server.try_connect("/ws/other").await.map(drop), Err(404));
    let first = server.connect().await;
    assert_eq!(server.try_connect("/ws/market").await.map(drop), Err(503));
    drop(first);
    while server.bench.hub.connections() > 0 {
        tokio::task::yield_now().await;
    }
    drop(server.connect().await);
}

#[tokio::test]
async fn large_frames_close_with_1009() {
    let server = Server::start(HubOptions::default()).await;
    for bytes in [70_000, 300_000] {
        let mut client = server.connect().await;
        client.send(Frame::text("x".repeat(bytes))).await.unwrap();
        assert_eq!(
            closed(&mut client).await.map(|frame| frame.0),
            Some(1009),
            "{bytes} bytes"
        );
    }
}

#[tokio::test]
async fn the_shutdown_closes_with_1001() {
    let server = Server::start(HubOptions::default()).await;
    let mut clients = [server.connect().await, server.connect().await];
    for client in &mut clients {
        send(client, subscribe(0)).await;
    }
    let stopped = tokio::spawn({
        let hub = Arc::clone(&server.bench.hub);
        async move { hub.shut_down().await }
    });
    for client in &mut clients {
        assert_eq!(closed(client).await, Some((1001, "server_shutdown".to_owned())));
    }
    stopped.await.unwrap();
    assert_eq!(server.try_connect("/ws/market").await.map(drop), Err(503));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_stalls_is_closed_with_1013_and_delays_nobody() {
    const BATCHES: i64 = 60;
    const CANDLES: i64 = 5_000;
    let server = Server::start(HubOptions {
        queue_bytes: 2 << 20,
        ..HubOptions::default()
    })
    .await;
    let (mut stalled, mut healthy) = (server.connect().await, server.connect().await);
    for client in [&mut stalled, &mut healthy] {
        let wanted = json!({"type": "subscribe", "series_id": series().as_str(), "supports_batch": true});
        send(client, wanted).await;
    }
    while server.bench.hub.subscriptions(&series()) < 2 || server.bench.hub.tasks().len() > 2 {
        tokio::task::yield_now().await;
    }
    for batch in 0..BATCHES {
        server.publish((batch * CANDLES..(batch + 1) * CANDLES).map(|minute| (minute + 1) * 60));
        let frame = received(&mut healthy).await;
        assert_eq!(frame["candles"][0]["candle_time"], (batch * CANDLES + 1) * 60);
    }
    assert_eq!(
        server.bench.hub.subscriptions(&series()),
        1,
        "the stalled client holds nothing any more"
    );
    assert_eq!(
        closed(&mut stalled).await,
        Some((1013, "slow_consumer".to_owned()))
    );
}

#[tokio::test]
async fn pings_keep_a_client_that_answers_and_drop_one_that_does_not() {
    let options = HubOptions {
        ping_interval_ms: 20,
        pong_timeout_ms: 300,
        ..HubOptions::default()
    };
    let server = Server::start(options).await;
    let (silent, mut answering) = (server.connect().await, server.connect().await);
    let mut pings = 0;
    // Only a client that reads answers; 25 pings take longer than the patience of the server.
    while pings < 25 {
        if let Frame::Ping(_) = answering.next().await.unwrap().unwrap() {
            pings += 1;
        }
    }
    assert_eq!(server.bench.hub.connections(), 1);
    send(&mut answering, json!({})).await;
    assert_eq!(received(&mut answering).await, error("missing message type"));
    drop(silent);
}
