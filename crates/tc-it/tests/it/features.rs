//! Feature vectors over HTTP: the form of a batch, and what the switches do.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    bad_input::assert_error,
    candles::{BTC, GLD, minutes, wire, wires},
    site::{Answer, Publish, Site, TestServer},
};

#[track_caller]
fn assert_behind(answer: &Answer) {
    assert_error(answer, 409, "ledger_out_of_sync:feature", "features");
    assert_eq!(answer.body()["code"], "feature_read.ledger_out_of_sync");
}

async fn fill(server: &TestServer, candles: std::ops::Range<usize>) {
    let candles = &minutes(BTC)[candles];
    server.ingest_batch(BTC, &wires(candles), Publish::No).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_a_table() {
    let server = Site::new().start().await;
    let nothing = json!({
        "schema_version": 1, "series_id": GLD, "at_time": null, "aligned_time": 0, "candle_id": null,
        "columns": [], "rows": [],
    });
    assert_eq!(server.features(GLD).await.ok(), nothing);
    fill(&server, 0..600).await;
    let newest = minutes(BTC)[599].time().seconds();
    let batch = server.features(BTC).await.ok();
    assert_eq!(
        [&batch["at_time"], &batch["aligned_time"], &batch["candle_id"]],
        [&json!(newest), &json!(newest), &json!(format!("{BTC}:{newest}"))]
    );
    let columns = batch["columns"].as_array().unwrap();
    let keys: BTreeSet<&str> = columns
        .iter()
        .map(|column| column["key"].as_str().unwrap())
        .collect();
    assert_eq!(keys.len(), columns.len(), "a key is there once");
    let column = |key: &str| columns.iter().find(|column| column["key"] == key).unwrap();
    for (key, source, value_type) in [
        ("feature_event_count", "feature", "float"),
        ("pivot_minor_count", "pivot", "float"),
        ("pivot_major_direction", "pivot", "str"),
        ("pen_confirmed_direction", "pen", "int"),
    ] {
        let expected = json!({
            "key": key, "source_factor": source, "value_type": value_type, "nullable": true,
        });
        assert_eq!(column(key), &expected);
    }
    let rows = batch["rows"].as_array().unwrap();
    assert!(rows.len() > 50);
    let times: Vec<i64> = rows
        .iter()
        .map(|row| row["candle_time"].as_i64().unwrap())
        .collect();
    assert!(times.is_sorted_by(|a, b| a < b));
    for row in rows {
        let values = row["values"].as_object().unwrap();
        assert!(
            values.keys().map(String::as_str).eq(keys.iter().copied()),
            "every row has every column"
        );
        assert!(values["feature_event_count"].as_f64() >= Some(1.0));
        assert_eq!(row["series_id"], BTC);
        assert_eq!(row["candle_id"], format!("{BTC}:{}", row["candle_time"]));
    }
    // Any instant is floored to a candle; a window ends where it is told.
    let later = (times[9] + 59).to_string();
    let query = [("series_id", BTC), ("at_time", &later), ("window_candles", "1")];
    let one = server.get("/api/feature/batch", &query).await.ok();
    assert_eq!(
        (&one["at_time"], &one["aligned_time"]),
        (&json!(times[9] + 59), &json!(times[9]))
    );
    assert_eq!(
        one["rows"].as_array().unwrap().last().unwrap()["candle_time"],
        times[9]
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn switched_off_they_are_refused_and_catch_up_later() {
    let site = Site::new();
    let server = site.start().await;
    fill(&server, 0..300).await;
    let rows = |batch: &Value| batch["rows"].as_array().unwrap().len();
    let before = rows(&server.features(BTC).await.ok());
    server.stop().await;

    for switch in ["ENABLE_FEATURE_INGEST", "ENABLE_FACTOR_INGEST"] {
        let site = Site::new().with(switch, "0");
        let server = site.start().await;
        fill(&server, 0..300).await;
        assert_behind(&server.features(BTC).await);
        server.stop().await;
    }

    let off = site.with("ENABLE_FEATURE_INGEST", "0");
    let server = off.start().await;
    fill(&server, 300..600).await;
    assert_behind(&server.features(BTC).await);
    assert!(
        server.draw_delta(BTC, 0).await["active_ids"]
            .as_array()
            .unwrap()
            .len()
            > 10
    );
    server.stop().await;

    let lenient = off.with("ENABLE_FEATURE_STRICT_READ", "0");
    let server = lenient.start().await;
    assert_eq!(rows(&server.features(BTC).await.ok()), before, "what was there");
    server.stop().await;

    let on = lenient
        .without("ENABLE_FEATURE_INGEST")
        .without("ENABLE_FEATURE_STRICT_READ");
    let server = on.start().await;
    assert_behind(&server.features(BTC).await);
    server.ingest(BTC, &wire(&minutes(BTC)[600])).await;
    let caught_up = server.features(BTC).await.ok();
    assert_eq!(caught_up["aligned_time"], minutes(BTC)[600].time().seconds());
    assert!(rows(&caught_up) > before);
    assert_eq!(
        server.series_row(BTC).await["epoch"],
        0,
        "nothing was folded again"
    );
    server.stop().await;
}
