//! Covers the listed series after the start, in the background.

use std::sync::Arc;

use tc_exchange::HistoryClient;
use tc_ingest::{BackfillBounds, BackfillPlan, LatePolicy, PublishPolicy};
use tc_market::{CandleTime, SeriesId, latest_closed};
use tc_store::{Snapshot, StoreError};
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use super::history::{Fetched, HistoryError, WritePolicy, fetch_into, refresh};
use crate::{
    clock::MarketClock,
    debug::{self, DebugLog},
    threads::{ReadPoolError, ReaderPool, SubmitError, WriterHandle},
};

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
#[derive(Clone)]
pub struct StartupSyncParts {
    /// REST history; `None`: it is switched off, and only the ledgers are refreshed.
    pub history: Option<HistoryClient>,
    /// The writer.
    pub writer: WriterHandle,
    /// Readers.
    pub readers: ReaderPool,
    /// Market clock.
    pub clock: Arc<dyn MarketClock>,
    /// Is told of every series, and of the end.
    pub debug: DebugLog,
}

impl std::fmt::Debug for StartupSyncParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StartupSyncParts").finish_non_exhaustive()
    }
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

#[derive(Debug, thiserror::Error)]
enum SyncError {
    #[error(transparent)]
    Reader(#[from] ReadPoolError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("rest_backfill_failed:{0}")]
    History(#[from] HistoryError),
    #[error("refresh failed: {0}")]
    Refresh(#[from] SubmitError),
}

/// How a series stands, read from one snapshot.
#[derive(Debug, Clone, Copy, Default)]
struct Standing {
    head: Option<CandleTime>,
    covered: u64,
    ledgers_behind: bool,
}

/// Fetches what is missing of the newest candles, then refreshes the ledgers. One failing series does not stop the
/// others. `stop` ends it early.
pub async fn startup_sync(
    parts: StartupSyncParts,
    options: StartupSyncOptions,
    stop: CancellationToken,
) -> StartupSyncReport {
    let begun = Instant::now();
    let now_s = parts.clock.now_s();
    let mut waiting = options.series;
    waiting.sort_unstable();
    waiting.dedup();
    let mut waiting = waiting.into_iter();
    let mut running = JoinSet::new();
    let mut series = Vec::new();
    loop {
        while running.len() < options.concurrency.max(1)
            && let Some(next) = waiting.next()
        {
            running.spawn(sync_series(parts.clone(), next, options.target_candles, now_s));
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            ended = running.join_next() => match ended {
                Some(Ok(synced)) => {
                    log_series(&synced);
                    parts.debug.record(|| debug::synced_series(&synced));
                    series.push(synced);
                }
                Some(Err(error)) => tracing::error!(%error, "startup sync of a series failed"),
                None => break,
            },
        }
    }
    series.sort_unstable_by(|a: &SyncedSeries, b| a.series.cmp(&b.series));
    let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let report = StartupSyncReport {
        target_candles: options.target_candles,
        duration_ms,
        series,
    };
    let errors = report
        .series
        .iter()
        .filter(|series| series.error.is_some())
        .count();
    let lagging = report.series.iter().filter(|series| series.lags()).count();
    tracing::info!(
        series = report.series.len(),
        errors,
        lagging,
        duration_ms,
        "startup sync done"
    );
    parts.debug.record(|| debug::sync_done(&report));
    report
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

async fn sync_series(parts: StartupSyncParts, series: SeriesId, target: u32, now_s: i64) -> SyncedSeries {
    let target_time = latest_closed(now_s, series.timeframe().seconds());
    let mut synced = SyncedSeries {
        series,
        target_time,
        before_head_time: None,
        after_head_time: None,
        covered_candles: 0,
        refreshed: false,
        error: None,
    };
    if let Err(error) = cover(&parts, target, &mut synced).await {
        synced.error = Some(error.to_string());
    }
    synced
}

async fn cover(parts: &StartupSyncParts, target: u32, synced: &mut SyncedSeries) -> Result<(), SyncError> {
    let series = synced.series.clone();
    let bounds = BackfillBounds::default();
    let plan = BackfillPlan::window(synced.target_time, target, series.timeframe(), bounds);
    let window = (
        plan.ranges.first().map_or(CandleTime::MIN, |range| range.from),
        synced.target_time,
    );
    let before = standing(&parts.readers, &series, window).await?;
    (synced.before_head_time, synced.after_head_time) = (before.head, before.head);
    synced.covered_candles = before.covered;
    let wanted: i64 = plan
        .ranges
        .iter()
        .map(|range| range.missing_candles(series.timeframe()))
        .sum();
    let mut outcome = Ok(());
    if i64::try_from(before.covered).is_ok_and(|covered| covered < wanted)
        && let Some(history) = &parts.history
    {
        let policy = WritePolicy {
            publish: PublishPolicy::Derived,
            late: LatePolicy::Defer,
        };
        let mut fetched = Fetched::default();
        outcome = fetch_into(
            history,
            &parts.writer,
            &series,
            &plan.ranges,
            policy,
            &mut fetched,
        )
        .await;
    }
    // What was stored before a failure is folded all the same.
    let after = standing(&parts.readers, &series, window).await?;
    (synced.after_head_time, synced.covered_candles) = (after.head, after.covered);
    if let (Some(head), true) = (after.head, after.ledgers_behind) {
        refresh(&parts.writer, &series, head).await?;
        synced.refreshed = true;
    }
    Ok(outcome?)
}

async fn standing(
    readers: &ReaderPool,
    series: &SeriesId,
    window: (CandleTime, CandleTime),
) -> Result<Standing, SyncError> {
    let series = series.clone();
    Ok(readers
        .read(move |snapshot| read_standing(snapshot, &series, window))
        .await??)
}

fn read_standing(
    snapshot: &dyn Snapshot,
    series: &SeriesId,
    (from, to): (CandleTime, CandleTime),
) -> Result<Standing, StoreError> {
    let Some(key) = snapshot.series_key(series)? else {
        return Ok(Standing::default());
    };
    let (head, state) = (snapshot.head_time(key)?, snapshot.series_state(key)?);
    Ok(Standing {
        head,
        covered: snapshot.count_between(key, from, to)?,
        ledgers_behind: state.stale_from.is_some()
            || [state.factor_head, state.feature_head, state.overlay_head]
                .iter()
                .any(|ledger| *ledger < head),
    })
}
