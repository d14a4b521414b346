//! The wire protocol as a foreign client sees it.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tc_exchange_sim::{SimConfig, Simulator};
use tc_market::MarketKind;
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::{START_S, advance_to, config, install_crypto, start};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn connect(url: String) -> Socket {
    connect_async(url).await.unwrap().0
}

/// The next text, as JSON.
async fn next(socket: &mut Socket) -> Value {
    loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Text(text) => return serde_json::from_str(text.as_str()).unwrap(),
            Message::Ping(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

async fn command(socket: &mut Socket, command: Value) {
    socket
        .send(Message::Text(command.to_string().into()))
        .await
        .unwrap();
}

/// Reads on until the peer closes; the code of its close frame.
async fn close_code(socket: &mut Socket) -> u16 {
    loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Close(Some(frame)) => return frame.code.into(),
            Message::Close(None) => panic!("no code"),
            _ => {}
        }
    }
}

async fn start_with(change: impl FnOnce(&mut SimConfig)) -> Simulator {
    let mut config = config();
    change(&mut config);
    Simulator::start(config).await.unwrap()
}

#[tokio::test]
async fn commands_on_an_empty_connection() {
    let simulator = start().await;
    let mut socket = connect(format!("{}/ws", simulator.ws_base(MarketKind::Futures))).await;
    command(
        &mut socket,
        json!({ "method": "SUBSCRIBE", "params": ["btcusdt@kline_1m", "xxxusdt@kline_1m"], "id": 1 }),
    )
    .await;
    assert_eq!(next(&mut socket).await, json!({ "result": null, "id": 1 }));
    assert_eq!(simulator.counters().subscriptions, 2);
    command(&mut socket, json!({ "method": "LIST_SUBSCRIPTIONS", "id": 2 })).await;
    assert_eq!(
        next(&mut socket).await,
        json!({ "result": ["btcusdt@kline_1m", "xxxusdt@kline_1m"], "id": 2 })
    );
    simulator.clock().advance_to(START_S * 1000 + 250).unwrap();
    let raw = next(&mut socket).await;
    assert_eq!(
        (&raw["e"], &raw["k"]["i"], &raw["k"]["x"]),
        (&json!("kline"), &json!("1m"), &json!(false))
    );
    command(
        &mut socket,
        json!({ "method": "SET_PROPERTY", "params": ["combined", true], "id": 3 }),
    )
    .await;
    assert_eq!(next(&mut socket).await, json!({ "result": null, "id": 3 }));
    simulator.clock().advance_to(START_S * 1000 + 500).unwrap();
    let combined = next(&mut socket).await;
    assert_eq!(combined["stream"], "btcusdt@kline_1m");
    assert_eq!(combined["data"]["E"], START_S * 1000 + 500);
    command(
        &mut socket,
        json!({ "method": "UNSUBSCRIBE", "params": ["btcusdt@kline_1m"], "id": 4 }),
    )
    .await;
    assert_eq!(next(&mut socket).await, json!({ "result": null, "id": 4 }));
    advance_to(&simulator, START_S + 120);
    command(
        &mut socket,
        json!({ "method": "GET_PROPERTY", "params": ["combined"], "id": 5 }),
    )
    .await;
    assert_eq!(
        next(&mut socket).await,
        json!({ "result": true, "id": 5 }),
        "nothing came in between"
    );
    command(
        &mut socket,
        json!({ "method": "SUBSCRIBE", "params": ["btcusdt"], "id": 6 }),
    )
    .await;
    let error = json!({ "error": { "code": 2, "msg": "Invalid request: invalid stream" }, "id": 6 });
    assert_eq!(next(&mut socket).await, error);
}

#[tokio::test]
async fn unrouted_futures_acknowledge_and_stay_silent() {
    let simulator = start().await;
    for base in [
        simulator.unrouted_ws_base(),
        simulator.unrouted_ws_base().replace("unrouted", "public"),
    ] {
        let mut socket = connect(format!("{base}/ws/btcusdt@kline_1m")).await;
        command(
            &mut socket,
            json!({ "method": "SUBSCRIBE", "params": ["btcusdt@kline_5m"], "id": 1 }),
        )
        .await;
        assert_eq!(next(&mut socket).await, json!({ "result": null, "id": 1 }));
        simulator
            .clock()
            .advance_to(simulator.clock().now_ms() + 600_000)
            .unwrap();
        command(&mut socket, json!({ "method": "LIST_SUBSCRIPTIONS", "id": 2 })).await;
        assert_eq!(next(&mut socket).await["id"], 2);
    }
    assert_eq!(simulator.counters().frames, 0);
}

