//! Closing a trade.

use super::{
    Lane, Simulation,
    position::{ExitOrder, Position},
};
use crate::{
    config::{BeforeOffset, Config, RoiStep, Trailing},
    rounding::round8,
    series::Bar,
    signals::Side,
    trade::{ExitReason, Trade},
};

const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;

/// One candle seen by an open trade.
#[derive(Debug, Clone, Copy)]
struct Moment<'a> {
    bar: &'a Bar,
    flags: u8,
    /// Age of the trade in whole minutes.
    minutes: i64,
    /// Length of the candle in minutes.
    candle_minutes: i64,
}

/// Which level a candle hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hit {
    Stop,
    TrailingStop,
    Liquidation,
}

/// What speaks for an exit.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Cause {
    /// The strategy asks for it.
    Signal,
    /// A level was hit.
    Hit(Hit),
    /// The profit of a step of the table was reached.
    Roi(RoiStep),
}

impl Simulation<'_> {
    /// Looks for a reason to close the trade of a pair on a candle, and fills the order if there is one.
    pub(super) fn try_exit(&mut self, at: usize, row: usize, flags: u8, now: i64) {
        if now % HOUR_MS == 0 {
            self.pay_funding(at, now);
        }
        let lane = &mut self.lanes[at];
        let (Some(position), Some(bar)) = (&mut lane.open, lane.series.bars().get(row)) else {
            return;
        };
        let moment = Moment {
            bar,
            flags,
            minutes: (now - position.open_ms).div_euclid(MINUTE_MS),
            candle_minutes: lane.series.step_ms() / MINUTE_MS,
        };
        let causes = position.causes(self.config, &moment);
        for cause in causes.into_iter().flatten() {
            let lane = &self.lanes[at];
            let Some(position) = &lane.open else { return };
            let Some(price) = position.price(cause, self.config, &moment) else {
                continue;
            };
            let reason = match cause {
                Cause::Signal => signal_reason(lane, row),
                Cause::Hit(Hit::Stop) => ExitReason::StopLoss,
                Cause::Hit(Hit::TrailingStop) => ExitReason::TrailingStopLoss,
                Cause::Hit(Hit::Liquidation) => ExitReason::Liquidation,
                Cause::Roi(_) => ExitReason::Roi,
            };
            if self.place(at, row, price, reason, now) {
                break;
            }
        }
        self.fill(at, row, now);
    }

    /// Places an order to close; not when one at the same price is waiting, which then closes for this reason.
    pub(super) fn place(&mut self, at: usize, row: usize, price: f64, reason: ExitReason, now: i64) -> bool {
        let lane = &mut self.lanes[at];
        let (Some(position), Some(bar)) = (&mut lane.open, lane.series.bars().get(row)) else {
            return false;
        };
        let price = self.models.slippage.exit(price, position.side, bar);
        let price = position.tick.near(price);
        position.reason = reason;
        #[expect(clippy::float_cmp, reason = "the same order is at exactly the same price")]
        let waits = position.order.is_some_and(|order| order.price == price);
        if !waits {
            position.order = Some(ExitOrder {
                price,
                placed_ms: now,
            });
        }
        !waits
    }

    /// Closes the trade if its order is filled on this candle.
    pub(super) fn fill(&mut self, at: usize, row: usize, now: i64) {
        let lane = &self.lanes[at];
        let (Some(position), Some(bar)) = (&lane.open, lane.series.bars().get(row)) else {
            return;
        };
        let Some(order) = position.order else { return };
        if !self.models.fill.exits(order.price, position.side, bar) {
            return;
        }
        let Some(position) = self.lanes[at].open.take() else {
            return;
        };
        let trade = closed(position, at, order.price, now);
        self.wallet.book(trade.profit_abs);
        self.trades.push(trade);
        self.open.retain(|open| *open != at);
        self.order_is_old = true;
        self.tie();
    }

    /// Adds up the funding that has become due.
    fn pay_funding(&mut self, at: usize, now: i64) {
        let lane = &mut self.lanes[at];
        let (Some(position), Some(funding)) = (&mut lane.open, lane.funding) else {
            return;
        };
        if !position.has_funding {
            return;
        }
        while let Some(payment) = funding.due(position.next_payment, now) {
            position.funding_sum += payment * position.amount;
            position.next_payment += 1;
            position.funding = match position.side {
                Side::Long => -position.funding_sum,
                Side::Short => position.funding_sum,
            };
        }
    }
}

