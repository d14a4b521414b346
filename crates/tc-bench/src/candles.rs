//! A reproducible random walk.

use anyhow::Context;
use tc_market::{Candle, CandleTime, SeriesId};

/// Open time of the first candle, aligned to the minute.
pub(crate) const START_S: i64 = 1_600_000_020;

/// The series that everything is measured on.
pub(crate) fn series() -> anyhow::Result<SeriesId> {
    "binance:futures:BTC/USDT:1m"
        .parse()
        .context("the series id is valid")
}

/// `count` one-minute candles of a random walk with two decimals; the same for every run.
pub(crate) fn walk(count: usize) -> anyhow::Result<Vec<Candle>> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |bound: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % bound
    };
    let mut close_cents = 3_000_000_u64;
    let mut candles = Vec::with_capacity(count);
    for n in 0..count {
        let open_cents = close_cents;
        close_cents = (open_cents + next(2_001)).saturating_sub(1_000).max(100_000);
        let high = open_cents.max(close_cents) + next(600);
        let low = open_cents.min(close_cents) - next(600);
        let price = |cents: u64| cents as f64 / 100.0;
        let time = CandleTime::new(START_S + 60 * i64::try_from(n)?)?;
        candles.push(Candle::new(
            time,
            price(open_cents),
            price(high),
            price(low),
            price(close_cents),
            next(9_999) as f64 / 8.0,
        )?);
    }
    Ok(candles)
}
