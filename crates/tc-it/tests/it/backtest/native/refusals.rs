//! What is refused before anything runs.

use serde_json::{Value, json};

use super::{filled, order, server};
use crate::{
    backtest::place::{refused, run},
    candles::{BTC, minutes, wires},
    site::{Publish, Site},
};

fn with(name: &str, value: Value) -> Value {
    let mut order = order();
    order[name] = value;
    order
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_fit_is_refused_and_not_kept() {
    let (_site, server, candles) = server().await;
    let before = candles[0].time().seconds() * 1_000 - 60_000;
    for (wish, status, code) in [
        (with("strategy_name", json!("../x")), 400, "strategy_name_invalid"),
        (with("pair", json!("btc/usdt")), 422, "pair_invalid"),
        (with("timeframe", json!("-1m")), 422, "timeframe_invalid"),
        (with("timerange", json!("x")), 422, "timerange_invalid"),
        (with("strategy_name", json!("Nobody")), 404, "strategy_not_found"),
        (with("params", json!({ "nothing": 1 })), 422, "params_invalid"),
        (with("params", json!({ "min_length": 9 })), 422, "params_invalid"),
        (
            with("params", json!({ "max_candles": 1.5 })),
            422,
            "params_invalid",
        ),
        (with("params", json!({ "fade": "yes" })), 422, "params_invalid"),
        (with("pair", json!("ETH/USDT")), 422, "history_missing"),
        (with("timeframe", json!("1w")), 422, "history_missing"),
        (
            with("timerange", json!(format!("-{before}"))),
            422,
            "history_missing",
        ),
    ] {
        let answer = run(&server, &wish).await;
        assert_eq!(
            refused(&answer),
            (status, format!("backtest.{code}")),
            "{wish} {}",
            answer.text
        );
    }
    let unknown = run(&server, &with("params", json!({ "nothing": 1 })))
        .await
        .body();
    assert_eq!(unknown["detail"]["name"], "nothing");
    assert_eq!(
        unknown["message"],
        "PenDirection has no parameter nothing; it has min_length, max_candles, fade."
    );
    let missing = run(&server, &with("timeframe", json!("5m"))).await.body();
    let detail = &missing["detail"];
    assert_eq!(
        (
            &detail["message"],
            &detail["pair"],
            &detail["available_timeframes"]
        ),
        (
            &json!("no_ohlcv_history"),
            &json!("BTC/USDT:USDT"),
            &json!(["1m"])
        )
    );
    let command = detail["download_data_cmd"].as_str().unwrap();
    let end = "--exchange binance --market futures --symbol BTC/USDT --timeframe 5m";
    assert!(
        command.starts_with("trade-canvas import ") && command.ends_with(end),
        "{command}"
    );
    let runs = server.get("/api/backtest/runs", &[]).await.ok();
    assert_eq!(runs, json!({ "runs": [] }));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_that_is_behind_is_not_run_over() {
    let candles = minutes(BTC);
    let (old, new) = candles.split_at(candles.len() / 2);
    let site = Site::new().with("FREQTRADE_MOCK", "0");
    let server = site.start().await;
    server.ingest_batch(BTC, &wires(old), Publish::No).await;
    server.stop().await;
    let site = site.with("ENABLE_FACTOR_INGEST", "0");
    let server = site.start().await;
    server.ingest_batch(BTC, &wires(new), Publish::No).await;
    let answer = run(&server, &order()).await;
    assert_eq!(
        refused(&answer),
        (409, "factor_read.ledger_out_of_sync".to_owned())
    );
    assert_eq!(answer.body()["detail"], "ledger_out_of_sync:factor");
    let covered = old.last().unwrap().time().seconds();
    let answer = run(&server, &with("timerange", json!(format!("-{covered}"))))
        .await
        .ok();
    assert_eq!(answer["result"]["end_ts"], json!(covered * 1_000));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_engine_cannot_do_is_named() {
    for (text, status, code, field) in [
        (
            r#"{"trading_mode": "futures", "margin_mode": "cross"}"#,
            422,
            "native_unsupported",
            "margin_mode",
        ),
        (
            r#"{"trading_mode": "futures", "protections": [{}]}"#,
            422,
            "native_unsupported",
            "protections",
        ),
        (
            r#"{"trading_mode": "futures", "order_types": {"stoploss_on_exchange": true}}"#,
            422,
            "native_unsupported",
            "order_types.stoploss_on_exchange",
        ),
        (
            r#"{"trading_mode": "futures", "max_open_trades": -1}"#,
            500,
            "config_invalid",
            "",
        ),
    ] {
        let site = Site::new().with("FREQTRADE_MOCK", "0");
        let path = site.path("config.json");
        std::fs::write(&path, text).unwrap();
        let site = site.with("FREQTRADE_CONFIG", path.to_str().unwrap());
        let (server, _) = filled(&site).await;
        let answer = run(&server, &order()).await;
        assert_eq!(
            refused(&answer),
            (status, format!("backtest.{code}")),
            "{}",
            answer.text
        );
        assert_eq!(
            answer.body()["detail"]["field"].as_str().unwrap_or_default(),
            field
        );
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trades_may_be_required() {
    let site = Site::new()
        .with("FREQTRADE_MOCK", "0")
        .with("BACKTEST_REQUIRE_TRADES", "1");
    let (server, _) = filled(&site).await;
    assert_eq!(run(&server, &order()).await.status, 200);
    let none = run(&server, &with("params", json!({ "min_length": 0.1 }))).await;
    assert_eq!(refused(&none), (422, "backtest.no_trades".to_owned()));
    assert_eq!(none.body()["detail"]["export_zip"], json!(null));
    server.stop().await;
}
