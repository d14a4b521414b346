//! How orders are filled, what they cost, and how far the price moves against them.
//!
//! The default of all three is what the recorded results were made with: an order at a price inside the candle fills at
//! that price, every order costs the same share, and nothing slips.

use std::fmt::Debug;

use crate::{
    config::{ConfigError, check_fee},
    market::Market,
    series::Bar,
    signals::Side,
};

/// Fees of one trade, as shares of the value of its orders.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FeeRates {
    /// Fee of the order that opens it.
    pub entry: f64,
    /// Fee of the order that closes it.
    pub exit: f64,
}

/// What orders cost.
pub trait FeeModel: Debug + Sync {
    /// Fees of a trade on a market. Each is from 0 to below 1 with at most 24 decimals.
    fn rates(&self, market: &Market) -> FeeRates;
}

/// Whether an order is filled.
pub trait FillModel: Debug + Sync {
    /// Whether an order that opens a trade at `price` is filled within the candle.
    fn enters(&self, price: f64, side: Side, bar: &Bar) -> bool;
    /// Whether an order that closes a trade at `price` is filled within the candle.
    fn exits(&self, price: f64, side: Side, bar: &Bar) -> bool;
}

/// How far the price moves against an order.
pub trait SlippageModel: Debug + Sync {
    /// Price at which a trade is opened, when `price` was wanted.
    fn entry(&self, price: f64, side: Side, bar: &Bar) -> f64;
    /// Price at which a trade is closed, when `price` was wanted.
    fn exit(&self, price: f64, side: Side, bar: &Bar) -> f64;
}

/// The three models of a run.
#[derive(Debug, Clone, Copy)]
pub struct Models<'a> {
    /// Whether orders are filled.
    pub fill: &'a dyn FillModel,
    /// What orders cost.
    pub fee: &'a dyn FeeModel,
    /// How far the price moves against them.
    pub slippage: &'a dyn SlippageModel,
}

/// Every order costs the same share of its value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FlatFee(f64);

impl FlatFee {
    /// A fee of `rate`.
    ///
    /// # Errors
    /// [`ConfigError`] unless it is from 0 to below 1 with at most 24 decimals.
    pub fn new(rate: f64) -> Result<Self, ConfigError> {
        check_fee(rate)?;
        Ok(Self(rate))
    }
}

impl FeeModel for FlatFee {
    fn rates(&self, _market: &Market) -> FeeRates {
        FeeRates {
            entry: self.0,
            exit: self.0,
        }
    }
}

/// An entry always fills; an exit fills when the candle has seen its price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TouchFill;

impl FillModel for TouchFill {
    fn enters(&self, _price: f64, _side: Side, _bar: &Bar) -> bool {
        true
    }

    fn exits(&self, price: f64, _side: Side, bar: &Bar) -> bool {
        bar.low <= price && price <= bar.high
    }
}

/// Prices do not move against orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoSlippage;

impl SlippageModel for NoSlippage {
    fn entry(&self, price: f64, _side: Side, _bar: &Bar) -> f64 {
        price
    }

    fn exit(&self, price: f64, _side: Side, _bar: &Bar) -> f64 {
        price
    }
}

/// Prices move against every order by the same share, as far as the candle goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProportionalSlippage(f64);

impl ProportionalSlippage {
    /// Slippage by `ratio` of the price.
    ///
    /// # Errors
    /// [`ConfigError`] unless it is from 0 to below 1.
    pub fn new(ratio: f64) -> Result<Self, ConfigError> {
        if (0.0..1.0).contains(&ratio) {
            return Ok(Self(ratio));
        }
        Err(ConfigError::OutOfRange {
            name: "slippage",
            rule: "from 0 to below 1",
            value: ratio,
        })
    }

    fn bought(self, price: f64, bar: &Bar) -> f64 {
        (price * (1.0 + self.0)).min(bar.high).max(price)
    }

    fn sold(self, price: f64, bar: &Bar) -> f64 {
        (price * (1.0 - self.0)).max(bar.low).min(price)
    }
}

impl SlippageModel for ProportionalSlippage {
    fn entry(&self, price: f64, side: Side, bar: &Bar) -> f64 {
        match side {
            Side::Long => self.bought(price, bar),
            Side::Short => self.sold(price, bar),
        }
    }

    fn exit(&self, price: f64, side: Side, bar: &Bar) -> f64 {
        match side {
            Side::Long => self.sold(price, bar),
            Side::Short => self.bought(price, bar),
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "results are exact")]
mod tests {
    use super::*;

    #[test]
    fn slippage_goes_against_the_trade_and_stays_in_the_candle() {
        let bar = Bar {
            open: 100.0,
            high: 101.5,
            low: 97.0,
            close: 99.0,
        };
        let slippage = ProportionalSlippage::new(0.02).unwrap();
        assert_eq!(slippage.entry(100.0, Side::Long, &bar), 101.5);
        assert_eq!(slippage.exit(100.0, Side::Long, &bar), 98.0);
        assert_eq!(slippage.entry(98.0, Side::Short, &bar), 97.0);
        assert_eq!(slippage.exit(99.0, Side::Short, &bar), 100.98);
        assert!(ProportionalSlippage::new(1.0).is_err());
    }

    #[test]
    fn an_exit_fills_at_the_edges_of_the_candle() {
        let bar = Bar {
            open: 2.0,
            high: 3.0,
            low: 1.0,
            close: 2.0,
        };
        let fills = |price| TouchFill.exits(price, Side::Long, &bar);
        assert!(fills(1.0) && fills(3.0) && !fills(0.99) && !fills(3.01));
    }
}