impl Position {
    /// What speaks for an exit on this candle. The first that has a price counts; one whose order is waiting already
    /// leaves the word to the next.
    fn causes(&mut self, config: &Config, moment: &Moment<'_>) -> [Option<Cause>; 4] {
        let bar = moment.bar;
        self.max_rate = self.max_rate.max(bar.high);
        self.min_rate = self.min_rate.min(bar.low);
        let best = match self.side {
            Side::Long => bar.high,
            Side::Short => bar.low,
        };
        let rough = self.rough_ratio(best);
        if let Some(trailing) = &config.trailing {
            self.follow(config, trailing, best, rough, bar);
        }
        let hit = self.hit(bar);
        let enters_again = moment.flags & self.side.enter_bit() != 0;
        let signal = self.exit_signal_counts(config, moment, enters_again);
        let ignores_roi = enters_again && config.exits.ignore_roi_if_entry_signal;
        let step = (!ignores_roi).then(|| config.roi.at(moment.minutes)).flatten();
        let step = step.filter(|step| self.is_above(best, rough, step.ratio));
        let trails = hit == Some(Hit::TrailingStop);
        [
            signal.then_some(Cause::Signal),
            hit.filter(|_| !trails).map(Cause::Hit),
            step.map(Cause::Roi),
            hit.filter(|_| trails).map(Cause::Hit),
        ]
    }

    /// Price of an exit for a cause; `None` when it could not have been had.
    fn price(&self, cause: Cause, config: &Config, moment: &Moment<'_>) -> Option<f64> {
        match cause {
            Cause::Signal => Some(moment.bar.open),
            Cause::Hit(Hit::Stop) => Some(self.level_price(self.stop, moment.bar)),
            Cause::Hit(Hit::Liquidation) => {
                Some(self.level_price(self.liquidation.unwrap_or(self.stop), moment.bar))
            }
            Cause::Roi(step) => self.roi_price(step, moment),
            Cause::Hit(Hit::TrailingStop) => Some(self.trailing_price(config, moment)),
        }
    }

    /// Moves a trailing stop along.
    fn follow(&mut self, config: &Config, trailing: &Trailing, best: f64, rough: f64, bar: &Bar) {
        let is_outside = match self.side {
            Side::Long => self.stop < bar.low,
            Side::Short => self.stop > bar.high,
        };
        let offset = trailing.positive_offset;
        let waits = trailing.before_offset == BeforeOffset::Stays && self.is_below(best, rough, offset);
        if !is_outside || waits {
            return;
        }
        let ratio = match trailing.positive {
            Some(positive) if self.is_above(best, rough, offset) => positive,
            _ => config.stop_loss,
        };
        self.trail(best, ratio);
    }

    fn hit(&self, bar: &Bar) -> Option<Hit> {
        let reached = |level: f64| match self.side {
            Side::Long => level >= bar.low,
            Side::Short => level <= bar.high,
        };
        if reached(self.stop) {
            return Some(if self.is_trailing {
                Hit::TrailingStop
            } else {
                Hit::Stop
            });
        }
        self.liquidation.is_some_and(reached).then_some(Hit::Liquidation)
    }

    fn exit_signal_counts(&self, config: &Config, moment: &Moment<'_>, enters_again: bool) -> bool {
        config.exits.use_exit_signal
            && moment.flags & self.side.exit_bit() != 0
            && !enters_again
            && config.exits.profit_only_above.is_none_or(|least| {
                let open = moment.bar.open;
                self.is_above(open, self.rough_ratio(open), least)
            })
    }

    /// Price at a stop or liquidation level: the level itself, or the open when the candle began beyond its far side.
    fn level_price(&self, level: f64, bar: &Bar) -> f64 {
        if self.is_missed(level, bar) {
            bar.open
        } else {
            level
        }
    }

    fn is_missed(&self, level: f64, bar: &Bar) -> bool {
        match self.side {
            Side::Long => level > bar.high,
            Side::Short => level < bar.low,
        }
    }

