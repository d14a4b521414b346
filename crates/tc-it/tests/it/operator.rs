//! What an operator does when a series looks wrong: repair its drawings, rebuild it.

use serde_json::{Value, json};

use crate::{
    bad_input::assert_error,
    candles::{BTC, GLD, flat_minutes, minutes, wires},
    site::{Answer, Publish, Site, TestServer},
    socket::Socket,
};

const REPAIR: &str = "/api/dev/repair/overlay";
const REBUILD: &str = "/api/dev/rebuild";
const COUNT: usize = 1_200;

/// A site whose store holds real minutes, and the times of some of them.
async fn filled() -> (Site, TestServer, Vec<i64>) {
    let candles = minutes(BTC);
    let site = Site::new();
    let server = site.start().await;
    server
        .ingest_batch(BTC, &wires(&candles[..COUNT]), Publish::No)
        .await;
    let times = [0, 300, 700, COUNT - 2, COUNT - 1].map(|n| candles[n].time().seconds());
    (site, server, times.to_vec())
}

async fn answers(server: &TestServer, times: &[i64]) -> Vec<Value> {
    let mut answers = vec![server.draw_delta(BTC, 0).await];
    for time in times {
        let at_time = time.to_string();
        let query = [("series_id", BTC), ("at_time", &at_time)];
        answers.push(server.get("/api/draw/delta", &query).await.ok());
        let mut slices = server.slices(BTC, *time).await;
        for slice in slices["snapshots"].as_object_mut().unwrap().values_mut() {
            slice["meta"]["epoch"].take();
        }
        answers.push(slices);
    }
    answers
}

async fn follower(server: &TestServer, newest: i64, epoch: i64) -> Socket {
    let mut socket = Socket::market(server.address()).await;
    let subscribe =
        json!({ "type": "subscribe", "series_id": BTC, "since": newest, "supports_draw_head": true });
    socket.send(&subscribe).await;
    socket.expect(&[draw_head(newest, epoch)]).await;
    socket
}

fn draw_head(time: i64, epoch: i64) -> Value {
    json!({
        "type": "draw_head", "series_id": BTC, "to_candle_time": time, "version_id": time, "epoch": epoch,
    })
}

