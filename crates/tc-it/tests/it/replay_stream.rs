//! `/ws/replay`: wherever a playback stands, it has told what the frame of its candle says, and nothing later.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    candles::{BTC, minutes, wire, wires},
    site::{Publish, Site, TestServer},
    socket::{Frame, Socket, error},
};

const WINDOW: i64 = 200;

/// A server with the first 700 minutes, and the times of these and a few more.
async fn server() -> (TestServer, Vec<i64>) {
    let candles = minutes(BTC);
    let server = Site::new().start().await;
    server
        .ingest_batch(BTC, &wires(&candles[..700]), Publish::No)
        .await;
    let times = candles.iter().map(|candle| candle.time().seconds());
    (server, times.collect())
}

/// What a client makes of the messages.
struct Client {
    socket: Socket,
    at: i64,
    candles: Vec<i64>,
    catalogue: BTreeMap<String, Value>,
    active: Vec<Value>,
    slices: BTreeMap<String, Value>,
    state: Value,
}

impl Client {
    async fn open(server: &TestServer, at_time: i64) -> Self {
        let mut client = Self {
            socket: Socket::open(server.address(), "/ws/replay").await.unwrap(),
            at: 0,
            candles: Vec::new(),
            catalogue: BTreeMap::new(),
            active: Vec::new(),
            slices: BTreeMap::new(),
            state: Value::Null,
        };
        client
            .tell(&json!({
                "type": "open", "series_id": BTC, "at_time": at_time, "window_candles": WINDOW, "slices": true,
            }))
            .await;
        client
    }

    /// Sends a command and takes everything up to the state that it ends in.
    async fn tell(&mut self, command: &Value) {
        self.socket.send(command).await;
        self.take_until_state().await;
    }

    async fn take_until_state(&mut self) {
        loop {
            let message = self.socket.json().await;
            match message["type"].as_str().unwrap() {
                "replay_frame" => self.show(&message),
                "replay_delta" => self.change(&message),
                "replay_state" => {
                    assert_eq!(message["at_time"], self.at);
                    self.state = message;
                    return;
                }
                other => panic!("{other}: {message}"),
            }
        }
    }

    fn show(&mut self, message: &Value) {
        let frame = &message["frame"];
        self.at = frame["time"]["aligned_time"].as_i64().unwrap();
        assert_eq!(message["candle"]["candle_time"], self.at);
        self.candles = vec![self.at];
        self.catalogue.clear();
        self.draw(&frame["draw_state"]);
        let snapshots = frame["factor_slices"]["snapshots"].as_object().unwrap();
        self.slices = snapshots
            .iter()
            .map(|(name, slice)| (name.clone(), parts(slice)))
            .collect();
    }

    fn change(&mut self, message: &Value) {
        assert_eq!(message["from_time"], self.at);
        self.at = message["to_time"].as_i64().unwrap();
        for candle in message["candles"].as_array().unwrap() {
            let time = candle["candle_time"].as_i64().unwrap();
            assert!(self.candles.last().is_none_or(|last| *last < time) && time <= self.at);
            self.candles.push(time);
        }
        self.draw(&message["draw_delta"]);
        for row in message["factor_snapshots"].as_array().unwrap() {
            let name = row["factor_name"].as_str().unwrap().to_owned();
            let change = &row["snapshot"];
            if change.is_null() {
                self.slices.remove(&name);
            } else if change.get("meta").is_some() {
                self.slices.insert(name, parts(change));
            } else {
                let slice = self.slices.get_mut(&name).unwrap();
                if let Some(head) = change.get("head") {
                    slice["head"] = head.clone();
                }
                for (key, delta) in change["history_delta"].as_object().into_iter().flatten() {
                    let list = slice["history"][key].as_array_mut().unwrap();
                    list.drain(..usize::try_from(delta["drop"].as_u64().unwrap()).unwrap());
                    list.extend(delta["append"].as_array().unwrap().iter().cloned());
                }
            }
        }
    }

