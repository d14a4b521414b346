//! The same pair on two markets: a run reads the one that is asked for.

use serde_json::json;

use super::{order, over, server};
use crate::{
    backtest::place::{refused, run},
    candles::wires,
    site::Publish,
};

const SPOT: &str = "binance:spot:BTC/USDT:1m";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_reads_the_market_that_is_asked_for() {
    let (_site, server, candles) = server().await;
    server
        .ingest_batch(SPOT, &wires(&candles[..900]), Publish::No)
        .await;
    for (market, series, pair, end) in [
        (json!("spot"), SPOT, "BTC/USDT", &candles[899]),
        (
            json!("futures"),
            crate::candles::BTC,
            "BTC/USDT:USDT",
            &candles[candles.len() - 1],
        ),
        (
            json!(null),
            crate::candles::BTC,
            "BTC/USDT:USDT",
            &candles[candles.len() - 1],
        ),
    ] {
        let mut wish = order();
        wish["market"] = market;
        wish["exchange"] = json!("binance");
        let answer = run(&server, &wish).await.ok();
        assert_eq!(
            answer["result"]["end_ts"],
            json!(end.time().seconds() * 1_000),
            "{series}"
        );
        let kept = over(&server, answer["run_id"].as_str().unwrap()).await;
        assert_eq!(kept["series_id"], series);
        assert_eq!(kept["response"]["result"]["trades"][0]["pair"], pair);
    }
    let spot = [("pair", "BTC/USDT"), ("engine", "native"), ("market", "spot")];
    let found = server.get("/api/backtest/pair_timeframes", &spot).await.ok();
    assert_eq!(
        (&found["pair"], &found["trading_mode"]),
        (&json!("BTC/USDT"), &json!("spot"))
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn places_that_there_are_not_are_refused() {
    let (_site, server, _) = server().await;
    for (field, value, status, code) in [
        ("market", "margin", 422, "request.invalid"),
        ("exchange", "kraken", 422, "backtest.history_missing"),
        ("market", "spot", 422, "backtest.history_missing"),
    ] {
        let mut wish = order();
        wish[field] = json!(value);
        let answer = run(&server, &wish).await;
        assert_eq!(refused(&answer), (status, code.to_owned()), "{field} {value}");
    }
    let mut settled = order();
    settled["pair"] = json!("BTC/USDT:USDT");
    settled["market"] = json!("spot");
    let answer = run(&server, &settled).await;
    assert_eq!(refused(&answer), (422, "backtest.pair_invalid".to_owned()));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timeframe_with_less_history_than_shorter_candles_says_so() {
    let (_site, server, candles) = server().await;
    let five = "binance:futures:BTC/USDT:5m";
    let late: Vec<_> = candles[300..]
        .iter()
        .filter(|candle| candle.time().seconds() % 300 == 0)
        .copied()
        .collect();
    server.ingest_batch(five, &wires(&late), Publish::No).await;
    let warnings = async |timeframe: &str, from: i64| {
        let mut wish = order();
        wish["timeframe"] = json!(timeframe);
        wish["timerange"] = json!(format!("{from}-"));
        run(&server, &wish).await.ok()["warnings"].clone()
    };
    let (first, begun) = (candles[0].time().seconds(), late[0].time().seconds());
    let (partial, whole) = (
        json!(["funding_data_missing", "history_partial"]),
        json!(["funding_data_missing"]),
    );
    assert_eq!(warnings("5m", first).await, partial);
    assert_eq!(warnings("5m", begun).await, whole);
    assert_eq!(warnings("1m", first).await, whole);
    server.stop().await;
}
