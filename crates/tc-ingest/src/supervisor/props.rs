//! Invariants under any sequence of calls.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Call {
    Acquire(usize),
    Release(usize),
    Tick,
    /// The oldest asked-for stop happens.
    StopDone,
    Crash {
        which: usize,
        retry_after_ms: u64,
    },
    Wait(u64),
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        4 => (0usize..5).prop_map(Call::Acquire),
        4 => (0usize..5).prop_map(Call::Release),
        2 => Just(Call::Tick),
        2 => Just(Call::StopDone),
        1 => (0usize..5, 0u64..50).prop_map(|(which, retry_after_ms)| Call::Crash { which, retry_after_ms }),
        3 => (0u64..150).prop_map(Call::Wait),
    ]
}

/// What really runs, as the owner sees it.
#[derive(Default)]
struct World {
    running: BTreeMap<SeriesId, RunId>,
    stopping: Vec<(SeriesId, RunId)>,
    references: BTreeMap<SeriesId, u32>,
}

impl World {
    fn perform(&mut self, actions: Vec<SupervisorAction>) -> Result<(), TestCaseError> {
        for action in actions {
            match action {
                SupervisorAction::Start { series, run } => {
                    prop_assert!(
                        !self.stopping.iter().any(|(other, _)| *other == series),
                        "two runs of {series}"
                    );
                    prop_assert!(
                        self.running.insert(series.clone(), run).is_none(),
                        "two runs of {series}"
                    );
                }
                SupervisorAction::Stop { series, run } => {
                    prop_assert_eq!(self.running.remove(&series), Some(run));
                    prop_assert_eq!(
                        self.references.get(&series).copied().unwrap_or(0),
                        0,
                        "somebody listens"
                    );
                    self.stopping.push((series, run));
                }
            }
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn invariants(max_jobs in 0usize..3, pin in any::<bool>(), calls in prop::collection::vec(call(), 0..120)) {
        let all: Vec<SeriesId> =
            ["A", "B", "C", "D", "E"].map(|s| format!("binance:spot:{s}/USDT:1m").parse().unwrap()).to_vec();
        let mut supervisor = Supervisor::new(SupervisorOptions {
            whitelist: vec![all[0].clone()],
            whitelist_ingest: pin,
            ondemand_ingest: true,
            ondemand_max_jobs: max_jobs,
            ondemand_idle_ttl_ms: 100,
            ..SupervisorOptions::default()
        });
        let mut world = World::default();
        let mut now_ms = 0;
        world.perform(supervisor.start(now_ms))?;
        for call in calls {
            match call {
                Call::Acquire(which) => {
                    let before = supervisor.jobs();
                    match supervisor.acquire(&all[which], now_ms) {
                        Ok((hold, actions)) => {
                            if hold == Hold::Counted {
                                *world.references.entry(all[which].clone()).or_default() += 1;
                            }
                            world.perform(actions)?;
                        }
                        Err(_) => prop_assert_eq!(supervisor.jobs(), before, "a refusal changes nothing"),
                    }
                }
                Call::Release(which) => {
                    if let Some(count) = world.references.get_mut(&all[which]).filter(|count| **count > 0) {
                        *count -= 1;
                        supervisor.release(&all[which], now_ms);
                    }
                }
                Call::Tick => world.perform(supervisor.tick(now_ms))?,
                Call::StopDone => {
                    if !world.stopping.is_empty() {
                        let (series, run) = world.stopping.remove(0);
                        world.perform(supervisor.ended(&series, run, JobEnd::Stopped, now_ms))?;
                    }
                }
                Call::Crash { which, retry_after_ms } => {
                    if let Some(run) = world.running.remove(&all[which]) {
                        let end = JobEnd::Failed { retry_after_ms };
                        world.perform(supervisor.ended(&all[which], run, end, now_ms))?;
                    }
                }
                Call::Wait(ms) => now_ms += ms,
            }
            let on_demand: Vec<_> = supervisor.jobs().into_iter().filter(|job| job.references.is_some()).collect();
            if max_jobs > 0 {
                prop_assert!(on_demand.iter().filter(|job| job.running).count() <= max_jobs);
            }
            for job in on_demand {
                prop_assert_eq!(job.references, Some(world.references.get(&job.series).copied().unwrap_or(0)));
            }
        }
        // Everybody leaves: every stop is asked for once, and in the end only pinned jobs remain.
        for (series, count) in std::mem::take(&mut world.references) {
            for _ in 0..count {
                supervisor.release(&series, now_ms);
            }
        }
        for _ in 0..3 {
            now_ms += 1_000;
            world.perform(supervisor.tick(now_ms))?;
            for (series, run) in std::mem::take(&mut world.stopping) {
                world.perform(supervisor.ended(&series, run, JobEnd::Stopped, now_ms))?;
            }
        }
        let left: Vec<_> = supervisor.jobs().into_iter().map(|job| job.series).collect();
        prop_assert_eq!(left, if pin { vec![all[0].clone()] } else { vec![] });
        prop_assert_eq!(world.running.len(), usize::from(pin));
    }
}