    fn draw(&mut self, draw: &Value) {
        assert_eq!(draw["to_candle_time"], self.at);
        for item in draw["instruction_catalog_patch"].as_array().unwrap() {
            assert!(item["visible_time"].as_i64().unwrap() <= self.at);
            self.catalogue
                .insert(item["instruction_id"].as_str().unwrap().to_owned(), item.clone());
        }
        self.active = draw["active_ids"].as_array().unwrap().clone();
    }

    /// Compares what is shown with the frame that the server gives for the candle.
    async fn check(&self, server: &TestServer) {
        let (at, window) = (self.at.to_string(), WINDOW.to_string());
        let query = [
            ("series_id", BTC),
            ("at_time", at.as_str()),
            ("window_candles", &window),
        ];
        let frame = server.get("/api/frame/at_time", &query).await.ok();
        let draw = &frame["draw_state"];
        assert_eq!(json!(self.active), draw["active_ids"]);
        let patch = draw["instruction_catalog_patch"].as_array().unwrap();
        for item in patch {
            let id = item["instruction_id"].as_str().unwrap();
            let shown = &self.catalogue[id];
            assert_eq!(shown["definition"], item["definition"]);
            // Of a drawing that went and came back within one move the client keeps the first version.
            assert!(shown["version_id"].as_i64() <= item["version_id"].as_i64());
        }
        let snapshots = frame["factor_slices"]["snapshots"].as_object().unwrap();
        let slices: BTreeMap<String, Value> = snapshots
            .iter()
            .map(|(name, slice)| (name.clone(), parts(slice)))
            .collect();
        assert_eq!(self.slices, slices);
    }

    fn is(&self, state: &str) -> bool {
        self.state["state"] == state
    }
}

