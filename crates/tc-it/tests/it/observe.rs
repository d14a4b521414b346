//! What a server tells about itself: debug events and metrics.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    bad_input::assert_error,
    candles::{GLD, flat, flat_minutes},
    site::{Publish, Site, TestServer, eventually},
    socket::Socket,
};

const FIRST: i64 = 1_700_000_040;

async fn watch(server: &TestServer) -> (Socket, Vec<Value>) {
    let mut socket = Socket::open(server.address(), "/ws/debug").await.unwrap();
    let kept = snapshot(&mut socket).await;
    (socket, kept)
}

async fn snapshot(socket: &mut Socket) -> Vec<Value> {
    let frame = socket.json().await;
    assert_eq!(frame["type"], "debug_snapshot");
    frame["events"].as_array().unwrap().clone()
}

/// The next events, each as code and data.
async fn events(socket: &mut Socket, count: usize) -> Vec<(String, Value)> {
    let mut events = Vec::new();
    let mut before_ms = 0;
    for _ in 0..count {
        let frame = socket.json().await;
        assert_eq!(frame["type"], "debug_event");
        let event = &frame["event"];
        let ts_ms = event["ts_ms"].as_i64().unwrap();
        assert!(ts_ms >= before_ms);
        before_ms = ts_ms;
        let code = event["event"].as_str().unwrap();
        assert_eq!(event["source"], "backend");
        assert_eq!(
            event["pipe"],
            if code.starts_with("read.") {
                "read"
            } else {
                "write"
            }
        );
        assert_eq!(event["series_id"], GLD);
        assert!(!event["message"].as_str().unwrap().is_empty());
        events.push((code.to_owned(), event["data"].clone()));
    }
    events
}

fn codes(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(code, _)| code.as_str()).collect()
}

