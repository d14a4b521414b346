//! Runs of the engine of this program, over candles and ledgers of the store.

mod bias;
mod refusals;
mod sweeps;
mod trading;
mod venues;

use std::sync::Arc;

use serde_json::{Value, json};
use tc_backtest::{
    Config, DataRange, FactorFacts, FactsRecorder, FundingSeries, LeverageTier, Market, OrderLimits,
    PairInput, PairSeries, Run, Shorts, Side, StrategyParams, Tick, Trading, signals, simulate, strategy,
};
use tc_factor::{FactorEngine, FactorGraph, FactorSettings, FoldMode, factors::FACTORS};
use tc_market::{Candle, Timeframe};

use super::place::run;
use crate::{
    candles::{BTC, minutes, wires},
    site::{Publish, Site, TestServer, eventually},
};

/// A server that has candles and ledgers of the sample, without freqtrade.
async fn server() -> (Site, TestServer, Vec<Candle>) {
    let site = Site::new().with("FREQTRADE_MOCK", "0");
    let (server, candles) = filled(&site).await;
    (site, server, candles)
}

async fn filled(site: &Site) -> (TestServer, Vec<Candle>) {
    let candles = minutes(BTC);
    let server = site.start().await;
    server.ingest_batch(BTC, &wires(&candles), Publish::No).await;
    (server, candles)
}

/// A run that nothing speaks against.
fn order() -> Value {
    json!({
        "engine": "native", "strategy_name": "PenDirection", "pair": "BTC/USDT", "timeframe": "1m",
        "params": { "min_length": 0.0005 },
    })
}

/// The run once it is over.
async fn over(server: &TestServer, run_id: &str) -> Value {
    eventually("the end of a run", async || {
        let path = format!("/api/backtest/runs/{run_id}");
        let run = server.get(&path, &[("include", "full")]).await.ok();
        run["finished_at_ms"].is_i64().then_some(run)
    })
    .await
}

fn facts(candles: &[Candle]) -> FactorFacts {
    let settings = FactorSettings::with_pivot_windows(5, 2);
    let graph = Arc::new(FactorGraph::build(FACTORS, &settings).unwrap());
    let engine = FactorEngine::genesis(graph, Timeframe::MINUTE, FoldMode::Compute);
    let mut recorder = FactsRecorder::new(engine);
    for candle in candles {
        recorder.push(candle, &[]).unwrap();
    }
    recorder.finish()
}

/// What is traded with when nobody says anything.
fn config() -> Config {
    Config {
        fee: 0.0005,
        trading: Trading::Futures {
            leverage: 1.0,
            shorts: Shorts::Allowed,
        },
        ..Config::default()
    }
}

/// What the engine makes of these candles, without a server: factors computed anew, numbers written out.
fn expected(candles: &[Candle], params: &[(&str, f64)], range: DataRange) -> Run {
    expected_with(candles, params, range, (&config(), None))
}

/// As [`expected`], traded with other things and with funding.
fn expected_with(
    candles: &[Candle],
    params: &[(&str, f64)],
    range: DataRange,
    (config, funding): (&Config, Option<&FundingSeries>),
) -> Run {
    let spec = strategy("PenDirection").unwrap();
    let mut values = StrategyParams::defaults(spec.params);
    for (name, value) in params {
        values.set(name, *value).unwrap();
    }
    let columns = signals((spec.new)(&values).as_mut(), candles, &facts(candles));
    let market = Market {
        pair: "BTC/USDT:USDT".to_owned(),
        price_tick: Tick::new(0.1).unwrap(),
        amount_step: Tick::new(0.001).unwrap(),
        limits: OrderLimits {
            amount_min: Some(0.001),
            amount_max: Some(1_000.0),
            cost_min: Some(5.0),
            cost_max: None,
        },
        tiers: vec![LeverageTier {
            min_notional: 0.0,
            max_notional: None,
            maintenance_rate: 0.004,
            maintenance_amount: 0.0,
            max_leverage: 125.0,
        }],
    };
    let series = PairSeries::prepare(market, candles, Timeframe::MINUTE, range).unwrap();
    let input = PairInput {
        series: &series,
        signals: &columns,
        funding,
    };
    simulate(config, &[input]).unwrap()
}

