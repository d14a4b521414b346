//! What varies in a sweep.

use super::SweepError;
use crate::{
    config::{BeforeOffset, Config, ConfigError, RoiStep, RoiTable, Slots, Trading, Trailing},
    strategy::StrategyParams,
};

/// One parameter and the values it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// The parameter.
    pub knob: Knob,
    /// Its values, in the order of the surface.
    pub values: Vec<f64>,
}

/// A parameter that a sweep can vary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Knob {
    /// A parameter of the strategy, by name.
    Strategy(String),
    /// The loss at which a trade is closed, from -1 to below zero.
    StopLoss,
    /// The profit at which a trade is closed at any age, in place of the whole table.
    Roi,
    /// The distance of a trailing stop once it is armed; without one in the parameters it is armed from the start.
    TrailingDistance,
    /// The leverage, on futures.
    Leverage,
    /// The number of slots.
    Slots,
}

impl Knob {
    /// Whether it changes what the strategy asks for.
    pub(super) const fn is_of_strategy(&self) -> bool {
        matches!(self, Self::Strategy(_))
    }

    /// Sets the parameter.
    pub(super) fn turn(
        &self,
        value: f64,
        config: &mut Config,
        params: &mut StrategyParams,
    ) -> Result<(), SweepError> {
        match self {
            Self::Strategy(name) => params.set(name, value)?,
            Self::StopLoss => config.stop_loss = value,
            Self::Roi => {
                config.roi = RoiTable::new([RoiStep {
                    minutes: 0,
                    ratio: value,
                }]);
            }
            Self::TrailingDistance => {
                let trailing = config.trailing.unwrap_or(Trailing {
                    positive: None,
                    positive_offset: 0.0,
                    before_offset: BeforeOffset::Follows,
                });
                config.trailing = Some(Trailing {
                    positive: Some(value),
                    ..trailing
                });
            }
            Self::Leverage => match &mut config.trading {
                Trading::Futures { leverage, .. } => *leverage = value,
                Trading::Spot => return Err(out_of_range("leverage", "swept on futures alone", value)),
            },
            Self::Slots => {
                let rule = "a whole number from 1 to 1000";
                if !(1.0..=1_000.0).contains(&value) || value.fract() != 0.0 {
                    return Err(out_of_range("max_open_trades", rule, value));
                }
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "whole, from 1 to 1000"
                )]
                let slots = value as u32;
                config.slots = Slots::AtMost(slots);
            }
        }
        Ok(())
    }
}

fn out_of_range(name: &'static str, rule: &'static str, value: f64) -> SweepError {
    ConfigError::OutOfRange { name, rule, value }.into()
}