const SINGLE: [&str; 4] = [
    "write.http.ingest_candle_closed_start",
    "write.factor.ingest_done",
    "write.overlay.ingest_done",
    "write.http.ingest_candle_closed_done",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_write_path_tells_what_it_does() {
    let site = Site::new();
    let server = site.start().await;
    let (mut socket, kept) = watch(&server).await;
    assert_eq!(kept, [] as [Value; 0]);

    server.ingest(GLD, &flat(FIRST)).await;
    let told = events(&mut socket, 4).await;
    assert_eq!(codes(&told), SINGLE);
    assert_eq!(told[0].1, json!({ "candle_time": FIRST }));
    assert_eq!(
        (
            &told[1].1["up_to_candle_time"],
            &told[1].1["candles_read"],
            &told[1].1["events_planned"]
        ),
        (&json!(FIRST), &json!(1), &json!(0))
    );
    assert_eq!(
        (&told[2].1["up_to_candle_time"], &told[2].1["rows_written"]),
        (&json!(FIRST), &json!(0))
    );
    let done = &told[3].1;
    assert_eq!(
        (&done["candle_time"], &done["factor_rebuilt"]),
        (&json!(FIRST), &json!(false))
    );
    assert!(
        done["duration_ms"].is_u64() && done["steps"][0]["ok"] == true,
        "{done}"
    );

    server
        .ingest_batch(GLD, &flat_minutes(FIRST + 120, 5), Publish::No)
        .await;
    let told = events(&mut socket, 5).await;
    assert_eq!(
        (codes(&told)[0], codes(&told)[3], codes(&told)[4]),
        (
            "write.http.ingest_candles_closed_batch_start",
            "write.market.gap_opened",
            "write.http.ingest_candles_closed_batch_done"
        )
    );
    assert_eq!(
        told[3].1,
        json!({ "from_time": FIRST + 60, "to_time": FIRST + 60, "missing_candles": 1, "cause": "ingest" })
    );
    assert_eq!(told[4].1["count"], 5);

    // An equal candle again: nothing is folded, so nothing is told of folding.
    server.ingest(GLD, &flat(FIRST)).await;
    assert_eq!(codes(&events(&mut socket, 2).await), [SINGLE[0], SINGLE[3]]);

    // A late one, then a corrected one.
    server.ingest(GLD, &flat(FIRST + 60)).await;
    let told = events(&mut socket, 6).await;
    assert_eq!(codes(&told)[1], "factor.late_candle.rebuild");
    assert_eq!(
        (codes(&told)[4], &told[4].1["healed_from"]),
        ("write.market.gap_healed", &json!("ingest"))
    );
    let rebuild = json!({ "epoch": 1, "from_time": FIRST + 60, "candles": 6, "reason": "late_candle" });
    assert_eq!(told[1].1, rebuild);
    let mut corrected = flat(FIRST + 180);
    corrected["volume"] = json!(4.0);
    server.ingest(GLD, &corrected).await;
    let told = events(&mut socket, 6).await;
    assert_eq!(
        codes(&told)[1..3],
        ["write.market.candle_corrected", "factor.late_candle.rebuild"]
    );
    assert_eq!(
        told[1].1,
        json!({ "candle_time": FIRST + 180, "source": "ingest", "candles": 1 })
    );
    assert_eq!(told[2].1["reason"], "corrected_candle");

    server
        .post("/api/dev/rebuild", &json!({ "series_id": GLD }))
        .await
        .ok();
    let told = events(&mut socket, 3).await;
    assert_eq!(codes(&told), ["factor.operator.rebuild", SINGLE[1], SINGLE[2]]);
    server
        .post("/api/dev/repair/overlay", &json!({ "series_id": GLD }))
        .await
        .ok();
    let told = events(&mut socket, 2).await;
    assert_eq!(codes(&told), [SINGLE[2], "read.http.overlay_repair"]);
    server.stop().await;

    // Other settings, other fingerprint.
    let site = site.with("PIVOT_WINDOW_MAJOR", "4");
    let server = site.start().await;
    let (mut socket, kept) = watch(&server).await;
    assert_eq!(kept.len(), 0, "events do not outlive the process");
    server.ingest(GLD, &flat(FIRST + 480)).await;
    let told = events(&mut socket, 5).await;
    assert_eq!(codes(&told)[1], "factor.fingerprint.rebuild");
    let data = &told[1].1;
    assert_eq!(data["fingerprint"].as_str().unwrap().len(), 64);
    assert_eq!(
        (&data["series_id"], &data["keep_candles"], &data["trimmed_rows"]),
        (&json!(GLD), &Value::Null, &json!(0))
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_tell_what_they_answer() {
    let site = Site::new();
    let server = site.start().await;
    let (mut socket, _) = watch(&server).await;
    server.candles(GLD, &[]).await;
    server
        .ingest_batch(GLD, &flat_minutes(FIRST, 10), Publish::No)
        .await;
    assert_eq!(
        events(&mut socket, 4).await.len(),
        4,
        "an empty page is not told of"
    );
    let head = FIRST + 9 * 60;
    server.candles(GLD, &[("limit", "3")]).await;
    let told = events(&mut socket, 1).await;
    assert_eq!(
        told[0],
        (
            "read.http.market_candles".to_owned(),
            json!({ "since": null, "limit": 3, "count": 3, "last_time": head, "server_head_time": head })
        )
    );
    server.draw_delta(GLD, 0).await;
    let told = events(&mut socket, 1).await;
    assert_eq!(codes(&told), ["read.http.draw_delta"]);
    assert_eq!(
        (&told[0].1["cursor_version_id"], &told[0].1["next_version_id"]),
        (&json!(0), &json!(head))
    );
    // Nothing new, nothing told: the next event is that of another read.
    server.draw_delta(GLD, head).await;
    server.candles(GLD, &[]).await;
    assert_eq!(codes(&events(&mut socket, 1).await), ["read.http.market_candles"]);

    // What a client says is ignored, unless it asks for what is kept.
    for nonsense in [
        Message::text("x"),
        Message::text("{\"type\":\"ping\"}"),
        Message::binary(vec![1]),
    ] {
        socket.send_message(nonsense).await;
    }
    socket.send(&json!({ "type": "subscribe" })).await;
    assert_eq!(snapshot(&mut socket).await.len(), 7);
    socket.close().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_and_polls_tell_which_candle_they_are_of() {
    let site = Site::new();
    let server = site.start().await;
    server
        .ingest_batch(GLD, &flat_minutes(FIRST, 10), Publish::No)
        .await;
    let (mut socket, kept) = watch(&server).await;
    assert_eq!(kept.len(), 4);
    let head = FIRST + 9 * 60;
    let ask = async |path: &str, name: &str, value: i64| {
        let value = value.to_string();
        let query = [("series_id", GLD), (name, value.as_str())];
        server.get(path, &query).await.ok();
    };
    ask("/api/frame/live", "window_candles", 100).await;
    ask("/api/frame/at_time", "at_time", FIRST + 61).await;
    ask("/api/delta/poll", "after_id", FIRST).await;
    // Nothing newer, nothing told.
    ask("/api/delta/poll", "after_id", head).await;
    ask("/api/frame/live", "window_candles", 100).await;
    let told = events(&mut socket, 4).await;
    assert_eq!(
        codes(&told),
        [
            "read.http.world_frame_live",
            "read.http.world_frame_at_time",
            "read.http.world_delta_poll",
            "read.http.world_frame_live"
        ]
    );
    assert_eq!(told[0].1["aligned_time"], head);
    assert_eq!(
        (&told[1].1["at_time"], &told[1].1["aligned_time"]),
        (&json!(FIRST + 61), &json!(FIRST + 60))
    );
    assert_eq!(
        (&told[2].1["after_id"], &told[2].1["to_candle_time"]),
        (&json!(FIRST), &json!(head))
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_drawings_are_told_of_by_name() {
    let site = Site::new();
    let server = site.start().await;
    let candles = crate::candles::minutes(crate::candles::BTC);
    let wires = crate::candles::wires(&candles[..300]);
    server.ingest_batch(GLD, &wires, Publish::No).await;
    server.stop().await;
    let gone = site.damage("DELETE FROM overlay_rows WHERE version % 180 = 0");
    assert!(gone > 0);
    let server = site.start().await;
    let (mut socket, _) = watch(&server).await;
    let query = [("series_id", GLD), ("cursor_version_id", "0")];
    assert_eq!(server.get("/api/draw/delta", &query).await.status, 409);
    let told = events(&mut socket, 1).await;
    assert_eq!(codes(&told), ["read.http.draw_delta.overlay_out_of_sync"]);
    let data = &told[0].1;
    assert_eq!(
        (&data["series_id"], &data["to"]),
        (&json!(GLD), &json!(candles[299].time().seconds()))
    );
    assert_eq!(data["missing"]["count"], gone);
    assert!(
        data["missing"]["ids"][0].as_str().unwrap().starts_with("pivot."),
        "{data}"
    );
    assert_eq!(data["bogus"], json!({ "count": 0, "ids": [] }));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watchers_count_as_sockets_and_leave_with_the_server() {
    let server = Site::new().with("MARKET_WS_MAX_CONNECTIONS", "2").start().await;
    let (mut first, _) = watch(&server).await;
    let mut second = Socket::market(server.address()).await;
    assert_eq!(Socket::open(server.address(), "/ws/debug").await.err(), Some(503));
    second.close().await;
    let address = server.address();
    let (mut third, _) = eventually("a place for another socket", async || {
        let mut socket = Socket::open(address, "/ws/debug").await.ok()?;
        let kept = snapshot(&mut socket).await;
        Some((socket, kept))
    })
    .await;
    let stopping = tokio::spawn(server.stop());
    for socket in [&mut first, &mut third] {
        socket.expect_close(1001, "server_shutdown").await;
    }
    stopping.await.unwrap();
}

/// The value of a key that starts like this.
fn value(kind: &Value, key: &str) -> f64 {
    kind[key]
        .as_f64()
        .unwrap_or_else(|| panic!("{key} is not in {kind:#}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_as_numbers_and_as_text() {
    let site = Site::new();
    let server = site.start_with_metrics().await;
    let mut socket = Socket::market(server.address()).await;
    socket
        .send(&json!({ "type": "subscribe", "series_id": GLD }))
        .await;
    socket.settle().await;
    server.ingest(GLD, &flat(FIRST)).await;
    server
        .ingest_batch(GLD, &flat_minutes(FIRST + 120, 5), Publish::No)
        .await;
    server.ingest(GLD, &flat(FIRST + 60)).await;
    server.ingest(GLD, &flat(FIRST + 60)).await;
    let mut corrected = flat(FIRST);
    corrected["volume"] = json!(4.0);
    server.ingest(GLD, &corrected).await;
    server
        .post("/api/dev/rebuild", &json!({ "series_id": GLD }))
        .await
        .ok();
    server.candles(GLD, &[]).await;

    let measured = server.get("/api/market/debug/metrics", &[]).await.ok();
    assert_eq!(measured["enabled"], true);
    assert!(measured["updated_at_ms"].as_i64().unwrap() > 1_700_000_000_000);
    let counters = &measured["counters"];
    for (key, least) in [
        ("market_ingest_closed_requests_total{result=ok}", 4.0),
        ("market_ingest_closed_batch_requests_total{result=ok}", 1.0),
        ("market_ingest_jobs_total{result=ok,source=ingest}", 5.0),
        ("market_ingest_jobs_total{result=ok,source=operator}", 1.0),
        ("market_ingest_candles_total{kind=new}", 6.0),
        ("market_ingest_candles_total{kind=late}", 1.0),
        ("market_ingest_candles_total{kind=corrected}", 1.0),
        ("market_ingest_candles_total{kind=equal}", 1.0),
        ("market_ingest_rebuilds_total{reason=late_candle}", 1.0),
        ("market_ingest_rebuilds_total{reason=corrected_candle}", 1.0),
        ("market_ingest_rebuilds_total{reason=operator}", 1.0),
        ("market_query_candles_requests_total{result=ok}", 1.0),
    ] {
        assert!(value(counters, key) >= least, "{key} in {counters:#}");
    }
    let key = format!("market_ingest_last_candle_time{{series_id={GLD}}}");
    #[expect(clippy::cast_precision_loss, reason = "small")]
    let first = FIRST as f64;
    assert!(value(&measured["gauges"], &key) >= first);
    for key in [
        "market_ingest_closed_duration_ms{result=ok}",
        "market_ingest_step_duration_ms{step=store.upsert_many_closed}",
        "market_ingest_step_duration_ms{step=factor.ingest_closed}",
        "market_ingest_step_duration_ms{step=overlay.ingest_closed}",
    ] {
        let timer = &measured["timers"][key];
        let (count, total, max) = (
            value(timer, "count"),
            value(timer, "total_ms"),
            value(timer, "max_ms"),
        );
        assert!(
            count >= 4.0 && total >= max && max >= value(timer, "avg_ms"),
            "{key}: {timer}"
        );
    }
    let text = server.get("/metrics", &[]).await;
    assert_eq!(
        text.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    for name in [
        "market_ingest_rebuilds_total{reason=\"operator\"}",
        "market_ingest_closed_duration_ms_count{result=\"ok\"}",
        "market_ingest_closed_duration_ms_sum{result=\"ok\"}",
    ] {
        assert!(text.text.lines().any(|line| line.starts_with(name)), "{name}");
    }
    server.stop().await;

    let server = Site::new()
        .with("ENABLE_DEBUG_API", "0")
        .start_with_metrics()
        .await;
    let answer = server.get("/api/market/debug/metrics", &[]).await;
    assert_error(&answer, 404, "not_found", "without the debug API");
    server.stop().await;
}
