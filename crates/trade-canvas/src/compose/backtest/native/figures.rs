//! Figures of a run, and what it traded with.

use serde_json::{
    Map, Value, json,
    value::{RawValue, to_raw_value},
};
use tc_backtest::{Metrics, Run};
use tc_freqtrade::{base_config::TradingMode, input::Timerange, record};

use super::{trading, wish::Wish};

/// Every figure of a run: a JSON object. What is not defined is null.
pub(super) fn of_run(wish: &Wish, run: &Run, metrics: &Metrics) -> Result<Box<RawValue>, serde_json::Error> {
    let mut figures = record::figures(run, metrics);
    figures.extend(of_wish(wish));
    to_raw_value(&figures)
}

/// What was run, and what it traded with.
fn of_wish(wish: &Wish) -> Map<String, Value> {
    let mut values = trading::told(&wish.config);
    let slots = values.get("max_open_trades").cloned().unwrap_or_default();
    let more = [
        ("strategy_name", json!(wish.spec.name)),
        ("timeframe", json!(wish.series.timeframe().to_string())),
        (
            "timerange",
            json!(wish.timerange.as_ref().map_or("", Timerange::as_str)),
        ),
        ("stake_currency", json!(wish.place.base.stake_currency())),
        ("max_open_trades_setting", slots),
        ("trading_mode", json!(wish.place.mode.as_str())),
        (
            "margin_mode",
            json!(match wish.place.mode {
                TradingMode::Spot => "",
                TradingMode::Futures => "isolated",
            }),
        ),
    ];
    values.extend(more.map(|(name, value)| (name.to_owned(), value)));
    values
}
