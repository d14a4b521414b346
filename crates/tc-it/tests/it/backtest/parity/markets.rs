//! Limits, steps and leverage brackets of a pair.

use serde_json::{Value, json};
use tc_backtest::{Config, LeverageTier, Market, OrderLimits, Stake, Tick, Trading};

use super::{
    dice::Dice,
    prices::{Manner, decimal},
};

/// A market, and what it is called.
#[derive(Debug)]
pub(super) struct RandomMarket {
    base: String,
    is_future: bool,
    /// As the engine takes it.
    pub(super) market: Market,
}

pub(super) fn any(dice: &mut Dice, base: &str, config: &Config, manner: &Manner) -> RandomMarket {
    let is_future = matches!(config.trading, Trading::Futures { .. });
    let stake = match config.stake {
        Stake::Fixed(stake) => stake,
        Stake::Unlimited => config.wallet / 2.0,
    };
    // A trade is some hundred to some million steps large, seldom only a few.
    let whole = (stake / manner.base).log10().floor();
    #[expect(clippy::cast_possible_truncation, reason = "a power of ten of a price")]
    let exponent = (whole as i64 - dice.pick(&[1, 2, 3, 4, 6])).clamp(-8, 9);
    let amount_step = decimal(if dice.one_in(6) { 5.0 } else { 1.0 }, exponent);
    let some = |dice: &mut Dice, sides: i64, value: f64| dice.one_in(sides).then_some(value);
    let (scarce, plenty) = (dice.within(0.3, 1.3), dice.within(0.3, 3.0));
    let limits = OrderLimits {
        amount_min: if dice.one_in(8) { None } else { Some(amount_step) },
        amount_max: some(
            dice,
            8,
            (plenty * stake / manner.base / amount_step).ceil() * amount_step,
        ),
        cost_min: if dice.one_in(4) {
            some(dice, 2, scarce * stake)
        } else {
            Some(dice.pick(&[1.0, 5.0, 10.0]))
        },
        cost_max: some(dice, 8, plenty * stake),
    };
    let price_tick = manner.decimals.map_or(0.01, |[even, odd]| {
        decimal(1.0, -i64::try_from(even.max(odd)).unwrap())
    });
    let pair = if is_future {
        format!("{base}/USDT:USDT")
    } else {
        format!("{base}/USDT")
    };
    let market = Market {
        pair,
        price_tick: Tick::new(if price_tick > 0.9 {
            dice.pick(&[1.0, 0.1, 0.5, 5.0])
        } else {
            price_tick
        })
        .unwrap(),
        amount_step: Tick::new(amount_step).unwrap(),
        limits,
        tiers: if is_future { tiers(dice, stake) } else { Vec::new() },
    };
    RandomMarket {
        base: base.to_owned(),
        is_future,
        market,
    }
}

/// Brackets that a usual stake is in the middle of.
fn tiers(dice: &mut Dice, stake: f64) -> Vec<LeverageTier> {
    let mut tiers = Vec::new();
    let (mut floor, mut rate, mut taken_off) = (0.0, dice.pick(&[0.004, 0.005, 0.01, 0.02]), 0.0);
    let leverages = [125.0, 50.0, 20.0, 10.0, 5.0, 2.0, 1.0];
    let first = usize::try_from(dice.between(0, 2)).unwrap();
    let mut ceiling = (stake * dice.pick(&[0.5, 4.0, 20.0, 300.0])).ceil();
    for (at, leverage) in leverages.iter().enumerate().skip(first) {
        let last = at + 1 == leverages.len();
        tiers.push(LeverageTier {
            min_notional: floor,
            max_notional: Some(if last { stake * 1e6 } else { ceiling }),
            maintenance_rate: rate,
            maintenance_amount: taken_off,
            max_leverage: *leverage,
        });
        let next = (rate * 1.5_f64 * 1e4).round() / 1e4;
        taken_off += ceiling * (next - rate);
        (floor, rate) = (ceiling, next);
        ceiling *= dice.pick(&[2.0, 3.0, 5.0]);
    }
    tiers
}

impl RandomMarket {
    /// As the exchange library of freqtrade has it.
    pub(super) fn to_json(&self) -> Value {
        let limits = &self.market.limits;
        let settle = self.is_future.then_some("USDT");
        json!({
            "id": format!("{}USDT", self.base), "lowercaseId": format!("{}usdt", self.base.to_lowercase()),
            "symbol": self.market.pair, "base": self.base, "quote": "USDT", "settle": settle,
            "baseId": self.base, "quoteId": "USDT", "settleId": settle,
            "type": if self.is_future { "swap" } else { "spot" },
            "spot": !self.is_future, "margin": false, "swap": self.is_future, "future": false, "option": false,
            "active": true, "contract": self.is_future, "linear": self.is_future.then_some(true),
            "inverse": self.is_future.then_some(false), "taker": 0.001, "maker": 0.001,
            "contractSize": self.is_future.then_some(1.0), "expiry": null, "strike": null, "optionType": null,
            "precision": { "price": self.market.price_tick.step(), "amount": self.market.amount_step.step() },
            "limits": {
                "leverage": { "min": null, "max": null },
                "amount": { "min": limits.amount_min, "max": limits.amount_max },
                "price": { "min": null, "max": null },
                "cost": { "min": limits.cost_min, "max": limits.cost_max },
            },
            "info": {},
        })
    }

    pub(super) fn tiers_json(&self) -> Value {
        let tier = |tier: &LeverageTier| {
            json!({
                "minNotional": tier.min_notional, "maxNotional": tier.max_notional,
                "maintenanceMarginRate": tier.maintenance_rate, "maxLeverage": tier.max_leverage,
                "maintAmt": tier.maintenance_amount,
            })
        };
        self.market.tiers.iter().map(tier).collect()
    }
}
