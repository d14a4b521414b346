//! What a stopped server leaves, and what happens when two want the same store.

use std::collections::BTreeMap;

use serde_json::Value;
use trade_canvas::compose::RunningServer;

use crate::{
    candles::{BTC, minutes, wire, wires},
    datadir,
    site::{Publish, Site, TestServer},
    story::import,
};

/// What a client of the drawings keeps.
#[derive(Debug, PartialEq)]
struct Drawings {
    items: BTreeMap<String, Value>,
    cursor: i64,
}

impl Drawings {
    /// Applies the answer to a read from the own cursor, as clients do.
    fn advance(&mut self, delta: &Value) {
        for item in delta["instruction_catalog_patch"].as_array().unwrap() {
            // Not its version: a drawing that left and came back unchanged is no change to a client that kept it.
            self.items.insert(
                item["instruction_id"].as_str().unwrap().to_owned(),
                item["definition"].clone(),
            );
        }
        let active: Vec<&str> = delta["active_ids"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        self.items.retain(|id, _| active.contains(&id.as_str()));
        self.cursor = delta["next_cursor"]["version_id"].as_i64().unwrap();
    }

    async fn read(server: &TestServer) -> Self {
        let mut drawings = Self {
            items: BTreeMap::new(),
            cursor: 0,
        };
        drawings.advance(&server.draw_delta(BTC, 0).await);
        drawings
    }
}

async fn everything(server: &TestServer, times: &[i64]) -> Vec<Value> {
    let mut answers = vec![
        server.candles(BTC, &[("limit", "5000")]).await,
        server.draw_delta(BTC, 0).await,
    ];
    for time in times {
        answers.push(server.slices(BTC, *time).await);
        answers.push(server.draw_delta(BTC, *time).await);
    }
    answers.push(server.get("/api/factor/health", &[("series_id", BTC)]).await.ok());
    answers.push(server.features(BTC).await.ok());
    answers.push(server.series_row(BTC).await);
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_loses_nothing_and_cursors_go_on() {
    let candles = minutes(BTC);
    let time = |n: usize| candles[n].time().seconds();
    let site = Site::new();
    let server = site.start().await;
    server
        .ingest_batch(BTC, &wires(&candles[..1_000]), Publish::No)
        .await;
    // A corrected candle: the epoch is one of the things that have to survive.
    let mut corrected = wire(&candles[900]);
    corrected["volume"] = 1.25.into();
    server.ingest(BTC, &corrected).await;
    let mut drawings = Drawings::read(&server).await;
    assert_eq!(drawings.cursor, time(999));
    let times = [time(999), time(998), time(700), time(20)];
    let before = everything(&server, &times).await;
    assert_eq!(before.last().unwrap()["epoch"], 1);
    let rows = site.stored_rows();
    server.stop().await;
    assert_eq!(site.stored_rows(), rows);

    let server = site.start().await;
    assert_eq!(everything(&server, &times).await, before);
    for (n, candle) in candles.iter().enumerate().take(1_300).skip(1_000) {
        server.ingest(BTC, &wire(candle)).await;
        if n % 50 == 0 {
            drawings.advance(&server.draw_delta(BTC, drawings.cursor).await);
            assert_eq!(drawings, Drawings::read(&server).await, "after candle {n}");
        }
    }
    drawings.advance(&server.draw_delta(BTC, drawings.cursor).await);
    assert_eq!(drawings.cursor, time(1_299));
    assert!(drawings.items.len() > 10, "{drawings:?}");
    assert_eq!(drawings, Drawings::read(&server).await);
    assert_eq!(server.series_row(BTC).await["epoch"], 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_has_one_writing_process() {
    let candles = minutes(BTC);
    let site = Site::new();
    datadir::write(&site.path("user_data"), "BTC_USDT_USDT", "1m", &candles[..10]);
    let server = site.start().await;
    server.ingest(BTC, &wire(&candles[0])).await;
    let rows = site.stored_rows();

    let second = RunningServer::start(site.config()).await.err().unwrap();
    let refusals = [
        import(site.config(), &site.path("user_data")).await.unwrap_err(),
        format!("{second:#}"),
    ];
    for sentence in refusals {
        assert!(
            sentence.contains("market.db") && !sentence.contains('\n'),
            "{sentence}"
        );
    }
    assert_eq!(site.stored_rows(), rows);
    server.ingest(BTC, &wire(&candles[1])).await;
    server.stop().await;

    import(site.config(), &site.path("user_data")).await.unwrap();
    assert_eq!(site.stored_rows()["candle_rows"], 10);
}
