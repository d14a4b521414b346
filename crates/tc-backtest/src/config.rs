//! What a run trades with.

use crate::decimal::{Decimal, FEE_DECIMALS};

/// Parameters of a run. Ratios are shares of one: 0.01 is one per cent.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Money at the start, in stake currency.
    pub wallet: f64,
    /// Money put into one trade.
    pub stake: Stake,
    /// Share of the wallet that may be in trades.
    pub tradable_balance_ratio: f64,
    /// How many trades may be open at once.
    pub slots: Slots,
    /// Fee of an order, as a share of its value.
    pub fee: f64,
    /// Spot, or futures with leverage.
    pub trading: Trading,
    /// Profits at which a trade is closed.
    pub roi: RoiTable,
    /// Loss at which a trade is closed, from -1 to below zero.
    pub stop_loss: f64,
    /// A stop that follows the price.
    pub trailing: Option<Trailing>,
    /// What exit signals may do.
    pub exits: ExitOptions,
    /// What a liquidation is kept away from the exchange's own price, as a share of its distance from the open.
    pub liquidation_buffer: f64,
    /// Share by which the smallest amount is raised, for a price that falls.
    pub amount_reserve: f64,
    /// Age in milliseconds at which an exit that was not filled is taken back; `None`: never.
    pub exit_timeout_ms: Option<i64>,
}

/// Money put into one trade.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stake {
    /// Always as much, in stake currency.
    Fixed(f64),
    /// What the wallet has, divided by the slots.
    Unlimited,
}

/// How many trades may be open at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slots {
    /// At most so many.
    AtMost(u32),
    /// As many as there are pairs.
    Unlimited,
}

/// Kind of trading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Trading {
    /// Owning the base currency.
    Spot,
    /// Isolated margin.
    Futures {
        /// Wanted leverage; a bracket of the market may allow less.
        leverage: f64,
        /// Whether short signals count.
        shorts: Shorts,
    },
}

/// Whether short signals count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shorts {
    /// They count.
    Allowed,
    /// They are ignored.
    Ignored,
}

/// A stop that follows the price.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trailing {
    /// Distance once the profit is above the offset; `None`: always the distance of the fixed stop.
    pub positive: Option<f64>,
    /// Profit from which the distance changes.
    pub positive_offset: f64,
    /// Whether the stop follows before the offset.
    pub before_offset: BeforeOffset,
}

/// What a trailing stop does before the profit has reached its offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BeforeOffset {
    /// It follows at the distance of the fixed stop.
    Follows,
    /// It stays.
    Stays,
}

/// What exit signals may do, and what entry signals prevent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExitOptions {
    /// Whether exit signals count.
    pub use_exit_signal: bool,
    /// Profit above which an exit signal counts; `None`: always.
    pub profit_only_above: Option<f64>,
    /// Whether an entry signal of the trade's own side keeps it from being closed for profit.
    pub ignore_roi_if_entry_signal: bool,
}

impl Default for ExitOptions {
    fn default() -> Self {
        Self {
            use_exit_signal: true,
            profit_only_above: None,
            ignore_roi_if_entry_signal: false,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            wallet: 1_000.0,
            stake: Stake::Unlimited,
            tradable_balance_ratio: 0.99,
            slots: Slots::AtMost(3),
            fee: 0.001,
            trading: Trading::Spot,
            roi: RoiTable::default(),
            stop_loss: -0.1,
            trailing: None,
            exits: ExitOptions::default(),
            liquidation_buffer: 0.05,
            amount_reserve: 0.05,
            exit_timeout_ms: Some(600_000),
        }
    }
}

/// Profits at which a trade is closed, by its age.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RoiTable(Vec<RoiStep>);

/// One step of a [`RoiTable`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoiStep {
    /// Age of the trade from which it counts.
    pub minutes: i64,
    /// Profit above which the trade is closed; -1 closes it at that age whatever it has brought.
    pub ratio: f64,
}

impl RoiTable {
    /// A table of steps in any order; of two of the same age the later one counts.
    #[must_use]
    pub fn new(steps: impl IntoIterator<Item = RoiStep>) -> Self {
        let mut table = Self::default();
        for step in steps {
            match table.0.binary_search_by_key(&step.minutes, |known| known.minutes) {
                Ok(at) => table.0[at] = step,
                Err(at) => table.0.insert(at, step),
            }
        }
        table
    }

    /// The steps by growing age.
    #[must_use]
    pub fn steps(&self) -> &[RoiStep] {
        &self.0
    }

    /// The step that counts at an age.
    #[inline]
    pub(crate) fn at(&self, minutes: i64) -> Option<RoiStep> {
        self.0.iter().rev().find(|step| step.minutes <= minutes).copied()
    }
}

/// A parameter that no run can have.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum ConfigError {
    /// A number outside its range.
    #[error("{name} must be {rule}, got {value}")]
    OutOfRange {
        /// Which parameter.
        name: &'static str,
        /// What it may be.
        rule: &'static str,
        /// The refused value.
        value: f64,
    },
    /// The wallet cannot be divided by a number of slots that is not known.
    #[error("an unlimited stake needs a number of slots")]
    UnlimitedStakeAndSlots,
}

