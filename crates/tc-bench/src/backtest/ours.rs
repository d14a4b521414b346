//! What the server adds to a run of freqtrade: a program that ends at once stands in for it and leaves a whole result.

use std::{fs, io::Write as _, os::unix::fs::PermissionsExt, path::Path, process::Command, sync::Arc};

use anyhow::Context;
use arrow_array::{Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use serde_json::{Value, value::RawValue};
use trade_canvas::compose::{self, RunningServer};
use zip::write::SimpleFileOptions;

use super::{YEAR, cold};
use crate::{
    candles::START_S,
    http_client::Connection,
    report::{Report, median, ms, timed},
    server::config,
};

const RUNS: usize = 5;
/// What the program does when it is to run: what a real one leaves behind is there, and it ends.
const PROGRAM: &str = r#"#!/bin/sh
if [ "$1" = list-strategies ]; then echo Recorded; exit 0; fi
for word; do [ "$before" = --backtest-directory ] && results=$word; before=$word; done
cp FOLDER/ready.zip "$results/backtest-result-2026-01-01_00-00-00.zip"
"#;
const ORDER: &str = r#"{"strategy_name": "Recorded", "pair": "BTC/USDT", "timeframe": "1m"}"#;

pub(super) fn rows(report: &mut Report, db: &Path, folder: &Path) -> anyhow::Result<()> {
    let trades = place(db, folder)?;
    let at = |name: &str| folder.join(name).display().to_string();
    let (bin, conf, user, strategies) = (at("freqtrade"), at("config.json"), at("user"), at("strategies"));
    let further = [
        ("TRADE_CANVAS_FREQTRADE_MOCK", "0"),
        ("TRADE_CANVAS_FREQTRADE_BIN", bin.as_str()),
        ("TRADE_CANVAS_FREQTRADE_CONFIG", &conf),
        ("TRADE_CANVAS_FREQTRADE_USERDIR", &user),
        ("TRADE_CANVAS_FREQTRADE_STRATEGY_PATH", &strategies),
    ];
    let config = config(&folder.join("runs.db"), &further)?;
    let mut alone = Vec::new();
    for n in 0..RUNS {
        let target = folder.join(format!("alone{n}"));
        fs::create_dir(&target)?;
        let mut command = Command::new(&bin);
        command.args(["backtesting", "--backtest-directory"]).arg(&target);
        let (status, took) = timed(|| command.status());
        anyhow::ensure!(status?.success(), "the program failed");
        alone.push(took);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let mut whole = runtime.block_on(async {
        let server = RunningServer::start(config).await?;
        let mut connection = Connection::open(server.address()).await?;
        let path = "/api/backtest/run?include=full";
        let mut whole = Vec::new();
        // The first run asks the program for its strategies as well; that is the program's own time.
        for n in 0..=RUNS {
            let start = crate::report::now();
            let (status, length) = connection.post(path, ORDER).await?;
            anyhow::ensure!(
                status == 200 && length > 1_000_000,
                "answered {status}, {length} bytes"
            );
            if n > 0 {
                whole.push(start.elapsed());
            }
        }
        server.shutdown().await;
        anyhow::Ok(whole)
    })?;
    let (whole, alone) = (median(&mut whole), median(&mut alone));
    report.row(
        &format!(
            "backtest: what the server adds to a run of freqtrade, {trades} trades and {YEAR} balances told"
        ),
        ms(whole.saturating_sub(alone)),
        format!("the program that stands in for it, alone: {}", ms(alone)),
        "<= 1,000 ms",
    );
    Ok(())
}

/// Puts the program and its result in place; returns the number of trades.
fn place(db: &Path, folder: &Path) -> anyhow::Result<u64> {
    for name in ["user", "strategies", "data/futures"] {
        fs::create_dir_all(folder.join(name))?;
    }
    fs::write(folder.join("strategies/recorded.py"), "")?;
    fs::write(
        folder.join("config.json"),
        r#"{"datadir": "data", "trading_mode": "futures"}"#,
    )?;
    fs::write(folder.join("data/futures/BTC_USDT_USDT-1m-futures.feather"), "")?;
    let program = folder.join("freqtrade");
    fs::write(&program, PROGRAM.replace("FOLDER", &folder.display().to_string()))?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    // A native run has the form of a result of freqtrade.
    let run = compose::native_run(&config(db, &[])?, &cold::order())?;
    let result = run.result.map_err(|error| anyhow::anyhow!(error))?;
    let mut statistics: Value = serde_json::from_str(result.metrics.get())?;
    let trades: Value = serde_json::from_str(RawValue::get(&result.trades))?;
    statistics["trades"] = trades;
    let document = serde_json::json!({ "strategy": { "Recorded": statistics }, "strategy_comparison": [] });
    let mut zip = zip::ZipWriter::new(fs::File::create(folder.join("ready.zip"))?);
    let stem = "backtest-result-2026-01-01_00-00-00";
    zip.start_file(format!("{stem}.json"), SimpleFileOptions::default())?;
    zip.write_all(&serde_json::to_vec(&document)?)?;
    zip.start_file(
        format!("{stem}_Recorded_wallet.feather"),
        SimpleFileOptions::default(),
    )?;
    zip.write_all(&wallet()?)?;
    zip.finish()?;
    Ok(result.total_trades)
}

/// A balance for every candle.
fn wallet() -> anyhow::Result<Vec<u8>> {
    let step = 60_000_000;
    let first = START_S * 1_000_000;
    let times = (0..i64::try_from(YEAR)?).map(|n| first + n * step);
    let dates = TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC");
    let field = |name: &str, kind: DataType| Field::new(name, kind, false);
    let schema = Arc::new(Schema::new(vec![
        field(
            "date",
            DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        ),
        field("currency", DataType::Utf8),
        field("rate", DataType::Float64),
        field("balance", DataType::Float64),
    ]));
    let balances = (0..YEAR).map(|n| 1_000.0 + (n % 977) as f64);
    let batch = RecordBatch::try_new(
        Arc::clone(&schema),
        vec![
            Arc::new(dates),
            Arc::new(StringArray::from_iter_values(std::iter::repeat_n("USDT", YEAR))),
            Arc::new(Float64Array::from_iter_values(std::iter::repeat_n(1.0, YEAR))),
            Arc::new(Float64Array::from_iter_values(balances)),
        ],
    )?;
    let mut writer = FileWriter::try_new(Vec::new(), &schema)?;
    writer.write(&batch)?;
    writer.finish()?;
    writer.into_inner().context("the wallet is written")
}
