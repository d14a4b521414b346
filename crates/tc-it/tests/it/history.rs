//! Candle files of a freqtrade data directory as a source of a running server.

use serde_json::{Value, json};

use crate::{
    candles::{BTC, minutes, times, wire, wires},
    datadir,
    site::{Publish, Site, TestServer, eventually},
    socket::Socket,
};

/// A server that finds the first `count` minutes of the sample in a data directory.
fn site_with_files(count: usize) -> Site {
    let site = Site::new();
    let folder = site.path("data");
    datadir::write(&folder, "BTC_USDT_USDT", "1m", &minutes(BTC)[..count]);
    site.with("MARKET_HISTORY_SOURCE", "Freqtrade")
        .with("FREQTRADE_DATADIR", folder.to_str().unwrap())
}

async fn health(server: &TestServer) -> Value {
    server.get("/api/market/health", &[("series_id", BTC)]).await.ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_read_is_empty_and_the_next_ones_are_not() {
    let site = site_with_files(200)
        .with("ENABLE_MARKET_AUTO_TAIL_BACKFILL", "1")
        .with("MARKET_AUTO_TAIL_BACKFILL_MAX_CANDLES", "50")
        .with("ENABLE_MARKET_BACKFILL_PROGRESS_PERSISTENCE", "1");
    let server = site.start().await;
    let first = server.candles(BTC, &[]).await;
    assert_eq!(
        (&first["server_head_time"], times(&first["candles"]).len()),
        (&Value::Null, 0)
    );
    let candles = eventually("the candles of the file are there", async || {
        let page = server.candles(BTC, &[]).await;
        Some(page["candles"].clone()).filter(|candles| times(candles).len() == 50)
    })
    .await;
    assert_eq!(candles, json!(wires(&minutes(BTC)[150..200])));
    let told = eventually("the backfill is over", async || {
        Some(health(&server).await).filter(|health| health["backfill"]["state"] == "succeeded")
    })
    .await;
    let backfill = &told["backfill"];
    assert_eq!(
        (&backfill["reason"], &backfill["note"], &backfill["error"]),
        (
            &json!("tail_coverage"),
            &json!("tail_coverage_partial"),
            &Value::Null
        )
    );
    assert_eq!(backfill["current_missing_seconds"], told["missing_seconds"]);
    server.stop().await;

    let server = site.start().await;
    assert_eq!(health(&server).await["backfill"]["note"], "tail_coverage_partial");
    server.stop().await;
    assert!(site.path("runtime_state/market_backfill_progress.json").is_file());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_subscription_shows_the_newest_candles_of_the_file() {
    let server = site_with_files(300).start().await;
    let mut socket = Socket::market(server.address()).await;
    let subscribe = json!({ "type": "subscribe", "series_id": BTC, "supports_batch": true });
    socket.send(&subscribe).await;
    let batch = json!({ "type": "candles_batch", "series_id": BTC, "candles": wires(&minutes(BTC)[..300]) });
    socket.expect(&[batch]).await;
    // The drawings are there as well.
    let head = minutes(BTC)[299].time().seconds();
    assert_eq!(
        server.slices(BTC, head).await["candle_id"],
        format!("{BTC}:{head}")
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hole_that_the_file_can_fill_is_never_told_of() {
    let server = site_with_files(20)
        .with("ENABLE_MARKET_GAP_BACKFILL", "1")
        .start()
        .await;
    let candles = minutes(BTC);
    server
        .ingest_batch(BTC, &wires(&candles[..10]), Publish::No)
        .await;
    let mut socket = Socket::market(server.address()).await;
    let since = candles[9].time().seconds();
    socket
        .send(&json!({ "type": "subscribe", "series_id": BTC, "since": since }))
        .await;
    socket.settle().await;
    server.ingest(BTC, &wire(&candles[12])).await;
    let closed = |n: usize| json!({ "type": "candle_closed", "series_id": BTC, "candle": wire(&candles[n]) });
    socket.expect(&[closed(10), closed(11), closed(12)]).await;
    assert_eq!(socket.json().await["event"], "factor.rebuild");
    server.stop().await;
}

/// A server whose data directory is empty, and a program in the place of freqtrade that does what `script` says.
fn site_with_program(script: &str) -> Site {
    let site = Site::new();
    let program = site.path("freqtrade");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let data = site.path("data");
    site.with("MARKET_HISTORY_SOURCE", "freqtrade")
        .with("FREQTRADE_DATADIR", data.to_str().unwrap())
        .with("FREQTRADE_BIN", program.to_str().unwrap())
        .with("ENABLE_MARKET_AUTO_TAIL_BACKFILL", "1")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missing_candles_are_downloaded_once_and_then_read_from_the_file() {
    let site = Site::new();
    let prepared = site.path("prepared");
    datadir::write(&prepared, "BTC_USDT_USDT", "1m", &minutes(BTC)[..120]);
    let runs = site.path("runs");
    let script = format!(
        "echo \"$@\" >> {}; while [ \"$1\" != --datadir ]; do shift; done; mkdir -p \"$2\"; cp -r {}/. \"$2\"",
        runs.display(),
        prepared.display()
    );
    let server_site = site_with_program(&script).with("ENABLE_FREQTRADE_DOWNLOAD", "1");
    let server = server_site.start().await;
    eventually("the downloaded candles are there", async || {
        let page = server.candles(BTC, &[("limit", "200")]).await;
        Some(()).filter(|()| times(&page["candles"]).len() == 120)
    })
    .await;
    server.stop().await;
    let runs = std::fs::read_to_string(runs).unwrap();
    let runs: Vec<&str> = runs.lines().collect();
    assert_eq!(runs.len(), 1, "{runs:?}");
    assert!(
        runs[0].starts_with("download-data --") && runs[0].contains("--pairs BTC/USDT:USDT --timeframes 1m"),
        "{runs:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_that_fails_is_told_and_one_that_nobody_allowed_never_runs() {
    for (script, expected) in [
        ("echo no such pair >&2; exit 2", "exit status: 2: no such pair"),
        (
            "echo no such pair >&2",
            "the candle file is as it was: no such pair",
        ),
    ] {
        let server = site_with_program(script)
            .with("ENABLE_FREQTRADE_DOWNLOAD", "1")
            .start()
            .await;
        server.candles(BTC, &[]).await;
        let error = eventually("the failure is told", async || {
            let error = health(&server).await["backfill"]["error"].clone();
            error.as_str().map(str::to_owned)
        })
        .await;
        assert_eq!(error, format!("download_failed:{expected}"));
        server.stop().await;
    }

    let site = site_with_program("touch \"$0.ran\"");
    let server = site.start().await;
    server.candles(BTC, &[]).await;
    let state = eventually("the backfill is over", async || {
        let state = health(&server).await["backfill"]["state"].clone();
        Some(state).filter(|state| state == "succeeded" || state == "failed")
    })
    .await;
    assert_eq!(state, "succeeded");
    server.stop().await;
    assert!(!site.path("freqtrade.ran").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_takes_its_download_with_it() {
    let site = site_with_program("echo $$ > \"$0.new\"; mv \"$0.new\" \"$0.pid\"; exec sleep 600")
        .with("ENABLE_FREQTRADE_DOWNLOAD", "1");
    let server = site.start().await;
    server.candles(BTC, &[]).await;
    let pid = eventually("the download runs", async || {
        std::fs::read_to_string(site.path("freqtrade.pid")).ok()
    })
    .await;
    let runs = || {
        let asked = format!("kill -0 {pid}");
        let asked = std::process::Command::new("sh").args(["-c", &asked]).output();
        asked.unwrap().status.success()
    };
    assert!(runs());
    server.stop().await;
    eventually("the download is gone", async || Some(()).filter(|()| !runs())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hole_tells_when_it_is_tried_next_if_somebody_tries() {
    for (switch, after_ms) in [("1", Some(5_000)), ("0", None)] {
        let site = site_with_files(5).with("ENABLE_MARKET_GAP_BACKFILL", switch);
        let server = site.start().await;
        let candles = wires(&minutes(BTC)[..20]);
        server.ingest_batch(BTC, &candles[..10], Publish::No).await;
        server.ingest_batch(BTC, &candles[15..], Publish::No).await;
        let answer = server.get("/api/market/gaps", &[("series_id", BTC)]).await.ok();
        let gap = &answer["gaps"][0];
        assert_eq!(
            (&gap["missing_candles"], &gap["state"]),
            (&json!(5), &json!("open"))
        );
        let due = after_ms.map(|after_ms: i64| gap["detected_at_ms"].as_i64().unwrap() + after_ms);
        assert_eq!(gap["next_attempt_at_ms"], json!(due), "{gap}");
        server.stop().await;
    }
}
