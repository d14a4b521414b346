//! The built-in strategies. A new one is a file here and a line in [`STRATEGIES`].

use crate::strategy::StrategySpec;

mod pen_direction;
mod sr_rejection;
mod zhongshu_breakout;

#[cfg(test)]
mod tests;

/// Every built-in strategy, in name order.
pub const STRATEGIES: &[StrategySpec] = &[pen_direction::SPEC, sr_rejection::SPEC, zhongshu_breakout::SPEC];

/// The strategy of that name.
#[must_use]
pub fn strategy(name: &str) -> Option<&'static StrategySpec> {
    STRATEGIES.iter().find(|spec| spec.name == name)
}
