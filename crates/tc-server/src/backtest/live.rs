//! Runs that are not over.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use super::RunHead;

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunState {
    /// It waits for its turn.
    Queued,
    /// It runs.
    Running,
    /// It ended well and has a result.
    Done,
    /// It ended badly, or without a result.
    Failed,
    /// It was called off.
    Cancelled,
    /// It took too long.
    TimedOut,
}

impl RunState {
    /// As clients read it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed_out",
        }
    }
}

/// A run that waits or runs. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct LiveRun {
    pub(crate) head: Arc<RunHead>,
    pub(crate) cancel: CancellationToken,
    /// Fires when it is over and kept.
    pub(crate) over: CancellationToken,
    standing: Arc<Mutex<Standing>>,
}

/// How far a run is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    pub(crate) state: RunState,
    pub(crate) stage: Option<&'static str>,
    pub(crate) percent: Option<f64>,
    pub(crate) started_at_ms: Option<i64>,
}

impl LiveRun {
    /// A run that waits.
    pub(super) fn new(head: RunHead) -> Self {
        Self {
            head: Arc::new(head),
            cancel: CancellationToken::new(),
            over: CancellationToken::new(),
            standing: Arc::new(Mutex::new(Standing {
                state: RunState::Queued,
                stage: None,
                percent: None,
                started_at_ms: None,
            })),
        }
    }

    pub(super) fn begin(&self, now_ms: i64) {
        let mut standing = self.lock();
        standing.state = RunState::Running;
        standing.stage = Some("starting");
        standing.started_at_ms = Some(now_ms);
    }

    pub(super) fn advance(&self, stage: &'static str, percent: Option<f64>) {
        let mut standing = self.lock();
        standing.stage = Some(stage);
        standing.percent = percent;
    }

    /// How far it is.
    pub(crate) fn standing(&self) -> Standing {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
