//! Runs with every combination of some parameters.

use serde_json::{Value, json};

use super::{order, over, server};
use crate::{
    backtest::place::{refused, run},
    site::{Site, TestServer},
};

async fn sweep(server: &TestServer, grid: &Value) -> String {
    let mut wish = order();
    wish["grid"] = grid.clone();
    let answer = server.post("/api/backtest/sweep", &wish).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let body = answer.body();
    assert_eq!(body["state"], "queued");
    body["run_id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_combination_is_a_run_of_its_own() {
    let (site, server, _) = server().await;
    let grid = json!({ "max_candles": [0, 20], "min_length": { "from": 0, "to": 0.002, "step": 0.001 } });
    let run_id = sweep(&server, &grid).await;
    let swept = over(&server, &run_id).await;
    assert_eq!(
        (&swept["kind"], &swept["engine"], &swept["state"]),
        (&json!("sweep"), &json!("native"), &json!("done"))
    );
    let points = swept["response"]["points"].as_array().unwrap();
    let params: Vec<&Value> = points.iter().map(|point| &point["params"]).collect();
    let mut expected = Vec::new();
    // As the strategy declares them, the last one fastest.
    for length in [0.0, 0.001, 0.002] {
        for candles in [0, 20] {
            expected.push(json!({ "min_length": length, "max_candles": candles }));
        }
    }
    assert_eq!(json!(params), json!(expected));
    for point in points {
        let mut single = order();
        single["params"] = point["params"].clone();
        let metrics = run(&server, &single).await.ok()["result"]["metrics"].take();
        let told = point["metrics"].as_object().unwrap();
        for (name, value) in told
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "cagr" | "extra"))
        {
            assert_eq!(&metrics[name], value, "{name} of {}", point["params"]);
        }
        assert_eq!(metrics["extra"]["exposure"], told["extra"]["exposure"]);
        assert!(told.contains_key("profit_total") && told.contains_key("sharpe"));
    }
    let counts: std::collections::BTreeSet<i64> = points
        .iter()
        .map(|point| point["metrics"]["total_trades"].as_i64().unwrap())
        .collect();
    assert!(counts.len() > 2, "parameters matter: {counts:?}");
    server.stop().await;

    let server = site.start().await;
    assert_eq!(over(&server, &run_id).await, swept, "kept as it was told");
    let path = format!("/api/backtest/runs/{run_id}");
    assert_eq!(
        server.get(&path, &[]).await.ok(),
        swept,
        "points are part of a summary"
    );
    let runs = server.get("/api/backtest/runs", &[]).await.ok();
    let listed = runs["runs"].as_array().unwrap();
    let listed = listed
        .iter()
        .find(|run| run["run_id"] == run_id.as_str())
        .unwrap();
    assert_eq!(listed["response"], json!({ "points": [] }));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grid_that_does_not_fit_is_refused() {
    let (_site, server, _) = server().await;
    for (name, value, code) in [
        ("grid", json!({}), "request.invalid"),
        ("grid", json!({ "min_length": [] }), "request.invalid"),
        (
            "grid",
            json!({ "max_candles": { "from": 0, "to": 500, "step": 1 }, "min_length": { "from": 0, "to": 0.1, "step": 0.005 } }),
            "request.invalid",
        ),
        ("grid", json!({ "nothing": [1] }), "backtest.params_invalid"),
        ("grid", json!({ "min_length": [0, 9] }), "backtest.params_invalid"),
        ("engine", json!("freqtrade"), "request.invalid"),
        ("pair", json!("ETH/USDT"), "backtest.history_missing"),
    ] {
        let mut wish = order();
        wish["grid"] = json!({ "fade": [0, 1] });
        wish[name] = value;
        let answer = server.post("/api/backtest/sweep", &wish).await;
        assert_eq!(refused(&answer), (422, code.to_owned()), "{wish}");
    }
    server.stop().await;
    let server = Site::new().start().await;
    let mut wish = order();
    wish["grid"] = json!({ "fade": [0, 1] });
    let answer = server.post("/api/backtest/sweep", &wish).await;
    assert_eq!(
        refused(&answer),
        (422, "backtest.engine_unavailable".to_owned()),
        "the mock sweeps nothing"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sweep_can_be_called_off() {
    let (_site, server, _) = server().await;
    let grid = json!({
        "min_length": { "from": 0, "to": 0.0999, "step": 0.001 }, "max_candles": { "from": 0, "to": 99, "step": 1 },
    });
    let first = sweep(&server, &grid).await;
    let second = sweep(&server, &grid).await;
    for run_id in [second, first] {
        let path = format!("/api/backtest/runs/{run_id}/cancel");
        let cancelled = server.post(&path, &json!({})).await.ok();
        assert_eq!(
            (&cancelled["state"], &cancelled["response"]),
            (&json!("cancelled"), &json!(null))
        );
    }
    assert_eq!(
        run(&server, &order()).await.status,
        200,
        "the next one has its turn"
    );
    server.stop().await;
}
