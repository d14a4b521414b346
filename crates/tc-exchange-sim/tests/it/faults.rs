//! Faults over real sockets, and the endpoint that brings them.

use std::time::Duration;

use serde_json::{Value, json};
use tc_exchange_sim::{
    ConnectionFault, FaultScript, FrameFault, LimitFault, RestFault, ScheduledFault, SimConfig, Simulator,
};
use tc_market::MarketKind;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::connect_async;

use crate::{START_S, advance_to, config, install_crypto, start};

const START_MS: i64 = START_S * 1000;

async fn start_with(faults: Vec<ScheduledFault>) -> Simulator {
    Simulator::start(SimConfig {
        faults: faults.into(),
        ..config()
    })
    .await
    .unwrap()
}

/// Opens a socket by hand; every byte after the answer to the handshake, up to the end of the connection.
struct Raw(TcpStream);

impl Raw {
    async fn connect(simulator: &Simulator, path: &str) -> Self {
        let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
        assert!(answer.starts_with(b"HTTP/1.1 101"));
        Self(stream)
    }

    async fn rest(mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // A connection that is broken may also be reset; what came before counts.
        let _end = self.0.read_to_end(&mut bytes).await;
        bytes
    }
}

/// What one connection sends until the script breaks it.
async fn recorded(faults: Vec<ScheduledFault>, steps: &[i64]) -> Vec<u8> {
    let simulator = start_with(faults).await;
    let path = "/market/stream?streams=btcusdt@kline_1m/btcusdt@kline_5m";
    let raw = Raw::connect(&simulator, path).await;
    let rest = tokio::spawn(raw.rest());
    for seconds in steps {
        advance_to(&simulator, START_S + seconds);
    }
    rest.await.unwrap()
}

#[tokio::test]
async fn the_same_script_and_seed_send_the_same_bytes() {
    let script = || {
        vec![
            ScheduledFault::at(START_MS, FrameFault::Skip).share(0.2),
            ScheduledFault::at(START_MS, FrameFault::Reorder).share(0.05),
            ScheduledFault::at(START_MS, FrameFault::Late { by_ms: 3_000 }).share(0.3),
            ScheduledFault::at(START_MS + 400_000, ConnectionFault::Drop),
        ]
    };
    let once = recorded(script(), &[600]).await;
    assert!(once.len() > 100_000);
    let again = recorded(script(), &[61, 130, 131, 395, 401]).await;
    assert!(once == again, "{} and {} bytes", once.len(), again.len());
}

#[tokio::test]
async fn a_connection_ends_after_any_byte() {
    for bytes in [1u64, 3, 250, 1_001] {
        let cut = ScheduledFault::at(START_MS, ConnectionFault::DropAfterBytes { bytes });
        let got = recorded(vec![cut], &[60]).await;
        assert_eq!(got.len() as u64, bytes);
    }
}

#[tokio::test]
async fn refused_and_accepted_connections_are_gone() {
    let window = |from_s: i64, fault: ConnectionFault| {
        ScheduledFault::between(START_MS + from_s * 1000, START_MS + (from_s + 10) * 1000, fault)
    };
    let simulator = start_with(vec![
        window(0, ConnectionFault::Refuse),
        window(10, ConnectionFault::AcceptThenClose),
        ScheduledFault::at(START_MS + 20_000, LimitFault::ConnectionAttempts { attempts: 3 }),
    ])
    .await;
    let url = format!("{}/ws/btcusdt@kline_1m", simulator.ws_base(MarketKind::Futures));
    assert!(connect_async(&url).await.is_err());
    assert_eq!(simulator.counters().connections, 0);
    advance_to(&simulator, START_S + 10);
    let raw = Raw::connect(&simulator, "/market/ws/btcusdt@kline_1m").await;
    assert!(raw.rest().await.is_empty());
    advance_to(&simulator, START_S + 20);
    let open = connect_async(&url).await;
    assert!(open.is_ok(), "two attempts were counted before");
    let refused = connect_async(&url).await.unwrap_err();
    assert!(refused.to_string().contains("429"), "{refused}");
    let counters = simulator.counters();
    assert_eq!((counters.connections, counters.refused_connections), (2, 2));
}

#[tokio::test]
async fn a_script_that_comes_later_reaches_open_connections() {
    install_crypto();
    let simulator = start().await;
    let faults = format!("{}/sim/faults", simulator.rest_base(MarketKind::Spot));
    let client = reqwest::Client::new();
    let raw = Raw::connect(&simulator, "/market/ws/btcusdt@kline_1m").await;

    let nonsense = json!({ "faults": [{ "from_ms": 5, "until_ms": 5, "fault": { "frame": "skip" } }] });
    let refused = client
        .post(&faults)
        .body(nonsense.to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), 400);
    assert!(refused.text().await.unwrap().contains("fault 0 ends at 5"));

    let script = json!({ "faults": [{ "from_ms": START_MS + 5, "fault": { "connection": "drop" } }] });
    let kept: Value = client
        .post(&faults)
        .body(script.to_string())
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(kept, script);
    simulator.clock().advance_to(START_MS + 5).unwrap();
    assert!(raw.rest().await.is_empty());

    let counters: Value = client
        .get(faults.replace("faults", "counters"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        (&counters["connections"], &counters["most_open_connections"]),
        (&json!(1), &json!(1))
    );
    let cleared = client.delete(&faults).send().await.unwrap().text().await.unwrap();
    assert_eq!(FaultScript::parse(&cleared), Ok(FaultScript::default()));
}

#[tokio::test]
async fn a_slow_answer_waits_for_the_clock() {
    install_crypto();
    let simulator = start_with(vec![ScheduledFault::between(
        START_MS,
        START_MS + 1,
        RestFault::Slow { by_ms: 30_000 },
    )])
    .await;
    let url = format!("{}/api/v3/time", simulator.rest_base(MarketKind::Spot));
    let answer = tokio::spawn(reqwest::get(url.clone()));
    simulator
        .wait_for(|counters| counters.requests.contains_key("/api/v3/time"))
        .await;
    assert!(!answer.is_finished());
    simulator.clock().advance_to(START_MS + 30_000).unwrap();
    let told = json!({ "serverTime": START_MS });
    assert_eq!(
        answer.await.unwrap().unwrap().json::<Value>().await.unwrap(),
        told
    );
    // Whoever waits does not hold up the end.
    simulator
        .set_faults(vec![ScheduledFault::at(
            START_MS,
            RestFault::Slow { by_ms: 1 << 40 },
        )])
        .unwrap();
    let waiting = tokio::spawn(reqwest::get(url));
    simulator
        .wait_for(|counters| counters.requests["/api/v3/time"] == 2)
        .await;
    tokio::time::timeout(Duration::from_secs(20), simulator.shutdown())
        .await
        .unwrap();
    assert!(waiting.await.unwrap().is_ok());
}
