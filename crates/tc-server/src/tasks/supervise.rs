//! Drives the supervisor: a mailbox, a tick per second, and the tasks of the jobs.

mod driver;
#[cfg(test)]
pub(super) mod tests;

use std::{
    collections::BTreeMap,
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tc_exchange::{GuardrailOptions, GuardrailSnapshot};
use tc_ingest::{Hold, IngestRefusal, JobState, SupervisorOptions};
use tc_market::{DerivedTimeframes, SeriesId};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::{JobSnapshot, JobStatus, LiveError};
use driver::Driver;

/// Runs the job of one series until it is told to stop.
pub trait JobRunner: Send + Sync {
    /// Whether there is a live source for the series.
    fn serves(&self, series: &SeriesId) -> bool;

    /// The job. It ends soon after `stop` fires.
    fn run(
        self: Arc<Self>,
        series: SeriesId,
        stop: CancellationToken,
        status: Arc<JobStatus>,
    ) -> Pin<Box<dyn Future<Output = Result<(), LiveError>> + Send>>;
}

/// Why a series is not followed for a subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AcquireError {
    /// No live source for this exchange, market or symbol.
    #[error("no live source for the series")]
    Unsupported,
    /// The supervisor refused.
    #[error(transparent)]
    Refused(#[from] IngestRefusal),
}

/// A job with everything that is known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestJob {
    /// The supervisor's view. Instants are Unix milliseconds of the system clock.
    pub job: JobState,
    /// The job's own view.
    pub status: JobSnapshot,
    /// Guardrail of the job itself, once it has failed.
    pub guardrail: Option<GuardrailSnapshot>,
}

/// State of live ingest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestState {
    /// Ascending by series.
    pub jobs: Vec<IngestJob>,
    /// The options.
    pub options: SupervisorOptions,
    /// Whether failing jobs are held back by a guardrail.
    pub guardrail_enabled: bool,
}

/// Reference to the job of a series, given back exactly once: when it is dropped.
#[derive(Debug)]
pub struct Lease {
    counted: Option<(SeriesId, Mailbox)>,
}

impl Lease {
    /// Holds nothing.
    #[must_use]
    pub const fn none() -> Self {
        Self { counted: None }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some((series, mailbox)) = self.counted.take() {
            // Without a supervisor there is no count left to correct.
            let _gone = mailbox.send(Command::Release(series));
        }
    }
}

/// Unbounded, because a release must not wait; every message but the releases is awaited by its sender, and there is
/// one release per lease, so the subscriptions bound it.
type Mailbox = mpsc::UnboundedSender<Command>;

/// The jobs that run, by series.
type Board = Arc<Mutex<BTreeMap<SeriesId, Arc<JobStatus>>>>;

fn board_of(board: &Board) -> MutexGuard<'_, BTreeMap<SeriesId, Arc<JobStatus>>> {
    board.lock().unwrap_or_else(PoisonError::into_inner)
}

enum Command {
    Acquire {
        series: SeriesId,
        answer: oneshot::Sender<Result<Lease, IngestRefusal>>,
    },
    Release(SeriesId),
    State(oneshot::Sender<IngestState>),
    ShutDown(oneshot::Sender<()>),
}

/// Handle to live ingest. Cheap to clone.
#[derive(Clone)]
pub struct IngestControl {
    inner: Arc<Inner>,
}

struct Inner {
    mailbox: Mailbox,
    runner: Arc<dyn JobRunner>,
    ondemand: bool,
    derived: DerivedTimeframes,
    board: Board,
}

impl fmt::Debug for IngestControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IngestControl")
            .field("ondemand", &self.inner.ondemand)
            .finish_non_exhaustive()
    }
}

impl IngestControl {
    /// Starts the driver in the present runtime, and with it the pinned jobs.
    ///
    /// `guardrail` decides how long a job that fails stays down.
    #[must_use]
    pub fn spawn(
        options: SupervisorOptions,
        guardrail: GuardrailOptions,
        runner: Arc<dyn JobRunner>,
    ) -> Self {
        let (mailbox, commands) = mpsc::unbounded_channel();
        let board = Board::default();
        let (ondemand, derived) = (options.follows_subscribers(), options.derived.clone());
        let driver = Driver::new(
            options,
            guardrail,
            Arc::clone(&runner),
            Arc::clone(&board),
            mailbox.downgrade(),
        );
        tokio::spawn(driver.run(commands));
        Self {
            inner: Arc::new(Inner {
                mailbox,
                runner,
                ondemand,
                derived,
                board,
            }),
        }
    }

    /// Whether a subscription to the series can be followed live. Always true while on-demand ingest is off:
    /// then nobody expects it.
    #[must_use]
    pub fn serves(&self, series: &SeriesId) -> bool {
        !self.inner.ondemand || self.inner.runner.serves(&self.inner.derived.base_of(series))
    }

    /// Whether the series is built from the candles of another one.
    #[must_use]
    pub fn is_derived(&self, series: &SeriesId) -> bool {
        self.inner.derived.is_derived(series)
    }

    /// Whether the job of the series, or of its base, is running and connected.
    #[must_use]
    pub fn is_live(&self, series: &SeriesId) -> bool {
        let status = board_of(&self.inner.board)
            .get(&self.inner.derived.base_of(series))
            .cloned();
        status.is_some_and(|status| status.snapshot().connected)
    }

    /// Makes sure that the series is followed for as long as the lease lives.
    ///
    /// # Errors
    /// [`AcquireError`].
    pub async fn acquire(&self, series: &SeriesId) -> Result<Lease, AcquireError> {
        if !self.inner.ondemand {
            return Ok(Lease::none());
        }
        if !self.serves(series) {
            return Err(AcquireError::Unsupported);
        }
        let (answer, granted) = oneshot::channel();
        let command = Command::Acquire {
            series: series.clone(),
            answer,
        };
        let gone = |()| AcquireError::Refused(IngestRefusal::ShuttingDown);
        self.inner.mailbox.send(command).map_err(|_| gone(()))?;
        Ok(granted.await.map_err(|_| gone(()))??)
    }

    /// Every job, for people; `None` after the shutdown.
    pub async fn state(&self) -> Option<IngestState> {
        let (answer, state) = oneshot::channel();
        self.inner.mailbox.send(Command::State(answer)).ok()?;
        state.await.ok()
    }

    /// Stops every job, lets it flush, and waits until all have ended.
    pub async fn shut_down(&self) {
        let (done, ended) = oneshot::channel();
        if self.inner.mailbox.send(Command::ShutDown(done)).is_ok() {
            // The driver answers or is gone; both are the end.
            let _ended = ended.await;
        }
    }
}

fn lease(hold: Hold, series: SeriesId, mailbox: &mpsc::WeakUnboundedSender<Command>) -> Lease {
    Lease {
        counted: (hold == Hold::Counted)
            .then(|| mailbox.upgrade().map(|mailbox| (series, mailbox)))
            .flatten(),
    }
}
