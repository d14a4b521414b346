//! When runs run: some at a time, few waiting, each until it is over, called off, or the server stops.

mod checks;
mod conclude;
mod lanes;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use serde_json::value::RawValue;
use tc_market::SeriesId;
use tc_store::{RunArchive, StoreError};
use tokio::sync::oneshot;

use self::lanes::{Lane, Lanes};
use super::{
    BacktestRefusal, EngineName, Engines, LiveRun, Ready, RunHead, RunKind, RunOrder, RunRecord,
    record::RecordError,
};
use crate::{clock::unix_ms, tasks::Background};
pub(crate) use checks::CheckError;
pub(crate) use conclude::{Report, WriteAnswer, Written};
use conclude::{conclude, keep};

/// Bounds of runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BacktestLimits {
    /// Runs at a time; at least 1.
    pub at_once: usize,
    /// Runs that wait beside them.
    pub waiting: usize,
}

/// What backtests work with.
#[derive(Clone)]
pub struct BacktestsParts {
    /// The engines.
    pub engines: Engines,
    /// Where finished runs are kept.
    pub archive: Arc<dyn RunArchive>,
    /// Bounds.
    pub limits: BacktestLimits,
    /// Where runs run, and what ends them.
    pub background: Background,
}

impl fmt::Debug for BacktestsParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BacktestsParts")
            .field("engines", &self.engines)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// See the module. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Backtests(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    parts: BacktestsParts,
    lanes: Lanes,
    live: Mutex<BTreeMap<String, LiveRun>>,
    /// Checks of finished runs that wait or run, by the ids of the runs.
    checks: Mutex<BTreeMap<String, LiveRun>>,
    counter: AtomicU64,
}

/// How a run ended, for who waits for it.
#[derive(Debug)]
pub(crate) enum RunEnd {
    /// With an answer, as JSON and without its long parts.
    Answered {
        /// Everything.
        full: Box<RawValue>,
        /// Without trades and equity.
        summary: Box<RawValue>,
    },
    /// Refused.
    Refused(BacktestRefusal),
    /// Called off, or the server stops.
    Cancelled,
}

/// A run that is to be started.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    /// What kind of run.
    pub(crate) kind: RunKind,
    /// What simulates it.
    pub(crate) engine: EngineName,
    /// What is asked for.
    pub(crate) order: RunOrder,
    /// Series of the store that it reads.
    pub(crate) series: Option<SeriesId>,
}

/// Why a run is not forgotten.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeleteError {
    #[error("it is not over")]
    Running,
    #[error("there is none")]
    NotFound,
    #[error(transparent)]
    Find(#[from] FindError),
}

impl Backtests {
    /// No run runs.
    #[must_use]
    pub fn new(parts: BacktestsParts) -> Self {
        Self(Arc::new(Inner {
            lanes: Lanes::new(parts.limits.at_once),
            parts,
            live: Mutex::default(),
            checks: Mutex::default(),
            counter: AtomicU64::new(0),
        }))
    }

    /// The engines.
    pub(crate) fn engines(&self) -> &Engines {
        &self.0.parts.engines
    }

    /// Starts a run, or has it wait for its turn; `None` when too many wait already.
    pub(crate) fn start<R: Report>(
        &self,
        wanted: Wanted,
        ready: Box<dyn Ready<R>>,
        write: WriteAnswer<R>,
    ) -> Option<(LiveRun, oneshot::Receiver<RunEnd>)> {
        let lane = Lane::of(wanted.engine.as_str());
        let run = {
            let mut live = self.live();
            let ahead = live.values().filter(|run| Lane::of(&run.head.engine) == lane);
            if self.is_full(ahead.count()) {
                return None;
            }
            let run = LiveRun::new(self.head(wanted));
            live.insert(run.head.run_id.clone(), run.clone());
            run
        };
        let (told, end) = oneshot::channel();
        let (runs, begun) = (self.clone(), run.clone());
        self.0.parts.background.tasks.spawn(async move {
            let end = runs.follow(&begun, ready, write).await;
            // Nobody may wait for it.
            let _nobody = told.send(end);
        });
        Some((run, end))
    }

    fn is_full(&self, going_on: usize) -> bool {
        let limits = self.0.parts.limits;
        going_on >= limits.at_once.max(1) + limits.waiting
    }

    fn head(&self, wanted: Wanted) -> RunHead {
        let Wanted {
            kind,
            engine,
            order,
            series,
        } = wanted;
        let now_ms = unix_ms();
        // The process keeps the ids of restarts apart, the counter those of one millisecond.
        let counter = self.0.counter.fetch_add(1, Ordering::Relaxed);
        RunHead {
            run_id: format!("{now_ms:013}-{counter:06x}-{:x}", std::process::id()),
            kind,
            engine: engine.as_str().to_owned(),
            strategy_name: order.strategy_name,
            pair: order.pair,
            series_id: series.map(|series| series.to_string()),
            timeframe: order.timeframe,
            timerange: order.timerange.filter(|range| !range.trim().is_empty()),
            params: order.params,
            trading: order.trading,
            created_at_ms: now_ms,
        }
    }

