//! Checks of finished runs. They take turns with each other; what they come to is kept with the run.

use std::{
    collections::BTreeMap,
    sync::{Arc, MutexGuard, PoisonError},
};

use serde_json::value::RawValue;
use tc_store::RunArchive;

use super::{
    super::{BacktestRefusal, BiasFindings, LiveRun, ReadyBias, RunHead, RunRecord},
    Backtests,
    lanes::Lane,
};

/// How findings are written, which only the wire types know.
type WriteFindings = fn(&BiasFindings) -> Result<Box<RawValue>, serde_json::Error>;

/// Why a check does not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CheckError {
    #[error("the run is being checked already")]
    Running,
    #[error("too many runs wait")]
    Full,
}

impl Backtests {
    /// Starts the check of a finished run, or has it wait for its turn.
    pub(crate) fn check(
        &self,
        head: RunHead,
        ready: ReadyBias,
        write: WriteFindings,
    ) -> Result<LiveRun, CheckError> {
        let check = {
            let mut checks = self.checks();
            if checks.contains_key(&head.run_id) {
                return Err(CheckError::Running);
            }
            if self.is_full(checks.len()) {
                return Err(CheckError::Full);
            }
            let check = LiveRun::new(head);
            checks.insert(check.head.run_id.clone(), check.clone());
            check
        };
        let (runs, begun) = (self.clone(), check.clone());
        self.0.parts.background.tasks.spawn(async move {
            runs.follow_check(&begun, ready, write).await;
        });
        Ok(check)
    }

    /// A check that is not over.
    pub(crate) fn checking(&self, run_id: &str) -> Option<LiveRun> {
        self.checks().get(run_id).cloned()
    }

    async fn follow_check(&self, check: &LiveRun, ready: ReadyBias, write: WriteFindings) {
        if let Some(outcome) = self.outcome(check, Lane::Checks, ready).await {
            let (archive, run_id) = (Arc::clone(&self.0.parts.archive), check.head.run_id.clone());
            let kept = tokio::task::spawn_blocking(move || {
                if let Err(error) = keep(archive.as_ref(), &run_id, &outcome, write) {
                    tracing::error!(run_id, error, "the check of a backtest is not kept");
                }
            });
            if let Err(error) = kept.await {
                tracing::error!(%error, "the check of a backtest is lost");
            }
        }
        self.checks().remove(&check.head.run_id);
        check.over.cancel();
    }

    pub(super) fn checks(&self) -> MutexGuard<'_, BTreeMap<String, LiveRun>> {
        self.0.checks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn keep(
    archive: &dyn RunArchive,
    run_id: &str,
    outcome: &Result<BiasFindings, BacktestRefusal>,
    write: WriteFindings,
) -> Result<(), String> {
    let Some(row) = archive.run(run_id).map_err(|error| error.to_string())? else {
        // Forgotten meanwhile: newer runs took its place.
        return Ok(());
    };
    let written = match outcome {
        Ok(findings) => Ok(write(findings).map_err(|error| error.to_string())?),
        Err(refusal) => Err(format!("the check for a look into the future failed: {refusal}")),
    };
    let row = RunRecord::checked(&row, written.as_deref().map_err(Clone::clone));
    let row = row.map_err(|error| error.to_string())?;
    archive.put_run(&row).map_err(|error| error.to_string())
}
