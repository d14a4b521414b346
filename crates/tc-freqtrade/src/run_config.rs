//! The configuration of one run: what the user's one says about trading, and nothing of accounts, messengers and the like.

#[cfg(test)]
mod tests;

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::{
    base_config::{BaseConfig, TradingMode},
    input::{Pair, Timeframe},
};

/// Taken over when they are there. A key here wins over the attribute of the strategy, so none gets a default.
const TAKEN_OVER: &[&str] = &[
    "minimal_roi",
    "stoploss",
    "trailing_stop",
    "trailing_stop_positive",
    "trailing_stop_positive_offset",
    "trailing_only_offset_is_reached",
    "use_exit_signal",
    "exit_profit_only",
    "exit_profit_offset",
    "ignore_roi_if_entry_signal",
    "ignore_buying_expired_candle_after",
    "order_time_in_force",
    "protections",
    "position_adjustment",
    "edge",
    "fee",
];

/// What a run is about.
#[derive(Debug, Clone, Copy)]
pub struct RunSubject<'a> {
    /// The pair, resolved.
    pub pair: &'a Pair,
    /// The timeframe.
    pub timeframe: &'a Timeframe,
    /// Where candles are.
    pub data_dir: &'a Path,
}

/// The document that freqtrade gets.
#[must_use]
pub fn run_config(base: &BaseConfig, subject: &RunSubject<'_>) -> Value {
    let mut config = Map::new();
    let mut set = |key: &str, value: Value| config.insert(key.to_owned(), value);
    for key in TAKEN_OVER {
        if let Some(value) = base.get(key) {
            set(key, value.clone());
        }
    }
    for (key, default) in defaults(base.trading_mode()) {
        set(key, base.get(key).cloned().unwrap_or(default));
    }
    set("dry_run", json!(true));
    // An empty word means spot to some versions and nothing to others.
    set("trading_mode", json!(base.trading_mode().as_str()));
    set("stake_currency", json!(base.stake_currency()));
    set("timeframe", json!(subject.timeframe.as_str()));
    set("datadir", json!(subject.data_dir));
    set("exchange", exchange(base, subject.pair));
    set("pairlists", json!([{ "method": "StaticPairList" }]));
    Value::Object(config)
}

fn defaults(mode: TradingMode) -> Vec<(&'static str, Value)> {
    let margin_mode = match mode {
        TradingMode::Spot => "",
        TradingMode::Futures => "isolated",
    };
    let pricing = json!({ "price_side": "same", "use_order_book": true, "order_book_top": 1 });
    vec![
        ("dry_run_wallet", json!(1000)),
        ("max_open_trades", json!(3)),
        ("stake_amount", json!("unlimited")),
        ("tradable_balance_ratio", json!(0.99)),
        ("fiat_display_currency", json!("")),
        ("margin_mode", json!(margin_mode)),
        ("internals", json!({ "process_throttle_secs": 5 })),
        (
            "unfilledtimeout",
            json!({ "entry": 10, "exit": 10, "exit_timeout_count": 0, "unit": "minutes" }),
        ),
        ("entry_pricing", pricing.clone()),
        ("exit_pricing", pricing),
        (
            "order_types",
            json!({ "entry": "limit", "exit": "limit", "stoploss": "limit", "stoploss_on_exchange": false }),
        ),
        ("cancel_open_orders_on_exit", json!(false)),
    ]
}

fn exchange(base: &BaseConfig, pair: &Pair) -> Value {
    let name = base
        .of_exchange("name")
        .and_then(Value::as_str)
        .unwrap_or("binance");
    let blacklist = base.of_exchange("pair_blacklist").filter(|list| list.is_array());
    json!({
        "name": name,
        "ccxt_config": {},
        "ccxt_async_config": {},
        "pair_whitelist": [pair.to_string()],
        "pair_blacklist": blacklist.cloned().unwrap_or_else(|| json!([])),
    })
}
