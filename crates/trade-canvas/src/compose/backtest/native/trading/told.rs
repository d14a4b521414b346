//! What is traded with, under freqtrade's names.

use serde_json::{Map, Value, json};
use tc_backtest::{BeforeOffset, Config, Slots, Stake, Trading};

/// Every value that a run can be given. Leverage is one of futures.
pub(in crate::compose::backtest::native) fn told(config: &Config) -> Map<String, Value> {
    let Config {
        trailing, exits, roi, ..
    } = config;
    let slots = match config.slots {
        Slots::AtMost(slots) => i64::from(slots),
        Slots::Unlimited => -1,
    };
    let stake = match config.stake {
        Stake::Fixed(stake) => json!(stake),
        Stake::Unlimited => json!("unlimited"),
    };
    let steps = roi.steps().iter();
    let steps = steps.map(|step| (step.minutes.to_string(), json!(step.ratio)));
    let only_offset = trailing.is_some_and(|trailing| trailing.before_offset == BeforeOffset::Stays);
    let values = [
        ("dry_run_wallet", json!(config.wallet)),
        ("stake_amount", stake),
        ("tradable_balance_ratio", json!(config.tradable_balance_ratio)),
        ("max_open_trades", json!(slots)),
        ("fee", json!(config.fee)),
        ("stoploss", json!(config.stop_loss)),
        ("minimal_roi", Value::Object(steps.collect())),
        ("trailing_stop", json!(trailing.is_some())),
        (
            "trailing_stop_positive",
            json!(trailing.and_then(|trailing| trailing.positive)),
        ),
        (
            "trailing_stop_positive_offset",
            json!(trailing.map_or(0.0, |trailing| trailing.positive_offset)),
        ),
        ("trailing_only_offset_is_reached", json!(only_offset)),
        ("use_exit_signal", json!(exits.use_exit_signal)),
        ("exit_profit_only", json!(exits.profit_only_above.is_some())),
        (
            "exit_profit_offset",
            json!(exits.profit_only_above.unwrap_or(0.0)),
        ),
        (
            "ignore_roi_if_entry_signal",
            json!(exits.ignore_roi_if_entry_signal),
        ),
    ];
    let leverage = match config.trading {
        Trading::Futures { leverage, .. } => Some(("leverage", json!(leverage))),
        Trading::Spot => None,
    };
    let values = values.into_iter().chain(leverage);
    values.map(|(name, value)| (name.to_owned(), value)).collect()
}
