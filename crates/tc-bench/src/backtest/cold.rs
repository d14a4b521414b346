//! A native run over a year of minutes in a store that was not open before, in a process of its own.

use std::{path::Path, process::Command, time::Duration};

use anyhow::Context;
use serde_json::{Map, Value, json};
use tc_server::backtest::{RunOrder, Venue};
use tc_store::Storage;
use trade_canvas::compose;

use crate::{
    candles,
    report::{Report, median, ms, ratio, timed},
    server::config,
    start::status_kb,
};

/// Word that makes this program the process of its own.
pub(crate) const CHILD: &str = "native-run";
const RUNS: usize = 5;

/// What the process tells.
struct Told {
    took: Duration,
    peak_kb: u32,
    trades: u64,
}

/// The run whose cost is promised.
fn order() -> RunOrder {
    RunOrder {
        strategy_name: "PenDirection".to_owned(),
        pair: "BTC/USDT".to_owned(),
        venue: Venue::default(),
        timeframe: "1m".to_owned(),
        timerange: None,
        trading: Map::new(),
        params: Map::new(),
    }
}

/// `freqtrade_kb` is the most memory of freqtrade over the same candles, where that is known.
pub(super) fn rows(report: &mut Report, db: &Path, freqtrade_kb: Option<u32>) -> anyhow::Result<()> {
    let (mut took, mut read) = (Vec::new(), Vec::new());
    let (mut peak_kb, mut bare_kb, mut trades) = (0, 0, 0);
    for _ in 0..RUNS {
        let whole = child(db, "run")?;
        let candles = child(db, "read")?;
        took.push(whole.took);
        read.push(candles.took);
        peak_kb = peak_kb.max(whole.peak_kb);
        bare_kb = bare_kb.max(candles.peak_kb);
        trades = whole.trades;
    }
    let (took, read) = (median(&mut took), median(&mut read));
    let year = super::YEAR;
    report.row(
        &format!(
            "backtest: {year} candles from a store that is opened for it, {trades} trades, to the result"
        ),
        format!("{}, {} of the baseline", ms(took), ratio(took, read)),
        format!("opening it and reading the candles alone: {}", ms(read)),
        "<= 1,500 ms",
    );
    let mb = |kb: u32| format!("{:.1} MB", f64::from(kb) / 1024.0);
    let alone = format!("of one that reads the candles alone: {}", mb(bare_kb));
    report.row(
        "backtest: most memory of that process",
        mb(peak_kb),
        match freqtrade_kb {
            Some(theirs) => format!("of freqtrade over the same candles: {}; {alone}", mb(theirs)),
            None => alone,
        },
        "<= 200 MB",
    );
    Ok(())
}

fn child(db: &Path, what: &str) -> anyhow::Result<Told> {
    let program = std::env::current_exe()?;
    let output = Command::new(program).args([CHILD, what]).arg(db).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "the process of the run failed: {stderr}");
    let told: Value = serde_json::from_str(&text)?;
    let number = |name: &str| told[name].as_u64().with_context(|| format!("it told no {name}"));
    Ok(Told {
        took: Duration::from_micros(number("took_us")?),
        peak_kb: u32::try_from(number("peak_kb")?)?,
        trades: number("trades")?,
    })
}

/// The process: does one thing, and tells how long it took and the most memory it ever had.
pub(crate) fn run_as_child(what: &str, db: &Path) -> anyhow::Result<()> {
    let (trades, took) = match what {
        "run" => timed(|| native(db)),
        _ => timed(|| read(db)),
    };
    let told = json!({
        "took_us": u64::try_from(took.as_micros())?,
        "peak_kb": status_kb(std::process::id(), "VmHWM:")?,
        "trades": trades?,
    });
    serde_json::to_writer(std::io::stdout(), &told)?;
    Ok(())
}

fn native(db: &Path) -> anyhow::Result<u64> {
    let report = compose::native_run(&config(db, &[])?, &order())?;
    let result = report.result.map_err(|error| anyhow::anyhow!(error))?;
    Ok(result.total_trades)
}

fn read(db: &Path) -> anyhow::Result<u64> {
    let config = config(db, &[])?;
    let setup = compose::fold_setup(&config)?;
    let storage = compose::open_store(&config, &setup)?;
    let snapshot = storage.snapshot()?;
    let series = snapshot.series_key(&candles::series()?)?;
    let candles = snapshot.newest_candles(series.context("the series is stored")?, super::YEAR)?;
    anyhow::ensure!(candles.len() == super::YEAR, "every candle is read");
    Ok(0)
}
