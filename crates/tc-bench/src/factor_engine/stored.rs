//! The same with a store: an import, what it takes, and what can be asked afterwards.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use anyhow::Context;
use trade_canvas::compose::RunningServer;

use super::walk::Walk;
use crate::{
    candles::{self, START_S},
    http_client::Connection,
    ingest::{self, Derived},
    report::{Report, median, mega_rate, ms, now, percentile, ratio},
    server::config,
    start,
};

const CANDLES: usize = 500_000;
const RUNS: usize = 3;
const SEED: u64 = 1;
/// Slices that are asked for.
const SLICES: usize = 1_000;
/// Between two looks at the memory of another process.
const SAMPLE_EVERY: Duration = Duration::from_millis(2);

pub(super) fn run(report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("BTC_USDT_USDT-1m-futures.feather");
    ingest::write_feather(&file, &Walk::new(SEED).take(CANDLES)?)?;
    let db = import(report, folder.path(), &file)?;
    memory(report, folder.path(), &file)?;
    restart(report, &db)?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(slices(report, &db))
}

/// Time and size; leaves a store behind.
fn import(report: &mut Report, folder: &Path, file: &Path) -> anyhow::Result<PathBuf> {
    let mut times = [const { Vec::new() }; 3];
    let mut sizes = [0; 3];
    for n in 0..RUNS {
        for (place, derived) in [Derived::Nothing, Derived::Ledgers, Derived::Everything]
            .into_iter()
            .enumerate()
        {
            let db = folder.join(format!("{n}-{place}.db"));
            times[place].push(ingest::import(file, &db, derived)?.0);
            sizes[place] = size_bytes(&db)?;
        }
    }
    let [bare, ledgers, full] = times.map(|mut times| median(&mut times));
    report.row(
        "factors: feather of 500,000 rows into SQLite, every ledger and drawing",
        format!(
            "{} ({}), {} of the baseline",
            ms(full),
            mega_rate(CANDLES, full),
            ratio(full, bare)
        ),
        format!("the same file without factors: {}", ms(bare)),
        "<= 1.5 s",
    );
    let per_candle = |bytes: u64| bytes as f64 / CANDLES as f64;
    report.row(
        "factors: size of that store",
        format!("{:.0} bytes per candle", per_candle(sizes[2])),
        format!("candles alone: {:.0} bytes", per_candle(sizes[0])),
        "<= 250 bytes",
    );
    let share = full.saturating_sub(ledgers).as_secs_f64() / full.as_secs_f64();
    report.row(
        "factors: share of the drawings in the time of that import",
        format!("{:.0} %", share * 100.0),
        format!("the same file without drawings: {}", ms(ledgers)),
        "<= 25 %",
    );
    report.row(
        "factors: size of the drawings in that store",
        format!(
            "{:.1} bytes per candle",
            per_candle(sizes[2]) - per_candle(sizes[1])
        ),
        format!(
            "the same store without drawings: {:.0} bytes",
            per_candle(sizes[1])
        ),
        "<= 60 bytes",
    );
    Ok(folder.join(format!("{}-2.db", RUNS - 1)))
}

/// Most memory of the program while it imports.
fn memory(report: &mut Report, folder: &Path, file: &Path) -> anyhow::Result<()> {
    let mut peaks_kb = [0; 2];
    for (derived, switch) in ["0", "1"].into_iter().enumerate() {
        let mut command = Command::new(start::program()?);
        command
            .args(["import", "--profile", "bare", "--db-path"])
            .arg(folder.join(format!("memory-{switch}.db")))
            .arg(file)
            .env("TRADE_CANVAS_ENABLE_FACTOR_INGEST", switch);
        peaks_kb[derived] = peak_kb(&mut command)?;
    }
    let mb = |kb: u32| f64::from(kb) / 1024.0;
    report.row(
        "factors: most memory of that import",
        format!("{:.0} MB", mb(peaks_kb[1])),
        format!("without factors: {:.0} MB", mb(peaks_kb[0])),
        "<= 150 MB",
    );
    Ok(())
}

