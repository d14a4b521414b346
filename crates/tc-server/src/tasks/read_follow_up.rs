//! What a candle read sets off in the background: missing candles are fetched, ledgers that are behind brought forward.

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tc_ingest::{Cooldown, CooldownOptions};
use tc_market::{CandleTime, SeriesId};
use tokio::{sync::Semaphore, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    coverage::{Coverage, CoverageError, Standing, Window},
    history::refresh,
    turn::Turn,
};
use crate::debug::{self, DebugLog};

/// Series that are worked on at a time; others wait.
const AT_ONCE: usize = 4;

/// What candle reads set off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadFollowUpOptions {
    /// Fetch what is missing of the newest candles.
    pub tail_backfill: bool,
    /// Most candles of such a backfill; `None`: as many as were asked for.
    pub tail_max_candles: Option<u32>,
    /// Bring the ledgers up to the candles.
    pub ledger_warm_up: bool,
}

/// Where the tasks run, and what ends them.
#[derive(Debug, Clone, Default)]
pub struct Background {
    /// Their tracker.
    pub tasks: TaskTracker,
    /// Fires when they are to end.
    pub stop: CancellationToken,
}

/// A candle read that was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CandleRead {
    /// Whether it went on from a cursor.
    pub(crate) from_cursor: bool,
    /// Most candles that were asked for.
    pub(crate) limit: u32,
    /// Newest stored candle.
    pub(crate) head: Option<CandleTime>,
}

/// How far the ledgers are.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LedgerHeads {
    pub(crate) factor: Option<CandleTime>,
    pub(crate) overlay: Option<CandleTime>,
}

impl From<Standing> for LedgerHeads {
    fn from(standing: Standing) -> Self {
        Self {
            factor: standing.factor_head,
            overlay: standing.overlay_head,
        }
    }
}

/// What a warm-up did.
#[derive(Debug, Default)]
pub(crate) struct WarmUp {
    pub(crate) target: CandleTime,
    pub(crate) before: LedgerHeads,
    pub(crate) after: LedgerHeads,
    pub(crate) steps: Vec<String>,
    pub(crate) error: Option<String>,
}

/// See the module. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ReadFollowUp(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    coverage: Coverage,
    options: ReadFollowUpOptions,
    debug: DebugLog,
    background: Background,
    started: Instant,
    turns: Arc<Semaphore>,
    tails: Mutex<Cooldown>,
    warm_ups: Mutex<Cooldown>,
}

/// Which of the two a run is.
#[derive(Debug, Clone, Copy)]
enum Work {
    Tail,
    WarmUp,
}

/// A run of a series; dropping it ends the run.
struct Run {
    follow_up: ReadFollowUp,
    work: Work,
    series: SeriesId,
}

impl Drop for Run {
    fn drop(&mut self) {
        let now_ms = self.follow_up.now_ms();
        self.follow_up.cooldown(self.work).end(&self.series, now_ms);
    }
}

impl ReadFollowUp {
    /// Nothing runs yet.
    #[must_use]
    pub fn new(
        coverage: Coverage,
        options: ReadFollowUpOptions,
        debug: DebugLog,
        background: Background,
    ) -> Self {
        let cooldown = || Mutex::new(Cooldown::new(CooldownOptions::default()));
        Self(Arc::new(Inner {
            coverage,
            options,
            debug,
            background,
            started: Instant::now(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            tails: cooldown(),
            warm_ups: cooldown(),
        }))
    }

    /// Whether it wants to know of reads at all.
    pub(crate) fn is_on(&self) -> bool {
        self.0.options.tail_backfill || self.0.options.ledger_warm_up
    }

    /// To be called after the answer was made. Never waits.
    pub(crate) fn after_candles(&self, series: &SeriesId, read: CandleRead) {
        let options = &self.0.options;
        if options.tail_backfill && !read.from_cursor {
            let target = options
                .tail_max_candles
                .map_or(read.limit, |most| most.min(read.limit));
            if let Some(run) = self.begin(Work::Tail, series, None) {
                self.spawn(async move |mut turn| run.follow_up.cover(&run.series, target, &mut turn).await);
            }
        }
        if let Some(head) = read.head
            && options.ledger_warm_up
            && let Some(run) = self.begin(Work::WarmUp, series, Some(head))
        {
            self.spawn(async move |_turn| run.follow_up.warm_up(&run.series, head).await);
        }
    }

    async fn cover(&self, series: &SeriesId, target: u32, turn: &mut Turn) {
        let covered = self.0.coverage.ensure_newest(series, target, turn).await;
        for error in covered.errors {
            tracing::warn!(%series, error, "backfill after a read was not complete");
        }
    }

    async fn warm_up(&self, series: &SeriesId, target: CandleTime) {
        let mut warm_up = WarmUp {
            target,
            ..WarmUp::default()
        };
        match self.bring_forward(series, &mut warm_up).await {
            Ok(false) => return,
            Ok(true) => {}
            Err(error) => {
                tracing::warn!(%series, %error, "ledgers were not brought forward after a read");
                warm_up.error = Some(error.to_string());
            }
        }
        self.0.debug.record(|| debug::ledger_warm_up(series, &warm_up));
    }

    /// Whether there was something to do.
    async fn bring_forward(&self, series: &SeriesId, warm_up: &mut WarmUp) -> Result<bool, CoverageError> {
        let parts = self.0.coverage.parts();
        let standing = Standing::read(&parts.readers, series, Window::NOTHING).await?;
        (warm_up.before, warm_up.after) = (standing.into(), standing.into());
        if !standing.ledgers_behind {
            return Ok(false);
        }
        let report = refresh(&parts.writer, series, warm_up.target).await?;
        warm_up.steps = report.steps.into_iter().map(|step| step.name).collect();
        let standing = Standing::read(&parts.readers, series, Window::NOTHING).await?;
        warm_up.after = standing.into();
        Ok(true)
    }

    fn begin(&self, work: Work, series: &SeriesId, target: Option<CandleTime>) -> Option<Run> {
        let now_ms = self.now_ms();
        let mut cooldown = self.cooldown(work);
        let begun = match target {
            Some(target) => cooldown.try_begin_up_to(series, target, now_ms),
            None => cooldown.try_begin(series, now_ms),
        };
        drop(cooldown);
        begun.then(|| Run {
            follow_up: self.clone(),
            work,
            series: series.clone(),
        })
    }

    fn spawn<F>(&self, run: impl FnOnce(Turn) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send,
    {
        let inner = Arc::clone(&self.0);
        self.0.background.tasks.spawn(async move {
            let in_turn = async { run(Turn::take(Arc::clone(&inner.turns)).await).await };
            tokio::select! {
                biased;
                () = inner.background.stop.cancelled() => {}
                () = in_turn => {}
            }
        });
    }

    fn cooldown(&self, work: Work) -> MutexGuard<'_, Cooldown> {
        let cooldown = match work {
            Work::Tail => &self.0.tails,
            Work::WarmUp => &self.0.warm_ups,
        };
        cooldown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.0.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
