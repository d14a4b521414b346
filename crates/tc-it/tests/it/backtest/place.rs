//! A folder with everything that freqtrade needs.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::site::{Answer, Site, TestServer};

/// What the program says of its strategies; `$results` is the directory for a result from here on.
const PRELUDE: &str = r#"#!/bin/sh
if [ "$1" = list-strategies ]; then
    echo listed >> listings
    printf 'Zeta\nAlpha\n\nnot-a-strategy\n'
    exit 0
fi
for word; do
    [ "$before" = --backtest-directory ] && results=$word
    before=$word
done
"#;

/// Puts a result of the strategy `Alpha` with two trades in place and talks.
pub(super) const GOOD: &str = "cp ready.zip \"$results/x.zip\"; echo table; echo log >&2";

/// Options that lead into the folder of a site.
pub(super) fn site() -> Site {
    let site = Site::new().with("FREQTRADE_MOCK", "0");
    let at = |name: &str| site.path(name).to_str().unwrap().to_owned();
    let (root, bin) = (at("."), at("freqtrade"));
    for name in ["user", "strategies", "data"] {
        fs::create_dir(site.path(name)).unwrap();
    }
    fs::write(site.path("config.json"), r#"{"datadir": "data"}"#).unwrap();
    fs::write(site.path("data/BTC_USDT-5m.feather"), "").unwrap();
    let strategies = at("strategies");
    site.with("FREQTRADE_ROOT", &root)
        .with("FREQTRADE_BIN", &bin)
        .with("FREQTRADE_USERDIR", "user")
        .with("FREQTRADE_CONFIG", "config.json")
        .with("FREQTRADE_STRATEGY_PATH", &strategies)
}

/// As [`site`], with a program that does this when it is to run a backtest.
pub(super) fn scripted(script: &str) -> Site {
    let site = site();
    program(
        &site.path("freqtrade"),
        &format!("{PRELUDE}touch ran\n{script}\n"),
    );
    result(&site.path("ready.zip"), 2);
    site
}

/// Writes a program.
pub(super) fn program(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Writes a result of the strategy `Alpha`: a zip whose only entry is stored as it is.
pub(super) fn result(path: &PathBuf, trades: usize) {
    let trades = vec![json!({ "pair": "BTC/USDT", "profit_abs": 1.5 }); trades];
    let statistics = json!({
        "trades": trades, "total_trades": trades.len(), "sharpe": 1.25, "starting_balance": 1000, "final_balance": 1003.0,
        "backtest_start_ts": 1_700_000_000_000_i64, "backtest_end_ts": 1_700_000_300_000_i64,
    });
    let document = json!({ "strategy": { "Alpha": statistics }, "strategy_comparison": [] }).to_string();
    fs::write(path, stored_zip("backtest-result-x.json", document.as_bytes())).unwrap();
}

/// A zip of one entry without compression.
fn stored_zip(name: &str, bytes: &[u8]) -> Vec<u8> {
    let (name, size) = (name.as_bytes(), u32::try_from(bytes.len()).unwrap().to_le_bytes());
    let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 33, 0];
    common.extend(crc32(bytes).to_le_bytes());
    common.extend(size);
    common.extend(size);
    common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
    common.extend([0, 0]);
    let mut zip = b"PK\x03\x04".to_vec();
    zip.extend(&common);
    zip.extend(name);
    zip.extend(bytes);
    let directory = u32::try_from(zip.len()).unwrap().to_le_bytes();
    zip.extend(b"PK\x01\x02\x14\x00");
    zip.extend(&common);
    zip.extend([0; 14]);
    zip.extend(name);
    let directory_size = u32::try_from(46 + name.len()).unwrap().to_le_bytes();
    zip.extend(b"PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00");
    zip.extend(directory_size);
    zip.extend(directory);
    zip.extend([0, 0]);
    zip
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}

/// A run that nothing speaks against.
pub(super) fn order() -> Value {
    json!({ "strategy_name": "Alpha", "pair": "BTC/USDT", "timeframe": "5m", "timerange": "20240101-20240201" })
}

/// [`order`] with another value.
pub(super) fn order_with(name: &str, value: &str) -> Value {
    let mut order = order();
    order[name] = json!(value);
    order
}

pub(super) async fn run(server: &TestServer, order: &Value) -> Answer {
    server.post("/api/backtest/run", order).await
}

/// Status and code of an answer.
pub(super) fn refused(answer: &Answer) -> (u16, String) {
    let body = answer.body();
    (
        answer.status,
        body["code"].as_str().unwrap_or_default().to_owned(),
    )
}
