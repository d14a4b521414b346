//! The simulation: candles, signals and parameters in, trades out.
//!
//! One clock for all pairs. Between trades it jumps to the next candle that an entry signal can act on; with trades open
//! it visits every candle, and a candle costs a handful of comparisons.

mod clock;
mod entry;
mod exit;
mod position;
#[cfg(test)]
#[expect(clippy::float_cmp, reason = "results are exact")]
mod tests;
mod wallet;

use std::borrow::Cow;

use crate::{
    config::{Config, ConfigError, Slots, Trading},
    funding::FundingSeries,
    models::{FlatFee, Models, NoSlippage, TouchFill},
    run::{Equity, Run},
    series::PairSeries,
    signals::{SHORT_BITS, Side, SignalColumns},
    trade::{ExitReason, Trade},
};
use clock::Clock;
use position::Position;
use wallet::Wallet;

/// Most steps of a run: nineteen years of minutes.
const MAX_STEPS: usize = 10_000_000;

/// One pair of a run.
#[derive(Debug, Clone, Copy)]
pub struct PairInput<'a> {
    /// Its candles.
    pub series: &'a PairSeries,
    /// Signals of the candles that the series was prepared from, row by row.
    pub signals: &'a SignalColumns,
    /// Its funding; without one nothing is paid.
    pub funding: Option<&'a FundingSeries>,
}

/// Runs the parameters over the pairs with the default models.
///
/// # Errors
/// [`ConfigError`] for parameters that no run can have, without a pair, or when the pairs lie too far apart.
pub fn simulate(config: &Config, pairs: &[PairInput<'_>]) -> Result<Run, ConfigError> {
    let fee = FlatFee::new(config.fee)?;
    let models = Models {
        fill: &TouchFill,
        fee: &fee,
        slippage: &NoSlippage,
    };
    simulate_with(config, models, pairs)
}

/// Runs the parameters over the pairs. Orders cost what `models` say, whatever [`Config::fee`] is.
///
/// # Errors
/// [`ConfigError`] for parameters that no run can have, without a pair, or when the pairs lie too far apart.
pub fn simulate_with(
    config: &Config,
    models: Models<'_>,
    pairs: &[PairInput<'_>],
) -> Result<Run, ConfigError> {
    config.check()?;
    let Some(clock) = Clock::over(pairs) else {
        return Err(ConfigError::OutOfRange {
            name: "pairs",
            rule: "at least one, all of the same timeframe",
            value: pairs.len() as f64,
        });
    };
    if clock.steps() > MAX_STEPS {
        return Err(ConfigError::OutOfRange {
            name: "range",
            rule: "at most ten million candles from the first to the last",
            value: clock.steps() as f64,
        });
    }
    Ok(Simulation::new(config, models, pairs, clock).run())
}

/// A pair while it is simulated.
#[derive(Debug)]
struct Lane<'a> {
    series: &'a PairSeries,
    signals: &'a SignalColumns,
    funding: Option<&'a FundingSeries>,
    flags: Cow<'a, [u8]>,
    next_row: usize,
    open: Option<Position>,
}

impl<'a> Lane<'a> {
    fn new(input: &PairInput<'a>) -> Self {
        Self {
            series: input.series,
            signals: input.signals,
            funding: input.funding,
            flags: input.series.flags(input.signals),
            next_row: input.series.first_row() + 1,
            open: None,
        }
    }

    /// The row that is due at a time; rows are taken one per step, none twice.
    #[inline]
    fn due_row(&self, now_ms: i64) -> Option<usize> {
        let row = self.next_row;
        (row < self.series.bars().len() && self.series.time_ms(row) <= now_ms).then_some(row)
    }
}

/// Sum that carries along what rounding takes off.
fn compensated(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0, 0.0);
    for value in values {
        let value = value - lost;
        let next = sum + value;
        lost = next - sum - value;
        sum = next;
    }
    sum
}

#[derive(Debug)]
struct Simulation<'a> {
    config: &'a Config,
    models: Models<'a>,
    lanes: Vec<Lane<'a>>,
    clock: Clock,
    wallet: Wallet,
    /// Lanes with an open trade, in order of opening.
    open: Vec<usize>,
    /// Lanes in the order of a step.
    order: Vec<usize>,
    order_is_old: bool,
    /// Bits of the signals that count.
    counting: u8,
    trades: Vec<Trade>,
    equity: Vec<f64>,
    exposed_steps: usize,
    rejected_signals: u64,
    timed_out_exits: u64,
}

