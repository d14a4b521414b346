//! `freqtrade download-data`, run for the candles of one series.

#[cfg(test)]
mod tests;

use std::{
    ffi::OsString,
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use tc_freqtrade::process::{Ended, Ending, Kept, Program, Watch};
use tc_history::{DownloadRefusal, DownloadTarget, FreqtradeHistory, freqtrade_pair};
use tc_market::{CandleTime, MarketKind, SeriesId};
use tc_server::tasks::{CandleFetcher, FetchError, Fetching};

/// How a freqtrade that does not know this option says so, with exit code 0.
const UNKNOWN_CANDLE_TYPES: &str = "unrecognized arguments: --candle-types";

/// Of the program's words the last bytes are told.
const KEPT: Kept = Kept {
    first: 0,
    last: 2_000,
};

/// Runs the program, never through a shell.
#[derive(Debug, Clone)]
pub(super) struct FreqtradeDownload {
    /// The program.
    program: Program,
    /// Where its files are.
    places: FreqtradeHistory,
    /// Longest run.
    timeout: Duration,
    /// Without `--candle-types` a future is downloaded with its mark prices and funding rates. Older programs do not
    /// know the option.
    knows_candle_types: Arc<AtomicBool>,
}

impl FreqtradeDownload {
    /// `bin` is found like a command unless it is a path; a relative one starts from the root of `places`, which is
    /// absolute.
    pub(super) fn new(bin: &Path, places: FreqtradeHistory, timeout: Duration) -> Self {
        Self {
            program: Program::new(bin, &places.root),
            places,
            timeout,
            knows_candle_types: Arc::new(AtomicBool::new(true)),
        }
    }

    /// Runs the program for one series; its file says whether that went well.
    async fn download(self, series: SeriesId, from: CandleTime) -> Result<(), FetchError> {
        let pair = pair_pattern(&series)?;
        let (places, wanted) = (self.places.clone(), series.clone());
        let looked = looking_at_files(move || {
            let target = places.download_target(&wanted)?;
            let before = FileState::of(&target.file);
            Ok::<_, DownloadRefusal>((target, before))
        });
        let (target, before) = looked.await?.map_err(FetchError::new)?;
        loop {
            let arguments = self.arguments(&series, &pair, from, &target);
            let watch = Watch {
                timeout: self.timeout,
                kept: KEPT,
                on_line: None,
            };
            let program = self.program.clone().with(arguments);
            let ended = program.run(&watch).await.map_err(FetchError::new)?;
            if words(&ended).contains(UNKNOWN_CANDLE_TYPES)
                && self.knows_candle_types.swap(false, Ordering::Relaxed)
            {
                continue;
            }
            let file = target.file;
            let after = looking_at_files(move || FileState::of(&file)).await?;
            return judge(&ended, after != before, self.timeout);
        }
    }

    /// Everything after the name of the program.
    fn arguments(
        &self,
        series: &SeriesId,
        pair: &str,
        from: CandleTime,
        target: &DownloadTarget,
    ) -> Vec<OsString> {
        let places = &self.places;
        let mut arguments: Vec<OsString> = vec!["download-data".into()];
        let mut option = |name: &str, value: OsString| arguments.extend([name.into(), value]);
        if let Some(config) = &places.config {
            option("-c", places.root.join(config).into());
        }
        if let Some(user_dir) = &places.user_dir {
            option("--userdir", places.root.join(user_dir).into());
        }
        option("--datadir", target.directory.clone().into());
        option("--exchange", series.exchange().into());
        let futures = series.market_kind() == Some(MarketKind::Futures);
        option("--trading-mode", if futures { "futures" } else { "spot" }.into());
        if futures && self.knows_candle_types.load(Ordering::Relaxed) {
            option("--candle-types", "futures".into());
        }
        option("--pairs", pair.into());
        option("--timeframes", series.timeframe().to_string().into());
        option("--timerange", format!("{:010}-", from.seconds().max(0)).into());
        option("--data-format-ohlcv", target.format.into());
        arguments
    }
}

impl CandleFetcher for FreqtradeDownload {
    fn serves(&self, series: &SeriesId) -> bool {
        freqtrade_pair(series).is_some()
    }

    fn fetch(&self, series: &SeriesId, from: CandleTime) -> Fetching {
        Box::pin(self.clone().download(series.clone(), from))
    }
}

/// The regular expression for the pair of `series` and for no other one.
fn pair_pattern(series: &SeriesId) -> Result<String, FetchError> {
    let pair = freqtrade_pair(series)
        .ok_or_else(|| FetchError::new("freqtrade has neither spot nor futures of it"))?;
    if pair.starts_with('-') {
        return Err(FetchError::new(format!("no pair begins like {pair:?}")));
    }
    let mut pattern = String::with_capacity(pair.len());
    for character in pair.chars() {
        if !character.is_ascii_alphanumeric() && !['/', ':', '_'].contains(&character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    Ok(pattern)
}

/// Whether candles may have come. The exit code says little: it is 0 also for a wrong configuration, an unknown pair,
/// and candles that could not be had.
fn judge(ended: &Ended, has_changed: bool, timeout: Duration) -> Result<(), FetchError> {
    let words = words(ended).trim();
    match ended.ending {
        Ending::Exited(status) if !status.success() => Err(FetchError::new(format!("{status}: {words}"))),
        Ending::Exited(_) if has_changed => Ok(()),
        Ending::Exited(_) => Err(FetchError::new(format!("the candle file is as it was: {words}"))),
        Ending::TimedOut => Err(FetchError::new(format!(
            "no end after {} s",
            timeout.as_secs_f64()
        ))),
    }
}

/// The last of what it complained of; of what it said, when it complained of nothing.
fn words(ended: &Ended) -> &str {
    if ended.stderr.trim().is_empty() {
        &ended.stdout
    } else {
        &ended.stderr
    }
}

/// Does so where waiting for a disk keeps nobody up.
async fn looking_at_files<T: Send + 'static>(
    look: impl FnOnce() -> T + Send + 'static,
) -> Result<T, FetchError> {
    tokio::task::spawn_blocking(look).await.map_err(FetchError::new)
}

/// What tells whether a file was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileState {
    modified: Option<SystemTime>,
    bytes: u64,
}

impl FileState {
    /// `None`: there is none.
    fn of(file: &Path) -> Option<Self> {
        let metadata = fs::metadata(file).ok()?;
        Some(Self {
            modified: metadata.modified().ok(),
            bytes: metadata.len(),
        })
    }
}
