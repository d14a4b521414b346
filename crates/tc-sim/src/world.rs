//! The run itself: one clock, and everything that is due by it.

mod comparisons;
mod errands;

use std::collections::{BTreeMap, VecDeque};

use tc_exchange::SessionStatus;
use tc_exchange_sim::{Exchange, SimLimits};
use tc_ingest::{JobEnd, Supervisor, SupervisorAction, SupervisorOptions};
use tc_market::{CandleTime, MarketKind};

use comparisons::{COMPARED_AT_ONCE, Purpose};
use errands::Errand;

use crate::{
    RunError, RunOptions, RunReport, Violation, audit,
    desk::Desk,
    dice::Dice,
    fill::Fill,
    follower::Follower,
    shard::{Heard, Shard},
    tape,
    weather::{self, DAY_MS},
    writer::Writer,
};

/// A job that nobody wants is kept so long.
const IDLE_TTL_MS: u64 = 60_000;
/// Pause before a comparison that failed is tried again.
const AGAIN_MS: i64 = 60_000;
/// More steps than this without the clock moving are an endless loop.
const STEPS_AT_ONCE: u32 = 10_000;

/// Runs the options to their end. Equal options give equal reports.
///
/// # Errors
/// [`RunError`] when the run cannot be set up or its store cannot be read; what goes wrong inside is in the report.
pub fn run(options: RunOptions) -> Result<RunReport, RunError> {
    World::new(options)?.play()
}

struct World {
    desk: Desk,
    writer: Writer,
    supervisor: Supervisor,
    shards: Vec<Shard>,
    followers: BTreeMap<usize, Follower>,
    subscribed: BTreeMap<usize, bool>,
    comparisons: VecDeque<(Purpose, Fill)>,
    errands: BTreeMap<(i64, u64), Errand>,
    next_errand: u64,
    dice: Dice,
    end_ms: i64,
}

impl World {
    fn new(options: RunOptions) -> Result<Self, RunError> {
        let script = weather::script(&options);
        let exchange = Exchange::new(tape::set(&options)?, options.seed, SimLimits::default(), script)?;
        let desk = Desk::new(options, exchange)?;
        let mut world = Self {
            supervisor: supervisor(&desk),
            writer: Writer::new(options.ledgers)?,
            shards: Vec::new(),
            followers: BTreeMap::new(),
            subscribed: BTreeMap::new(),
            comparisons: VecDeque::new(),
            errands: BTreeMap::new(),
            next_errand: 0,
            dice: Dice::new(options.seed, 2),
            end_ms: tape::START_MS + i64::from(options.days) * DAY_MS,
            desk,
        };
        world.plan_errands();
        world.start()?;
        Ok(world)
    }

    /// What a process does first: connections, pinned jobs, the newest candles of what is followed.
    fn start(&mut self) -> Result<(), RunError> {
        self.shards.clear();
        for market in MarketKind::ALL {
            let series: Vec<usize> = (0..self.desk.series.len())
                .filter(|index| self.desk.series[*index].market == market)
                .collect();
            for shard in series.chunks(self.desk.options.series_per_shard.max(1)) {
                let seed = self.dice.next();
                self.shards
                    .push(Shard::new(&self.desk, market, shard.to_vec(), seed)?);
            }
        }
        let actions = self.supervisor.start(self.desk.elapsed_ms());
        self.obey(actions);
        Ok(())
    }

    fn play(mut self) -> Result<RunReport, RunError> {
        let mut steps = 0;
        while let Some(next_ms) = self.next_ms().filter(|next_ms| *next_ms < self.end_ms) {
            steps = if next_ms > self.desk.now_ms { 0 } else { steps + 1 };
            self.desk.now_ms = self.desk.now_ms.max(next_ms);
            if steps > STEPS_AT_ONCE {
                let at_ms = self.desk.now_ms;
                self.desk.report.violate(Violation::Stuck { at_ms });
                break;
            }
            self.run_errands()?;
            self.move_shards()?;
            self.move_followers();
            self.move_comparisons();
        }
        self.desk.now_ms = self.end_ms;
        self.finish()
    }

    fn next_ms(&self) -> Option<i64> {
        let errand = self.errands.first_key_value().map(|((at_ms, _), _)| *at_ms);
        let shards = self.shards.iter().filter_map(Shard::next_ms);
        let followers = self.followers.values().filter_map(Follower::next_ms);
        let comparisons = self
            .comparisons
            .iter()
            .take(COMPARED_AT_ONCE)
            .map(|(_, fill)| fill.next_ms().unwrap_or(i64::MIN));
        shards.chain(errand).chain(followers).chain(comparisons).min()
    }

