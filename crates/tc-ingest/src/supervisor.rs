//! Who must be ingesting now.
//!
//! A pure state machine: every call takes the present time and returns what to start and stop, in order. The owner
//! runs the jobs and reports when one has ended. Times are monotonic milliseconds of the owner's choice.

#[cfg(test)]
mod props;
#[cfg(test)]
mod tests;

mod vocabulary;

use std::collections::{BTreeMap, BTreeSet};

use tc_market::SeriesId;

pub use vocabulary::{
    Hold, IngestRefusal, IngestRole, JobEnd, JobState, RunId, SupervisorAction, SupervisorOptions,
};

/// See the module.
#[derive(Debug)]
pub struct Supervisor {
    options: SupervisorOptions,
    pinned: BTreeSet<SeriesId>,
    jobs: BTreeMap<SeriesId, Job>,
    runs: u64,
    closing: bool,
}

#[derive(Debug, Clone)]
struct Job {
    references: u32,
    idle_since_ms: Option<u64>,
    started_at_ms: u64,
    crashes: u32,
    last_crash_at_ms: Option<u64>,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running(RunId),
    Stopping(RunId),
    Down { retry_at_ms: u64 },
}

impl Job {
    const fn idle(&self) -> bool {
        self.references == 0 && self.idle_since_ms.is_some()
    }

    /// A job that is on its way out and wanted by nobody holds no slot.
    const fn holds_slot(&self) -> bool {
        self.references > 0 || !matches!(self.phase, Phase::Stopping(_))
    }
}

impl Supervisor {
    /// Knows no job yet; [`Supervisor::start`] begins.
    #[must_use]
    pub fn new(options: SupervisorOptions) -> Self {
        let pinned = if options.follows_whitelist() {
            options
                .whitelist
                .iter()
                .map(|series| options.derived.base_of(series))
                .collect()
        } else {
            BTreeSet::new()
        };
        Self {
            options,
            pinned,
            jobs: BTreeMap::new(),
            runs: 0,
            closing: false,
        }
    }

    /// Starts the pinned jobs.
    pub fn start(&mut self, now_ms: u64) -> Vec<SupervisorAction> {
        let missing: Vec<_> = self
            .pinned
            .iter()
            .filter(|series| !self.jobs.contains_key(*series))
            .cloned()
            .collect();
        missing
            .into_iter()
            .map(|series| self.start_job(series, now_ms))
            .collect()
    }

    /// One more subscription wants the series, or, when it is derived, its base.
    ///
    /// # Errors
    /// [`IngestRefusal`]; then nothing has changed.
    pub fn acquire(
        &mut self,
        series: &SeriesId,
        now_ms: u64,
    ) -> Result<(Hold, Vec<SupervisorAction>), IngestRefusal> {
        if self.closing {
            return Err(IngestRefusal::ShuttingDown);
        }
        let series = &self.options.derived.base_of(series);
        if self.pinned.contains(series) || !self.options.follows_subscribers() {
            return Ok((Hold::Free, Vec::new()));
        }
        let mut actions = Vec::new();
        match self.jobs.get(series) {
            Some(Job {
                phase: Phase::Down { retry_at_ms },
                ..
            }) if *retry_at_ms > now_ms => {
                return Err(IngestRefusal::CoolingDown {
                    wait_ms: retry_at_ms - now_ms,
                });
            }
            Some(job) if job.holds_slot() => {
                if matches!(job.phase, Phase::Down { .. }) {
                    actions.push(self.restart(series.clone(), now_ms));
                }
            }
            // Its run is ending; the next one begins when the end is reported.
            Some(_) => self.make_room(&mut actions)?,
            None => {
                self.make_room(&mut actions)?;
                actions.push(self.start_job(series.clone(), now_ms));
            }
        }
        if let Some(job) = self.jobs.get_mut(series) {
            job.references += 1;
            job.idle_since_ms = None;
        }
        Ok((Hold::Counted, actions))
    }

    /// One subscription that was counted is gone.
    pub fn release(&mut self, series: &SeriesId, now_ms: u64) {
        let series = &self.options.derived.base_of(series);
        if self.pinned.contains(series) {
            return;
        }
        let Some(job) = self.jobs.get_mut(series).filter(|job| job.references > 0) else {
            return;
        };
        job.references -= 1;
        if job.references == 0 {
            job.idle_since_ms = Some(now_ms);
        }
    }

    /// Called about once per second: restarts what died and stops what nobody listens to.
    pub fn tick(&mut self, now_ms: u64) -> Vec<SupervisorAction> {
        let mut actions = Vec::new();
        if self.closing {
            return actions;
        }
        let series: Vec<_> = self.jobs.keys().cloned().collect();
        for series in series {
            actions.extend(self.examine(series, now_ms));
        }
        actions
    }

