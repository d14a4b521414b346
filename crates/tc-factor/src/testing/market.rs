//! Candles like those of a market: prices in cents, calm and wild stretches, a missing candle now and then.

use tc_market::Candle;

use super::{Dice, STEP_S, WALK_START_S, candle};

/// Cents between which the price stays.
const LOWEST: i64 = 500_000;
const HIGHEST: i64 = 9_000_000;

/// One-minute candles without end; equal seeds give equal candles.
pub fn market_stream(seed: u64) -> impl Iterator<Item = Candle> {
    let mut dice = Dice::new(seed);
    let mut time = WALK_START_S;
    let (mut level, mut wildness) = (3_000_000_i64, 400_u64);
    std::iter::repeat_with(move || {
        if dice.below(300) == 0 {
            wildness = 20 + dice.below(3_000);
        }
        time += STEP_S
            * if dice.below(2_000) == 0 {
                2 + dice.below(3).cast_signed()
            } else {
                1
            };
        let from = level;
        let step = dice.below(2 * wildness + 1).cast_signed() - wildness.cast_signed();
        level = (level + step).clamp(LOWEST, HIGHEST);
        let high = from.max(level) + dice.below(wildness).cast_signed();
        let low = from.min(level) - dice.below(wildness).cast_signed();
        let price = |cents: i64| cents as f64 / 100.0;
        candle(time, price(from), price(high), price(low), price(level))
    })
}

/// The first `count` candles of [`market_stream`].
#[must_use]
pub fn market(seed: u64, count: usize) -> Vec<Candle> {
    market_stream(seed).take(count).collect()
}
