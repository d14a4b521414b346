//! World frames, polls, slices on a diet and pages of events: the same facts, in whatever way they are asked for.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    bad_input::assert_error,
    candles::{BTC, minutes, wire, wires},
    site::{Publish, Site, TestServer},
    socket::Socket,
};

/// A server with the first 700 minutes, and the times of these and a few more.
async fn server() -> (TestServer, Vec<i64>) {
    let candles = minutes(BTC);
    let server = Site::new().start().await;
    server
        .ingest_batch(BTC, &wires(&candles[..700]), Publish::No)
        .await;
    (
        server,
        candles.iter().map(|candle| candle.time().seconds()).collect(),
    )
}

async fn get(server: &TestServer, path: &str, further: &[(&str, &str)]) -> Value {
    let mut query = vec![("series_id", BTC)];
    query.extend(further);
    server.get(path, &query).await.ok()
}

async fn delta(server: &TestServer, cursor: i64, at: i64, window: &str) -> Value {
    let (cursor, at) = (cursor.to_string(), at.to_string());
    let query = [
        ("cursor_version_id", cursor.as_str()),
        ("at_time", &at),
        ("window_candles", window),
    ];
    get(server, "/api/draw/delta", &query).await
}

async fn slices(server: &TestServer, at: i64, further: &[(&str, &str)]) -> Value {
    let at = at.to_string();
    let mut query = vec![("at_time", at.as_str())];
    query.extend(further);
    get(server, "/api/factor/slices", &query).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_is_slices_and_drawing_of_one_candle() {
    let (server, times) = server().await;
    for window in ["60", "2000", "5000"] {
        for (at, aligned) in [
            (None, times[699]),
            (Some(times[350] + 59), times[350]),
            (Some(times[3]), times[3]),
        ] {
            let text = at.unwrap_or_default().to_string();
            let frame = match at {
                None => get(&server, "/api/frame/live", &[("window_candles", window)]).await,
                Some(_) => {
                    let query = [("window_candles", window), ("at_time", &text)];
                    get(&server, "/api/frame/at_time", &query).await
                }
            };
            let expected = json!({
                "schema_version": 1,
                "series_id": BTC,
                "time": {
                    "at_time": at.unwrap_or(aligned), "aligned_time": aligned, "candle_id": format!("{BTC}:{aligned}"),
                },
                "factor_slices": slices(&server, aligned, &[("window_candles", window)]).await,
                "draw_state": delta(&server, 0, aligned, window).await,
            });
            assert_eq!(frame, expected, "{at:?} {window}");
        }
    }
    let future = get(&server, "/api/frame/at_time", &[("at_time", "9000000000")]).await;
    assert_eq!(future["time"]["at_time"], 9_000_000_000_i64);
    assert_eq!(future["time"]["aligned_time"], times[699]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_that_cannot_be_answered() {
    let candles = minutes(BTC);
    let cases = [
        ("ENABLE_KLINE_HEALTH_V2", (200, Value::Null), (200, Value::Null)),
        (
            "ENABLE_OVERLAY_INGEST",
            (404, json!("no_overlay")),
            (409, json!("ledger_out_of_sync:overlay")),
        ),
        (
            "ENABLE_FACTOR_INGEST",
            (404, json!("no_overlay")),
            (409, json!("ledger_out_of_sync:factor")),
        ),
    ];
    for (switch, live, past) in cases {
        let server = Site::new().with(switch, "0").start().await;
        let series = ("series_id", BTC);
        let at = |n: usize| candles[n].time().seconds().to_string();
        let missing = server.get("/api/frame/live", &[series]).await;
        assert_error(&missing, 404, "no_data", "live");
        assert_eq!(missing.body()["code"], "world_read.no_data");
        let poll = get(&server, "/api/delta/poll", &[("after_id", "7")]).await;
        let nothing =
            json!({ "schema_version": 1, "series_id": BTC, "records": [], "next_cursor": { "id": 7 } });
        assert_eq!(poll, nothing);
        server
            .ingest_batch(BTC, &wires(&candles[10..50]), Publish::No)
            .await;
        let early = server
            .get("/api/frame/at_time", &[series, ("at_time", &at(9))])
            .await;
        assert_error(&early, 404, "no_data", "at_time");
        let found = |answer: crate::site::Answer| (answer.status, answer.body()["detail"].clone());
        assert_eq!(
            found(server.get("/api/frame/live", &[series]).await),
            live,
            "{switch}"
        );
        let then = server
            .get("/api/frame/at_time", &[series, ("at_time", &at(30))])
            .await;
        assert_eq!(found(then), past, "{switch}");
        if live.0 == 404 {
            let poll = server.get("/api/delta/poll", &[series]).await;
            assert_error(
                &poll,
                409,
                "ledger_out_of_sync:overlay",
                "drawings are asked first",
            );
        }
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poll_goes_on_from_any_candle() {
    let (server, times) = server().await;
    let newest = times[699];
    for after in [0, 1, times[0], times[100] + 30, times[650], times[698]] {
        let poll = get(&server, "/api/delta/poll", &[("after_id", &after.to_string())]).await;
        let record = json!({
            "id": newest,
            "series_id": BTC,
            "to_candle_id": format!("{BTC}:{newest}"),
            "to_candle_time": newest,
            "draw_delta": delta(&server, after, newest, "2000").await,
            "factor_slices": slices(&server, newest, &[]).await,
        });
        let expected = json!({
            "schema_version": 1, "series_id": BTC, "records": [record], "next_cursor": { "id": newest },
        });
        assert_eq!(poll, expected, "after {after}");
    }
    for after in [newest, newest + 60] {
        let poll = get(&server, "/api/delta/poll", &[("after_id", &after.to_string())]).await;
        assert_eq!(
            (&poll["records"], &poll["next_cursor"]["id"]),
            (&json!([]), &json!(after))
        );
    }
    server.stop().await;
}

/// A client that begins with a frame and follows the notices shows what a new client would.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_follows_the_notices() {
    let candles = minutes(BTC);
    let (server, times) = server().await;
    let apply = |items: &mut BTreeMap<String, Value>, delta: &Value| {
        for item in delta["instruction_catalog_patch"].as_array().unwrap() {
            items.insert(item["instruction_id"].as_str().unwrap().to_owned(), item.clone());
        }
        let active = delta["active_ids"].as_array().unwrap();
        items.retain(|id, _| active.contains(&json!(id)));
    };
    let mut items = BTreeMap::new();
    let frame = get(&server, "/api/frame/live", &[]).await;
    apply(&mut items, &frame["draw_state"]);
    let mut cursor = frame["draw_state"]["next_cursor"]["version_id"].clone();
    let mut socket = Socket::market(server.address()).await;
    socket
        .send(&json!({ "type": "subscribe", "series_id": BTC, "since": times[699], "supports_draw_head": true }))
        .await;
    assert_eq!(socket.json().await["type"], "draw_head");
    for candle in &candles[700..760] {
        server.ingest(BTC, &wire(candle)).await;
        assert_eq!(socket.json().await["type"], "candle_closed");
        let head = socket.json().await;
        assert_eq!(head["to_candle_time"], candle.time().seconds());
        let poll = get(&server, "/api/delta/poll", &[("after_id", &cursor.to_string())]).await;
        let record = &poll["records"][0];
        assert_eq!(record["id"], head["version_id"]);
        apply(&mut items, &record["draw_delta"]);
        cursor = poll["next_cursor"]["id"].clone();
        let mut fresh = BTreeMap::new();
        let frame = get(&server, "/api/frame/live", &[]).await;
        apply(&mut fresh, &frame["draw_state"]);
        assert_eq!(items, fresh, "at {}", candle.time());
        assert_eq!(record["factor_slices"], frame["factor_slices"]);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slices_on_a_diet() {
    let (server, times) = server().await;
    for at in [times[699], times[300]] {
        let all = slices(&server, at, &[]).await;
        let names: Vec<String> = all["factors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect();
        assert!(names.len() > 1, "{names:?}");
        for (part, empty) in [
            ("all", None),
            ("head", Some("history")),
            ("history", Some("head")),
        ] {
            for wanted in [
                names.clone(),
                names[..1].to_vec(),
                names[1..].iter().rev().cloned().collect(),
            ] {
                let mut expected = all.clone();
                expected["factors"] = names
                    .iter()
                    .filter(|name| wanted.contains(name))
                    .cloned()
                    .collect();
                let snapshots = expected["snapshots"].as_object_mut().unwrap();
                snapshots.retain(|name, _| wanted.contains(name));
                for slice in snapshots.values_mut() {
                    if let Some(empty) = empty {
                        slice[empty] = json!({});
                    }
                }
                let factors = wanted.join(",");
                let query = [("factors", factors.as_str()), ("part", part)];
                assert_eq!(slices(&server, at, &query).await, expected, "{factors} {part}");
                let at = at.to_string();
                let query = [query[0], query[1], ("at_time", &at)];
                let frame = get(&server, "/api/frame/at_time", &query).await;
                assert_eq!(frame["factor_slices"], expected, "{factors} {part}");
                assert_eq!(
                    frame["draw_state"],
                    delta(&server, 0, at.parse().unwrap(), "2000").await
                );
            }
        }
    }
    let live = get(
        &server,
        "/api/frame/live",
        &[("factors", "pen"), ("part", "head")],
    )
    .await;
    assert_eq!(
        live["factor_slices"],
        slices(&server, times[699], &[("factors", "pen"), ("part", "head")]).await
    );
    server.stop().await;
}

/// Pages until there are no more; each is checked against the rules of a page.
async fn page_through(
    server: &TestServer,
    limit: usize,
    order: &str,
    further: &[(&str, &str)],
) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    let mut bound = None;
    loop {
        let (limit_text, bound_text) = (limit.to_string(), bound.unwrap_or(0_i64).to_string());
        let mut query = vec![("limit", limit_text.as_str()), ("order", order)];
        query.extend(further);
        if bound.is_some() {
            query.push((if order == "asc" { "from_time" } else { "to_time" }, &bound_text));
        }
        let page = get(server, "/api/factor/events", &query).await;
        assert_eq!(
            (&page["schema_version"], &page["series_id"]),
            (&json!(1), &json!(BTC))
        );
        let events = page["events"].as_array().unwrap();
        let new: Vec<Value> = events
            .iter()
            .filter(|event| !all.iter().any(|seen| seen["id"] == event["id"]))
            .cloned()
            .collect();
        let last = events.last().map(|event| event["candle_time"].as_i64().unwrap());
        // Without the rest of its last candle a page is no longer than the limit.
        if let (Some(last), true) = (last, events.len() > limit) {
            assert!(events.iter().filter(|event| event["candle_time"] != last).count() < limit);
        }
        let more = page["more"] == true;
        assert!(!new.is_empty() || !more, "a page brings something new");
        all.extend(new);
        if !more {
            return all;
        }
        // A page of one candle alone brings nothing new when it is asked for again.
        bound = last.map(|last| {
            if limit > 4 {
                last
            } else if order == "asc" {
                last + 1
            } else {
                last - 1
            }
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_page_by_page() {
    let (server, times) = server().await;
    let all = get(&server, "/api/factor/events", &[("limit", "5000")]).await;
    assert_eq!((&all["more"], &all["epoch"]), (&json!(false), &json!(0)));
    let all = all["events"].as_array().unwrap().clone();
    assert!(all.len() > 100, "{}", all.len());
    assert!(all.is_sorted_by(|a, b| a["id"].as_i64() < b["id"].as_i64()));
    let reversed: Vec<Value> = all.iter().rev().cloned().collect();
    for limit in [1, 2, 7, 100] {
        assert_eq!(page_through(&server, limit, "asc", &[]).await, all, "{limit}");
        assert_eq!(
            page_through(&server, limit, "desc", &[]).await,
            reversed,
            "{limit}"
        );
    }
    // Kinds, and what is told.
    let of_kinds = |kinds: &[&str]| -> Vec<Value> {
        let wanted = |event: &&Value| kinds.contains(&event["kind"].as_str().unwrap());
        all.iter().filter(wanted).cloned().collect()
    };
    for kinds in [&["pen.confirmed"][..], &["pivot.major", "pen.confirmed"]] {
        let text = kinds.join(",");
        let found = page_through(&server, 5, "asc", &[("kinds", &text)]).await;
        assert_eq!(found, of_kinds(kinds), "{text}");
        assert!(!found.is_empty());
        let mut bare = found;
        for event in &mut bare {
            let fields = event.as_object_mut().unwrap();
            assert!(
                fields
                    .remove("payload")
                    .is_some_and(|payload| payload.is_object())
            );
            assert!(fields.remove("event_key").is_some_and(|key| key.is_string()));
        }
        let query = [("kinds", text.as_str()), ("fields", "time")];
        assert_eq!(page_through(&server, 5, "asc", &query).await, bare, "{text}");
    }
    // Bounds are inclusive; the same payloads as in a slice.
    let (from, to) = (times[200].to_string(), times[400].to_string());
    let query = [
        ("from_time", from.as_str()),
        ("to_time", to.as_str()),
        ("limit", "5000"),
    ];
    let inside = get(&server, "/api/factor/events", &query).await;
    let expected: Vec<&Value> = all
        .iter()
        .filter(|event| (times[200]..=times[400]).contains(&event["candle_time"].as_i64().unwrap()))
        .collect();
    assert_eq!(inside["events"], json!(expected));
    let slice = slices(
        &server,
        times[699],
        &[("window_candles", "5000"), ("factors", "pen")],
    )
    .await;
    let payloads: Vec<Value> = of_kinds(&["pen.confirmed"])
        .iter()
        .map(|event| event["payload"].clone())
        .collect();
    assert_eq!(slice["snapshots"]["pen"]["history"]["confirmed"], json!(payloads));
    // Nothing stored, or nothing so early.
    let other = [("series_id", "binance:spot:NO/ONE:1m")];
    let nothing = server.get("/api/factor/events", &other).await.ok();
    assert_eq!(
        (&nothing["events"], &nothing["more"]),
        (&json!([]), &json!(false))
    );
    let early = get(&server, "/api/factor/events", &[("to_time", "60")]).await;
    assert_eq!(early["events"], json!([]));
    server.stop().await;

    let server = Site::new().with("ENABLE_FACTOR_INGEST", "0").start().await;
    let candles = minutes(BTC);
    server
        .ingest_batch(BTC, &wires(&candles[..50]), Publish::No)
        .await;
    let behind = server.get("/api/factor/events", &[("series_id", BTC)]).await;
    assert_error(&behind, 409, "ledger_out_of_sync:factor", "events");
    server.stop().await;
}
