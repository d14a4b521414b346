//! What is traded with: freqtrade's words in the configuration of the user, and what holds where it says nothing.

mod given;
#[cfg(test)]
mod tests;
mod told;

use serde_json::{Map, Value};
use tc_backtest::{
    BeforeOffset, Config, ExitOptions, LeverageTier, Market, OrderLimits, RoiStep, RoiTable, Shorts, Sides,
    Slots, Stake, StrategySpec, Tick, Trading, Trailing,
};
use tc_freqtrade::{
    base_config::{BaseConfig, BaseConfigError, TradingMode},
    offline::MarketNumbers,
};
use tc_server::backtest::BacktestRefusal;

pub(super) use told::told;

use super::{
    NativeParts, failed,
    wish::{Place, config_bad},
};

/// The one bracket of a future: the smallest one of a large exchange.
const BRACKET: LeverageTier = LeverageTier {
    min_notional: 0.0,
    max_notional: None,
    maintenance_rate: 0.004,
    maintenance_amount: 0.0,
    max_leverage: 125.0,
};

/// Leverage when nothing is said: that of a strategy of freqtrade without a function for it.
const NO_LEVERAGE: f64 = 1.0;

/// A section of the configuration and the key in it that must not be on.
const UNSUPPORTED: [(&str, Option<&str>); 5] = [
    ("position_adjustment_enable", None),
    ("position_adjustment", None),
    ("edge", Some("enabled")),
    ("freqai", Some("enabled")),
    ("order_types", Some("stoploss_on_exchange")),
];

/// What an exchange allows on the pair: the numbers that freqtrade gets without an exchange.
pub(super) fn market(place: &Place) -> Result<Market, BacktestRefusal> {
    let numbers = MarketNumbers::of(place.mode);
    let tick = |step: f64| Tick::new(step).map_err(|error| failed("the market has no usable step", &error));
    Ok(Market {
        pair: place.pair.to_string(),
        price_tick: tick(numbers.price_tick)?,
        amount_step: tick(numbers.amount_step)?,
        limits: OrderLimits {
            amount_min: Some(numbers.amount_step),
            amount_max: Some(numbers.amount_max),
            cost_min: Some(numbers.cost_min),
            cost_max: None,
        },
        tiers: match place.mode {
            TradingMode::Spot => Vec::new(),
            TradingMode::Futures => vec![BRACKET],
        },
    })
}

/// The parameters of a run: what is given with it, and for the rest the configuration.
pub(super) fn config(
    parts: &NativeParts,
    place: &Place,
    spec: &StrategySpec,
    given: &Map<String, Value>,
) -> Result<Config, BacktestRefusal> {
    unsupported(place)?;
    let leverage = given::leverage(given, place.mode)?;
    let base = place.base.with(given);
    let read = read(&base, place.mode, spec.sides, leverage);
    let config =
        read.map_err(|error| given::wrong(given, &error).unwrap_or_else(|| config_bad(parts, &error)))?;
    config.check().map_err(|error| {
        given::impossible(given, &error).unwrap_or_else(|| BacktestRefusal::ConfigBad {
            path: parts.installation.config.clone().unwrap_or_default(),
            reason: error.to_string(),
        })
    })?;
    given::check(given, &config)?;
    Ok(config)
}

/// What a run of a pair trades with when it says nothing; `None` when the configuration cannot be used.
pub(super) fn of_place(place: &Place) -> Option<Map<String, Value>> {
    let config = read(&place.base, place.mode, Sides::LongAndShort, NO_LEVERAGE).ok()?;
    config.check().ok()?;
    Some(told::told(&config))
}

/// What changes trades in a way that the engine does not simulate.
fn unsupported(place: &Place) -> Result<(), BacktestRefusal> {
    let refused = |field: &str, hint: &str| {
        Err(BacktestRefusal::Unsupported {
            field: field.to_owned(),
            hint: hint.to_owned(),
        })
    };
    let base = &place.base;
    let without = "leave it out of the configuration, or run freqtrade";
    let is_cross = base.get("margin_mode").and_then(Value::as_str) == Some("cross");
    if place.mode == TradingMode::Futures && is_cross {
        return refused("margin_mode", "set it to isolated, or run freqtrade");
    }
    let protections = base.get("protections").and_then(Value::as_array);
    if protections.is_some_and(|list| !list.is_empty()) {
        return refused("protections", without);
    }
    let detail = base.get("timeframe_detail").and_then(Value::as_str);
    if detail.is_some_and(|detail| !detail.is_empty()) {
        return refused("timeframe_detail", without);
    }
    for (section, key) in UNSUPPORTED {
        let found = base.get(section);
        let found = match key {
            Some(key) => found.and_then(|found| found.get(key)),
            None => found,
        };
        if found.and_then(Value::as_bool) == Some(true) {
            let field = key.map_or_else(|| section.to_owned(), |key| format!("{section}.{key}"));
            return refused(&field, without);
        }
    }
    Ok(())
}

