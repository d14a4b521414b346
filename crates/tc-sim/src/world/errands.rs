//! What happens to the process: subscriptions, failing writes, restarts, nights.

use tc_ingest::{BackfillBounds, BackfillPlan};
use tc_market::Gap;
use tc_store::Operation;

use super::{AGAIN_MS, World, comparisons::Purpose, supervisor};
use crate::{
    RunError,
    fill::{Fill, Place},
    tape,
    weather::{self, DAY_MS},
};

/// Between two looks of the supervisor at its jobs.
const TICK_MS: i64 = 10_000;
/// Newest candles that a start makes sure of.
const STARTUP_CANDLES: u32 = 2_000;

/// What happens to the process itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Errand {
    Tick,
    Subscribe(usize),
    Unsubscribe(usize),
    FailWrite(Operation),
    Restart,
    Compare,
    /// The comparison of one range of a series, again.
    Again(usize, Gap, Purpose),
}

impl World {
    pub(super) fn plan_errands(&mut self) {
        let (from_ms, until_ms) = weather::stormy(&self.desk.options);
        self.errand(tape::START_MS, Errand::Tick);
        for day in 1..=i64::from(self.desk.options.days) {
            let night_ms = tape::START_MS + day * DAY_MS - 90 * 60_000;
            self.errand(night_ms, Errand::Compare);
        }
        let first = self.desk.series.len().saturating_sub(self.desk.options.on_demand);
        for series in first..self.desk.series.len() {
            let mut at_ms = tape::START_MS;
            while at_ms < until_ms {
                self.errand(at_ms, Errand::Subscribe(series));
                at_ms += self.dice.between(600_000, DAY_MS);
                self.errand(at_ms.min(until_ms - 1), Errand::Unsubscribe(series));
                at_ms += self.dice.between(1_000, DAY_MS / 2);
            }
            self.errand(until_ms, Errand::Subscribe(series));
        }
        if !self.desk.options.weather {
            return;
        }
        let operations = [
            Operation::Begin,
            Operation::PutCandles,
            Operation::AppendEvents,
            Operation::AppendSettled,
            Operation::Commit,
        ];
        for _ in 0..self.desk.options.days {
            for operation in operations {
                let at_ms = self.dice.between(from_ms, until_ms);
                self.errand(at_ms, Errand::FailWrite(operation));
            }
            if self.dice.one_in(2) {
                let at_ms = self.dice.between(from_ms, until_ms);
                self.errand(at_ms, Errand::Restart);
            }
        }
    }

    pub(super) fn errand(&mut self, at_ms: i64, errand: Errand) {
        self.next_errand += 1;
        self.errands.insert((at_ms, self.next_errand), errand);
    }

    pub(super) fn run_errands(&mut self) -> Result<(), RunError> {
        while let Some(entry) = self
            .errands
            .first_entry()
            .filter(|entry| entry.key().0 <= self.desk.now_ms)
        {
            let errand = entry.remove();
            let elapsed_ms = self.desk.elapsed_ms();
            match errand {
                Errand::Tick => {
                    let actions = self.supervisor.tick(elapsed_ms);
                    self.obey(actions);
                    self.errand(self.desk.now_ms + TICK_MS, Errand::Tick);
                }
                Errand::Subscribe(series) => self.subscribe(series),
                Errand::Unsubscribe(series) => {
                    if self.subscribed.insert(series, false) == Some(true) {
                        self.supervisor.release(&self.desk.series[series].id, elapsed_ms);
                    }
                }
                Errand::FailWrite(operation) => self.writer.fail_next(operation),
                Errand::Restart => self.restart()?,
                Errand::Compare => self.compare_the_day()?,
                Errand::Again(series, range, purpose) => {
                    let fill = Fill::new(series, Place::Behind, vec![range]);
                    self.comparisons.push_back((purpose, fill));
                }
            }
        }
        Ok(())
    }

    pub(super) fn subscribe(&mut self, series: usize) {
        if self.subscribed.get(&series) == Some(&true) {
            return;
        }
        let elapsed_ms = self.desk.elapsed_ms();
        match self.supervisor.acquire(&self.desk.series[series].id, elapsed_ms) {
            Ok((_, actions)) => {
                self.subscribed.insert(series, true);
                self.obey(actions);
            }
            // A client that was refused comes back.
            Err(_) => self.errand(self.desk.now_ms + AGAIN_MS, Errand::Subscribe(series)),
        }
    }

    /// Nothing is left but what is stored.
    pub(super) fn restart(&mut self) -> Result<(), RunError> {
        self.desk.report.restarts += 1;
        self.followers.clear();
        self.writer.restart();
        self.desk.forget_budgets();
        self.supervisor = supervisor(&self.desk);
        self.comparisons.retain(|(purpose, _)| *purpose == Purpose::Night);
        self.start()?;
        let again: Vec<usize> = self
            .subscribed
            .iter()
            .filter(|(_, on)| **on)
            .map(|(series, _)| *series)
            .collect();
        for series in again {
            self.subscribed.insert(series, false);
            self.subscribe(series);
        }
        let window = BackfillPlan::window(
            self.desk.latest_closed(),
            STARTUP_CANDLES,
            self.desk.series[0].id.timeframe(),
            BackfillBounds::default(),
        );
        for series in 0..self.desk.series.len() {
            let fill = Fill::new(series, Place::Behind, window.ranges.clone());
            self.comparisons.push_back((Purpose::Start, fill));
        }
        Ok(())
    }
}
