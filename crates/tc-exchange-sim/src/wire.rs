//! The exchange's JSON: numbers as text, rows and events with every field.

use std::fmt::Write as _;

use tc_market::{Candle, Timeframe};

use crate::{feed::Bucket, set::Instrument};

/// Number of digits after the point of the shortest text of `value`, at most 8.
pub(crate) fn decimals_of(value: f64) -> usize {
    value
        .to_string()
        .split_once('.')
        .map_or(0, |(_, digits)| digits.len())
        .min(8)
}

/// `value` exactly, with at least so many digits after the point.
pub(crate) fn decimal(value: f64, decimals: usize) -> String {
    let mut text = value.to_string();
    let have = text.split_once('.').map(|(_, digits)| digits.len());
    if have.is_none() && decimals > 0 {
        text.push('.');
    }
    text.extend(std::iter::repeat_n(
        '0',
        decimals.saturating_sub(have.unwrap_or_default()),
    ));
    text
}

/// The fields of a bucket that the candles do not record. Reproducible and plausible, no more.
pub(crate) struct Details {
    pub(crate) trades: u64,
    pub(crate) quote_volume: f64,
    pub(crate) taker_base: f64,
    pub(crate) taker_quote: f64,
    pub(crate) first_trade: i64,
    pub(crate) last_trade: i64,
}

impl Details {
    pub(crate) fn of(candle: &Candle) -> Self {
        let trades = trades(candle.volume());
        let typical = (candle.open() + candle.high() + candle.low() + candle.close()) / 4.0;
        let (first_trade, last_trade) = match i64::try_from(trades) {
            Ok(count @ 1..) => (
                candle.time().seconds() * 1_000,
                candle.time().seconds() * 1_000 + count - 1,
            ),
            _ => (-1, -1),
        };
        Self {
            trades,
            quote_volume: cents(candle.volume() * typical),
            taker_base: candle.volume() / 2.0,
            taker_quote: cents(candle.volume() / 2.0 * typical),
            first_trade,
            last_trade,
        }
    }
}

/// Grows with the volume, at most 60,000; none without volume.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0 ..= 59,999 before"
)]
fn trades(volume: f64) -> u64 {
    if volume <= 0.0 {
        0
    } else {
        1 + (volume * 8.0).clamp(0.0, 59_999.0) as u64
    }
}

fn cents(value: f64) -> f64 {
    let rounded = (value * 100.0).round() / 100.0;
    if rounded.is_finite() { rounded } else { value }
}

/// A row of `klines`.
pub(crate) fn row(instrument: &Instrument, timeframe: Timeframe, bucket: &Bucket) -> String {
    let candle = bucket.values();
    let details = Details::of(candle);
    let (price, volume) = (instrument.price_decimals, instrument.volume_decimals);
    let open_ms = candle.time().seconds() * 1000;
    let close_ms = open_ms + timeframe.seconds() * 1000 - 1;
    format!(
        r#"[{open_ms},"{}","{}","{}","{}","{}",{close_ms},"{}",{},"{}","{}","0"]"#,
        decimal(candle.open(), price),
        decimal(candle.high(), price),
        decimal(candle.low(), price),
        decimal(candle.close(), price),
        decimal(candle.volume(), volume),
        decimal(details.quote_volume, 2),
        details.trades,
        decimal(details.taker_base, volume),
        decimal(details.taker_quote, 2),
    )
}

/// A `kline` event at `event_ms`.
pub(crate) fn event(instrument: &Instrument, timeframe: Timeframe, bucket: &Bucket, event_ms: i64) -> String {
    let candle = bucket.values();
    let details = Details::of(candle);
    let (price, volume) = (instrument.price_decimals, instrument.volume_decimals);
    let open_ms = candle.time().seconds() * 1000;
    let close_ms = open_ms + timeframe.seconds() * 1000 - 1;
    let code = &instrument.code;
    let mut text = format!(
        r#"{{"e":"kline","E":{event_ms},"s":"{code}","k":{{"t":{open_ms},"T":{close_ms},"s":"{code}","i":"{timeframe}","f":{},"L":{},"#,
        details.first_trade, details.last_trade,
    );
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        r#""o":"{}","c":"{}","h":"{}","l":"{}","v":"{}","n":{},"x":{},"q":"{}","V":"{}","Q":"{}","B":"0"}}}}"#,
        decimal(candle.open(), price),
        decimal(candle.close(), price),
        decimal(candle.high(), price),
        decimal(candle.low(), price),
        decimal(candle.volume(), volume),
        details.trades,
        matches!(bucket, Bucket::Closed(_)),
        decimal(details.quote_volume, 2),
        decimal(details.taker_base, volume),
        decimal(details.taker_quote, 2),
    );
    text
}

/// Wraps an event for a combined connection.
pub(crate) fn envelope(stream: &str, event: &str) -> String {
    format!(r#"{{"stream":"{stream}","data":{event}}}"#)
}

/// Words of the exchange's own trouble: no JSON with the one status that has several.
pub(crate) fn trouble(status: u16) -> String {
    match status {
        503 => "Service Unavailable.".to_owned(),
        403 => "<html>403 Forbidden</html>".to_owned(),
        408 => refusal(-1007, "Timeout waiting for response from backend server."),
        _ => refusal(-1000, "An unknown error occurred while processing the request."),
    }
}

/// Body of a refusal.
pub(crate) fn refusal(code: i64, message: &str) -> String {
    serde_json::json!({ "code": code, "msg": message }).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_padded_and_never_shortened() {
        for (value, decimals, text) in [
            (1.5, 2, "1.50"),
            (3.0, 2, "3.00"),
            (3.0, 0, "3"),
            (0.000_000_01, 2, "0.00000001"),
            (0.125, 2, "0.125"),
            (0.0, 3, "0.000"),
        ] {
            assert_eq!(decimal(value, decimals), text);
        }
        assert_eq!(
            (decimals_of(1.25), decimals_of(7.0), decimals_of(1e-12)),
            (2, 0, 8)
        );
    }

    #[test]
    fn a_bucket_without_trades_has_no_trade_ids() {
        let candle = Candle::new(tc_market::CandleTime::clamped(60), 1.0, 1.0, 1.0, 1.0, 0.0).unwrap();
        let details = Details::of(&candle);
        assert_eq!(
            (details.trades, details.first_trade, details.last_trade),
            (0, -1, -1)
        );
    }

    proptest! {
        #[test]
        fn text_reads_back_to_the_same_number(value in 0.0f64..1e12, decimals in 0usize..8) {
            prop_assert_eq!(decimal(value, decimals).parse::<f64>().unwrap().to_bits(), value.to_bits());
        }
    }
}
