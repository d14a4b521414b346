//! Heals a hole before a subscriber is told of it.

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tc_market::{Candle, CandleTime, Gap, SeriesId};
use tc_store::{Snapshot, StoreError};
use tokio::{
    sync::{Semaphore, watch},
    time::Instant,
};

use super::{
    Background,
    coverage::{Coverage, StandingError, Window},
};

/// Runs at a time; others wait.
const AT_ONCE: usize = 4;
/// Runs that are remembered; while there are as many, holes are not healed.
const MAX_RUNS: usize = 1_024;
/// A hole that stayed open is not tried again for this long.
const PAUSE: Duration = Duration::from_secs(30);
/// Longest wait of a subscriber. The run goes on.
const PATIENCE: Duration = Duration::from_secs(10);
/// Rows that are looked at beyond the length of the hole.
const SPARE_ROWS: usize = 8;

/// How holes are healed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GapHealOptions {
    /// Newest rows of a candle file that are looked at.
    pub file_rows: usize,
    /// Most candles of one hole that are delivered.
    pub read_limit: usize,
}

impl Default for GapHealOptions {
    fn default() -> Self {
        Self {
            file_rows: 2_000,
            read_limit: 5_000,
        }
    }
}

/// See the module. Cheap to clone; all clones share their runs.
#[derive(Debug, Clone)]
pub struct GapHealer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    coverage: Coverage,
    options: GapHealOptions,
    background: Background,
    turns: Semaphore,
    runs: Mutex<BTreeMap<Key, watch::Receiver<Progress>>>,
}

type Key = (SeriesId, Gap);

#[derive(Debug, Clone, Copy)]
enum Progress {
    Running,
    Ended(Instant),
}

impl GapHealer {
    /// Nothing has run yet.
    #[must_use]
    pub fn new(coverage: Coverage, options: GapHealOptions, background: Background) -> Self {
        Self(Arc::new(Inner {
            coverage,
            options,
            background,
            turns: Semaphore::new(AT_ONCE),
            runs: Mutex::default(),
        }))
    }

    /// The candles that are there, or could be had, of the open times from `expected` up to, not including, `actual`;
    /// ascending. Everybody who asks for the same hole at a time shares one run.
    pub(crate) async fn recover(
        &self,
        series: &SeriesId,
        expected: CandleTime,
        actual: CandleTime,
    ) -> Vec<Candle> {
        let timeframe = series.timeframe();
        let Some(gap) = Gap::between(expected.shifted(-timeframe.seconds()), actual, timeframe) else {
            return Vec::new();
        };
        let stored = self.stored(series, gap).await;
        if is_healed(&stored, gap, series) {
            return stored;
        }
        let Some(mut run) = self.join(series, gap) else {
            return stored;
        };
        let ended = run.wait_for(|progress| matches!(progress, Progress::Ended(_)));
        // Too late, or the process stops: what is there by now is delivered.
        drop(tokio::time::timeout(PATIENCE, ended).await);
        self.stored(series, gap).await
    }

    /// A run for the hole that is under way or begins; `None` when one ended a short while ago.
    fn join(&self, series: &SeriesId, gap: Gap) -> Option<watch::Receiver<Progress>> {
        let mut runs = self.runs();
        runs.retain(|_, run| match *run.borrow() {
            Progress::Running => true,
            Progress::Ended(at) => at.elapsed() < PAUSE,
        });
        let key = (series.clone(), gap);
        if let Some(run) = runs.get(&key) {
            let run = run.clone();
            let running = matches!(*run.borrow(), Progress::Running);
            return running.then_some(run);
        }
        if runs.len() >= MAX_RUNS {
            return None;
        }
        let (progress, run) = watch::channel(Progress::Running);
        runs.insert(key, run.clone());
        let (healer, series) = (self.clone(), series.clone());
        self.0.background.tasks.spawn(async move {
            // Also after a panic: whoever waits must not wait for it.
            let _ended = Ended(progress);
            tokio::select! {
                biased;
                () = healer.0.background.stop.cancelled() => {}
                () = healer.heal(&series, gap) => {}
            }
        });
        Some(run)
    }

    async fn heal(&self, series: &SeriesId, gap: Gap) {
        let _turn = self.0.turns.acquire().await;
        if let Err(error) = fill(&self.0.coverage, series, gap, self.0.options.file_rows).await {
            tracing::warn!(%series, error, "hole stays open");
        }
    }

    /// A store that does not answer has nothing to deliver.
    async fn stored(&self, series: &SeriesId, gap: Gap) -> Vec<Candle> {
        let (id, limit) = (series.clone(), self.0.options.read_limit);
        let read = move |snapshot: &dyn Snapshot| match snapshot.series_key(&id)? {
            Some(key) => snapshot.candles_between(key, gap.from, gap.to, limit),
            None => Ok(Vec::new()),
        };
        let answer = self.0.coverage.parts().readers.read(read).await;
        let candles = answer
            .map_err(StandingError::from)
            .and_then(|candles: Result<Vec<Candle>, StoreError>| Ok(candles?));
        candles.unwrap_or_else(|error| {
            tracing::warn!(%series, %error, "hole cannot be read");
            Vec::new()
        })
    }

    fn runs(&self) -> MutexGuard<'_, BTreeMap<Key, watch::Receiver<Progress>>> {
        self.0.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells those who wait that the run is over.
struct Ended(watch::Sender<Progress>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.send_replace(Progress::Ended(Instant::now()));
    }
}

/// How far a hole was looked after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filled {
    /// Every source has said what it has.
    Answered,
    /// The exchange was not asked.
    FilesOnly,
}

/// Stores what the sources have of a hole, the nearest source first, and folds it in.
///
/// # Errors
/// Why the last source did not answer. What the others gave is stored.
pub(super) async fn fill(
    coverage: &Coverage,
    series: &SeriesId,
    gap: Gap,
    file_rows: usize,
) -> Result<Filled, String> {
    let missing = usize::try_from(gap.missing_candles(series.timeframe())).unwrap_or(usize::MAX);
    let rows = file_rows.max(missing.saturating_add(SPARE_ROWS));
    if let Err(error) = coverage.import_newest(series, rows).await {
        tracing::warn!(%series, %error, "market_gap_backfill_freqtrade_failed");
    }
    let window = Window {
        from: gap.from,
        to: gap.to.min(coverage.closed(series)),
    };
    if let Err(error) = coverage.roll_up(series, window).await {
        tracing::warn!(%series, %error, "market_gap_backfill_rollup_failed");
    }
    let complete = coverage.is_complete(series, gap).await;
    let mut filled = Ok(Filled::FilesOnly);
    if complete {
        filled = Ok(Filled::Answered);
    } else if let Some(history) = &coverage.parts().rest {
        filled = match coverage.fetch(history, series, window, |_| {}).await {
            Ok(()) => Ok(Filled::Answered),
            Err(error) => {
                tracing::warn!(%series, %error, "market_gap_backfill_rest_failed");
                Err(error.to_string())
            }
        };
    }
    if let Err(error) = coverage.settle(series).await {
        tracing::warn!(%series, %error, "ledgers are behind a healed hole");
    }
    filled
}

/// Whether one candle follows another without a hole, from before the gap to behind it.
fn is_healed(candles: &[Candle], gap: Gap, series: &SeriesId) -> bool {
    let timeframe = series.timeframe();
    let mut expected = gap.from;
    for candle in candles {
        if candle.time() > expected {
            return false;
        }
        expected = timeframe.next(candle.time());
    }
    expected > gap.to
}
