//! An open trade.

use std::sync::Arc;

use crate::{
    decimal::{Decimal, FeeFactor, value},
    models::FeeRates,
    rounding::{Tick, round8},
    signals::Side,
    trade::ExitReason,
};

/// Ratios that differ by more than this are told apart without exact arithmetic.
const CLEAR: f64 = 1e-7;

/// An order to close the trade that waits to be filled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ExitOrder {
    pub(super) price: f64,
    pub(super) placed_ms: i64,
}

/// An open trade.
#[derive(Debug)]
pub(super) struct Position {
    pub(super) side: Side,
    pub(super) amount: f64,
    pub(super) stake: f64,
    pub(super) leverage: f64,
    /// Price of the entry on the grid of the pair.
    pub(super) open_rate: f64,
    /// Price that the entry was filled at.
    pub(super) entry_rate: f64,
    pub(super) open_ms: i64,
    /// Price step at the entry; kept until the trade is closed.
    pub(super) tick: Tick,
    pub(super) fees: FeeRates,
    /// Worth of the entry at its price on the grid: what ratios are taken by while the trade is open.
    pub(super) value_open: f64,
    /// Worth of the entry at the price that it was filled at: what the profit is taken by.
    pub(super) value_paid: f64,
    pub(super) stop: f64,
    pub(super) initial_stop: f64,
    /// Share that the stop was last set with, below zero.
    pub(super) stop_ratio: f64,
    pub(super) initial_stop_ratio: f64,
    pub(super) is_trailing: bool,
    pub(super) liquidation: Option<f64>,
    pub(super) max_rate: f64,
    pub(super) min_rate: f64,
    pub(super) has_funding: bool,
    /// Funding received, below zero when paid.
    pub(super) funding: f64,
    pub(super) funding_sum: f64,
    pub(super) next_payment: usize,
    pub(super) enter_tag: Option<Arc<str>>,
    pub(super) order: Option<ExitOrder>,
    pub(super) reason: ExitReason,
    pub(super) exact_amount: Decimal,
    pub(super) exit_factor: FeeFactor,
    /// `amount` times the exit factor, as an `f64`.
    pub(super) rough_value_of_one: f64,
}

impl Position {
    /// What closing at `rate` is worth: exact before funding.
    pub(super) fn value_close(&self, rate: f64) -> f64 {
        let gross = value(self.exact_amount, Decimal::of(rate), self.exit_factor);
        self.funded(gross)
    }

    fn funded(&self, value: f64) -> f64 {
        if !self.has_funding {
            return value;
        }
        match self.side {
            Side::Long => value + self.funding,
            Side::Short => value - self.funding,
        }
    }

    /// Profit of closing at `rate`, as a share of the stake.
    pub(super) fn ratio(&self, rate: f64) -> f64 {
        round8(self.unrounded(self.value_close(rate)))
    }

    /// Profit of closing at `rate` without exact arithmetic; off by far less than [`CLEAR`].
    #[inline]
    pub(super) fn rough_ratio(&self, rate: f64) -> f64 {
        self.unrounded(self.funded(rate * self.rough_value_of_one))
    }

    #[inline]
    fn unrounded(&self, value_close: f64) -> f64 {
        match self.side {
            Side::Long => (value_close / self.value_open - 1.0) * self.leverage,
            Side::Short => (1.0 - value_close / self.value_open) * self.leverage,
        }
    }

    /// Whether the profit of closing at `rate` is above `threshold`.
    #[inline]
    pub(super) fn is_above(&self, rate: f64, rough: f64, threshold: f64) -> bool {
        if (rough - threshold).abs() > CLEAR {
            rough > threshold
        } else {
            self.ratio(rate) > threshold
        }
    }

    /// Whether the profit of closing at `rate` is below `threshold`.
    #[inline]
    pub(super) fn is_below(&self, rate: f64, rough: f64, threshold: f64) -> bool {
        if (rough - threshold).abs() > CLEAR {
            rough < threshold
        } else {
            self.ratio(rate) < threshold
        }
    }

    /// A stop at the distance of `ratio` from `price`, on the price grid, on the side of the price.
    pub(super) fn stop_at(&self, price: f64, ratio: f64) -> f64 {
        let level = self.level_at(price, ratio);
        match self.side {
            Side::Long => self.tick.up(level),
            Side::Short => self.tick.down(level),
        }
    }

    /// The same before it is put on the grid.
    #[inline]
    fn level_at(&self, price: f64, ratio: f64) -> f64 {
        let distance = (ratio / self.leverage).abs();
        match self.side {
            Side::Long => price * (1.0 - distance),
            Side::Short => price * (1.0 + distance),
        }
    }

    /// Moves the stop to the distance of `ratio` from `price` if that is tighter.
    pub(super) fn trail(&mut self, price: f64, ratio: f64) {
        // The grid moves a level by less than a step: most levels are looser than the stop by more than that.
        let level = self.level_at(price, ratio);
        let is_looser = match self.side {
            Side::Long => level + self.tick.step() <= self.stop,
            Side::Short => level - self.tick.step() >= self.stop,
        };
        if is_looser {
            return;
        }
        let stop = self.stop_at(price, ratio);
        let is_tighter = match self.side {
            Side::Long => stop > self.stop,
            Side::Short => stop < self.stop,
        };
        if is_tighter {
            // A stop of zero counts as none: the first one above it is the initial stop.
            if self.stop <= 0.0 {
                self.initial_stop = stop;
            }
            self.is_trailing = true;
            self.stop = stop;
            self.stop_ratio = -ratio.abs();
        }
    }

    /// Takes back an order of a certain age; whether it did.
    pub(super) fn drop_old_order(&mut self, timeout_ms: Option<i64>, now_ms: i64) -> bool {
        let is_old = |order: &ExitOrder| timeout_ms.is_some_and(|most| now_ms - order.placed_ms >= most);
        if self.order.as_ref().is_some_and(is_old) {
            self.order = None;
            return true;
        }
        false
    }
}
