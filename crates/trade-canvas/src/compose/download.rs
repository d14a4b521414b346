//! `freqtrade download-data`, run for the candles of one series.

use std::{
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tc_history::FreqtradeHistory;
use tc_market::{CandleTime, MarketKind, SeriesId};
use tc_server::tasks::{CandleFetcher, FetchError, Fetching};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
};

/// Bytes of the program's words that are kept, the last ones.
const KEPT_BYTES: usize = 2_000;

/// Runs the program with these arguments, never through a shell.
#[derive(Debug, Clone)]
pub(super) struct FreqtradeDownload {
    /// The program.
    pub(super) bin: PathBuf,
    /// Where its files are.
    pub(super) places: FreqtradeHistory,
    /// Longest run.
    pub(super) timeout: Duration,
}

impl FreqtradeDownload {
    /// Everything after the name of the program.
    fn arguments(&self, series: &SeriesId, from: CandleTime) -> Vec<String> {
        let places = &self.places;
        let path = |path: &PathBuf| places.root.join(path).display().to_string();
        let mut arguments = vec!["download-data".to_owned()];
        let mut option = |name: &str, value: String| arguments.extend([name.to_owned(), value]);
        if let Some(config) = &places.config {
            option("-c", path(config));
        }
        if let Some(user_dir) = &places.user_dir {
            option("--userdir", path(user_dir));
        }
        if let Some(directory) = places.directory() {
            option("--datadir", directory.display().to_string());
        }
        option("--exchange", series.exchange().to_owned());
        let futures = series.market_kind() == Some(MarketKind::Futures);
        option(
            "--trading-mode",
            if futures { "futures" } else { "spot" }.to_owned(),
        );
        option("--pairs", pair(series, futures));
        option("--timeframes", series.timeframe().to_string());
        option("--timerange", format!("{:010}-", from.seconds()));
        option("--data-format-ohlcv", "feather".to_owned());
        arguments
    }
}

/// Its name of the symbol: a future says what it is settled in, by default the quote.
fn pair(series: &SeriesId, futures: bool) -> String {
    let symbol = series.symbol();
    match symbol.split_once('/') {
        Some((_, quote)) if futures && !quote.contains(':') => format!("{symbol}:{quote}"),
        _ => symbol.to_owned(),
    }
}

impl CandleFetcher for FreqtradeDownload {
    fn serves(&self, series: &SeriesId) -> bool {
        series.market_kind().is_some()
    }

    fn fetch(&self, series: &SeriesId, from: CandleTime) -> Fetching {
        let mut command = Command::new(&self.bin);
        command
            .args(self.arguments(series, from))
            .current_dir(&self.places.root)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // Whatever it starts ends with it.
        #[cfg(unix)]
        command.process_group(0);
        let (bin, timeout) = (self.bin.clone(), self.timeout);
        Box::pin(async move {
            let mut child = command
                .spawn()
                .map_err(|error| FetchError::new(format!("{} does not start: {error}", bin.display())))?;
            let group = Group::of(&child);
            let run = tokio::time::timeout(timeout, finished(&mut child)).await;
            let ended =
                run.map_err(|_| FetchError::new(format!("no end after {} s", timeout.as_secs_f64())))?;
            let (status, words) = ended.map_err(FetchError::new)?;
            group.release();
            if status.success() {
                return Ok(());
            }
            Err(FetchError::new(format!("{status}: {}", words.trim())))
        })
    }
}

/// Waits for the end; answers the last words.
async fn finished(child: &mut Child) -> std::io::Result<(ExitStatus, String)> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (status, _said, complained) = tokio::join!(child.wait(), tail(stdout), tail(stderr));
    Ok((status?, complained))
}

