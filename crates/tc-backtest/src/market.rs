//! What an exchange allows on a pair.

use crate::rounding::{Tick, TickError};

/// Smallest and greatest order, steps and leverage of one pair.
#[derive(Debug, Clone, PartialEq)]
pub struct Market {
    /// Name of the pair, like `BTC/USDT` or `BTC/USDT:USDT`.
    pub pair: String,
    /// Price step that counts before the candles have shown any decimals.
    pub price_tick: Tick,
    /// Amount step.
    pub amount_step: Tick,
    /// Limits of an order.
    pub limits: OrderLimits,
    /// Leverage brackets by growing position; empty on a spot market.
    pub tiers: Vec<LeverageTier>,
}

/// Limits of an order; an absent one does not count.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct OrderLimits {
    /// Smallest amount in base currency.
    pub amount_min: Option<f64>,
    /// Greatest amount in base currency.
    pub amount_max: Option<f64>,
    /// Smallest cost in quote currency.
    pub cost_min: Option<f64>,
    /// Greatest cost in quote currency.
    pub cost_max: Option<f64>,
}

/// A bracket of position sizes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeverageTier {
    /// Smallest position of the bracket in quote currency.
    pub min_notional: f64,
    /// Greatest position; `None`: no bound.
    pub max_notional: Option<f64>,
    /// Share of the position that must be covered.
    pub maintenance_rate: f64,
    /// What the exchange takes off that share, in quote currency.
    pub maintenance_amount: f64,
    /// Greatest leverage of the bracket.
    pub max_leverage: f64,
}

impl Market {
    /// A spot market with the usual limits of a large exchange: a smallest cost of 5, no other bound.
    ///
    /// # Errors
    /// [`TickError`] for a step that is not above zero.
    pub fn spot(pair: &str, price_tick: f64, amount_step: f64) -> Result<Self, TickError> {
        Ok(Self {
            pair: pair.to_owned(),
            price_tick: Tick::new(price_tick)?,
            amount_step: Tick::new(amount_step)?,
            limits: OrderLimits {
                amount_min: Some(amount_step),
                cost_min: Some(5.0),
                ..OrderLimits::default()
            },
            tiers: Vec::new(),
        })
    }

    /// Greatest leverage that a stake may have; `None` when no bracket is large enough.
    pub(crate) fn max_leverage(&self, stake: f64) -> Option<f64> {
        let fits = |tier: &&LeverageTier| {
            tier.max_notional
                .is_none_or(|most| stake <= most / tier.max_leverage)
        };
        self.tiers.iter().find(fits).map(|tier| tier.max_leverage)
    }

    /// Smallest stake at `rate`; `reserve` is the share kept back for a falling price.
    pub(crate) fn min_stake(&self, rate: f64, leverage: f64, reserve: f64) -> f64 {
        let margin = ((1.0 + reserve) / 0.95).clamp(1.0, 1.5);
        let cost = self.limits.cost_min.map(|least| least * margin);
        let amount = self.limits.amount_min.map(|least| least * rate * (1.0 + reserve));
        cost.into_iter().chain(amount).reduce(f64::max).unwrap_or(0.0) / leverage
    }

    /// Greatest stake at `rate`.
    pub(crate) fn max_stake(&self, rate: f64, leverage: f64) -> f64 {
        let allowing = self.tiers.iter().rev().find(|tier| leverage <= tier.max_leverage);
        let position = allowing.and_then(|tier| tier.max_notional);
        let amount = self.limits.amount_max.map(|most| most * rate);
        let bounds = position.into_iter().chain(self.limits.cost_max).chain(amount);
        bounds
            .reduce(f64::min)
            .map_or(f64::INFINITY, |most| most / leverage)
    }

    /// Share and amount of the maintenance margin of a stake: those of the last bracket that begins at or below it.
    pub(crate) fn maintenance(&self, stake: f64) -> Option<(f64, f64)> {
        let tier = self.tiers.iter().rev().find(|tier| tier.min_notional <= stake)?;
        Some((tier.maintenance_rate, tier.maintenance_amount))
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "results are exact")]
mod tests {
    use super::*;

    fn market() -> Market {
        let tier = |min_notional, max_notional, max_leverage| LeverageTier {
            min_notional,
            max_notional,
            maintenance_rate: 1.0 / max_leverage,
            maintenance_amount: min_notional / 100.0,
            max_leverage,
        };
        Market {
            tiers: vec![
                tier(0.0, Some(1_000.0), 50.0),
                tier(1_000.0, Some(8_000.0), 20.0),
                tier(8_000.0, None, 2.0),
            ],
            ..Market::spot("A/B", 0.01, 0.001).unwrap()
        }
    }

    #[test]
    fn leverage_falls_with_the_stake() {
        assert_eq!(market().max_leverage(20.0), Some(50.0));
        assert_eq!(market().max_leverage(20.1), Some(20.0));
        assert_eq!(market().max_leverage(1e9), Some(2.0));
    }

    #[test]
    fn the_smallest_stake_is_the_larger_of_cost_and_amount() {
        let market = market();
        assert!((market.min_stake(1.0, 1.0, 0.05) - 5.0 * 1.05 / 0.95).abs() < 1e-12);
        assert!((market.min_stake(1e6, 2.0, 0.05) - 525.0).abs() < 1e-9);
    }

    #[test]
    fn the_greatest_stake_is_the_smallest_bound() {
        let mut market = market();
        assert!((market.max_stake(10.0, 20.0) - 400.0).abs() < 1e-12);
        market.limits.amount_max = Some(30.0);
        assert!((market.max_stake(10.0, 20.0) - 15.0).abs() < 1e-12);
        assert_eq!(market.max_stake(10.0, 1.0), 300.0);
        market.limits.amount_max = None;
        assert_eq!(market.max_stake(10.0, 1.0), f64::INFINITY);
    }

    #[test]
    fn maintenance_goes_by_the_stake() {
        assert_eq!(market().maintenance(999.0), Some((0.02, 0.0)));
        assert_eq!(market().maintenance(1_000.0), Some((0.05, 10.0)));
    }
}