    /// Price of a trailing stop. On the candle of the entry nobody knows what came first: the worst is assumed.
    fn trailing_price(&self, config: &Config, moment: &Moment<'_>) -> f64 {
        let bar = moment.bar;
        if self.is_missed(self.stop, bar) {
            return bar.open;
        }
        if moment.minutes != 0 {
            return self.stop;
        }
        let sign = self.side.sign();
        let armed = config
            .trailing
            .filter(|trailing| trailing.before_offset == BeforeOffset::Stays);
        let positive = armed.and_then(|trailing| Some((trailing, trailing.positive.filter(|x| *x > 0.0)?)));
        let price = match positive {
            Some((trailing, positive)) => {
                let offset = trailing.positive_offset.abs();
                bar.open * (1.0 + sign * offset - sign * (positive / self.leverage).abs())
            }
            None => bar.open * (1.0 - sign * (self.stop_ratio / self.leverage).abs()),
        };
        match self.side {
            Side::Long => price.max(bar.low),
            Side::Short => price.min(bar.high),
        }
    }

    /// Price that brings the profit of a step of the table; `None` when it could not have been had.
    fn roi_price(&self, step: RoiStep, moment: &Moment<'_>) -> Option<f64> {
        let bar = moment.bar;
        let on_grid = step.minutes % moment.candle_minutes == 0;
        #[expect(clippy::float_cmp, reason = "-1 is a mark, not a result")]
        if step.ratio == -1.0 && on_grid {
            return Some(bar.open);
        }
        let none = self.value_close(0.0);
        let per_price = self.value_close(1.0) - none;
        let sign = self.side.sign();
        let price = ((1.0 + (step.ratio / self.leverage) / sign) * self.value_open - none) / per_price;
        let opens_better = match self.side {
            Side::Long => bar.open > price,
            Side::Short => bar.open < price,
        };
        if moment.minutes > 0 && moment.minutes == step.minutes && on_grid && opens_better {
            return Some(bar.open);
        }
        let impossible = moment.minutes == 0
            && match self.side {
                Side::Long => bar.open > bar.close && self.open_rate < bar.open && price > bar.close,
                Side::Short => bar.open < bar.close && self.open_rate > bar.open && price < bar.close,
            };
        (!impossible).then(|| price.max(bar.low).min(bar.high))
    }
}

/// Why a signal closes a trade: its tag, if it has one.
fn signal_reason(lane: &Lane<'_>, row: usize) -> ExitReason {
    let source = row
        .checked_sub(1)
        .and_then(|signal_row| lane.series.source(signal_row));
    let tag = source.and_then(|source| lane.signals.exit_tag(source));
    tag.map_or(ExitReason::ExitSignal, |tag| ExitReason::Tagged(tag.clone()))
}

/// The trade that a position becomes when it is closed at `price`.
fn closed(position: Position, pair: usize, price: f64, now: i64) -> Trade {
    let value_close = position.value_close(price);
    let profit_abs = round8(match position.side {
        Side::Long => value_close - position.value_paid,
        Side::Short => position.value_paid - value_close,
    });
    Trade {
        pair,
        side: position.side,
        stake_amount: round8(position.stake),
        amount: round8(position.amount),
        leverage: position.leverage,
        open_rate: position.open_rate,
        entry_rate: position.entry_rate,
        close_rate: price,
        open_ms: position.open_ms,
        close_ms: now,
        fee_open: position.fees.entry,
        fee_close: position.fees.exit,
        profit_abs,
        profit_ratio: profit_abs / position.value_paid * position.leverage,
        funding_fees: position.funding,
        exit_reason: position.reason,
        enter_tag: position.enter_tag,
        initial_stop_loss_abs: position.initial_stop,
        initial_stop_loss_ratio: position.initial_stop_ratio,
        stop_loss_abs: position.stop,
        stop_loss_ratio: position.stop_ratio,
        liquidation_price: position.liquidation,
        min_rate: position.min_rate,
        max_rate: position.max_rate,
        entry_cost: position.amount * position.entry_rate * (1.0 + position.fees.entry),
        exit_cost: position.amount * price * (1.0 + position.fees.exit),
    }
}
