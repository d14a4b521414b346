//! What is traded with, and what holding a future costs.

use std::{collections::BTreeSet, fs};

use serde_json::{Value, json};
use tc_backtest::{
    Config, DataRange, FundingSeries, MarkCandle, RoiStep, RoiTable, Shorts, Stake, Trading, Trailing,
};
use tc_market::Candle;

use super::{assert_same, config, expected, expected_with, filled, order, over, server};
use crate::{
    backtest::place::{refused, run, scripted},
    candles::{BTC, minutes},
    site::{Site, TestServer, eventually},
};

const PARAMS: &[(&str, f64)] = &[("min_length", 0.0005)];
const RATES: &str = "data/futures/BTC_USDT_USDT-1h-funding_rate.json";
const MARKS: &str = "data/futures/BTC_USDT_USDT-1h-mark.json";

/// Unix milliseconds and a value.
type Values = Vec<(i64, f64)>;

fn trading(trading: Value) -> Value {
    let mut order = order();
    order["trading"] = trading;
    order
}

async fn full(server: &TestServer, order: &Value) -> Value {
    server.post("/api/backtest/run?include=full", order).await.ok()
}

/// Rates and mark prices of every hour of the candles.
fn hours(candles: &[Candle]) -> (Values, Values) {
    let hours = candles
        .iter()
        .filter(|candle| candle.time().seconds() % 3_600 == 0);
    let rows = hours.enumerate().map(|(n, candle)| {
        let (time, rate) = (candle.time().seconds() * 1_000, [0.0001, -0.0003, 0.0002][n % 3]);
        ((time, rate), (time, candle.open()))
    });
    rows.unzip()
}

fn candles_of(marks: &Values) -> Vec<MarkCandle> {
    let candle = |&(time_ms, open): &(i64, f64)| MarkCandle {
        time_ms,
        open,
        close: open,
    };
    marks.iter().map(candle).collect()
}

/// A site whose candle files have funding, rates in the first two columns and mark prices in candles.
fn funded(candles: &[Candle]) -> (Site, FundingSeries) {
    let (rates, marks) = hours(candles);
    let site = Site::new().with("FREQTRADE_MOCK", "0");
    fs::create_dir_all(site.path("data/futures")).unwrap();
    fs::write(site.path(RATES), json!(rates).to_string()).unwrap();
    let candle = |(time, open): &(i64, f64)| json!([time, open, open, open, open, null]);
    let text = marks.iter().map(candle).collect::<Value>().to_string();
    fs::write(site.path(MARKS), text).unwrap();
    let folder = site.path("data").to_str().unwrap().to_owned();
    (
        site.with("FREQTRADE_DATADIR", &folder),
        FundingSeries::new(&rates, &candles_of(&marks), i64::MIN..=i64::MAX),
    )
}