    fn examine(&mut self, series: SeriesId, now_ms: u64) -> Option<SupervisorAction> {
        let pinned = self.pinned.contains(&series);
        let ttl_ms = self.options.ondemand_idle_ttl_ms;
        let job = self.jobs.get_mut(&series)?;
        match job.phase {
            Phase::Down { .. } if !pinned && job.references == 0 => {
                self.jobs.remove(&series);
                None
            }
            Phase::Down { retry_at_ms } if retry_at_ms <= now_ms => Some(self.restart(series, now_ms)),
            Phase::Running(run) if !pinned && job.references == 0 => {
                let idle_ms = job.idle_since_ms.map_or(0, |since| now_ms.saturating_sub(since));
                (idle_ms >= ttl_ms).then(|| {
                    job.phase = Phase::Stopping(run);
                    SupervisorAction::Stop { series, run }
                })
            }
            _ => None,
        }
    }

    /// A run has ended, whether it was asked to or not. Reports of earlier runs change nothing.
    pub fn ended(
        &mut self,
        series: &SeriesId,
        run: RunId,
        end: JobEnd,
        now_ms: u64,
    ) -> Vec<SupervisorAction> {
        let wanted = self.pinned.contains(series);
        let Some(job) = self.jobs.get_mut(series) else {
            return Vec::new();
        };
        match job.phase {
            Phase::Running(current) if current == run => {
                let wait_ms = match end {
                    JobEnd::Stopped => 0,
                    JobEnd::Failed { retry_after_ms } => {
                        job.crashes = job.crashes.saturating_add(1);
                        job.last_crash_at_ms = Some(now_ms);
                        retry_after_ms
                    }
                };
                job.phase = Phase::Down {
                    retry_at_ms: now_ms.saturating_add(wait_ms),
                };
                Vec::new()
            }
            Phase::Stopping(current) if current == run => {
                if !self.closing && (wanted || job.references > 0) {
                    return vec![self.restart(series.clone(), now_ms)];
                }
                self.jobs.remove(series);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Stops every job and refuses new ones.
    pub fn shut_down(&mut self) -> Vec<SupervisorAction> {
        self.closing = true;
        self.jobs
            .retain(|_, job| !matches!(job.phase, Phase::Down { .. }));
        let mut actions = Vec::new();
        for (series, job) in &mut self.jobs {
            if let Phase::Running(run) = job.phase {
                job.phase = Phase::Stopping(run);
                actions.push(SupervisorAction::Stop {
                    series: series.clone(),
                    run,
                });
            }
        }
        actions
    }

    /// Whether the supervisor keeps anything about the series.
    #[must_use]
    pub fn knows(&self, series: &SeriesId) -> bool {
        self.jobs.contains_key(series)
    }

    /// Every job, ascending by series.
    #[must_use]
    pub fn jobs(&self) -> Vec<JobState> {
        self.jobs
            .iter()
            .map(|(series, job)| JobState {
                series: series.clone(),
                references: (!self.pinned.contains(series)).then_some(job.references),
                idle_since_ms: job.idle_since_ms,
                started_at_ms: job.started_at_ms,
                crashes: job.crashes,
                last_crash_at_ms: job.last_crash_at_ms,
                running: matches!(job.phase, Phase::Running(_)),
            })
            .collect()
    }

    /// The options it was made with.
    #[must_use]
    pub const fn options(&self) -> &SupervisorOptions {
        &self.options
    }

    /// Takes the slot of the job that has been idle longest when none is free.
    fn make_room(&mut self, actions: &mut Vec<SupervisorAction>) -> Result<(), IngestRefusal> {
        let limit = self.options.ondemand_max_jobs;
        let on_demand = || {
            self.jobs
                .iter()
                .filter(|(series, job)| !self.pinned.contains(*series) && job.holds_slot())
        };
        if limit == 0 || on_demand().count() < limit {
            return Ok(());
        }
        let victim = on_demand()
            .filter(|(_, job)| job.idle())
            .min_by_key(|(_, job)| job.idle_since_ms)
            .map(|(series, job)| (series.clone(), job.phase))
            .ok_or(IngestRefusal::Capacity)?;
        match victim {
            (series, Phase::Running(run)) => {
                if let Some(job) = self.jobs.get_mut(&series) {
                    job.phase = Phase::Stopping(run);
                }
                actions.push(SupervisorAction::Stop { series, run });
            }
            (series, _) => {
                self.jobs.remove(&series);
            }
        }
        Ok(())
    }

    fn start_job(&mut self, series: SeriesId, now_ms: u64) -> SupervisorAction {
        let run = self.next_run();
        let job = Job {
            references: 0,
            idle_since_ms: None,
            started_at_ms: now_ms,
            crashes: 0,
            last_crash_at_ms: None,
            phase: Phase::Running(run),
        };
        self.jobs.insert(series.clone(), job);
        SupervisorAction::Start { series, run }
    }

    fn restart(&mut self, series: SeriesId, now_ms: u64) -> SupervisorAction {
        let run = self.next_run();
        if let Some(job) = self.jobs.get_mut(&series) {
            job.phase = Phase::Running(run);
            job.started_at_ms = now_ms;
        }
        SupervisorAction::Start { series, run }
    }

    const fn next_run(&mut self) -> RunId {
        self.runs += 1;
        RunId(self.runs)
    }
}
