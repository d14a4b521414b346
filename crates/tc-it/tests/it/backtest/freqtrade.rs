//! freqtrade itself, without a network. `cargo xtask test` installs it and says where; without it there is nothing to ask.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::Duration,
};

use reqwest::Method;
use serde_json::{Value, json};

use super::place::{order, order_with, refused, site};
use crate::site::{Answer, Site, TestServer};

/// Says where freqtrade is.
const VARIABLE: &str = "FREQTRADE_FOR_TESTS";

const SAMPLE: &str = include_str!("sample.py");
/// First candle, Unix milliseconds.
const FROM_MS: i64 = 1_704_067_200_000;
const CANDLE_MS: i64 = 300_000;
const CANDLES: i64 = 1_500;

/// The program: the named one, else one that was installed beside this test.
pub(super) fn installed() -> Option<PathBuf> {
    if let Some(named) = env::var_os(VARIABLE) {
        let named = PathBuf::from(named);
        assert!(
            named.is_file(),
            "{VARIABLE} names {}, which is no file",
            named.display()
        );
        return Some(named);
    }
    let here = env::current_exe().unwrap();
    let tools = here
        .ancestors()
        .map(|folder| folder.join("tools"))
        .find(|tools| tools.is_dir());
    let mut found: Vec<PathBuf> = tools
        .into_iter()
        .flat_map(|tools| fs::read_dir(tools).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("freqtrade-"))
        })
        .map(|home| home.join("bin/freqtrade"))
        .filter(|bin| bin.is_file())
        .collect();
    found.sort();
    found.pop()
}

#[expect(
    clippy::print_stderr,
    reason = "whoever looks at a test that was not run wants to know"
)]
pub(super) fn tell_skipped() {
    eprintln!("SKIPPED: there is no freqtrade; `cargo xtask test --only rust` installs it");
}

/// A site with freqtrade, candles of two sine waves and a strategy that crosses averages.
fn real(mode: &str) -> Option<Site> {
    let Some(bin) = installed() else {
        tell_skipped();
        return None;
    };
    let site = site()
        .with("FREQTRADE_BIN", bin.to_str().unwrap())
        .with("FREQTRADE_OFFLINE_MARKETS", "1");
    let config = json!({
        "datadir": "data", "trading_mode": mode, "fee": 0.001, "stake_amount": 100,
        "exchange": { "name": "binance", "key": "not to be told" },
    });
    fs::write(site.path("config.json"), config.to_string()).unwrap();
    fs::write(site.path("strategies/sample.py"), SAMPLE).unwrap();
    fs::remove_file(site.path("data/BTC_USDT-5m.feather")).unwrap();
    fs::create_dir(site.path("data/futures")).unwrap();
    let candles: Vec<Value> = (0..CANDLES).map(candle).collect();
    write(&site.path("data/BTC_USDT-5m.json"), &candles);
    write(&site.path("data/futures/BTC_USDT_USDT-5m-futures.json"), &candles);
    Some(site)
}

fn candle(n: i64) -> Value {
    let n_f = f64::from(i32::try_from(n).unwrap());
    let open = 100.0 + 10.0 * (n_f / 20.0).sin() + 3.0 * (n_f / 7.0).sin();
    json!([
        FROM_MS + n * CANDLE_MS,
        open,
        open * 1.01,
        open * 0.99,
        open + 0.5,
        10.0
    ])
}

fn write(path: &Path, rows: &[Value]) {
    fs::write(path, json!(rows).to_string()).unwrap();
}

fn wish(strategy: &str) -> Value {
    let mut wish = order_with("strategy_name", strategy);
    wish["timerange"] = json!("20240101-20240105");
    wish
}

/// Longest answer: freqtrade takes seconds, on a machine that is busy with other tests many of them.
const PATIENCE: Duration = Duration::from_secs(150);

async fn full(server: &TestServer, wish: &Value) -> Value {
    posted(server, "/api/backtest/run?include=full", wish).await.ok()
}

async fn posted(server: &TestServer, path: &str, body: &Value) -> Answer {
    Answer::of(server.request(Method::POST, path).json(body).timeout(PATIENCE)).await
}