fn leveraged(leverage: f64, stop_loss: f64) -> Config {
    Config {
        stop_loss,
        trading: Trading::Futures {
            leverage,
            shorts: Shorts::Allowed,
        },
        ..config()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leverage_and_funding_are_those_of_the_engine() {
    let candles = minutes(BTC);
    let (site, funding) = funded(&candles);
    let (server, _) = filled(&site).await;
    let wish = trading(json!({ "leverage": 3, "stoploss": -0.3 }));
    let answer = full(&server, &wish).await;
    let with = (&leveraged(3.0, -0.3), Some(&funding));
    let run = expected_with(&candles, PARAMS, DataRange::default(), with);
    assert_same(&answer, &run);
    assert!(run.trades.iter().any(|trade| trade.funding_fees.abs() > 0.0));
    assert!(
        run.trades
            .iter()
            .all(|trade| (trade.leverage - 3.0).abs() < 1e-12)
    );
    assert_eq!(answer["warnings"], json!([]), "every hour is there");
    let metrics = &answer["result"]["metrics"];
    assert_eq!(
        (&metrics["leverage"], &metrics["stoploss"]),
        (&json!(3.0), &json!(-0.3))
    );
    assert!(metrics["extra"]["funding_paid"].as_f64().unwrap().abs() > 0.0);

    let mut grid = wish.clone();
    grid["grid"] = json!({ "fade": [0, 1] });
    let swept = server.post("/api/backtest/sweep", &grid).await;
    let run_id = swept.body()["run_id"].as_str().unwrap().to_owned();
    let swept = over(&server, &run_id).await;
    assert_eq!(swept["trading"], wish["trading"]);
    let point = &swept["response"]["points"][0];
    assert_eq!(
        (&point["params"], &point["metrics"]["final_balance"]),
        (&json!({ "fade": 0 }), &json!(run.final_balance))
    );
    server.stop().await;

    let server = site.start().await;
    let run_id = answer["run_id"].as_str().unwrap();
    let kept = over(&server, run_id).await;
    assert_eq!(
        (&kept["trading"], &kept["response"]),
        (&wish["trading"], &answer),
        "reopened as it was asked and answered"
    );
    let check = format!("/api/backtest/runs/{run_id}/bias");
    assert_eq!(server.post(&check, &json!({ "samples": 3 })).await.status, 202);
    let checked = eventually("findings", async || {
        let run = over(&server, run_id).await;
        run["bias"].is_object().then_some(run)
    });
    assert_eq!(checked.await["bias"]["changed"], json!(0));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn funding_that_is_not_whole_is_told_or_refused() {
    let candles = minutes(BTC);
    let (site, _) = funded(&candles);
    let (server, _) = filled(&site).await;
    let (rates, marks) = hours(&candles);
    let half = &rates[..rates.len() / 2];
    fs::write(site.path(RATES), json!(half).to_string()).unwrap();
    let answer = full(&server, &order()).await;
    assert_eq!(answer["warnings"], json!(["funding_data_incomplete"]));
    let known = FundingSeries::new(half, &candles_of(&marks), i64::MIN..=i64::MAX);
    let with = (&config(), Some(&known));
    assert_same(
        &answer,
        &expected_with(&candles, PARAMS, DataRange::default(), with),
    );

    let years_ago = rates.iter().map(|(time, rate)| (time - 100_000_000_000, *rate));
    fs::write(site.path(RATES), json!(years_ago.collect::<Vec<_>>()).to_string()).unwrap();
    let plain = expected(&candles, PARAMS, DataRange::default());
    for missing in [true, false] {
        let answer = full(&server, &order()).await;
        assert_eq!(answer["warnings"], json!(["funding_data_missing"]));
        assert_same(&answer, &plain);
        if missing {
            fs::remove_file(site.path(RATES)).unwrap();
        }
    }

    let damaged = site.path(RATES).with_extension("feather");
    fs::write(&damaged, "no table").unwrap();
    let answer = run(&server, &order()).await;
    assert_eq!(refused(&answer), (422, "backtest.funding_bad".to_owned()));
    let detail = &answer.body()["detail"];
    assert_eq!(detail["file"], json!(damaged));
    assert!(detail["error"].as_str().unwrap().contains("feather"), "{detail}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_beyond_the_liquidation_leaves_it_to_the_exchange() {
    let (_site, server, candles) = server().await;
    let wish = trading(json!({
        "leverage": 100, "stoploss": -0.99, "stake_amount": 50, "dry_run_wallet": 5000, "fee": 0,
    }));
    let answer = full(&server, &wish).await;
    let with = Config {
        stake: Stake::Fixed(50.0),
        wallet: 5_000.0,
        fee: 0.0,
        ..leveraged(100.0, -0.99)
    };
    let run = expected_with(&candles, PARAMS, DataRange::default(), (&with, None));
    assert_same(&answer, &run);
    let reasons: BTreeSet<&str> = run
        .trades
        .iter()
        .map(|trade| trade.exit_reason.as_str())
        .collect();
    assert!(reasons.contains("liquidation"), "{reasons:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_that_is_given_counts() {
    let (_site, server, candles) = server().await;
    let wish = trading(json!({
        "max_open_trades": 1, "tradable_balance_ratio": 0.5, "minimal_roi": { "0": 0.004, "60": 0.001 },
        "trailing_stop": true, "trailing_stop_positive": 0.001, "trailing_stop_positive_offset": 0.002,
        "use_exit_signal": false, "stoploss": -0.01,
    }));
    let step = |minutes, ratio| RoiStep { minutes, ratio };
    let mut with = config();
    with.slots = tc_backtest::Slots::AtMost(1);
    with.tradable_balance_ratio = 0.5;
    with.roi = RoiTable::new([step(0, 0.004), step(60, 0.001)]);
    with.trailing = Some(Trailing {
        positive: Some(0.001),
        positive_offset: 0.002,
        before_offset: tc_backtest::BeforeOffset::Follows,
    });
    with.exits.use_exit_signal = false;
    with.stop_loss = -0.01;
    let run = expected_with(&candles, PARAMS, DataRange::default(), (&with, None));
    let reasons: BTreeSet<&str> = run
        .trades
        .iter()
        .map(|trade| trade.exit_reason.as_str())
        .collect();
    assert!(
        reasons.contains("roi") && reasons.contains("trailing_stop_loss"),
        "{reasons:?}"
    );
    assert_same(&full(&server, &wish).await, &run);

    let asked = [("pair", "BTC/USDT"), ("engine", "native")];
    let told = server.get("/api/backtest/pair_timeframes", &asked).await.ok();
    assert_eq!(
        (
            &told["trading"]["leverage"],
            &told["trading"]["fee"],
            &told["trading"]["dry_run_wallet"]
        ),
        (&json!(1.0), &json!(0.0005), &json!(1000.0))
    );
    let again = full(&server, &trading(told["trading"].clone())).await;
    assert_same(&again, &expected(&candles, PARAMS, DataRange::default()));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_traded_with_is_refused_by_name() {
    let (_site, server, _) = server().await;
    for (given, name) in [
        (json!({ "leverage": 126 }), "leverage"),
        (json!({ "leverage": 0 }), "leverage"),
        (json!({ "dry_run_wallet": 0 }), "dry_run_wallet"),
        (json!({ "stake_amount": 5000 }), "stake_amount"),
        (json!({ "stoploss": 0.1 }), "stoploss"),
        (json!({ "fee": "low" }), "fee"),
        (json!({ "minimal_roi": [0.1] }), "minimal_roi"),
        (json!({ "wallet": 5 }), "wallet"),
    ] {
        let mut wish = trading(given);
        let answer = run(&server, &wish).await;
        assert_eq!(
            refused(&answer),
            (422, "backtest.params_invalid".to_owned()),
            "{wish}"
        );
        assert_eq!(answer.body()["detail"]["name"], name);
        wish["grid"] = json!({ "fade": [0, 1] });
        let answer = server.post("/api/backtest/sweep", &wish).await;
        assert_eq!(
            refused(&answer),
            (422, "backtest.params_invalid".to_owned()),
            "{wish}"
        );
        assert_eq!(answer.body()["detail"]["name"], name);
    }
    let answer = run(&server, &trading(json!([1]))).await;
    assert_eq!(refused(&answer), (422, "request.invalid".to_owned()));
    let runs = server.get("/api/backtest/runs", &[]).await.ok();
    assert_eq!(runs, json!({ "runs": [] }));
    server.stop().await;

    let site = scripted(crate::backtest::place::GOOD);
    let server = site.start().await;
    let mut wish = crate::backtest::place::order();
    wish["trading"] = json!({ "leverage": 3 });
    let answer = run(&server, &wish).await;
    assert_eq!(refused(&answer), (422, "backtest.params_invalid".to_owned()));
    assert_eq!(answer.body()["detail"]["name"], "trading");
    server.stop().await;
}
