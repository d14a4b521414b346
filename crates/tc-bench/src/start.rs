//! From the start of the process to its first answer, and what it holds while idle.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::Context;

use crate::{
    http::fill,
    http_client::Connection,
    report::{Report, median, ms, now, timed},
};

const RUNS: usize = 5;
const MANY: usize = 1_000_000;
const READY: &str = "/health/ready";

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (empty, full) = (folder.path().join("empty.db"), folder.path().join("full.db"));
    fill(&full, MANY)?;
    let bare = median(&mut (0..RUNS).map(|_| version()).collect::<anyhow::Result<Vec<_>>>()?);
    for (what, db) in [("an empty store", &empty), ("1,000,000 candles", &full)] {
        let mut times = Vec::new();
        let mut rss_kb = 0;
        for _ in 0..RUNS {
            let (took, rss) = cold_start(db, READY)?;
            times.push(took);
            rss_kb = rss_kb.max(rss);
        }
        report.row(
            &format!("start: to the first 200 with {what}"),
            ms(median(&mut times)),
            format!("the same program printing its version: {}", ms(bare)),
            "<= 100 ms",
        );
        let figure = format!("{:.1} MB", f64::from(rss_kb) / 1024.0);
        report.row(
            &format!("start: idle memory with {what}"),
            figure,
            "resident set of the process".into(),
            "<= 40 MB",
        );
    }
    Ok(())
}

/// The program of the product, which lies beside this one.
pub(crate) fn program() -> anyhow::Result<PathBuf> {
    let folder = std::env::current_exe()?
        .parent()
        .context("a folder of this program")?
        .to_owned();
    let program = folder.join("trade-canvas");
    anyhow::ensure!(
        program.exists(),
        "{} is missing; build trade-canvas first",
        program.display()
    );
    Ok(program)
}

/// How long the program takes to do nothing.
pub(crate) fn version() -> anyhow::Result<Duration> {
    let mut command = Command::new(program()?);
    command.arg("--version").stdout(Stdio::null());
    let (status, took) = timed(|| command.status());
    anyhow::ensure!(status?.success(), "--version failed");
    Ok(took)
}

/// Time from the start of the server to its first answer at `path`, and its resident set then, kB.
pub(crate) fn cold_start(db: &Path, path: &str) -> anyhow::Result<(Duration, u32)> {
    let start = now();
    let mut child = Command::new(program()?)
        .args(["serve", "--profile", "bare", "--port", "0", "--db-path"])
        .arg(db)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let measured = first_answer(&mut child, path).map(|()| start.elapsed());
    let rss = status_kb(child.id(), "VmRSS:");
    child.kill()?;
    child.wait()?;
    Ok((measured?, rss?))
}

fn first_answer(child: &mut Child, path: &str) -> anyhow::Result<()> {
    let stderr = child.stderr.take().context("the log of the server")?;
    let address = BufReader::new(stderr)
        .lines()
        .map_while(Result::ok)
        .find_map(|line| {
            line.split_once("listening on http://")
                .map(|(_, rest)| rest.trim().to_owned())
        })
        .context("the server never said where it listens")?;
    let address: SocketAddr = address.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (status, _) = runtime.block_on(async { Connection::open(address).await?.get(path).await })?;
    anyhow::ensure!(status == 200, "the first answer was {status}");
    Ok(())
}

/// A line of what Linux knows of a process, kB.
pub(crate) fn status_kb(pid: u32, field: &str) -> anyhow::Result<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let value = status
        .lines()
        .find_map(|line| line.strip_prefix(field))
        .with_context(|| format!("a line {field}"))?;
    Ok(value.split_whitespace().next().context("a number")?.parse()?)
}