async fn delta(server: &TestServer) -> Answer {
    let query = [("series_id", BTC), ("cursor_version_id", "0")];
    server.get("/api/draw/delta", &query).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repair_makes_damaged_drawings_again() {
    let (site, server, times) = filled().await;
    let healthy = answers(&server, &times).await;
    let rows = site.stored_rows();
    server.stop().await;
    let newest = times[times.len() - 1];
    assert!(site.damage("DELETE FROM overlay_rows WHERE version % 120 = 0") > 10);

    let server = site.start().await;
    let mut socket = follower(&server, newest, 0).await;
    assert_error(
        &delta(&server).await,
        409,
        "ledger_out_of_sync:overlay",
        "damaged",
    );
    let asked = times[1] + 59;
    let repaired = server
        .post(REPAIR, &json!({ "series_id": BTC, "to_time": asked }))
        .await
        .ok();
    assert_eq!(
        repaired,
        json!({
            "ok": true, "series_id": BTC, "requested_time": asked, "aligned_time": times[1],
            "factor_head_time": newest, "overlay_head_time": newest, "refreshed": true,
            "steps": repaired["steps"],
        })
    );
    let steps: Vec<&str> = repaired["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(
        steps.ends_with(&["overlay.reset_series", "overlay.ingest_closed"]),
        "{steps:?}"
    );
    socket.expect(&[draw_head(newest, 0)]).await;
    assert_eq!(answers(&server, &times).await, healthy);
    assert_eq!(site.stored_rows(), rows);
    // A client that held drawings from before the repair is sent all of them.
    let old_cursor = server.draw_delta(BTC, times[2]).await;
    assert_eq!(
        old_cursor["instruction_catalog_patch"],
        healthy[0]["instruction_catalog_patch"]
    );
    socket.settle().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_makes_everything_again() {
    let (site, server, times) = filled().await;
    let healthy = answers(&server, &times).await;
    let rows = site.stored_rows();
    server.stop().await;
    let newest = times[times.len() - 1];
    assert!(site.damage("DELETE FROM factor_events WHERE ord = 0 AND visible_time % 120 = 0") > 10);
    assert!(site.damage("DELETE FROM factor_checkpoints") > 0);

    let server = site.start().await;
    let mut socket = follower(&server, newest, 0).await;
    assert_ne!(delta(&server).await.status, 200, "the damage shows");
    for epoch in [1, 2] {
        let rebuilt = server.post(REBUILD, &json!({ "series_id": BTC })).await.ok();
        assert_eq!(
            rebuilt,
            json!({
                "ok": true, "series_id": BTC, "candles": COUNT, "replaced": 0, "added": 0,
                "head_time": newest, "epoch": epoch,
            })
        );
        let system = socket.json().await;
        assert_eq!(
            (&system["event"], &system["data"]),
            (&json!("factor.rebuild"), &json!({ "series_id": BTC }))
        );
        socket.expect(&[draw_head(newest, epoch)]).await;
        assert_eq!(answers(&server, &times).await, healthy);
        assert_eq!(site.stored_rows(), rows, "all candles are kept");
        assert_eq!(server.series_row(BTC).await["epoch"], epoch);
    }
    socket.settle().await;
    server.stop().await;
    let server = site.start().await;
    assert_eq!(answers(&server, &times).await, healthy);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_done_says_why_and_changes_nothing() {
    let site = Site::new();
    let server = site.start().await;
    for path in [REPAIR, REBUILD] {
        let body = json!({ "series_id": GLD });
        assert_error(&server.post(path, &body).await, 404, "no_data", path);
        assert_error(
            &server.post(path, &json!({ "series_id": "bogus" })).await,
            400,
            "invalid_series_id",
            path,
        );
    }
    assert!(site.stored_rows().values().all(|rows| *rows == 0));
    let first = 1_700_000_040;
    server
        .ingest_batch(GLD, &flat_minutes(first, 30), Publish::No)
        .await;
    let before = json!({ "series_id": GLD, "to_time": first - 1 });
    assert_error(
        &server.post(REPAIR, &before).await,
        404,
        "no_data",
        "before the first",
    );
    for (path, body, kind, field) in [
        (
            REPAIR,
            json!({ "series_id": GLD, "to_time": -1 }),
            "greater_than_equal",
            "to_time",
        ),
        (
            REPAIR,
            json!({ "series_id": GLD, "to_time": 1.5 }),
            "int_from_float",
            "to_time",
        ),
        (
            REBUILD,
            json!({ "series_id": GLD, "source": "disk" }),
            "literal_error",
            "source",
        ),
        (
            REBUILD,
            json!({ "series_id": GLD, "source": null }),
            "literal_error",
            "source",
        ),
        (REBUILD, json!({ "source": "stored" }), "missing", "series_id"),
    ] {
        let answer = server.post(path, &body).await;
        let violation = &answer.body()["detail"][0];
        assert_eq!(
            (answer.status, &violation["type"], &violation["loc"]),
            (422, &json!(kind), &json!(["body", field])),
            "{body}"
        );
    }
    let answer = server
        .post(REBUILD, &json!({ "series_id": GLD, "source": "exchange" }))
        .await;
    let detail = answer.body()["detail"].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        (answer.status, &answer.body()["code"]),
        (502, &json!("market.upstream_error"))
    );
    assert!(
        detail.starts_with("upstream_error:") && detail.contains("exchange"),
        "{detail}"
    );
    assert_eq!(server.series_row(GLD).await["epoch"], 0);
    let unasked = server
        .post(REPAIR, &json!({ "series_id": GLD, "to_time": null }))
        .await
        .ok();
    let head = first + 29 * 60;
    assert_eq!(
        (&unasked["requested_time"], &unasked["aligned_time"]),
        (&json!(head), &json!(head))
    );
    server.stop().await;

    for (switch, ledger) in [
        ("ENABLE_FACTOR_INGEST", "ledger_out_of_sync:factor"),
        ("ENABLE_OVERLAY_INGEST", "ledger_out_of_sync:overlay"),
    ] {
        let site = Site::new().with(switch, "0");
        let server = site.start().await;
        server
            .ingest_batch(GLD, &flat_minutes(first, 30), Publish::No)
            .await;
        let answer = server.post(REPAIR, &json!({ "series_id": GLD })).await;
        assert_error(&answer, 409, ledger, switch);
        assert!(
            answer.body()["code"]
                .as_str()
                .unwrap()
                .starts_with("read_repair."),
            "{switch}"
        );
        let rebuilt = server.post(REBUILD, &json!({ "series_id": GLD })).await;
        if switch == "ENABLE_FACTOR_INGEST" {
            let detail = format!("ingest_pipeline_failed:factor.ingest_closed:{GLD}");
            assert_error(&rebuilt, 500, &detail, switch);
            assert_eq!(server.series_row(GLD).await["epoch"], 0);
        } else {
            assert_eq!(rebuilt.ok()["epoch"], 1);
        }
        server.stop().await;
    }
}

/// The REST interface of an exchange that has one candle more and one that is different.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_takes_the_candles_of_the_exchange() {
    let row = |n: i64, close: &str| {
        let open_ms = (1_700_000_040 + 60 * n) * 1_000;
        json!([
            open_ms,
            "1.0",
            "2.0",
            "0.5",
            close,
            "3.0",
            open_ms + 59_999,
            "4.5",
            7,
            "1",
            "1",
            "0"
        ])
    };
    let rows: Vec<Value> = (0..10)
        .map(|n| row(n, if n == 4 { "1.75" } else { "1.5" }))
        .collect();
    let answers = [("/futures/fapi/v1/klines".to_owned(), json!(rows))];
    let upstream = crate::upstream::start(answers.into_iter().collect()).await;
    let site = Site::new()
        .with("ENABLE_CCXT_BACKFILL", "1")
        .with("BINANCE_FUTURES_BASE_URL", &format!("{upstream}/futures"));
    let server = site.start().await;
    let mut candles = flat_minutes(1_700_000_040, 10);
    let missing = candles.remove(7);
    server.ingest_batch(GLD, &candles, Publish::No).await;
    let rebuilt = server
        .post(REBUILD, &json!({ "series_id": GLD, "source": "exchange" }))
        .await
        .ok();
    assert_eq!(
        rebuilt,
        json!({
            "ok": true, "series_id": GLD, "candles": 10, "replaced": 1, "added": 1,
            "head_time": 1_700_000_040 + 9 * 60, "epoch": 1,
        })
    );
    let page = server.candles(GLD, &[]).await;
    candles.insert(7, missing);
    candles[4]["close"] = json!(1.75);
    assert_eq!(page["candles"], json!(candles));
    server.stop().await;
}