    fn obey(&mut self, actions: Vec<SupervisorAction>) {
        for action in actions {
            match action {
                SupervisorAction::Start { series, run } => {
                    let Some(index) = self.desk.series.iter().position(|tracked| tracked.id == series) else {
                        continue;
                    };
                    let head = self.writer.head(&self.desk, index);
                    let follower = Follower::new(&self.desk, index, run, head);
                    self.followers.insert(index, follower);
                }
                SupervisorAction::Stop { series, run } => {
                    let stopped = self.desk.series.iter().position(|tracked| tracked.id == series);
                    if let Some(follower) = stopped.and_then(|index| self.followers.remove(&index)) {
                        let job = follower.batch(&self.desk);
                        if let (Some(job), Some(index)) = (job, stopped) {
                            self.writer.write_one(&mut self.desk, index, job);
                        }
                    }
                    let elapsed_ms = self.desk.elapsed_ms();
                    let actions = self.supervisor.ended(&series, run, JobEnd::Stopped, elapsed_ms);
                    self.obey(actions);
                }
            }
        }
    }

    fn move_shards(&mut self) -> Result<(), RunError> {
        for place in 0..self.shards.len() {
            if self.shards[place]
                .next_ms()
                .is_none_or(|at_ms| at_ms > self.desk.now_ms)
            {
                continue;
            }
            let heard = self.shards[place].step(&mut self.desk)?;
            for heard in heard {
                match heard {
                    Heard::Bar(series, bar) => self.on_bar(series, bar),
                    Heard::Status(series, status) => self.on_status(series, &status),
                }
            }
        }
        Ok(())
    }

    fn on_bar(&mut self, series: usize, bar: tc_exchange::Bar) {
        let elapsed_ms = self.desk.elapsed_ms();
        let Some(follower) = self.followers.get_mut(&series) else {
            return;
        };
        if follower.on_bar(bar, elapsed_ms).is_ok() {
            return;
        }
        let run = follower.run;
        self.followers.remove(&series);
        let end = JobEnd::Failed {
            retry_after_ms: 2_000,
        };
        let id = self.desk.series[series].id.clone();
        let actions = self.supervisor.ended(&id, run, end, elapsed_ms);
        self.obey(actions);
    }

    fn on_status(&mut self, series: usize, status: &SessionStatus) {
        if let Some(follower) = self.followers.get_mut(&series) {
            follower.on_status(status);
        }
    }

    /// Fills first; then everything that is due is one commit, as many as a commit takes.
    fn move_followers(&mut self) {
        for follower in self.followers.values_mut() {
            follower.step_fill(&mut self.desk, &mut self.writer);
        }
        loop {
            let mut jobs = Vec::new();
            for (series, follower) in &mut self.followers {
                jobs.extend(follower.due_batch(&self.desk).map(|job| (*series, job)));
            }
            if jobs.is_empty() {
                return;
            }
            let writing: Vec<usize> = jobs.iter().map(|(series, _)| *series).collect();
            let outcomes = self.writer.write(&mut self.desk, jobs);
            let elapsed_ms = self.desk.elapsed_ms();
            for (series, outcome) in writing.into_iter().zip(outcomes) {
                if let Some(follower) = self.followers.get_mut(&series) {
                    follower.written(outcome, elapsed_ms);
                }
            }
        }
    }

    fn finish(mut self) -> Result<RunReport, RunError> {
        // What came before the store was filled for the first time is not asked for.
        let from = CandleTime::clamped(tape::START_MS.div_euclid(60_000) * 60);
        // The bucket that ended a moment ago may still be on its way.
        self.desk.now_ms -= 60_000;
        audit::everything(&mut self.desk, &self.writer, from)?;
        let counters = self.desk.exchange.counters();
        let mut report = self.desk.report;
        report.simulated_ms = self.end_ms - tape::START_MS;
        report.connections = counters.connections;
        report.answers = counters.answers;
        Ok(report)
    }
}

fn supervisor(desk: &Desk) -> Supervisor {
    let pinned = desk.series.len().saturating_sub(desk.options.on_demand);
    Supervisor::new(SupervisorOptions {
        whitelist: desk.series[..pinned]
            .iter()
            .map(|tracked| tracked.id.clone())
            .collect(),
        whitelist_ingest: true,
        ondemand_ingest: true,
        ondemand_idle_ttl_ms: IDLE_TTL_MS,
        ..SupervisorOptions::default()
    })
}
