//! Replay packages over HTTP: one job per key, whole or not there, the same again after a restart, as one file and back.

use std::{collections::BTreeMap, fs, path::PathBuf};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    bad_input::assert_error,
    candles::{BTC, minutes, wire, wires},
    site::{Answer, Publish, Site, TestServer, eventually},
};

/// A server with the first 400 minutes.
async fn server(site: &Site) -> TestServer {
    let server = site.start().await;
    server
        .ingest_batch(BTC, &wires(&minutes(BTC)[..400]), Publish::No)
        .await;
    server
}

fn time(n: usize) -> i64 {
    minutes(BTC)[n].time().seconds()
}

fn wish(to: usize) -> Value {
    json!({ "series_id": BTC, "to_time": time(to), "window_candles": 120, "window_size": 50, "snapshot_interval": 7 })
}

async fn status(server: &TestServer, job: &str) -> Value {
    server.get("/api/replay/status", &[("job_id", job)]).await.ok()
}

/// Builds and waits for the end; answers the name of the package.
async fn built(server: &TestServer, wish: &Value) -> String {
    let started = server.post("/api/replay/build", wish).await.ok();
    let job = started["job_id"].as_str().unwrap().to_owned();
    eventually("the package is there", async || {
        let status = status(server, &job).await;
        assert_ne!(status["status"], "error", "{status}");
        Some(()).filter(|()| status["status"] == "done")
    })
    .await;
    job
}

async fn window(server: &TestServer, job: &str, idx: usize) -> Value {
    let idx = idx.to_string();
    let query = [("job_id", job), ("target_idx", idx.as_str())];
    server.get("/api/replay/window", &query).await.ok()
}

/// Drawing and slices of bar `idx` by section 7 of the contract, from its window alone.
fn frame(answer: &Value, idx: usize) -> (Vec<Value>, BTreeMap<String, Value>) {
    let content = serde_json::from_value(json!({
        "window": answer["window"], "factor_snapshots": answer["factor_snapshots"],
    }));
    let frame = tc_replay::rebuild(BTC, &content.unwrap(), idx).unwrap();
    let drawing = frame
        .drawing
        .iter()
        .map(|item| serde_json::to_value(item).unwrap());
    (drawing.collect(), frame.slices)
}