fn read(
    base: &BaseConfig,
    mode: TradingMode,
    sides: Sides,
    leverage: f64,
) -> Result<Config, BaseConfigError> {
    let known = Config::default();
    let keys = Keys(base);
    Ok(Config {
        wallet: wallet(base)?.unwrap_or(known.wallet),
        stake: stake(base)?.unwrap_or(known.stake),
        tradable_balance_ratio: keys
            .number("tradable_balance_ratio")?
            .unwrap_or(known.tradable_balance_ratio),
        slots: slots(&keys)?.unwrap_or(known.slots),
        fee: keys.number("fee")?.unwrap_or(MarketNumbers::of(mode).taker),
        trading: match mode {
            TradingMode::Spot => Trading::Spot,
            TradingMode::Futures => Trading::Futures {
                leverage,
                shorts: match sides {
                    Sides::LongAndShort => Shorts::Allowed,
                    Sides::Long => Shorts::Ignored,
                },
            },
        },
        roi: roi(base)?.unwrap_or(known.roi),
        stop_loss: keys.number("stoploss")?.unwrap_or(known.stop_loss),
        trailing: trailing(&keys)?,
        exits: ExitOptions {
            use_exit_signal: keys.flag("use_exit_signal")?.unwrap_or(true),
            profit_only_above: match keys.flag("exit_profit_only")? {
                Some(true) => Some(keys.number("exit_profit_offset")?.unwrap_or(0.0)),
                _ => None,
            },
            ignore_roi_if_entry_signal: keys.flag("ignore_roi_if_entry_signal")?.unwrap_or(false),
        },
        liquidation_buffer: keys
            .number("liquidation_buffer")?
            .unwrap_or(known.liquidation_buffer),
        amount_reserve: keys
            .number("amount_reserve_percent")?
            .unwrap_or(known.amount_reserve),
        exit_timeout_ms: exit_timeout_ms(base)?.or(known.exit_timeout_ms),
    })
}

struct Keys<'a>(&'a BaseConfig);

impl Keys<'_> {
    fn number(&self, key: &'static str) -> Result<Option<f64>, BaseConfigError> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => number(value, key, "a number").map(Some),
        }
    }

    fn flag(&self, key: &'static str) -> Result<Option<bool>, BaseConfigError> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(on)) => Ok(Some(*on)),
            Some(_) => Err(wrong(key, "true or false")),
        }
    }
}

const fn wrong(key: &'static str, expected: &'static str) -> BaseConfigError {
    BaseConfigError::Value { key, expected }
}

fn number(value: &Value, key: &'static str, expected: &'static str) -> Result<f64, BaseConfigError> {
    value.as_f64().ok_or_else(|| wrong(key, expected))
}

/// One number, or one for each currency.
fn wallet(base: &BaseConfig) -> Result<Option<f64>, BaseConfigError> {
    let (key, expected) = ("dry_run_wallet", "a number, or one for the stake currency");
    match base.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(currencies)) => {
            let own = currencies.get(base.stake_currency());
            let own = own.ok_or_else(|| wrong(key, expected))?;
            number(own, key, expected).map(Some)
        }
        Some(value) => number(value, key, expected).map(Some),
    }
}

fn stake(base: &BaseConfig) -> Result<Option<Stake>, BaseConfigError> {
    let (key, expected) = ("stake_amount", "a number or \"unlimited\"");
    match base.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(word)) if word == "unlimited" => Ok(Some(Stake::Unlimited)),
        Some(value) => Ok(Some(Stake::Fixed(number(value, key, expected)?))),
    }
}

/// Any number that is not above zero means that there is no bound.
fn slots(keys: &Keys<'_>) -> Result<Option<Slots>, BaseConfigError> {
    let key = "max_open_trades";
    let Some(given) = keys.number(key)? else {
        return Ok(None);
    };
    if given <= 0.0 {
        return Ok(Some(Slots::Unlimited));
    }
    if given.fract() != 0.0 || given > f64::from(u32::MAX) {
        return Err(wrong(key, "a whole number"));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole, above zero and within the type"
    )]
    let slots = given as u32;
    Ok(Some(Slots::AtMost(slots)))
}

fn roi(base: &BaseConfig) -> Result<Option<RoiTable>, BaseConfigError> {
    let (key, expected) = ("minimal_roi", "an object of minutes and ratios");
    let table = match base.get(key) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(table)) => table,
        Some(_) => return Err(wrong(key, expected)),
    };
    let steps = table.iter().map(|(minutes, ratio)| {
        Ok::<_, BaseConfigError>(RoiStep {
            minutes: minutes.parse().map_err(|_| wrong(key, expected))?,
            ratio: number(ratio, key, expected)?,
        })
    });
    Ok(Some(RoiTable::new(steps.collect::<Result<Vec<_>, _>>()?)))
}

fn trailing(keys: &Keys<'_>) -> Result<Option<Trailing>, BaseConfigError> {
    if keys.flag("trailing_stop")? != Some(true) {
        return Ok(None);
    }
    let only_offset = keys.flag("trailing_only_offset_is_reached")?;
    Ok(Some(Trailing {
        positive: keys.number("trailing_stop_positive")?,
        positive_offset: keys.number("trailing_stop_positive_offset")?.unwrap_or(0.0),
        before_offset: match only_offset {
            Some(true) => BeforeOffset::Stays,
            _ => BeforeOffset::Follows,
        },
    }))
}

fn exit_timeout_ms(base: &BaseConfig) -> Result<Option<i64>, BaseConfigError> {
    let (key, expected) = ("unfilledtimeout", "an object with whole numbers");
    let Some(section) = base.get(key) else {
        return Ok(None);
    };
    let unit_ms = match section.get("unit").and_then(Value::as_str) {
        Some("seconds") => 1_000,
        _ => 60_000,
    };
    match section.get("exit") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let count = value.as_i64().ok_or_else(|| wrong(key, expected))?;
            Ok(Some(count.saturating_mul(unit_ms)))
        }
    }
}
