//! Covers the listed series after the start, in the background.

use tc_market::{CandleTime, SeriesId, latest_closed};
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use super::coverage::{Coverage, CoverageError, Covered, Standing, Window};
use crate::debug::{self, DebugLog};

/// What the sync covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartupSyncOptions {
    /// The series; each once, in any order.
    pub series: Vec<SeriesId>,
    /// Newest candles of each that should be there; at least 1.
    pub target_candles: u32,
    /// Series at a time; at least 1.
    pub concurrency: usize,
}

impl Default for StartupSyncOptions {
    fn default() -> Self {
        Self {
            series: Vec::new(),
            target_candles: 2_000,
            concurrency: 4,
        }
    }
}

/// What the sync works with.
#[derive(Debug, Clone)]
pub struct StartupSyncParts {
    /// Covers each series.
    pub coverage: Coverage,
    /// Is told of every series, and of the end.
    pub debug: DebugLog,
}

/// What became of one series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncedSeries {
    /// The series.
    pub series: SeriesId,
    /// Newest closed candle when the sync began.
    pub target_time: CandleTime,
    /// Newest stored candle before.
    pub before_head_time: Option<CandleTime>,
    /// Newest stored candle after.
    pub after_head_time: Option<CandleTime>,
    /// Candles of the window that are stored now.
    pub covered_candles: u64,
    /// Whether the ledgers had to be brought forward.
    pub refreshed: bool,
    /// Why the series was not finished.
    pub error: Option<String>,
}

impl SyncedSeries {
    /// No error, and still candles missing at the end.
    #[must_use]
    pub fn lags(&self) -> bool {
        self.error.is_none()
            && self.target_time > CandleTime::MIN
            && self.after_head_time.is_none_or(|head| head < self.target_time)
    }
}

/// What the sync did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartupSyncReport {
    /// Target per series.
    pub target_candles: u32,
    /// Milliseconds.
    pub duration_ms: u64,
    /// Ascending by series.
    pub series: Vec<SyncedSeries>,
}

impl StartupSyncReport {
    /// Series that were not finished.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.series.iter().filter(|series| series.error.is_some()).count()
    }

    /// Series that were finished and still lack candles.
    #[must_use]
    pub fn lagging(&self) -> usize {
        self.series.iter().filter(|series| series.lags()).count()
    }
}

/// Covers the newest candles of each series, then refreshes the ledgers. One failing series does not stop the others.
/// What is built from other series comes after them. `stop` ends it early.
pub async fn startup_sync(
    parts: StartupSyncParts,
    options: StartupSyncOptions,
    stop: CancellationToken,
) -> StartupSyncReport {
    let begun = Instant::now();
    let now_s = parts.coverage.parts().clock.now_s();
    let mut wanted = options.series;
    wanted.sort_unstable();
    wanted.dedup();
    let derived = &parts.coverage.options().derived;
    let (built, plain): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|series| derived.is_derived(series));
    let mut series = Vec::new();
    for wanted in [plain, built] {
        let target = Target {
            candles: options.target_candles,
            now_s,
        };
        series.extend(sync_all(&parts, wanted, target, options.concurrency, &stop).await);
    }
    series.sort_unstable_by(|a: &SyncedSeries, b| a.series.cmp(&b.series));
    let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let report = StartupSyncReport {
        target_candles: options.target_candles,
        duration_ms,
        series,
    };
    tracing::info!(
        series = report.series.len(),
        errors = report.errors(),
        lagging = report.lagging(),
        duration_ms,
        "startup sync done"
    );
    parts.debug.record(|| debug::sync_done(&report));
    report
}

#[derive(Debug, Clone, Copy)]
struct Target {
    candles: u32,
    now_s: i64,
}

/// Series that do not depend on each other, a few at a time.
async fn sync_all(
    parts: &StartupSyncParts,
    wanted: Vec<SeriesId>,
    target: Target,
    concurrency: usize,
    stop: &CancellationToken,
) -> Vec<SyncedSeries> {
    let mut waiting = wanted.into_iter();
    let mut running = JoinSet::new();
    let mut done = Vec::new();
    loop {
        while running.len() < concurrency.max(1)
            && let Some(next) = waiting.next()
        {
            running.spawn(sync_series(parts.coverage.clone(), next, target));
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => return done,
            ended = running.join_next() => match ended {
                Some(Ok(synced)) => {
                    log_series(&synced);
                    parts.debug.record(|| debug::synced_series(&synced));
                    done.push(synced);
                }
                Some(Err(error)) => tracing::error!(%error, "startup sync of a series failed"),
                None => return done,
            },
        }
    }
}

fn log_series(synced: &SyncedSeries) {
    let SyncedSeries {
        series,
        covered_candles,
        refreshed,
        error,
        ..
    } = synced;
    tracing::info!(%series, covered_candles, refreshed, error, "startup sync of a series done");
}

async fn sync_series(coverage: Coverage, series: SeriesId, target: Target) -> SyncedSeries {
    let target_time = latest_closed(target.now_s, series.timeframe().seconds());
    let mut synced = SyncedSeries {
        series,
        target_time,
        before_head_time: None,
        after_head_time: None,
        covered_candles: 0,
        refreshed: false,
        error: None,
    };
    if let Err(error) = sync(&coverage, target.candles, &mut synced).await {
        synced.error = Some(error.to_string());
    }
    synced
}

async fn sync(coverage: &Coverage, target: u32, synced: &mut SyncedSeries) -> Result<(), CoverageError> {
    let series = synced.series.clone();
    synced.before_head_time = head(coverage, &series).await?;
    let Covered { candles, errors } = coverage.cover(&series, target, Some(synced.target_time)).await;
    synced.covered_candles = candles;
    synced.after_head_time = head(coverage, &series).await?;
    // A step that failed does no harm when another one gave the candles.
    if !errors.is_empty() && synced.lags() {
        synced.error = Some(errors.join(";"));
    }
    // What was stored before a failure is folded all the same.
    synced.refreshed = coverage.settle(&series).await?;
    Ok(())
}

async fn head(coverage: &Coverage, series: &SeriesId) -> Result<Option<CandleTime>, CoverageError> {
    let readers = &coverage.parts().readers;
    Ok(Standing::read(readers, series, Window::NOTHING).await?.head)
}