#[tokio::test]
async fn combined_spot_streams_come_in_the_order_of_time() {
    let simulator = start().await;
    let base = simulator.ws_base(MarketKind::Spot);
    let mut socket = connect(format!("{base}/stream?streams=btcusdt@kline_1m/btcusdt@kline_5m")).await;
    advance_to(&simulator, START_S + 300);
    let mut finals = Vec::new();
    let mut last_event_ms = 0;
    while finals.len() < 6 {
        let frame = next(&mut socket).await;
        let event_ms = frame["data"]["E"].as_i64().unwrap();
        assert!(
            event_ms >= last_event_ms && event_ms % 2_000 == 0,
            "spot pushes every two seconds"
        );
        last_event_ms = event_ms;
        if frame["data"]["k"]["x"] == true {
            finals.push((
                frame["stream"].as_str().unwrap().to_owned(),
                event_ms / 1000 - START_S,
            ));
        }
    }
    let one = |minutes: i64| ("btcusdt@kline_1m".to_owned(), minutes * 60);
    assert_eq!(
        finals,
        [
            one(1),
            one(2),
            one(3),
            one(4),
            one(5),
            ("btcusdt@kline_5m".to_owned(), 300)
        ]
    );
}

#[tokio::test]
async fn pings_carry_a_payload_and_want_an_answer() {
    let simulator = start_with(|config| {
        config.limits.spot.ping_interval = Duration::from_millis(5);
        config.limits.spot.pong_timeout = Duration::from_millis(50);
    })
    .await;
    let mut socket = connect(format!("{}/ws", simulator.ws_base(MarketKind::Spot))).await;
    let Message::Ping(payload) = socket.next().await.unwrap().unwrap() else {
        panic!("a ping comes first")
    };
    assert_eq!(payload, (START_S * 1000).to_string());
    // The client library answers only while it is read: from here on it is not.
    let counters = simulator.wait_for(|counters| counters.pongs_missed == 1).await;
    assert_eq!(counters.connections, 1);
    simulator
        .wait_for(|counters| counters.open_connections == 0)
        .await;
}

#[tokio::test]
async fn limits_close_the_connection() {
    let simulator = start().await;
    let mut chatty = connect(format!("{}/ws", simulator.ws_base(MarketKind::Spot))).await;
    for id in 0..6 {
        command(&mut chatty, json!({ "method": "LIST_SUBSCRIPTIONS", "id": id })).await;
    }
    assert_eq!(close_code(&mut chatty).await, 1008);

    let mortal = start_with(|config| config.limits.lifetime = Duration::from_millis(20)).await;
    let mut socket = connect(format!("{}/ws", mortal.ws_base(MarketKind::Futures))).await;
    assert_eq!(close_code(&mut socket).await, 1001);

    let narrow = start_with(|config| config.limits.streams_per_connection = 1).await;
    let mut socket = connect(format!(
        "{}/ws/btcusdt@kline_1m",
        narrow.ws_base(MarketKind::Futures)
    ))
    .await;
    command(
        &mut socket,
        json!({ "method": "SUBSCRIBE", "params": ["btcusdt@kline_5m"], "id": 1 }),
    )
    .await;
    assert_eq!(next(&mut socket).await["error"]["code"], 2);
}

#[tokio::test]
async fn unknown_paths_are_refused() {
    let simulator = start().await;
    for path in ["/market/ticker", "/elsewhere"] {
        assert!(
            connect_async(format!("ws://{}{path}", simulator.address()))
                .await
                .is_err(),
            "{path}"
        );
    }
}

#[tokio::test]
async fn shutdown_says_goodbye_and_ends() {
    let simulator = start().await;
    let mut socket = connect(format!(
        "{}/ws/btcusdt@kline_1m",
        simulator.ws_base(MarketKind::Spot)
    ))
    .await;
    let (code, ()) = tokio::join!(close_code(&mut socket), simulator.shutdown());
    assert_eq!(code, 1001);
}

#[tokio::test]
async fn rest_over_http_carries_weight_and_retry_after() {
    install_crypto();
    let simulator = start_with(|config| config.limits.futures.weight_per_minute = 5).await;
    let client = reqwest::Client::new();
    let url = format!(
        "{}/fapi/v1/klines?symbol=BTCUSDT&interval=1m",
        simulator.rest_base(MarketKind::Futures)
    );
    let answer = client.get(&url).send().await.unwrap();
    assert_eq!(answer.headers()["x-mbx-used-weight-1m"], "5");
    assert_eq!(
        answer.json::<Value>().await.unwrap().as_array().unwrap().len(),
        500
    );
    let limited = client.get(&url).send().await.unwrap();
    assert_eq!(
        (limited.status().as_u16(), &limited.headers()["retry-after"]),
        (429, &"60".parse().unwrap())
    );
    assert_eq!(limited.json::<Value>().await.unwrap()["code"], -1003);
    let counters = simulator.counters();
    assert_eq!(counters.requests["/fapi/v1/klines"], 2);
    assert_eq!(counters.weight_used[&MarketKind::Futures], 10);
}

#[tokio::test]
async fn the_clock_can_be_driven_over_http() {
    install_crypto();
    let simulator = start().await;
    let base = format!("{}/sim/clock", simulator.rest_base(MarketKind::Spot));
    let client = reqwest::Client::new();
    let moved: Value = client
        .post(format!("{base}/{}", START_S * 1000 + 5))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        moved,
        json!({ "now_ms": START_S * 1000 + 5, "speed": 1.0, "manual": true })
    );
    assert_eq!(simulator.clock().now_ms(), START_S * 1000 + 5);
}
