//! `trade-canvas replay export` and `inspect` on a real store.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "everything here is a test; a failed step ends it with its place"
)]

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};

const SERIES: &str = "binance:spot:BTC/USDT:1m";
const FIRST_S: i64 = 1_700_000_040;

fn program(folder: &Path, words: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trade-canvas"));
    command
        .current_dir(folder)
        .args(words.split_whitespace())
        .env_clear()
        .env("RUST_LOG", "off")
        .stdin(Stdio::null());
    command
}

/// Exit code, standard output, standard error.
fn run(folder: &Path, words: &str) -> (Option<i32>, String, String) {
    let output = program(folder, words).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

const STORE: &str = "--db-path market.db --pivot-window-major 5";

/// A store with 700 candles and their ledgers.
fn store_in(folder: &Path) {
    let rows: Vec<Value> = (0..700_i32)
        .map(|n| {
            let price = 1_000.0 + 60.0 * (f64::from(n) / 17.0).sin() + f64::from(n % 7);
            let open_ms = (FIRST_S + 60 * i64::from(n)) * 1_000;
            json!([open_ms, price, price + 3.0, price - 3.0, price + 1.0, 2.0])
        })
        .collect();
    fs::write(folder.join("BTC_USDT-1m.json"), json!(rows).to_string()).unwrap();
    let (code, _, stderr) = run(folder, &format!("import BTC_USDT-1m.json {STORE}"));
    assert_eq!(code, Some(0), "{stderr}");
}

#[test]
fn a_stretch_of_the_past_becomes_a_file_that_explains_itself() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    store_in(folder);
    let export = format!("replay export {SERIES} {STORE}");
    let (code, stdout, stderr) = run(folder, &format!("{export} --candles 600 --out past.tcreplay"));
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        stdout.starts_with("wrote past.tcreplay: binance:spot:BTC/USDT:1m, 600 bars"),
        "{stdout}"
    );
    let left: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert!(
        !left.iter().any(|name| name.to_string_lossy().contains("parts")),
        "{left:?}"
    );

    let (code, stdout, stderr) = run(folder, "replay inspect past.tcreplay");
    assert_eq!(code, Some(0), "{stderr}");
    for part in [
        "bars       600 from",
        "factor     pen: history confirmed; head candidate, extending",
        "window     1: bars 500..600",
    ] {
        assert!(stdout.contains(part), "{part:?} is not in {stdout}");
    }
    let (code, stdout, stderr) = run(folder, "replay inspect past.tcreplay --frame 555");
    assert_eq!(code, Some(0), "{stderr}");
    let frame: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(frame["candle"]["time"], FIRST_S + 60 * (100 + 555));
    assert!(!frame["drawing"].as_array().unwrap().is_empty());
    assert_eq!(frame["slices"]["pen"]["meta"]["at_time"], frame["candle"]["time"]);

    for (words, sentence) in [
        (format!("{export} --candles 5000"), "has 700 of 5000 candles"),
        (format!("{export} --to 5"), "there is no candle"),
        (
            "replay inspect BTC_USDT-1m.json".to_owned(),
            "is no replay package",
        ),
        (
            "replay inspect past.tcreplay --frame 600".to_owned(),
            "the package has 600 bars",
        ),
        (
            format!("replay export {SERIES} --db-path nowhere.db"),
            "there is no store at nowhere.db",
        ),
    ] {
        let (code, stdout, stderr) = run(folder, &words);
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{words}");
        assert!(stderr.contains(sentence), "{words}: {stderr}");
    }
}

/// Rounds of an export that is killed at any moment.
const ROUNDS: u32 = 40;

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the moment of the kill is what is spread, not an event that is waited for"
)]
fn an_export_that_is_killed_leaves_a_whole_file_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    store_in(folder);
    let export = format!("replay export {SERIES} {STORE} --candles 600 --out past.tcreplay");
    let (mut whole, mut none) = (0, 0);
    for round in 0..ROUNDS {
        let _former = fs::remove_file(folder.join("past.tcreplay"));
        let mut child = program(folder, &export).stdout(Stdio::null()).spawn().unwrap();
        // Any moment will do; the rounds spread them over a run.
        std::thread::sleep(Duration::from_millis(u64::from(round) * 6));
        child.kill().unwrap();
        child.wait().unwrap();
        if folder.join("past.tcreplay").exists() {
            whole += 1;
            let (code, _, stderr) = run(folder, "replay inspect past.tcreplay");
            assert_eq!(code, Some(0), "round {round}: {stderr}");
        } else {
            none += 1;
        }
    }
    assert!(
        none > 0,
        "{whole} of {ROUNDS} exports were over before they were killed"
    );
    let (code, _, stderr) = run(folder, &export);
    assert_eq!(code, Some(0), "{stderr}");
}