fn parts(slice: &Value) -> Value {
    json!({"history": slice["history"], "head": slice["head"]})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn steps_seeks_and_jumps() {
    let (server, times) = server().await;
    let mut client = Client::open(&server, times[300] + 59).await;
    assert_eq!(client.at, times[300]);
    let expected = json!({
        "type": "replay_state", "state": "paused", "at_time": times[300], "speed": 1.0, "first_time": times[0],
        "last_time": times[699], "clock_time": null, "moment": null,
    });
    assert_eq!(client.state, expected);
    client.check(&server).await;
    for (command, at) in [
        (json!({"type": "step", "count": 1}), 301),
        (json!({"type": "step", "count": 40}), 341),
        (json!({"type": "step", "count": -100}), 241),
        (json!({"type": "seek", "at_time": times[500]}), 500),
        (json!({"type": "seek", "at_time": 0}), 0),
        (json!({"type": "step", "count": -3}), 0),
        (json!({"type": "step", "count": 5000}), 699),
    ] {
        client.tell(&command).await;
        assert_eq!(client.at, times[at], "{command}");
        client.check(&server).await;
    }
    assert!(client.is("ended"));

    let jump = |direction: i64| json!({"type": "jump", "kinds": ["pen.confirmed"], "direction": direction});
    let events = [
        ("series_id", BTC),
        ("kinds", "pen.confirmed"),
        ("limit", "1000"),
        ("fields", "time"),
    ];
    let events = server.get("/api/factor/events", &events).await.ok();
    let events: Vec<i64> = events["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["candle_time"].as_i64().unwrap())
        .collect();
    assert!(events.len() > 3, "{}", events.len());
    for time in events.iter().rev().filter(|time| **time < times[699]).take(2) {
        client.tell(&jump(-1)).await;
        assert_eq!(client.at, *time);
        assert_eq!(
            client.state["moment"],
            json!({"time": time, "kinds": ["pen.confirmed"]})
        );
        client.check(&server).await;
    }
    client.tell(&json!({"type": "seek", "at_time": times[0]})).await;
    client.tell(&jump(1)).await;
    assert_eq!(client.at, events[0]);
    client.check(&server).await;
    client.tell(&json!({"type": "seek", "at_time": times[0]})).await;
    client.tell(&jump(-1)).await;
    assert_eq!((client.at, &client.state["moment"]), (times[0], &Value::Null));
    server.stop().await;
}

/// A client that drags, lets go and steps does not wait for answers in between.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_seeks_in_a_row_the_last_one_counts_and_what_follows_it_too() {
    let (server, times) = server().await;
    let mut client = Client::open(&server, times[100]).await;
    for at in [200, 300, 400] {
        let seek = json!({"type": "seek", "at_time": times[at]});
        client.socket.send(&seek).await;
    }
    client.socket.send(&json!({"type": "step", "count": 1})).await;
    while client.at != times[401] {
        client.take_until_state().await;
    }
    client.check(&server).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn playing_skips_no_bar_and_ends_where_the_history_ends() {
    let (server, times) = server().await;
    let mut client = Client::open(&server, times[100]).await;
    client.tell(&json!({"type": "play", "speed": 1000})).await;
    assert!(client.is("playing") && client.at == times[100]);
    client.take_until_state().await;
    assert!(client.is("ended"), "{}", client.state);
    assert_eq!(client.candles, times[100..700]);
    client.check(&server).await;

    // What came since then is found by playing on.
    let candles = minutes(BTC);
    for candle in &candles[700..710] {
        server.ingest(BTC, &wire(candle)).await;
    }
    client.tell(&json!({"type": "play", "speed": 1000})).await;
    assert!(client.is("playing"));
    client.take_until_state().await;
    assert_eq!((client.at, client.is("ended")), (times[709], true));
    client.check(&server).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn playing_pauses_when_told_and_stops_at_moments() {
    let (server, times) = server().await;
    let mut client = Client::open(&server, times[100]).await;
    client.tell(&json!({"type": "play", "speed": 0.1})).await;
    client.tell(&json!({"type": "pause"})).await;
    assert!(client.is("paused") && client.at == times[100]);

    let stop_at = json!(["zhongshu.formed", "pen.confirmed"]);
    client
        .tell(&json!({"type": "jump", "kinds": stop_at, "direction": 1}))
        .await;
    let (moment, at) = (client.state["moment"].clone(), client.at);
    assert!(at > times[100] && moment["time"] == at);
    client.tell(&json!({"type": "seek", "at_time": times[100]})).await;
    client
        .tell(&json!({"type": "play", "speed": 1000, "stop_at": stop_at}))
        .await;
    client.take_until_state().await;
    assert!(client.is("paused"));
    assert_eq!((client.at, &client.state["moment"]), (at, &moment));
    client.check(&server).await;

    // A seek goes on playing from there.
    client.tell(&json!({"type": "play", "speed": 1000})).await;
    client.tell(&json!({"type": "seek", "at_time": times[690]})).await;
    while !client.is("ended") {
        client.take_until_state().await;
    }
    assert_eq!(client.at, times[699]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_series_that_is_folded_again_is_shown_anew() {
    let (server, times) = server().await;
    let mut client = Client::open(&server, times[400]).await;
    let candles = minutes(BTC);
    let mut late = wire(&candles[300]);
    late["high"] = json!(candles[300].high() * 1.5);
    server.ingest(BTC, &late).await;
    client.socket.send(&json!({"type": "step", "count": 1})).await;
    let frame = client.socket.json().await;
    assert_eq!(
        (&frame["type"], &frame["epoch"]),
        (&json!("replay_frame"), &json!(1))
    );
    client.show(&frame);
    client.take_until_state().await;
    assert_eq!(client.at, times[400]);
    client.tell(&json!({"type": "step", "count": 1})).await;
    assert_eq!(client.at, times[401]);
    client.check(&server).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_leave_the_connection_open() {
    let (server, times) = server().await;
    let mut socket = Socket::open(server.address(), "/ws/replay").await.unwrap();
    socket.send(&json!({"type": "step", "count": 1})).await;
    socket.send(&json!({"type": "pause"})).await;
    socket
        .send(&json!({"type": "open", "series_id": "A", "at_time": 1}))
        .await;
    socket.send_message(Message::binary(vec![1])).await;
    socket
        .expect(
            &[
                "not open",
                "not open",
                "invalid series_id",
                "invalid message envelope",
            ]
            .map(error),
        )
        .await;

    let open = |series: &str, at: i64| json!({"type": "open", "series_id": series, "at_time": at});
    socket.send(&open("binance:spot:NO/BODY:1m", 1)).await;
    let refused = socket.json().await;
    assert_eq!(
        (&refused["type"], &refused["code"]),
        (&json!("error"), &json!("no_data"))
    );

    socket.send(&open(BTC, times[10])).await;
    assert_eq!(socket.json().await["type"], "replay_frame");
    assert_eq!(socket.json().await["state"], "paused");
    socket
        .send(&json!({"type": "jump", "kinds": ["pen.drawn"], "direction": 1}))
        .await;
    socket
        .send(&json!({"type": "play", "speed": 1, "stop_at": ["pen.drawn"]}))
        .await;
    socket
        .expect(&["invalid kinds", "invalid stop_at"].map(error))
        .await;
    socket.send(&json!({"type": "step", "count": 1})).await;
    assert_eq!(socket.json().await["to_time"], times[11]);
    server.stop().await;
    while let Frame::Json(message) = socket.next().await {
        assert_eq!(message["type"], "replay_state");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_that_is_behind_is_told() {
    let server = Site::new().with("ENABLE_OVERLAY_INGEST", "0").start().await;
    let candles = minutes(BTC);
    server
        .ingest_batch(BTC, &wires(&candles[..50]), Publish::No)
        .await;
    let mut socket = Socket::open(server.address(), "/ws/replay").await.unwrap();
    let open = json!({"type": "open", "series_id": BTC, "at_time": candles[10].time().seconds()});
    socket.send(&open).await;
    assert_eq!(socket.json().await["code"], "ledger_out_of_sync:overlay");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shorter_clock_forms_the_bars() {
    let site = Site::new()
        .with("ENABLE_DERIVED_TIMEFRAMES", "1")
        .with("DERIVED_TIMEFRAMES", "5m");
    let server = site.start().await;
    let minutes = minutes(BTC);
    let five = BTC.replace(":1m", ":5m");
    server
        .ingest_batch(BTC, &wires(&minutes[..300]), Publish::No)
        .await;
    let bars = server.candles(&five, &[("limit", "5")]).await;
    if bars["candles"].as_array().unwrap().is_empty() {
        // A derived series is built once somebody follows it.
        let mut market = Socket::market(server.address()).await;
        market
            .send(&json!({"type": "subscribe", "series_id": five}))
            .await;
        market.json().await;
    }
    let mut socket = Socket::open(server.address(), "/ws/replay").await.unwrap();
    let at = minutes[200].time().seconds();
    let open = json!({"type": "open", "series_id": five, "at_time": at, "clock": "1m"});
    socket.send(&open).await;
    let frame = socket.json().await;
    let mut shown = frame["candle"]["candle_time"].as_i64().unwrap();
    let mut clock = at;
    for minute in &minutes[201..220] {
        while socket.json().await["type"] != "replay_state" {}
        socket.send(&json!({"type": "step", "count": 1})).await;
        clock = minute.time().seconds();
        let message = socket.json().await;
        if (clock + 60) % 300 == 0 {
            assert_eq!(message["type"], "replay_delta");
            shown += 300;
            assert_eq!(message["to_time"], shown);
        } else {
            assert_eq!(message["type"], "replay_forming");
            assert_eq!(message["clock_time"], clock);
            assert_eq!(message["candle"]["candle_time"], shown + 300);
            assert_eq!(message["candle"]["close"], wire(minute)["close"]);
        }
    }
    assert!(shown + 300 <= clock + 60);
    server.stop().await;
}