/// Reads to the end and keeps the last bytes.
async fn tail(stream: Option<impl AsyncRead + Unpin>) -> String {
    let mut kept = Vec::new();
    let Some(mut stream) = stream else {
        return String::new();
    };
    let mut chunk = [0_u8; 4_096];
    // Words that cannot be read are no reason to give the run up.
    while let Ok(read @ 1..) = stream.read(&mut chunk).await {
        kept.extend_from_slice(&chunk[..read]);
        let surplus = kept.len().saturating_sub(KEPT_BYTES);
        kept.drain(..surplus);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// The program and everything it started; killed when this is dropped while they may still run.
struct Group(Option<u32>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id())
    }

    /// The program ended by itself.
    fn release(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(pid) = self.0
            && let Some(pid) = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw)
        {
            // It may have ended meanwhile.
            let _gone = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, path::Path};

    use super::*;

    fn places(root: &Path) -> FreqtradeHistory {
        FreqtradeHistory {
            root: root.to_owned(),
            data_dir: Some("candles".into()),
            config: Some("config.json".into()),
            user_dir: Some("user".into()),
            home: None,
        }
    }

    /// A program that stands in for freqtrade.
    fn program(folder: &Path, script: &str) -> FreqtradeDownload {
        let bin = folder.join("freqtrade");
        fs::write(&bin, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&bin, fs::Permissions::from_mode(0o755)).unwrap();
        FreqtradeDownload {
            bin,
            places: places(folder),
            timeout: Duration::from_secs(20),
        }
    }

    fn series(text: &str) -> SeriesId {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn it_gets_exactly_what_is_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let download = program(folder.path(), "printf '%s\\n' \"$@\" > said");
        let from = CandleTime::clamped(1_700_000_040);
        for (id, mode, pair) in [
            ("binance:futures:BTC/USDT:5m", "futures", "BTC/USDT:USDT"),
            ("binance:futures:BTC/USDT:USDC:5m", "futures", "BTC/USDT:USDC"),
            ("binance:spot:A B/$(touch x):5m", "spot", "A B/$(touch x)"),
        ] {
            let Ok(series) = id.parse::<SeriesId>() else {
                continue;
            };
            download.fetch(&series, from).await.unwrap();
            let said = fs::read_to_string(folder.path().join("said")).unwrap();
            let root = folder.path().display();
            let expected = [
                "download-data".to_owned(),
                "-c".to_owned(),
                format!("{root}/config.json"),
                "--userdir".to_owned(),
                format!("{root}/user"),
                "--datadir".to_owned(),
                format!("{root}/candles"),
                "--exchange".to_owned(),
                "binance".to_owned(),
                "--trading-mode".to_owned(),
                mode.to_owned(),
                "--pairs".to_owned(),
                pair.to_owned(),
                "--timeframes".to_owned(),
                "5m".to_owned(),
                "--timerange".to_owned(),
                "1700000040-".to_owned(),
                "--data-format-ohlcv".to_owned(),
                "feather".to_owned(),
            ];
            assert_eq!(said.lines().collect::<Vec<_>>(), expected, "{id}");
        }
        assert!(!folder.path().join("x").exists());
    }

    #[tokio::test]
    async fn a_failure_is_told_with_its_last_words() {
        let folder = tempfile::tempdir().unwrap();
        let download = program(folder.path(), "echo no such pair >&2; exit 2");
        let failed = download
            .fetch(&series("binance:spot:A/B:1m"), CandleTime::MIN)
            .await;
        assert_eq!(failed.unwrap_err().to_string(), "exit status: 2: no such pair");
        let missing = FreqtradeDownload {
            bin: "/nonexistent/freqtrade".into(),
            ..download
        };
        let failed = missing
            .fetch(&series("binance:spot:A/B:1m"), CandleTime::MIN)
            .await;
        assert!(failed.unwrap_err().to_string().contains("does not start"));
    }

    #[tokio::test]
    async fn a_run_that_takes_too_long_ends_with_everything_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let mut download = program(folder.path(), "(echo $$ > begun; sleep 600) & wait");
        download.timeout = Duration::from_millis(300);
        let failed = download
            .fetch(&series("binance:spot:A/B:1m"), CandleTime::MIN)
            .await;
        assert_eq!(failed.unwrap_err().to_string(), "no end after 0.3 s");
        let group: i32 = fs::read_to_string(folder.path().join("begun"))
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        let group = rustix::process::Pid::from_raw(group).unwrap();
        // The last of them may take a moment to be gone.
        while rustix::process::test_kill_process_group(group).is_ok() {
            tokio::task::yield_now().await;
        }
    }
}