    /// Runs it and keeps what came out.
    async fn follow<R: Report>(
        &self,
        run: &LiveRun,
        ready: Box<dyn Ready<R>>,
        write: WriteAnswer<R>,
    ) -> RunEnd {
        let lane = Lane::of(&run.head.engine);
        let outcome = self.outcome(run, lane, ready).await;
        let (archive, over) = (Arc::clone(&self.0.parts.archive), run.clone());
        // A long answer takes a while to be written and packed.
        let kept = tokio::task::spawn_blocking(move || {
            let (record, brief, end) = conclude(&over, outcome, write);
            let run_id = over.head.run_id.as_str();
            if let Err(error) = keep(archive.as_ref(), &record, brief) {
                tracing::error!(run_id, error, "a finished backtest is not kept");
            }
            end
        });
        let end = kept.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a finished backtest is lost");
            RunEnd::Refused(BacktestRefusal::Failed(
                "its answer could not be written".to_owned(),
            ))
        });
        self.live().remove(&run.head.run_id);
        run.over.cancel();
        end
    }

    /// What it came to; `None`: it was called off, or the server stops.
    async fn outcome<R>(
        &self,
        run: &LiveRun,
        lane: Lane,
        ready: Box<dyn Ready<R>>,
    ) -> Option<Result<R, BacktestRefusal>> {
        tokio::select! {
            biased;
            () = self.0.parts.background.stop.cancelled() => None,
            () = run.cancel.cancelled() => None,
            outcome = self.take_turn(run, lane, ready) => Some(outcome),
        }
    }

    async fn take_turn<R>(
        &self,
        run: &LiveRun,
        lane: Lane,
        ready: Box<dyn Ready<R>>,
    ) -> Result<R, BacktestRefusal> {
        let Ok(_turn) = self.0.lanes.turn(lane).await else {
            return Err(BacktestRefusal::Failed("no run can begin any more".to_owned()));
        };
        run.begin(unix_ms());
        let watched = run.clone();
        let progress = Arc::new(move |stage, percent| watched.advance(stage, percent));
        ready.run(run.head.run_id.clone(), progress).await
    }

    /// A run that is not over.
    pub(crate) fn running(&self, run_id: &str) -> Option<LiveRun> {
        self.live().get(run_id).cloned()
    }

    /// Runs that are not over before `before`, newest first.
    pub(crate) fn all_running(&self, before: Option<&str>) -> Vec<LiveRun> {
        let live = self.live();
        let wanted = live.iter().rev();
        wanted
            .filter(|(run_id, _)| before.is_none_or(|before| run_id.as_str() < before))
            .map(|(_, run)| run.clone())
            .collect()
    }

    /// Summaries of finished runs before `before`, newest first.
    pub(crate) async fn finished(
        &self,
        before: Option<String>,
        limit: usize,
    ) -> Result<Vec<RunRecord>, FindError> {
        self.ask(move |archive| {
            let rows = archive.runs(before.as_deref(), limit)?;
            let records = rows.iter().map(|(_, summary)| RunRecord::of_summary(summary));
            Ok(records.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// What `tell` makes of a finished run, on a thread that may take its time.
    pub(crate) async fn find<T: Send + 'static>(
        &self,
        run_id: &str,
        tell: impl FnOnce(RunRecord) -> Result<T, serde_json::Error> + Send + 'static,
    ) -> Result<Option<T>, FindError> {
        let run_id = run_id.to_owned();
        self.ask(move |archive| {
            let Some(row) = archive.run(&run_id)? else {
                return Ok(None);
            };
            let told = tell(RunRecord::of_detail(&row.detail)?);
            Ok(Some(told.map_err(RecordError::from)?))
        })
        .await
    }

    /// Forgets a finished run.
    pub(crate) async fn delete(&self, run_id: &str) -> Result<(), DeleteError> {
        if self.running(run_id).is_some() || self.checking(run_id).is_some() {
            return Err(DeleteError::Running);
        }
        let run_id = run_id.to_owned();
        let deleted = self.ask(move |archive| Ok(archive.delete_run(&run_id)?));
        if deleted.await? {
            Ok(())
        } else {
            Err(DeleteError::NotFound)
        }
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn RunArchive) -> Result<T, FindError> + Send + 'static,
    ) -> Result<T, FindError> {
        let archive = Arc::clone(&self.0.parts.archive);
        let asked = tokio::task::spawn_blocking(move || question(archive.as_ref()));
        asked.await.unwrap_or_else(|error| {
            Err(FindError::Store(StoreError::Backend {
                action: "asking for finished backtests",
                source: Box::new(error),
            }))
        })
    }

    fn live(&self) -> MutexGuard<'_, BTreeMap<String, LiveRun>> {
        self.0.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a finished run cannot be told of.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FindError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Record(#[from] RecordError),
}