/// Largest resident set that a process reaches. It is looked up until the output ends, which is when it exits.
fn peak_kb(command: &mut Command) -> anyhow::Result<u32> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut output = child.stdout.take().context("the output of the program")?;
    let (sender, ended) = mpsc::channel::<()>();
    let reader = thread::spawn(move || {
        // Dropped at the end: that is the signal.
        let _sender = sender;
        output.read_to_end(&mut Vec::new())
    });
    let mut peak_kb = 0;
    while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(SAMPLE_EVERY) {
        // A process that is just ending has no such line any more.
        peak_kb = peak_kb.max(start::status_kb(child.id(), "VmHWM:").unwrap_or(0));
    }
    let status = child.wait()?;
    anyhow::ensure!(status.success(), "the import ended with {status}");
    anyhow::ensure!(
        reader.join().is_ok(),
        "the output of the import could not be read"
    );
    Ok(peak_kb)
}

/// File and log of a store.
fn size_bytes(db: &Path) -> anyhow::Result<u64> {
    let log = PathBuf::from(format!("{}-wal", db.display()));
    let logged = if log.exists() { fs::metadata(log)?.len() } else { 0 };
    Ok(fs::metadata(db)?.len() + logged)
}

/// From the start of the program to the first slice of the newest candle.
fn restart(report: &mut Report, db: &Path) -> anyhow::Result<()> {
    let newest = slices_at(CANDLES - 1)?;
    let mut times = Vec::new();
    for _ in 0..RUNS {
        times.push(start::cold_start(db, &newest)?.0);
    }
    let mut bare = (0..RUNS)
        .map(|_| start::version())
        .collect::<anyhow::Result<Vec<_>>>()?;
    report.row(
        "factors: restart with that store to the first slice",
        ms(median(&mut times)),
        format!("the same program printing its version: {}", ms(median(&mut bare))),
        "<= 200 ms",
    );
    Ok(())
}

/// Slices at random candles, and the same one again and again.
async fn slices(report: &mut Report, db: &Path) -> anyhow::Result<()> {
    let server = RunningServer::start(config(db, &[])?).await?;
    let mut connection = Connection::open(server.address()).await?;
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % CANDLES as u64)
    };
    let (mut anywhere, mut newest, mut bytes) = (Vec::new(), Vec::new(), 0);
    for _ in 0..SLICES {
        let (took, length) = ask(&mut connection, &slices_at(random()?)?).await?;
        anywhere.push(took);
        bytes += length;
    }
    for _ in 0..SLICES {
        newest.push(ask(&mut connection, &slices_at(CANDLES - 1)?).await?.0);
    }
    server.shutdown().await;
    report.row(
        "factors: slices at a random candle of 500,000, over HTTP",
        format!(
            "p50 {}, p99 {}, {:.0} kB each",
            ms(percentile(&mut anywhere, 0.5)),
            ms(percentile(&mut anywhere, 0.99)),
            bytes as f64 / SLICES as f64 / 1e3
        ),
        format!(
            "at the newest again and again: p50 {}, p99 {}",
            ms(percentile(&mut newest, 0.5)),
            ms(percentile(&mut newest, 0.99))
        ),
        "p99 <= 5 ms",
    );
    Ok(())
}

async fn ask(connection: &mut Connection, path: &str) -> anyhow::Result<(Duration, usize)> {
    let start = now();
    let (status, length) = connection.get(path).await?;
    anyhow::ensure!(status == 200, "{path} answered {status}");
    Ok((start.elapsed(), length))
}

/// Path of the slices at the candle with that ordinal, with the default window.
fn slices_at(idx: usize) -> anyhow::Result<String> {
    let series = candles::series()?;
    let time = START_S + 60 * i64::try_from(idx)?;
    Ok(format!("/api/factor/slices?series_id={series}&at_time={time}"))
}
