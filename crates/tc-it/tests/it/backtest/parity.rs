//! The engine of this program against freqtrade itself, on backtests that nobody wrote.
//!
//! `PARITY_CASES` and `PARITY_SEED` say how many and from which seed on; a seed always makes the same case. The folder of
//! a case that differs is kept, inputs and both results, and the message names it.

mod cases;
mod dice;
mod differences;
mod folder;
mod markets;
mod native;
mod prices;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};
use tc_backtest::{Metrics, Run};
use tc_freqtrade::record;

use super::freqtrade::{installed, tell_skipped};
use cases::RandomCase;
use differences::{Closeness, differences};

const SCRIPT: &str = include_str!("parity/replay.py");
/// Cases of a usual run; they take as long as importing freqtrade does.
const CASES: u64 = 6;
/// Differences of one case that are told.
const TOLD: usize = 12;

#[test]
fn random_backtests_come_out_as_in_freqtrade() {
    let Some(freqtrade) = installed() else {
        tell_skipped();
        return;
    };
    let first = number("PARITY_SEED").unwrap_or(1);
    let seeds = first..first + number("PARITY_CASES").unwrap_or(CASES);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("parity");
    let cases: Vec<(RandomCase, PathBuf)> = seeds
        .map(RandomCase::of)
        .map(|case| {
            let place = folder.join(&case.name);
            let _ = fs::remove_dir_all(&place);
            case.write(&place);
            (case, place)
        })
        .collect();
    replay(
        &freqtrade,
        &folder,
        cases.iter().map(|(_, place)| place.as_path()),
    );
    let mut told = Vec::new();
    for (case, place) in &cases {
        let differences = compared(case, place);
        if differences.is_empty() {
            fs::remove_dir_all(place).unwrap();
            continue;
        }
        let rest = differences.len().saturating_sub(TOLD);
        let lines = differences.iter().take(TOLD).map(|line| format!("\n  {line}"));
        let lines: String = lines.collect();
        told.push(format!("\n{}, and {rest} more:{lines}", place.display()));
    }
    assert!(
        told.is_empty(),
        "{} of {} cases differ:{}",
        told.len(),
        cases.len(),
        told.concat()
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever looks for differences says how long"
)]
fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|text| text.parse().unwrap())
}

/// Lets freqtrade run over all folders, in one process. It runs a copy of the script, because Python leaves compiled code
/// beside what it imports.
fn replay<'a>(freqtrade: &Path, folder: &Path, cases: impl Iterator<Item = &'a Path>) {
    let script = folder.join("replay.py");
    fs::write(&script, SCRIPT).unwrap();
    let python = freqtrade.with_file_name("python");
    let run = Command::new(python)
        .args(["-W", "ignore"])
        .arg(script)
        .args(cases)
        .output();
    let output = run.unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// What differs between the run of this program and what freqtrade wrote into the folder.
fn compared(case: &RandomCase, place: &Path) -> Vec<String> {
    let expected = |name: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(place.join(name)).unwrap()).unwrap()
    };
    let run = case.run();
    let (trades, metrics) = told(&run);
    let mut found = differences(
        "trades",
        &trades,
        &expected("expected_trades.json"),
        Closeness::Bits,
    );
    let record = expected("expected_metrics.json");
    found.extend(differences("metrics", &metrics, &record, Closeness::NineDigits));
    found.extend(equity_differences(
        &run.equity,
        &fs::read_to_string(place.join("expected_wallet.csv")).unwrap(),
    ));
    if !found.is_empty() {
        fs::write(place.join("found_trades.json"), trades.to_string()).unwrap();
        fs::write(place.join("found_metrics.json"), metrics.to_string()).unwrap();
    }
    found
}

/// Trades and figures as the product tells them. Taken out is what freqtrade's file has no word for: further figures, and
/// where a trade would be liquidated.
fn told(run: &Run) -> (Value, Value) {
    let mut figures = record::figures(run, &Metrics::of(run));
    figures.remove("extra");
    let mut trades = json!(record::trades(run));
    for trade in trades.as_array_mut().unwrap() {
        trade.as_object_mut().unwrap().remove("liquidation_price");
    }
    (trades, Value::Object(figures))
}

/// What the account was worth before every candle; freqtrade lists it by currency.
fn equity_differences(equity: &tc_backtest::Equity, record: &str) -> Vec<String> {
    let mut worth: Vec<(i64, f64)> = Vec::new();
    for row in record.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let number = |at: usize| cells[at].parse::<f64>().unwrap();
        let (time, value) = (cells[0].parse().unwrap(), number(2) * number(3));
        match worth.last_mut() {
            Some((last, sum)) if *last == time => *sum += value,
            _ => worth.push((time, value)),
        }
    }
    let found = (0..equity.values.len()).map(|at| (equity.time_ms(at), equity.values[at]));
    let found: Vec<(i64, f64)> = found.collect();
    let json = |points: &[(i64, f64)]| serde_json::to_value(points).unwrap();
    differences("equity", &json(&found), &json(&worth), Closeness::NineDigits)
}
