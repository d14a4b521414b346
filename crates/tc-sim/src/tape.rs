//! What is traded: a walk of one-minute candles for every series.

use tc_exchange_sim::SampleSet;
use tc_market::{Candle, CandleTime, MarketKind};

use crate::{RunError, RunOptions, dice::Dice};

/// Open time of the first candle, Unix seconds.
const ORIGIN_S: i64 = 1_747_353_600;
/// Candles after which a walk repeats itself; a prime, so that no time of day has the same candle twice in a month.
const MINUTES: i64 = 5_003;
/// How much is known before a run begins.
const PAST_MINUTES: i64 = 3_000;

/// When a run begins: half of a minute, Unix milliseconds.
pub(crate) const START_MS: i64 = (ORIGIN_S + PAST_MINUTES * 60 + 30) * 1_000;

/// The market of the series at `index`.
pub(crate) const fn market(index: usize) -> MarketKind {
    if index.is_multiple_of(2) {
        MarketKind::Spot
    } else {
        MarketKind::Futures
    }
}

/// The symbol of the series at `index`.
pub(crate) fn symbol(index: usize) -> String {
    format!("C{index:03}/USDT")
}

pub(crate) fn set(options: &RunOptions) -> Result<SampleSet, RunError> {
    let walk = |index: usize| {
        let stream = 1_000 + u64::try_from(index).unwrap_or_default();
        (
            market(index),
            symbol(index),
            walk(Dice::new(options.seed, stream)),
        )
    };
    Ok(SampleSet::new((0..options.series).map(walk).collect())?)
}

/// Prices in hundredths between 1 and 1,000; one minute in two hundred has no trades.
fn walk(mut dice: Dice) -> Vec<Candle> {
    let price = |hundredths: i64| f64::from(i32::try_from(hundredths).unwrap_or(i32::MAX)) / 100.0;
    let mut last = dice.between(5_000, 50_000);
    let mut candles = Vec::new();
    for minute in 0..MINUTES {
        let open = last;
        let quiet = dice.one_in(200);
        let mut reach = |by: i64| if quiet { 0 } else { dice.between(0, by) };
        let close = (open + reach(81) - reach(81)).clamp(100, 100_000);
        let (high, low) = (open.max(close) + reach(40), (open.min(close) - reach(40)).max(50));
        let low = low.min(open.min(close));
        let volume = if quiet { 0 } else { 1 + reach(100_000) };
        let time = CandleTime::clamped(ORIGIN_S + minute * 60);
        let values = [open, high, low, close, volume].map(price);
        candles.extend(Candle::new(
            time, values[0], values[1], values[2], values[3], values[4],
        ));
        last = close;
    }
    candles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_has_every_minute_and_some_without_trades() {
        let candles = walk(Dice::new(1, 1));
        assert_eq!(candles.len(), usize::try_from(MINUTES).unwrap());
        let quiet = candles.iter().filter(|candle| candle.volume() <= 0.0).count();
        assert!((5..100).contains(&quiet), "{quiet}");
        assert_ne!(candles, walk(Dice::new(2, 1)));
    }
}