async fn strategies(server: &TestServer) -> Value {
    let request = server.request(Method::GET, "/api/backtest/strategies");
    Answer::of(request.timeout(PATIENCE)).await.ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spot_runs_without_an_exchange() {
    let Some(site) = real("spot") else {
        return;
    };
    let server = site.start().await;
    let listed = strategies(&server).await;
    assert_eq!(listed, json!({ "strategies": ["Sample", "SampleShort"] }));
    let answer = full(&server, &wish("Sample")).await;
    assert_eq!(
        (&answer["ok"], &answer["result_error"]),
        (&json!(true), &json!(null)),
        "{answer}"
    );
    let result = &answer["result"];
    let trades = result["trades"].as_array().unwrap();
    assert!(trades.len() > 10, "{answer}");
    assert_eq!(result["total_trades"], trades.len());
    assert_eq!(result["metrics"]["total_trades"], trades.len());
    let profit: f64 = trades
        .iter()
        .map(|trade| trade["profit_abs"].as_f64().unwrap())
        .sum();
    let ends = (
        result["starting_balance"].as_f64().unwrap(),
        result["final_balance"].as_f64().unwrap(),
    );
    assert!((ends.0 + profit - ends.1).abs() < 1e-6, "{ends:?} and {profit}");
    let equity = result["equity"].as_array().unwrap();
    assert!(equity.len() > 1_000, "{} points", equity.len());
    let second = result["start_ts"].as_i64().unwrap() + CANDLE_MS;
    assert_eq!(
        (equity[0][0].as_i64(), equity[0][1].as_f64()),
        (Some(second), Some(ends.0))
    );
    assert!(answer["stdout"].as_str().unwrap().contains("BACKTESTING REPORT"));
    // The strategy's own values count, and nothing of the account goes along.
    let roi = &result["metrics"]["minimal_roi"];
    assert_eq!(roi["0"].as_f64(), Some(0.02), "{roi}");
    let file = result["result_file"].as_str().unwrap();
    assert!(Path::new(file).with_file_name("markets.json").is_file());
    let bytes = fs::read(file).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("not to be told"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn futures_run_without_an_exchange() {
    let Some(site) = real("futures") else {
        return;
    };
    let server = site.start().await;
    let without = full(&server, &wish("SampleShort")).await;
    assert_eq!(without["warnings"], json!(["funding_data_missing"]));
    assert!(without["result"]["total_trades"].as_u64() > Some(10), "{without}");
    let hours = |n: i64| FROM_MS + n * 3_600_000;
    let marks: Vec<Value> = (0..130)
        .map(|n| json!([hours(n), 100.0, 101.0, 99.0, 100.0, 0.0]))
        .collect();
    let rates: Vec<Value> = (0..17).map(|n| json!([hours(n * 8), 0.0001])).collect();
    write(&site.path("data/futures/BTC_USDT_USDT-1h-mark.json"), &marks);
    write(
        &site.path("data/futures/BTC_USDT_USDT-1h-funding_rate.json"),
        &rates,
    );
    let with = full(&server, &wish("SampleShort")).await;
    assert_eq!(
        (&with["ok"], &with["warnings"]),
        (&json!(true), &json!([])),
        "{with}"
    );
    let trades = with["result"]["trades"].as_array().unwrap();
    assert!(trades.iter().any(|trade| trade["is_short"] == true), "{with}");
    assert!(trades.iter().all(|trade| trade["pair"] == "BTC/USDT:USDT"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn freqtrade_fails_in_its_own_ways() {
    let Some(site) = real("spot") else {
        return;
    };
    let server = site.start().await;
    let mut nothing = wish("Sample");
    nothing["timerange"] = json!("20300101-20300102");
    let answer = full(&server, &nothing).await;
    assert_eq!(
        (&answer["ok"], &answer["exit_code"], &answer["result"]),
        (&json!(false), &json!(2), &json!(null))
    );
    let mut missing = wish("Sample");
    missing["timeframe"] = json!("1h");
    assert_eq!(
        refused(&posted(&server, "/api/backtest/run", &missing).await),
        (422, "backtest.history_missing".to_owned())
    );
    assert_eq!(
        refused(&posted(&server, "/api/backtest/run", &order()).await),
        (404, "backtest.strategy_not_found".to_owned())
    );
    // A stake currency that no market has is a wrong configuration, which ends with exit code 0 and no result.
    let config = json!({ "datadir": "data", "stake_currency": "XYZ" });
    fs::write(site.path("config.json"), config.to_string()).unwrap();
    let answer = full(&server, &wish("Sample")).await;
    assert_eq!(
        (&answer["ok"], &answer["result"]),
        (&json!(true), &json!(null)),
        "{answer}"
    );
    assert_eq!(answer["result_error"], "freqtrade wrote no result");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn freqtrade_is_ended_when_it_is_called_off() {
    let Some(site) = real("spot") else {
        return;
    };
    let python = fs::read_to_string(site.path("strategies/sample.py")).unwrap();
    let endless = python.replace(
        "        dataframe[\"fast\"]",
        "        while True: pass\n        dataframe[\"fast\"]",
    );
    fs::write(site.path("strategies/sample.py"), endless).unwrap();
    let server = site.start().await;
    let queued = posted(&server, "/api/backtest/run?wait=false", &wish("Sample")).await;
    assert_eq!(queued.status, 202, "{}", queued.text);
    let run_id = queued.body()["run_id"].as_str().unwrap().to_owned();
    let path = format!("/api/backtest/runs/{run_id}");
    while server.get(&path, &[]).await.ok()["stage"] != "indicators" {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let cancelled = server.post(&format!("{path}/cancel"), &json!({})).await.ok();
    assert_eq!(cancelled["state"], "cancelled");
    assert_eq!(
        fs::read_dir(site.path("user/backtest_results")).unwrap().count(),
        0
    );
    server.stop().await;
}