/// Every trade of the answer is that of the engine, to the bit.
fn assert_same(answer: &Value, expected: &Run) {
    let result = &answer["result"];
    let trades = result["trades"].as_array().unwrap();
    assert_eq!(trades.len(), expected.trades.len());
    for (found, trade) in trades.iter().zip(&expected.trades) {
        let told = json!({
            "pair": "BTC/USDT:USDT", "is_short": trade.side == Side::Short, "leverage": trade.leverage,
            "open_timestamp": trade.open_ms, "close_timestamp": trade.close_ms, "open_rate": trade.open_rate,
            "close_rate": trade.close_rate, "stake_amount": trade.stake_amount, "amount": trade.amount,
            "profit_abs": trade.profit_abs, "profit_ratio": trade.profit_ratio, "fee_open": trade.fee_open,
            "exit_reason": trade.exit_reason.as_str(), "enter_tag": trade.enter_tag.as_deref(),
            "initial_stop_loss_abs": trade.initial_stop_loss_abs, "stop_loss_abs": trade.stop_loss_abs,
            "liquidation_price": trade.liquidation_price, "min_rate": trade.min_rate, "max_rate": trade.max_rate, "funding_fees": trade.funding_fees,
            "trade_duration": trade.duration_minutes(),
        });
        for (name, value) in told.as_object().unwrap() {
            assert_eq!(&found[name], value, "{name} of {found}");
        }
        assert_eq!(found["orders"][1]["cost"], json!(trade.exit_cost));
    }
    assert_eq!(result["total_trades"], json!(expected.trades.len()));
    assert_eq!(
        (&result["starting_balance"], &result["final_balance"]),
        (&json!(expected.starting_balance), &json!(expected.final_balance))
    );
    assert_eq!(
        (&result["start_ts"], &result["end_ts"]),
        (&json!(expected.begin_ms), &json!(expected.finish_ms))
    );
    let equity: Vec<Value> = (expected.equity.downsampled(5_000).iter())
        .map(|(time, value)| json!([time, value]))
        .collect();
    assert_eq!(result["equity"], json!(equity));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strategies_come_with_their_parameters() {
    let (_site, server, _) = server().await;
    let listed = server
        .get("/api/backtest/strategies", &[("engine", "native")])
        .await
        .ok();
    assert_eq!(
        listed["strategies"],
        json!(["PenDirection", "SrRejection", "ZhongshuBreakout"])
    );
    let specs = listed["specs"].as_array().unwrap();
    let names: Vec<&Value> = specs.iter().map(|spec| &spec["strategy_name"]).collect();
    assert_eq!(json!(names), listed["strategies"]);
    let pen = &specs[0];
    assert_eq!(
        (&pen["can_long"], &pen["can_short"], &pen["factor_roots"]),
        (&json!(true), &json!(true), &json!(["pen"]))
    );
    let schema = &pen["params_schema"]["properties"];
    assert_eq!(
        (
            &schema["min_length"]["type"],
            &schema["max_candles"]["type"],
            &schema["fade"]["type"]
        ),
        (&json!("number"), &json!("integer"), &json!("boolean"))
    );
    assert_eq!(
        (
            &schema["max_candles"]["maximum"],
            &schema["max_candles"]["default"],
            &schema["fade"]["default"]
        ),
        (&json!(500.0), &json!(0), &json!(false))
    );
    let hashes: std::collections::BTreeSet<&str> = specs
        .iter()
        .map(|spec| spec["logic_hash"].as_str().unwrap())
        .collect();
    assert_eq!(hashes.len(), 3);
    let found = [("pair", "BTC/USDT"), ("engine", "native")];
    let found = server.get("/api/backtest/pair_timeframes", &found).await.ok();
    assert_eq!(
        (
            &found["pair"],
            &found["trading_mode"],
            &found["available_timeframes"]
        ),
        (&json!("BTC/USDT:USDT"), &json!("futures"), &json!(["1m"]))
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_what_the_engine_makes_of_the_stored_candles() {
    let (site, server, candles) = server().await;
    let answer = server.post("/api/backtest/run?include=full", &order()).await.ok();
    let whole = expected(&candles, &[("min_length", 0.0005)], DataRange::default());
    assert!(whole.trades.len() > 10, "{} trades", whole.trades.len());
    assert_same(&answer, &whole);
    assert_eq!(
        (&answer["ok"], &answer["engine"], &answer["warnings"]),
        (&json!(true), &json!("native"), &json!(["funding_data_missing"]))
    );
    let metrics = &answer["result"]["metrics"];
    assert_eq!(
        (&metrics["total_trades"], &metrics["final_balance"]),
        (&json!(whole.trades.len()), &json!(whole.final_balance))
    );
    for name in [
        "sharpe",
        "profit_total",
        "max_drawdown_account",
        "results_per_pair",
        "wallet_stats",
        "extra",
    ] {
        assert!(!metrics[name].is_null(), "{name}");
    }
    let middle = candles[candles.len() / 2].time().seconds() * 1_000;
    let mut ranged = order();
    ranged["timerange"] = json!(format!("{middle}-"));
    let half = server.post("/api/backtest/run?include=full", &ranged).await.ok();
    let range = DataRange {
        start_ms: Some(middle),
        ..DataRange::default()
    };
    let run = expected(&candles, &[("min_length", 0.0005)], range);
    assert!(run.trades.len() > 3 && run.trades.len() < whole.trades.len());
    assert_same(&half, &run);
    let summary = run_summary(&server).await;
    assert!(summary["result"].get("trades").is_none() && summary["result"].get("equity").is_none());
    server.stop().await;

    let server = site.start().await;
    let run_id = answer["run_id"].as_str().unwrap();
    let kept = over(&server, run_id).await;
    assert_eq!(
        (&kept["state"], &kept["engine"], &kept["params"]),
        (&json!("done"), &json!("native"), &json!({ "min_length": 0.0005 }))
    );
    assert_eq!(kept["response"], answer, "reopened as it was answered");
    server.stop().await;
}

async fn run_summary(server: &TestServer) -> Value {
    run(server, &order()).await.ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_configuration_of_freqtrade_says_what_is_traded_with() {
    let site = Site::new().with("FREQTRADE_MOCK", "0");
    let path = site.path("config.json");
    let text = r#"{"trading_mode": "spot", "stake_amount": 100, "max_open_trades": -1, "dry_run_wallet": 5000, "fee": 0}"#;
    std::fs::write(&path, text).unwrap();
    let site = site.with("FREQTRADE_CONFIG", path.to_str().unwrap());
    let server = site.start().await;
    let candles = minutes(BTC);
    let series = "binance:spot:BTC/USDT:1m";
    server.ingest_batch(series, &wires(&candles), Publish::No).await;
    let answer = server.post("/api/backtest/run?include=full", &order()).await.ok();
    let result = &answer["result"];
    assert_eq!(result["starting_balance"], json!(5000.0));
    assert_eq!(
        (
            &result["metrics"]["max_open_trades"],
            &result["metrics"]["stake_amount"]
        ),
        (&json!(-1), &json!(100.0))
    );
    assert_eq!(answer["warnings"], json!([]), "spot pays no funding");
    let trades = result["trades"].as_array().unwrap();
    assert!(trades.len() > 5);
    for trade in trades {
        assert_eq!(
            (&trade["pair"], &trade["is_short"]),
            (&json!("BTC/USDT"), &json!(false))
        );
        assert_eq!(trade["fee_open"], json!(0.0));
        assert!(trade["stake_amount"].as_f64().unwrap() <= 100.0);
    }
    server.stop().await;
}