impl<'a> Simulation<'a> {
    fn new(config: &'a Config, models: Models<'a>, pairs: &[PairInput<'a>], clock: Clock) -> Self {
        Self {
            config,
            models,
            lanes: pairs.iter().map(Lane::new).collect(),
            wallet: Wallet::new(config.wallet),
            open: Vec::new(),
            order: (0..pairs.len()).collect(),
            order_is_old: false,
            counting: if config.can_short() { 0xff } else { !SHORT_BITS },
            trades: Vec::new(),
            equity: Vec::with_capacity(clock.steps()),
            clock,
            exposed_steps: 0,
            rejected_signals: 0,
            timed_out_exits: 0,
        }
    }

    fn run(mut self) -> Run {
        let mut now = self.clock.first_ms();
        while now <= self.clock.finish_ms() {
            if self.open.is_empty() && self.clock.is_regular() {
                now = self.jump(now);
                if now > self.clock.finish_ms() {
                    break;
                }
            }
            let worth = self.worth(now);
            self.equity.push(worth);
            self.step(now);
            now += self.clock.step_ms();
        }
        self.close_left_open();
        self.report()
    }

    /// The next step at which something can happen while no trade is open.
    fn jump(&mut self, now: i64) -> i64 {
        let end = self.clock.finish_ms() + self.clock.step_ms();
        let counting = self.counting;
        let mut target = end;
        for lane in &mut self.lanes {
            let first = lane.series.first_row() + 1;
            lane.next_row = self.clock.row_at(lane.series, now).max(first);
            // A signal further away than one already found is not looked for.
            let most = self.clock.row_at(lane.series, target);
            let flags = lane.flags.get(lane.next_row - 1..).unwrap_or_default();
            let flags = &flags[..flags.len().min((most + 1).saturating_sub(lane.next_row))];
            let wanted = |flags: &u8| *flags != 0 && Side::wanted(flags & counting).is_some();
            if let Some(distance) = flags.iter().position(wanted) {
                let row = lane.next_row + distance;
                if row < lane.series.bars().len() {
                    target = target.min(lane.series.time_ms(row));
                }
            }
        }
        let target = target.max(now);
        let skipped = self.clock.steps_between(now, target);
        let worth = self.worth(now);
        self.equity.resize(self.equity.len() + skipped, worth);
        for lane in &mut self.lanes {
            let first = lane.series.first_row() + 1;
            lane.next_row = self.clock.row_at(lane.series, target).max(first);
        }
        target
    }

    /// Everything that happens on the candles of one step.
    fn step(&mut self, now: i64) {
        if self.order_is_old {
            self.order.clear();
            self.order.extend_from_slice(&self.open);
            let open = &self.open;
            self.order
                .extend((0..self.lanes.len()).filter(|lane| !open.contains(lane)));
            self.order_is_old = false;
        }
        let closed_before = self.trades.len();
        let was_open = !self.open.is_empty();
        let order = std::mem::take(&mut self.order);
        for &at in &order {
            let lane = &mut self.lanes[at];
            let Some(row) = lane.due_row(now) else { continue };
            lane.next_row += 1;
            let flags = lane.flags.get(row - 1).copied().unwrap_or_default() & self.counting;
            if lane.open.is_some() || flags != 0 {
                self.visit(at, row, flags, now);
            }
        }
        self.order = order;
        let exposed = was_open || !self.open.is_empty() || self.trades.len() > closed_before;
        self.exposed_steps += usize::from(exposed);
    }

    /// One candle of one pair; twice when it turns a trade around.
    fn visit(&mut self, at: usize, row: usize, flags: u8, now: i64) {
        let wanted = Side::wanted(flags);
        let had = self.lanes[at].open.as_ref().map(|position| position.side);
        self.visit_once(at, row, flags, wanted, now);
        let turned = had.is_some() && self.lanes[at].open.is_none() && wanted.is_some() && wanted != had;
        if turned && self.config.can_short() {
            self.visit_once(at, row, flags, wanted, now);
        }
    }

    fn visit_once(&mut self, at: usize, row: usize, flags: u8, wanted: Option<Side>, now: i64) {
        let lane = &mut self.lanes[at];
        if let Some(position) = &mut lane.open {
            let timed_out = position.drop_old_order(self.config.exit_timeout_ms, now);
            self.timed_out_exits += u64::from(timed_out);
        } else if let Some(side) = wanted
            && now != self.clock.finish_ms()
        {
            if self.has_free_slot() {
                self.enter(at, row, side, now);
            } else {
                self.rejected_signals += 1;
            }
        }
        if self.lanes[at].open.is_some() {
            self.try_exit(at, row, flags, now);
        }
    }

    fn has_free_slot(&self) -> bool {
        match self.config.slots {
            Slots::AtMost(slots) => self.open.len() < usize::try_from(slots).unwrap_or(usize::MAX),
            Slots::Unlimited => true,
        }
    }

    /// What the account is worth before the candles of a step are processed.
    fn worth(&self, now: i64) -> f64 {
        if matches!(self.config.trading, Trading::Futures { .. }) {
            return self.wallet.free_and_tied();
        }
        let held = self.open.iter().filter_map(|&at| {
            let lane = &self.lanes[at];
            let bar = lane.series.bars().get(lane.due_row(now)?)?;
            Some(bar.open * lane.open.as_ref()?.amount)
        });
        compensated(std::iter::once(self.wallet.free()).chain(held))
    }

    /// Closes what is open after the last step at the open of the last candle.
    fn close_left_open(&mut self) {
        let mut left: Vec<usize> = std::mem::take(&mut self.open);
        left.sort_by_key(|&at| (self.clock.first_step_of(self.lanes[at].series), at));
        self.open.clone_from(&left);
        for at in left {
            let lane = &self.lanes[at];
            let row = lane.series.bars().len() - 1;
            let time = lane.series.time_ms(row);
            let open = lane.series.bars()[row].open;
            self.place(at, row, open, ExitReason::ForceExit, time);
            self.fill(at, row, time);
        }
    }

    /// Money at the end. A trade whose last order was not filled stays open: on a spot market its stake is in it.
    fn final_balance(&self) -> f64 {
        match self.config.trading {
            Trading::Spot => self.wallet.free(),
            Trading::Futures { .. } => self.wallet.free_and_tied(),
        }
    }

    fn report(self) -> Run {
        Run {
            pairs: self
                .lanes
                .iter()
                .map(|lane| lane.series.market().pair.clone())
                .collect(),
            starting_balance: self.config.wallet,
            final_balance: self.final_balance(),
            begin_ms: self.clock.begin_ms(),
            finish_ms: self.clock.finish_ms(),
            equity: Equity {
                first_ms: self.clock.first_ms(),
                step_ms: self.clock.step_ms(),
                values: self.equity,
            },
            exposed_steps: self.exposed_steps,
            rejected_signals: self.rejected_signals,
            timed_out_exits: self.timed_out_exits,
            market_change: self.clock.market_change(&self.lanes),
            trades: self.trades,
        }
    }
}