/// The folders of packages on disk.
fn folders(site: &Site, shelf: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(site.path("artifacts").join(shelf)).unwrap();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_frame_of_a_package_is_that_of_its_time() {
    let site = Site::new();
    let server = server(&site).await;
    let job = built(&server, &wish(399)).await;
    let done = status(&server, &job).await;
    assert_eq!(
        (&done["progress"], &done["metadata"]["total_candles"]),
        (&json!(100), &json!(120))
    );
    for idx in [0, 1, 49, 50, 77, 99, 100, 119] {
        let (drawing, slices) = frame(&window(&server, &job, idx).await, idx);
        let at = time(280 + idx).to_string();
        let query = [
            ("series_id", BTC),
            ("at_time", at.as_str()),
            ("window_candles", "120"),
        ];
        let live = server.get("/api/frame/at_time", &query).await.ok();
        let draw = &live["draw_state"];
        let active = draw["active_ids"].as_array().unwrap();
        let items = draw["instruction_catalog_patch"].as_array().unwrap();
        let shown: Vec<Value> = active
            .iter()
            .map(|id| {
                items
                    .iter()
                    .find(|item| item["instruction_id"] == *id)
                    .unwrap()
                    .clone()
            })
            .collect();
        assert_eq!(drawing, shown, "bar {idx}");
        assert_eq!(json!(slices), live["factor_slices"]["snapshots"], "bar {idx}");
    }
    let preload = [("job_id", job.as_str()), ("include_preload", "1")];
    let preloaded = server.get("/api/replay/status", &preload).await.ok();
    assert_eq!(
        preloaded["preload_window"],
        window(&server, &job, 119).await["window"]
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn however_many_ask_there_is_one_package() {
    let site = Site::new();
    let server = server(&site).await;
    let wanted = wish(399);
    let asking = (0..12).map(|_| server.post("/api/replay/build", &wanted));
    let answers = futures_util::future::join_all(asking).await;
    let jobs: Vec<Value> = answers
        .into_iter()
        .map(|answer| answer.ok()["job_id"].clone())
        .collect();
    assert!(jobs.iter().all(|job| *job == jobs[0]));
    built(&server, &wanted).await;
    let metrics = folders(&site, "replay_package_v2");
    assert_eq!(metrics.len(), 1);
    let again = server.post("/api/replay/build", &wanted).await.ok();
    assert_eq!((&again["status"], &again["job_id"]), (&json!("done"), &jobs[0]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packages_outlive_the_process_and_leftovers_do_not() {
    let site = Site::new();
    let server = server(&site).await;
    let job = built(&server, &wish(399)).await;
    let first = window(&server, &job, 60).await;
    server.stop().await;

    let shelf = site.path("artifacts").join("replay_package_v2");
    let package = shelf.join(&job);
    let manifest = fs::read(package.join("manifest.json")).unwrap();
    fs::create_dir(shelf.join(".unfinished-0123456789abcdef01234567")).unwrap();
    fs::create_dir(shelf.join("0123456789abcdef01234567")).unwrap();
    let server = site.start().await;
    assert_eq!(
        folders(&site, "replay_package_v2"),
        std::slice::from_ref(&package)
    );
    assert_eq!(status(&server, &job).await["status"], "done");
    assert_eq!(window(&server, &job, 60).await, first);

    // Made again it has the same bytes, but for the time of its making.
    let files = |folder: &PathBuf| -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let windows = entries.filter(|path| path.extension().is_some_and(|extension| extension == "zst"));
        windows
            .map(|path| {
                (
                    path.file_name().unwrap().to_str().unwrap().to_owned(),
                    fs::read(&path).unwrap(),
                )
            })
            .collect()
    };
    let before = files(&package);
    fs::remove_dir_all(&package).unwrap();
    assert_error(
        &server.get("/api/replay/status", &[("job_id", &job)]).await,
        404,
        "not_found",
        "status",
    );
    assert_eq!(built(&server, &wish(399)).await, job);
    assert_eq!(files(&package), before);
    let without_time = |bytes: &[u8]| {
        let mut manifest: Value = serde_json::from_slice(bytes).unwrap();
        manifest["created_at_ms"].take();
        manifest
    };
    let again = fs::read(package.join("manifest.json")).unwrap();
    assert_eq!(without_time(&again), without_time(&manifest));

    // Later candles change neither key nor package.
    server
        .ingest_batch(BTC, &wires(&minutes(BTC)[400..450]), Publish::No)
        .await;
    assert_eq!(built(&server, &wish(399)).await, job);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_package_counts_as_none() {
    let site = Site::new();
    let server = server(&site).await;
    for damage in ["flip", "cut", "manifest"] {
        let job = built(&server, &wish(399)).await;
        let package = site.path("artifacts").join("replay_package_v2").join(&job);
        let file = if damage == "manifest" {
            package.join("manifest.json")
        } else {
            package.join("window_00001.zst")
        };
        let mut bytes = fs::read(&file).unwrap();
        match damage {
            "flip" => {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
            }
            _ => bytes.truncate(bytes.len() / 2),
        }
        fs::write(&file, bytes).unwrap();
        let query = [("job_id", job.as_str()), ("target_idx", "60")];
        let answer = server.get("/api/replay/window", &query).await;
        assert_error(&answer, 404, "not_found", damage);
        assert!(!package.exists(), "{damage}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_would_be_built_is_told_without_building() {
    let site = Site::new();
    let server = server(&site).await;
    let ask = async |candles: &str| {
        let to = time(399).to_string();
        let query = [
            ("series_id", BTC),
            ("to_time", to.as_str()),
            ("window_candles", candles),
            ("window_size", "50"),
            ("snapshot_interval", "7"),
        ];
        server.get("/api/replay/read_only", &query).await.ok()
    };
    let missing = ask("500").await;
    assert_eq!(
        (
            &missing["status"],
            &missing["coverage"]["candles_ready"],
            &missing["metadata"]
        ),
        (&json!("coverage_missing"), &json!(400), &Value::Null)
    );
    assert_eq!(ask("120").await["status"], "build_required");
    assert!(folders(&site, "replay_package_v2").is_empty());
    let job = built(&server, &wish(399)).await;
    let done = ask("120").await;
    assert_eq!(
        (
            &done["status"],
            &done["job_id"],
            &done["metadata"]["total_candles"]
        ),
        (&json!("done"), &json!(job), &json!(120))
    );
    server.stop().await;
    let server = site.with("OVERLAY_WINDOW_CANDLES", "150").start().await;
    let query = [("series_id", BTC), ("window_candles", "120")];
    assert_eq!(
        server.get("/api/replay/read_only", &query).await.ok()["status"],
        "out_of_sync"
    );
    let refused = server.post("/api/replay/build", &wish(399)).await;
    assert_error(&refused, 409, "ledger_out_of_sync:replay", "build");
    let prepared = server
        .post("/api/replay/prepare", &json!({ "series_id": BTC }))
        .await
        .ok();
    assert_eq!(
        (&prepared["computed"], &prepared["aligned_time"]),
        (&json!(true), &json!(time(399)))
    );
    built(&server, &wish(399)).await;
    server.stop().await;
}

async fn import(server: &TestServer, bytes: Vec<u8>) -> Answer {
    let request = server.request(Method::POST, "/api/replay/import");
    Answer::of(
        request
            .header("content-type", "application/octet-stream")
            .body(bytes),
    )
    .await
}

async fn export(server: &TestServer, job: &str) -> Vec<u8> {
    let request = server
        .request(Method::GET, "/api/replay/export")
        .query(&[("job_id", job)]);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.bytes().await.unwrap().to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_package_travels_as_one_file() {
    let site = Site::new();
    let origin = server(&site).await;
    let job = built(&origin, &wish(399)).await;
    let file = export(&origin, &job).await;
    let expected = window(&origin, &job, 60).await;
    origin.stop().await;

    let elsewhere = Site::new().with("REPLAY_IMPORT_MAX_MB", "1");
    let server = elsewhere.start().await;
    let taken = import(&server, file.clone()).await.ok();
    let id = taken["job_id"].as_str().unwrap().to_owned();
    assert_ne!(id, job, "it never stands in for one made here");
    assert_eq!(
        (&taken["status"], &taken["metadata"]["total_candles"]),
        (&json!("done"), &json!(120))
    );
    assert_eq!(status(&server, &id).await["status"], "done");
    let mut served = window(&server, &id, 60).await;
    served["job_id"] = json!(job);
    assert_eq!(served, expected);
    assert_eq!(export(&server, &id).await, file);
    assert_eq!(import(&server, file.clone()).await.ok()["job_id"], json!(id));

    let kept = folders(&elsewhere, "replay_imported");
    let mut flipped = file.clone();
    let place = flipped.len() - 2_048;
    flipped[place] ^= 1;
    let renamed: Vec<u8> = {
        let text = String::from_utf8_lossy(&file[..100]).into_owned();
        assert!(text.starts_with("manifest.json"));
        let mut renamed = file.clone();
        renamed[..13].copy_from_slice(b"manifest.jsom");
        renamed
    };
    for (what, bad) in [
        ("nothing", Vec::new()),
        ("garbage", vec![7; 4_096]),
        ("cut", file[..file.len() / 2].to_vec()),
        ("flipped", flipped),
        ("no manifest", renamed),
    ] {
        assert_error(&import(&server, bad).await, 422, "bad_package", what);
    }
    assert_error(
        &import(&server, vec![0; 2 << 20]).await,
        413,
        "payload_too_large",
        "size",
    );
    let plain = server.request(Method::POST, "/api/replay/import").body(file);
    assert_error(&Answer::of(plain).await, 415, "unsupported_media_type", "type");
    assert_eq!(
        folders(&elsewhere, "replay_imported"),
        kept,
        "nothing of what was refused is left"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packages_of_drawings_alone_have_their_own_routes() {
    let off = Site::new().start().await;
    let refused = off
        .post("/api/replay/overlay_package/build", &json!({ "series_id": BTC }))
        .await;
    assert_error(&refused, 404, "not_found", "off");
    off.stop().await;

    let site = Site::new().with("ENABLE_REPLAY_PACKAGE", "1");
    let server = server(&site).await;
    let wanted =
        json!({ "series_id": BTC, "window_candles": 120, "window_size": 60, "snapshot_interval": 7 });
    let query = [
        ("series_id", BTC),
        ("window_candles", "120"),
        ("window_size", "60"),
        ("snapshot_interval", "7"),
    ];
    let path = "/api/replay/overlay_package";
    let before = server.get(&format!("{path}/read_only"), &query).await.ok();
    assert_eq!(before["status"], "build_required");
    let job = server.post(&format!("{path}/build"), &wanted).await.ok()["job_id"].clone();
    let job = job.as_str().unwrap();
    let done = eventually("the package is there", async || {
        let query = [("job_id", job), ("include_delta_package", "1")];
        let status = server.get(&format!("{path}/status"), &query).await.ok();
        Some(status.clone()).filter(|_| status["status"] == "done")
    })
    .await;
    assert_eq!(done["kline"].as_array().unwrap().len(), 120);
    assert_eq!(done["preload_window"]["window_index"], 0);
    assert_eq!(done["delta_meta"]["overlay_store_last_version_id"], time(399));
    let replay = built(
        &server,
        &json!({
            "series_id": BTC, "window_candles": 120, "window_size": 60, "snapshot_interval": 7,
        }),
    )
    .await;
    let same = window(&server, &replay, 70).await;
    let query = [("job_id", job), ("target_idx", "70")];
    let drawn = server.get(&format!("{path}/window"), &query).await.ok();
    for (name, kept) in [
        ("kline", "kline"),
        ("catalog_base", "draw_catalog_base"),
        ("catalog_patch", "draw_catalog_patch"),
        ("checkpoints", "draw_active_checkpoints"),
        ("diffs", "draw_active_diffs"),
    ] {
        assert_eq!(drawn["window"][name], same["window"][kept], "{name}");
    }
    assert_eq!(drawn["window"]["event_catalog"], Value::Null);
    let query = [("job_id", job), ("target_idx", "120")];
    let past = server.get(&format!("{path}/window"), &query).await;
    assert_error(&past, 422, "target_idx_out_of_range", "window");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outline_is_thinned_out_and_ends_where_it_is_told() {
    let site = Site::new();
    let server = server(&site).await;
    let ask = async |until: i64, points: &str| {
        let until = until.to_string();
        let query = [("series_id", BTC), ("until", until.as_str()), ("points", points)];
        server.get("/api/replay/outline", &query).await
    };
    let all = ask(time(399), "2000").await.ok();
    let candles = minutes(BTC);
    let closes: Vec<f64> = candles[..400].iter().map(tc_market::Candle::close).collect();
    assert_eq!(
        (&all["closes"], &all["first_time"]),
        (&json!(closes), &json!(time(0)))
    );
    let kinds: Vec<&str> = all["kinds"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|kind| kind.as_str())
        .collect();
    for kind in ["pen.confirmed", "anchor.switch", "zhongshu.formed", "sr.broken"] {
        assert!(kinds.contains(&kind), "{kind} is missing in {kinds:?}");
    }
    let some = ask(time(200) + 30, "5").await.ok();
    let times: Vec<i64> = [0, 50, 100, 150, 200].map(time).to_vec();
    assert_eq!(
        (&some["times"], &some["to_time"]),
        (&json!(times), &json!(time(200)))
    );
    assert_error(&ask(time(0) - 1, "5").await, 404, "no_data", "before");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_corrected_candle_changes_the_key() {
    let site = Site::new();
    let server = server(&site).await;
    let job = built(&server, &wish(399)).await;
    let mut late = wire(&minutes(BTC)[300]);
    late["high"] = json!(minutes(BTC)[300].high() * 2.0);
    server.ingest(BTC, &late).await;
    let again = built(&server, &wish(399)).await;
    assert_ne!(again, job);
    let bar = &window(&server, &again, 20).await["window"]["kline"][20];
    assert_eq!(bar["high"], late["high"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn coverage_that_cannot_be_had_is_an_error_that_may_be_tried_again() {
    let site = Site::new();
    let server = server(&site).await;
    let wanted = json!({ "series_id": BTC, "target_candles": 500 });
    let started = server.post("/api/replay/ensure_coverage", &wanted).await.ok();
    let job = started["job_id"].as_str().unwrap().to_owned();
    assert_eq!(job, format!("coverage_{BTC}:{}:500", time(399)));
    let failed = eventually("the job is over", async || {
        let status = server
            .get("/api/replay/coverage_status", &[("job_id", &job)])
            .await
            .ok();
        Some(status.clone()).filter(|_| status["status"] != "building")
    })
    .await;
    assert_eq!(
        (
            &failed["status"],
            &failed["error"],
            &failed["candles_ready"],
            &failed["required_candles"]
        ),
        (
            &json!("error"),
            &json!("coverage_missing"),
            &json!(400),
            &json!(500)
        )
    );
    let again = server.post("/api/replay/ensure_coverage", &wanted).await.ok();
    assert_eq!(again["status"], "building");
    server.stop().await;
    let off = Site::new()
        .with("ENABLE_REPLAY_ENSURE_COVERAGE", "0")
        .start()
        .await;
    let refused = off.post("/api/replay/ensure_coverage", &wanted).await;
    assert_error(&refused, 404, "not_found", "off");
    off.stop().await;
}