impl Config {
    /// Whether short signals count.
    #[must_use]
    pub const fn can_short(&self) -> bool {
        matches!(
            self.trading,
            Trading::Futures {
                shorts: Shorts::Allowed,
                ..
            }
        )
    }

    /// Checks every number.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first parameter that no run can have.
    pub fn check(&self) -> Result<(), ConfigError> {
        let above_zero = |x: f64| x.is_finite() && x > 0.0;
        let share = |x: f64| (0.0..=1.0).contains(&x);
        require("wallet", "above zero", self.wallet, above_zero(self.wallet))?;
        let ratio = self.tradable_balance_ratio;
        require(
            "tradable_balance_ratio",
            "above 0 and at most 1",
            ratio,
            ratio > 0.0 && ratio <= 1.0,
        )?;
        check_fee(self.fee)?;
        let stop = self.stop_loss;
        require(
            "stoploss",
            "from -1 to below 0",
            stop,
            (-1.0..0.0).contains(&stop),
        )?;
        let (buffer, reserve) = (self.liquidation_buffer, self.amount_reserve);
        require("liquidation_buffer", "from 0 to 1", buffer, share(buffer))?;
        require("amount_reserve_percent", "from 0 to 1", reserve, share(reserve))?;
        if let Slots::AtMost(slots) = self.slots {
            require("max_open_trades", "at least 1", f64::from(slots), slots > 0)?;
        }
        match (self.stake, self.slots) {
            (Stake::Fixed(stake), _) => require("stake_amount", "above zero", stake, above_zero(stake))?,
            (Stake::Unlimited, Slots::Unlimited) => return Err(ConfigError::UnlimitedStakeAndSlots),
            (Stake::Unlimited, Slots::AtMost(_)) => {}
        }
        if let Trading::Futures { leverage, .. } = self.trading {
            require(
                "leverage",
                "at least 1",
                leverage,
                leverage.is_finite() && leverage >= 1.0,
            )?;
        }
        if let Some(trailing) = self.trailing {
            let positive = trailing.positive.unwrap_or(0.0);
            require("trailing_stop_positive", "from 0 to 1", positive, share(positive))?;
            let offset = trailing.positive_offset;
            require(
                "trailing_stop_positive_offset",
                "at least 0",
                offset,
                offset >= 0.0 && offset.is_finite(),
            )?;
        }
        for step in self.roi.steps() {
            require("minimal_roi", "finite", step.ratio, step.ratio.is_finite())?;
        }
        Ok(())
    }
}

/// Checks a fee.
pub(crate) fn check_fee(fee: f64) -> Result<(), ConfigError> {
    let plain = (0.0..1.0).contains(&fee) && Decimal::of(fee).exponent >= -FEE_DECIMALS;
    require("fee", "from 0 to below 1 with at most 24 decimals", fee, plain)
}

fn require(name: &'static str, rule: &'static str, value: f64, holds: bool) -> Result<(), ConfigError> {
    if holds {
        Ok(())
    } else {
        Err(ConfigError::OutOfRange { name, rule, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_ordered_by_age() {
        let step = |minutes, ratio| RoiStep { minutes, ratio };
        let table = RoiTable::new([step(60, 0.01), step(0, 0.03), step(60, 0.02)]);
        assert_eq!(table.steps(), [step(0, 0.03), step(60, 0.02)]);
        assert_eq!(table.at(59), Some(step(0, 0.03)));
        assert_eq!(table.at(60), Some(step(60, 0.02)));
        assert_eq!(RoiTable::new([step(5, 0.1)]).at(4), None);
    }

    #[test]
    fn impossible_parameters_are_named() {
        type Breaks = fn(&mut Config);
        let broken: [(&str, Breaks); 9] = [
            ("wallet", |config| config.wallet = 0.0),
            ("tradable_balance_ratio", |config| {
                config.tradable_balance_ratio = f64::NAN
            }),
            ("fee", |config| config.fee = 1.0),
            ("fee", |config| config.fee = 1e-30),
            ("stoploss", |config| config.stop_loss = 0.0),
            ("stake_amount", |config| config.stake = Stake::Fixed(-1.0)),
            ("max_open_trades", |config| config.slots = Slots::AtMost(0)),
            ("leverage", |config| {
                config.trading = Trading::Futures {
                    leverage: 0.5,
                    shorts: Shorts::Allowed,
                };
            }),
            ("minimal_roi", |config| {
                config.roi = RoiTable::new([RoiStep {
                    minutes: 0,
                    ratio: f64::INFINITY,
                }]);
            }),
        ];
        assert_eq!(Config::default().check(), Ok(()));
        for (name, breaks) in broken {
            let mut config = Config::default();
            breaks(&mut config);
            let error = config.check().unwrap_err();
            assert!(
                matches!(error, ConfigError::OutOfRange { name: found, .. } if found == name),
                "{error}"
            );
        }
        let config = Config {
            slots: Slots::Unlimited,
            ..Config::default()
        };
        assert_eq!(config.check(), Err(ConfigError::UnlimitedStakeAndSlots));
    }
}
