//! The task that owns the supervisor.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tc_exchange::{Guardrail, GuardrailOptions};
use tc_ingest::{JobEnd, RunId, Supervisor, SupervisorAction, SupervisorOptions};
use tc_market::SeriesId;
use tokio::{
    sync::mpsc,
    task::{Id, JoinError, JoinSet},
    time::{Instant, MissedTickBehavior},
};
use tokio_util::sync::CancellationToken;

use super::{Board, Command, IngestJob, IngestState, JobRunner, board_of, lease};
use crate::{
    clock::unix_ms,
    tasks::{JobSnapshot, JobStatus, LiveError},
};

const TICK: Duration = Duration::from_secs(1);
/// A run that lasted so long clears the failures before it.
const HEALTHY_RUN: Duration = Duration::from_secs(60);
/// Longest wait for jobs at shutdown: flush and orderly close of the sockets, two seconds each.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

struct Run {
    series: SeriesId,
    id: RunId,
    stop: CancellationToken,
    begun: Instant,
}

pub(super) struct Driver {
    supervisor: Supervisor,
    guardrail: GuardrailOptions,
    guardrails: BTreeMap<SeriesId, Guardrail>,
    runner: Arc<dyn JobRunner>,
    board: Board,
    mailbox: mpsc::WeakUnboundedSender<Command>,
    tasks: JoinSet<Result<(), LiveError>>,
    runs: BTreeMap<Id, Run>,
    started: Instant,
    started_at_ms: u64,
}

impl Driver {
    pub(super) fn new(
        options: SupervisorOptions,
        guardrail: GuardrailOptions,
        runner: Arc<dyn JobRunner>,
        board: Board,
        mailbox: mpsc::WeakUnboundedSender<Command>,
    ) -> Self {
        Self {
            supervisor: Supervisor::new(options),
            guardrail,
            guardrails: BTreeMap::new(),
            runner,
            board,
            mailbox,
            tasks: JoinSet::new(),
            runs: BTreeMap::new(),
            started: Instant::now(),
            started_at_ms: u64::try_from(unix_ms()).unwrap_or(0),
        }
    }

    /// Ends with the shutdown, or when every handle is gone.
    pub(super) async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let actions = self.supervisor.start(self.now_ms());
        self.perform(actions);
        loop {
            tokio::select! {
                biased;
                Some(ended) = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => self.ended(ended),
                command = commands.recv() => match command {
                    Some(Command::ShutDown(done)) => {
                        self.shut_down().await;
                        // Whoever asked may have stopped waiting.
                        let _gone = done.send(());
                        return;
                    }
                    Some(command) => self.obey(command),
                    None => return self.shut_down().await,
                },
                _ = tick.tick() => {
                    let actions = self.supervisor.tick(self.now_ms());
                    self.perform(actions);
                }
            }
            self.guardrails.retain(|series, _| self.supervisor.knows(series));
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Acquire { series, answer } => {
                let granted = self
                    .supervisor
                    .acquire(&series, self.now_ms())
                    .map(|(hold, actions)| {
                        self.perform(actions);
                        lease(hold, series, &self.mailbox)
                    });
                // A caller that went away drops its lease, which releases it.
                drop(answer.send(granted));
            }
            Command::Release(series) => self.supervisor.release(&series, self.now_ms()),
            Command::State(answer) => drop(answer.send(self.state())),
            Command::ShutDown(_) => {}
        }
    }

    fn perform(&mut self, actions: Vec<SupervisorAction>) {
        for action in actions {
            match action {
                SupervisorAction::Start { series, run } => self.start(series, run),
                SupervisorAction::Stop { series, run } => {
                    tracing::info!(%series, "live job stops");
                    if let Some(run) = self.runs.values().find(|running| running.id == run) {
                        run.stop.cancel();
                    }
                }
            }
        }
    }

    fn start(&mut self, series: SeriesId, id: RunId) {
        tracing::info!(%series, "live job starts");
        let (stop, status) = (CancellationToken::new(), Arc::new(JobStatus::default()));
        board_of(&self.board).insert(series.clone(), Arc::clone(&status));
        let job = Arc::clone(&self.runner).run(series.clone(), stop.clone(), status);
        let task = self.tasks.spawn(job);
        self.runs.insert(
            task.id(),
            Run {
                series,
                id,
                stop,
                begun: Instant::now(),
            },
        );
    }

    fn ended(&mut self, ended: Result<(Id, Result<(), LiveError>), JoinError>) {
        let (task, failure) = match ended {
            Ok((task, Ok(()))) => (task, None),
            Ok((task, Err(error))) => (task, Some(error.to_string())),
            Err(error) => (error.id(), Some(error.to_string())),
        };
        let Some(run) = self.runs.remove(&task) else {
            return;
        };
        let end = match failure {
            None => JobEnd::Stopped,
            Some(error) => {
                let retry_after_ms = self.failed(&run, &error);
                tracing::error!(series = %run.series, error, retry_after_ms, "live job failed");
                metrics::counter!("market_ingest_loop_crashes_total").increment(1);
                JobEnd::Failed { retry_after_ms }
            }
        };
        board_of(&self.board).remove(&run.series);
        let actions = self.supervisor.ended(&run.series, run.id, end, self.now_ms());
        self.perform(actions);
    }

    fn failed(&mut self, run: &Run, error: &str) -> u64 {
        let now_ms = self.now_ms();
        let guardrail = self
            .guardrails
            .entry(run.series.clone())
            .or_insert_with(|| Guardrail::new(self.guardrail));
        if run.begun.elapsed() >= HEALTHY_RUN {
            guardrail.success();
        }
        guardrail.failure(now_ms, 1.0, error)
    }

    fn state(&self) -> IngestState {
        let now_ms = self.now_ms();
        let board = board_of(&self.board);
        let view = |job: tc_ingest::JobState| IngestJob {
            status: board
                .get(&job.series)
                .map_or_else(JobSnapshot::default, |status| status.snapshot()),
            guardrail: self
                .guardrails
                .get(&job.series)
                .map(|guardrail| guardrail.snapshot(now_ms)),
            job,
        };
        IngestState {
            jobs: self.supervisor.jobs().into_iter().map(view).collect(),
            options: self.supervisor.options().clone(),
            guardrail_enabled: self.guardrail.enabled,
        }
    }

    async fn shut_down(&mut self) {
        let actions = self.supervisor.shut_down();
        self.perform(actions);
        let all_ended = async {
            while let Some(ended) = self.tasks.join_next_with_id().await {
                self.ended(ended);
            }
        };
        if tokio::time::timeout(STOP_TIMEOUT, all_ended).await.is_err() {
            tracing::warn!(jobs = self.runs.len(), "live jobs did not stop in time");
            self.tasks.abort_all();
        }
    }

    /// Monotonic, and Unix milliseconds as of the start: fit for people and for intervals.
    fn now_ms(&self) -> u64 {
        self.started_at_ms + u64::try_from(self.started.elapsed().as_millis()).unwrap_or(0)
    }
}
