//! What is kept and told of a run that is over.

use serde_json::value::RawValue;
use tc_store::RunArchive;

use super::{
    super::{BacktestRefusal, LiveRun, RunHead, RunRecord, RunReport, RunState, SweepReport},
    RunEnd,
};
use crate::clock::unix_ms;

/// The answer of a run in the three lengths that are told.
pub(crate) struct Written {
    pub(crate) full: Box<RawValue>,
    pub(crate) summary: Box<RawValue>,
    pub(crate) brief: Box<RawValue>,
}

/// How an answer is written, which only the wire types know.
pub(crate) type WriteAnswer<R> = fn(&RunHead, R) -> Result<Written, serde_json::Error>;

/// What some work came to.
pub(crate) trait Report: Send + 'static {
    /// How it ended.
    fn state(&self) -> RunState;

    /// Logs what it said.
    fn log(&self, _head: &RunHead) {}
}

impl Report for RunReport {
    fn state(&self) -> RunState {
        match (self.exit_code, &self.result) {
            (124, _) => RunState::TimedOut,
            (0, Ok(_)) => RunState::Done,
            _ => RunState::Failed,
        }
    }

    fn log(&self, head: &RunHead) {
        let (run_id, engine) = (head.run_id.as_str(), head.engine.as_str());
        for (stream, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                tracing::info!(run_id, "{engine} backtesting {stream}: {text}");
            }
        }
    }
}

impl Report for SweepReport {
    fn state(&self) -> RunState {
        RunState::Done
    }
}

pub(super) fn keep(
    archive: &dyn RunArchive,
    record: &RunRecord,
    brief: Option<Box<RawValue>>,
) -> Result<(), String> {
    let row = record.archive(brief).map_err(|error| error.to_string())?;
    archive.put_run(&row).map_err(|error| error.to_string())
}

/// What is kept of a run, what a list tells of it, and what is told to who waits.
pub(super) fn conclude<R: Report>(
    run: &LiveRun,
    outcome: Option<Result<R, BacktestRefusal>>,
    write: WriteAnswer<R>,
) -> (RunRecord, Option<Box<RawValue>>, RunEnd) {
    let record = |state: RunState, error: Option<String>, response: Option<Box<RawValue>>| RunRecord {
        head: (*run.head).clone(),
        state: state.as_str().to_owned(),
        started_at_ms: run.standing().started_at_ms,
        finished_at_ms: unix_ms(),
        error,
        response,
        bias: None,
    };
    let refused = |refusal: BacktestRefusal| {
        let error = refusal.to_string();
        (
            record(RunState::Failed, Some(error), None),
            None,
            RunEnd::Refused(refusal),
        )
    };
    match outcome {
        None => (record(RunState::Cancelled, None, None), None, RunEnd::Cancelled),
        Some(Err(refusal)) => refused(refusal),
        Some(Ok(report)) => {
            report.log(&run.head);
            let state = report.state();
            match write(&run.head, report) {
                Ok(written) => {
                    let full = written.full.clone();
                    let end = RunEnd::Answered {
                        full: written.full,
                        summary: written.summary,
                    };
                    (record(state, None, Some(full)), Some(written.brief), end)
                }
                Err(error) => refused(BacktestRefusal::Failed(error.to_string())),
            }
        }
    }
}
