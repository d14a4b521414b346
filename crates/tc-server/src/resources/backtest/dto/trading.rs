//! What is traded with.

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What is traded with, under the names that these values have in a configuration of freqtrade. A value that is absent or
/// null is that of the configuration, or the default where it says nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(
    dead_code,
    reason = "documents an object; its values are read by the engine, which knows what they may be"
)]
pub(crate) struct BacktestTradingV1 {
    /// Money at the start, in stake currency.
    #[schema(nullable = false, exclusive_minimum = 0)]
    dry_run_wallet: Option<f64>,
    /// Money put into one trade, or `unlimited`: what the wallet has, divided by `max_open_trades`.
    #[schema(value_type = Option<Object>, nullable = false)]
    stake_amount: Option<Value>,
    /// Share of the wallet that may be in trades, above 0 and at most 1.
    #[schema(nullable = false)]
    tradable_balance_ratio: Option<f64>,
    /// How many trades may be open at once; 0 or less: any number, which needs a `stake_amount` in money.
    #[schema(nullable = false)]
    max_open_trades: Option<i64>,
    /// Fee of an order, as a share of its value.
    #[schema(nullable = false, minimum = 0)]
    fee: Option<f64>,
    /// Leverage, on futures alone; 1 when it is absent. freqtrade has it from a function of the strategy.
    #[schema(nullable = false, minimum = 1)]
    leverage: Option<f64>,
    /// Loss at which a trade is closed, from -1 to below 0, as a share of the stake: with leverage a smaller move of the
    /// price reaches it.
    #[schema(nullable = false, minimum = -1)]
    stoploss: Option<f64>,
    /// Minutes since the entry, and the profit from then on at which a trade is closed; empty: never.
    #[schema(value_type = Option<Object>, nullable = false)]
    minimal_roi: Option<Map<String, Value>>,
    /// Whether the stop follows the price.
    #[schema(nullable = false)]
    trailing_stop: Option<bool>,
    /// Distance at which it follows once the profit is above the offset; absent: that of `stoploss`.
    #[schema(nullable = false)]
    trailing_stop_positive: Option<f64>,
    /// Profit from which that distance counts.
    #[schema(nullable = false)]
    trailing_stop_positive_offset: Option<f64>,
    /// Whether the stop stays where it is before that profit.
    #[schema(nullable = false)]
    trailing_only_offset_is_reached: Option<bool>,
    /// Whether signals of the strategy close trades.
    #[schema(nullable = false)]
    use_exit_signal: Option<bool>,
    /// Whether they do so only above a profit.
    #[schema(nullable = false)]
    exit_profit_only: Option<bool>,
    /// That profit.
    #[schema(nullable = false)]
    exit_profit_offset: Option<f64>,
    /// Whether a trade whose entry signal still stands is kept when `minimal_roi` would close it.
    #[schema(nullable = false)]
    ignore_roi_if_entry_signal: Option<bool>,
}
