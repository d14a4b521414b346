//! What a run is given beside the configuration, and what is wrong with it.

use serde_json::{Map, Value};
use tc_backtest::{BeforeOffset, Config, ConfigError, Stake};
use tc_freqtrade::base_config::{BaseConfigError, TradingMode};
use tc_server::backtest::BacktestRefusal;

use super::{BRACKET, NO_LEVERAGE};

/// Every name that can be given.
const NAMES: [&str; 16] = [
    "dry_run_wallet",
    "stake_amount",
    "tradable_balance_ratio",
    "max_open_trades",
    "fee",
    LEVERAGE,
    "stoploss",
    "minimal_roi",
    "trailing_stop",
    "trailing_stop_positive",
    "trailing_stop_positive_offset",
    "trailing_only_offset_is_reached",
    "use_exit_signal",
    "exit_profit_only",
    "exit_profit_offset",
    "ignore_roi_if_entry_signal",
];
const LEVERAGE: &str = "leverage";

type Given = Map<String, Value>;

fn refusal(name: &str, reason: impl Into<String>) -> BacktestRefusal {
    BacktestRefusal::ParamsInvalid {
        name: name.to_owned(),
        reason: reason.into(),
    }
}

/// The leverage. No configuration of freqtrade has one, so it is read here, and that every name is known is checked.
pub(super) fn leverage(given: &Given, mode: TradingMode) -> Result<f64, BacktestRefusal> {
    if let Some(name) = given.keys().find(|name| !NAMES.contains(&name.as_str())) {
        let known = NAMES.join(", ");
        return Err(refusal(name, format!("trading has no {name}; it has {known}")));
    }
    if given.get("dry_run_wallet").is_some_and(Value::is_object) {
        return Err(refusal("dry_run_wallet", "dry_run_wallet must be a number"));
    }
    let Some(value) = given.get(LEVERAGE).filter(|value| !value.is_null()) else {
        return Ok(NO_LEVERAGE);
    };
    if mode == TradingMode::Spot {
        return Err(refusal(LEVERAGE, "leverage is possible on futures alone"));
    }
    let most = BRACKET.max_leverage;
    let within = value.as_f64().filter(|value| (1.0..=most).contains(value));
    within.ok_or_else(|| {
        refusal(
            LEVERAGE,
            format!("leverage must be a number from 1 to {most}, got {value}"),
        )
    })
}

/// The refusal of a value of another type, if it was given.
pub(super) fn wrong(given: &Given, error: &BaseConfigError) -> Option<BacktestRefusal> {
    match error {
        BaseConfigError::Value { key, .. } if given.contains_key(*key) => {
            Some(refusal(key, error.to_string()))
        }
        _ => None,
    }
}

/// The refusal of a value that no run can have, if it was given.
pub(super) fn impossible(given: &Given, error: &ConfigError) -> Option<BacktestRefusal> {
    match error {
        ConfigError::OutOfRange { name, rule, value } => {
            let name = if *name == "wallet" {
                "dry_run_wallet"
            } else {
                *name
            };
            let is_given = given.contains_key(name);
            is_given.then(|| refusal(name, format!("{name} must be {rule}, got {value}")))
        }
        ConfigError::UnlimitedStakeAndSlots => {
            let of = ["stake_amount", "max_open_trades"];
            let name = of.into_iter().find(|name| given.contains_key(*name))?;
            Some(refusal(
                name,
                "an unlimited stake_amount needs a max_open_trades above 0",
            ))
        }
    }
}

/// What freqtrade refuses as well: values that are possible each, and make no sense together.
pub(super) fn check(given: &Given, config: &Config) -> Result<(), BacktestRefusal> {
    let first_given = |names: &[&'static str]| names.iter().copied().find(|name| given.contains_key(*name));
    if config.roi.steps().iter().any(|step| step.minutes < 0) && given.contains_key("minimal_roi") {
        return Err(refusal(
            "minimal_roi",
            "minimal_roi must have minutes of at least 0",
        ));
    }
    let of_stake = ["stake_amount", "dry_run_wallet", "tradable_balance_ratio"];
    let usable = config.wallet * config.tradable_balance_ratio;
    if let (Some(name), Stake::Fixed(stake)) = (first_given(&of_stake), config.stake)
        && stake > usable
    {
        let reason = format!(
            "stake_amount {stake} is more than dry_run_wallet times tradable_balance_ratio, which is {usable}: no trade \
             could be opened"
        );
        return Err(refusal(name, reason));
    }
    let (positive, offset) = ("trailing_stop_positive", "trailing_stop_positive_offset");
    let of_trailing = [
        positive,
        offset,
        "trailing_only_offset_is_reached",
        "trailing_stop",
    ];
    let (Some(trailing), Some(_)) = (config.trailing, first_given(&of_trailing)) else {
        return Ok(());
    };
    if trailing.before_offset == BeforeOffset::Stays && trailing.positive_offset <= 0.0 {
        let reason = format!("{offset} must be above 0 while trailing_only_offset_is_reached is on");
        return Err(refusal(offset, reason));
    }
    let Some(distance) = trailing.positive else {
        return Ok(());
    };
    if distance <= 0.0 {
        return Err(refusal(positive, format!("{positive} must be above 0")));
    }
    if trailing.positive_offset > 0.0 && trailing.positive_offset <= distance {
        return Err(refusal(offset, format!("{offset} must be above {positive}")));
    }
    Ok(())
}
