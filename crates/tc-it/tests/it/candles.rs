//! Candles as clients write them.

use serde_json::{Value, json};
use tc_exchange_sim::sample;
use tc_market::Candle;

/// The series that tests write.
pub(crate) const GLD: &str = "binance:futures:GLD/USDT:1m";
/// A series of the bundled sample.
pub(crate) const BTC: &str = "binance:futures:BTC/USDT:1m";
/// Another one.
pub(crate) const ETH: &str = "binance:futures:ETH/USDT:1m";

/// A candle whose values do not matter.
pub(crate) fn flat(time: i64) -> Value {
    json!({ "candle_time": time, "open": 1.0, "high": 2.0, "low": 0.5, "close": 1.5, "volume": 3.0 })
}

/// Such candles, one a minute.
pub(crate) fn flat_minutes(first: i64, count: i64) -> Vec<Value> {
    (0..count).map(|n| flat(first + 60 * n)).collect()
}

/// Real minutes of a series of the sample, ascending, without holes: enough movement for pivots and pens.
pub(crate) fn minutes(series: &str) -> Vec<Candle> {
    sample::candles(&series.parse().unwrap()).unwrap().unwrap()
}

/// On the wire.
pub(crate) fn wire(candle: &Candle) -> Value {
    json!({
        "candle_time": candle.time().seconds(),
        "open": candle.open(),
        "high": candle.high(),
        "low": candle.low(),
        "close": candle.close(),
        "volume": candle.volume(),
    })
}

/// On the wire.
pub(crate) fn wires(candles: &[Candle]) -> Vec<Value> {
    candles.iter().map(wire).collect()
}

/// The times of candles on the wire.
pub(crate) fn times(candles: &Value) -> Vec<i64> {
    candles
        .as_array()
        .unwrap()
        .iter()
        .map(|candle| candle["candle_time"].as_i64().unwrap())
        .collect()
}
