//! freqtrade itself, run by the server: the candles of the native run, its signals as a strategy makes them, the same
//! numbers of the market and of the configuration.
//!
//! `cargo xtask bench` installs freqtrade and says where it is; without it these rows are left out.

mod equal;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, ensure};
use serde_json::{Map, Value, json};
use tc_backtest::{Config, Slots};
use tc_market::Candle;
use trade_canvas::compose::RunningServer;

pub(super) use self::equal::ensure_equal;
use crate::{
    http_client::Connection,
    ingest::write_feather,
    report::{Report, ms, now},
    server::config,
};

/// Names the program, as it does for the tests.
const VARIABLE: &str = "FREQTRADE_FOR_TESTS";
const STRATEGY: &str = include_str!("freqtrade/crossing.py");
const TIMED: &str = include_str!("freqtrade/timed.py");
const ORDER: &str = r#"{"strategy_name": "Crossing", "pair": "BTC/USDT", "timeframe": "1m"}"#;
/// What the product is told to start in the place of freqtrade.
const BIN: &str = "bin/freqtrade";
const LOG: &str = "processes.jsonl";

/// A run that went well.
pub(super) struct RealRun {
    /// The answer's result.
    pub(super) result: Value,
    /// How long its process kept a processor busy.
    pub(super) busy: Duration,
    /// Most memory that process ever had.
    pub(super) peak_kb: u32,
    /// How long that process ran.
    took: Duration,
    /// What is left of the time of the request without the processes that it started.
    added: Duration,
}

/// What one process took, as `timed.py` tells it.
struct Process {
    took: Duration,
    busy: Duration,
    peak_kb: u32,
}

/// Runs freqtrade if there is one.
pub(super) fn run(year: &[Candle], config: &Config) -> anyhow::Result<Option<RealRun>> {
    let Some(bin) = std::env::var_os(VARIABLE).map(PathBuf::from) else {
        return Ok(None);
    };
    let folder = tempfile::tempdir()?;
    place(folder.path(), &bin, year, config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let (mut answer, whole) = runtime.block_on(ask(folder.path()))?;
    ensure!(
        answer["ok"] == true && answer["result"]["trades"].is_array(),
        "freqtrade brought no trades: {} {}",
        answer["result_error"],
        answer["stderr"]
    );
    // The list of strategies comes first, the run last.
    let processes = processes(&folder.path().join(LOG))?;
    let all: Duration = processes.iter().map(|process| process.took).sum();
    let last = processes.last().context("a process was started")?;
    Ok(Some(RealRun {
        result: answer["result"].take(),
        busy: last.busy,
        peak_kb: last.peak_kb,
        took: last.took,
        added: whole.saturating_sub(all),
    }))
}

/// What the server adds, or that nothing of it was measured.
pub(super) fn row(report: &mut Report, run: Option<&RealRun>) {
    let Some(run) = run else {
        report.row(
            "backtest: beside freqtrade itself",
            "not measured".to_owned(),
            format!("`cargo xtask bench` installs it; else {VARIABLE} names its program"),
            "–",
        );
        return;
    };
    report.row(
        &format!(
            "backtest: what the server adds to that run of freqtrade, {} trades and {} balances told",
            run.trades().len(),
            super::YEAR
        ),
        ms(run.added),
        format!("freqtrade by itself: {}", ms(run.took)),
        "<= 1,000 ms",
    );
}

impl RealRun {
    fn trades(&self) -> &[Value] {
        self.result["trades"].as_array().map_or(&[], Vec::as_slice)
    }
}

/// Orders the run; returns the answer and how long it took.
async fn ask(folder: &Path) -> anyhow::Result<(Value, Duration)> {
    let at = |name: &str| folder.join(name).display().to_string();
    let (bin, conf, user, strategies) = (at(BIN), at("config.json"), at("user"), at("strategies"));
    let further = [
        ("TRADE_CANVAS_FREQTRADE_MOCK", "0"),
        ("TRADE_CANVAS_FREQTRADE_OFFLINE_MARKETS", "1"),
        ("TRADE_CANVAS_FREQTRADE_BIN", bin.as_str()),
        ("TRADE_CANVAS_FREQTRADE_CONFIG", &conf),
        ("TRADE_CANVAS_FREQTRADE_USERDIR", &user),
        ("TRADE_CANVAS_FREQTRADE_STRATEGY_PATH", &strategies),
    ];
    let server = RunningServer::start(config(&folder.join("runs.db"), &further)?).await?;
    let mut connection = Connection::open(server.address()).await?;
    let start = now();
    let (status, length) = connection.post("/api/backtest/run?include=full", ORDER).await?;
    let whole = start.elapsed();
    let body = connection.last_body(length);
    ensure!(
        status == 200,
        "the run was answered {status}: {}",
        String::from_utf8_lossy(body)
    );
    let answer = serde_json::from_slice(body)?;
    server.shutdown().await;
    Ok((answer, whole))
}

/// Puts everything in place that the run needs.
fn place(folder: &Path, bin: &Path, year: &[Candle], config: &Config) -> anyhow::Result<()> {
    for name in ["bin", "user", "strategies", "data"] {
        fs::create_dir(folder.join(name))?;
    }
    fs::write(folder.join("strategies/crossing.py"), STRATEGY)?;
    fs::write(folder.join("config.json"), document(config)?.to_string())?;
    fs::write(folder.join("timed.py"), TIMED)?;
    write_feather(&folder.join("data/BTC_USDT-1m.feather"), year)?;
    // With markets from a file the interpreter beside the program is what is run.
    let home = bin.parent().context("freqtrade is in a folder")?;
    let interpreter = home.join("python3");
    ensure!(
        bin.is_file() && interpreter.is_file(),
        "{VARIABLE} names {}, which is no file or has no python3 beside it",
        bin.display()
    );
    for (name, program) in [(BIN, bin), ("bin/python3", &interpreter)] {
        let file = folder.join(name);
        // The start of this script and of the interpreter that keeps the time counts as the server's.
        let script = format!(
            "#!/bin/sh\nexec '{}' -I -S '{}' '{}' '{}' \"$@\"\n",
            interpreter.display(),
            folder.join("timed.py").display(),
            folder.join(LOG).display(),
            program.display(),
        );
        fs::write(&file, script)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// The parameters of the native run as a user of freqtrade writes them.
fn document(config: &Config) -> anyhow::Result<Value> {
    let Slots::AtMost(slots) = config.slots else {
        anyhow::bail!("the number of slots is known");
    };
    let steps = config.roi.steps().iter();
    let roi: Map<String, Value> = steps
        .map(|step| (step.minutes.to_string(), json!(step.ratio)))
        .collect();
    Ok(json!({
        "datadir": "data",
        "trading_mode": "spot",
        "dry_run_wallet": config.wallet,
        "stake_amount": "unlimited",
        "tradable_balance_ratio": config.tradable_balance_ratio,
        "max_open_trades": slots,
        "fee": config.fee,
        "minimal_roi": roi,
        "stoploss": config.stop_loss,
    }))
}

fn processes(log: &Path) -> anyhow::Result<Vec<Process>> {
    let text = fs::read_to_string(log).context("no process told what it took")?;
    let lines = text.lines().map(|line| {
        let told: Value = serde_json::from_str(line)?;
        let number = |name: &str| told[name].as_u64().with_context(|| format!("it told no {name}"));
        Ok(Process {
            took: Duration::from_micros(number("took_us")?),
            busy: Duration::from_micros(number("busy_us")?),
            peak_kb: u32::try_from(number("peak_kb")?)?,
        })
    });
    lines.collect()
}
