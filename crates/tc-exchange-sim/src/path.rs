//! How a minute comes about: a reproducible path from open over both extremes to close.

use tc_market::{Candle, FormingCandle};

/// Length of a step of the path.
pub(crate) const STEP_MS: i64 = 250;
const STEPS: i64 = 60_000 / STEP_MS;
/// Largest distance from the straight path, as a part of the whole range.
const WOBBLE: f64 = 0.06;

/// What of the final `minute` has happened `offset_ms` (0 .. 60,000) after its open.
///
/// A rising minute goes to its low first, a falling one to its high. The values stay inside those of the final
/// candle, high, low and volume move in one direction only.
pub(crate) fn forming(minute: &Candle, seed: u64, offset_ms: i64, decimals: (usize, usize)) -> FormingCandle {
    let reached = (offset_ms / STEP_MS).clamp(0, STEPS - 1);
    let path = Path::new(minute, mix(seed, minute.time().seconds(), -1));
    let open = minute.open();
    let (mut high, mut low, mut last) = (open, open, open);
    for step in 1..=reached {
        let noise = unit(mix(seed, minute.time().seconds(), step)) * 2.0 - 1.0;
        last = round(path.at(step, noise), decimals.0).clamp(minute.low(), minute.high());
        (high, low) = (high.max(last), low.min(last));
    }
    let spread = unit(mix(seed, minute.time().seconds(), STEPS + reached));
    let share = (step_number(reached) + spread) / step_number(STEPS);
    let volume = round_down(minute.volume() * share, decimals.1).clamp(0.0, minute.volume());
    let values = Candle::new(minute.time(), open, high, low, last, volume);
    // Every value lies inside the valid candle it was made from.
    FormingCandle::new(values.unwrap_or(*minute))
}

/// Three straight legs.
struct Path {
    corners: [(i64, f64); 4],
    wobble: f64,
    range: (f64, f64),
}

impl Path {
    fn new(minute: &Candle, dice: u64) -> Self {
        let (first, second) = if minute.close() >= minute.open() {
            (minute.low(), minute.high())
        } else {
            (minute.high(), minute.low())
        };
        let early = STEPS / 10 + step_of(dice & 0xffff, STEPS * 3 / 10);
        let late = STEPS * 55 / 100 + step_of(dice >> 16 & 0xffff, STEPS * 35 / 100);
        Self {
            corners: [
                (0, minute.open()),
                (early, first),
                (late, second),
                (STEPS, minute.close()),
            ],
            wobble: (minute.high() - minute.low()) * WOBBLE,
            range: (minute.low(), minute.high()),
        }
    }

    fn at(&self, step: i64, noise: f64) -> f64 {
        for pair in self.corners.windows(2) {
            let ((from, start), (to, end)) = (pair[0], pair[1]);
            if step == to {
                return end;
            }
            if step < to {
                let share = step_number(step - from) / step_number(to - from);
                let straight = start + (end - start) * share;
                return (straight + self.wobble * noise).clamp(self.range.0, self.range.1);
            }
        }
        self.corners[3].1
    }
}

/// `dice` (0 ..= 65,535) as one of `sides` steps.
fn step_of(dice: u64, sides: i64) -> i64 {
    i64::try_from(dice).unwrap_or_default() * sides / 0x1_0000
}

#[expect(clippy::cast_precision_loss, reason = "a step is at most 240")]
const fn step_number(step: i64) -> f64 {
    step as f64
}

/// A number in 0 .. 1.
fn unit(dice: u64) -> f64 {
    f64::from(u32::try_from(dice >> 32).unwrap_or_default()) / (f64::from(u32::MAX) + 1.0)
}

/// Mixes the three into reproducible noise.
pub(crate) const fn mix(seed: u64, time_s: i64, step: i64) -> u64 {
    let mut z = seed
        .wrapping_add(time_s.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15))
        .wrapping_add(step.cast_unsigned().wrapping_mul(0xd1b5_4a32_d192_ed03));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn round(value: f64, decimals: usize) -> f64 {
    let scale = power_of_ten(decimals);
    let rounded = (value * scale).round() / scale;
    if rounded.is_finite() { rounded } else { value }
}

fn round_down(value: f64, decimals: usize) -> f64 {
    let scale = power_of_ten(decimals);
    let rounded = (value * scale).floor() / scale;
    if rounded.is_finite() { rounded } else { value }
}

fn power_of_ten(decimals: usize) -> f64 {
    (0..decimals.min(12)).fold(1.0, |power, _| power * 10.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tc_market::CandleTime;

    use super::*;

    fn minute(open: f64, high: f64, low: f64, close: f64, volume: f64) -> Candle {
        Candle::new(CandleTime::clamped(1_747_353_600), open, high, low, close, volume).unwrap()
    }

    #[test]
    fn begins_at_the_open_and_touches_both_extremes() {
        for (candle, low_first) in [
            (minute(100.0, 110.0, 90.0, 105.0, 12.0), true),
            (minute(105.0, 110.0, 90.0, 100.0, 12.0), false),
        ] {
            let at = |offset_ms| *forming(&candle, 1, offset_ms, (2, 3)).values();
            assert_eq!(
                (at(0).high(), at(0).low(), at(0).close()),
                (candle.open(), candle.open(), candle.open())
            );
            let end = at(59_999);
            assert_eq!((end.high(), end.low()), (110.0, 90.0));
            assert!(end.volume() > 11.9 && end.volume() <= 12.0);
            let first_low = (0..240).find(|step| at(step * STEP_MS).low() <= 90.0);
            let first_high = (0..240).find(|step| at(step * STEP_MS).high() >= 110.0);
            assert_eq!(first_low < first_high, low_first);
        }
    }

    #[test]
    fn a_minute_without_trades_stands_still() {
        let flat = minute(2.345, 2.345, 2.345, 2.345, 0.0);
        for offset_ms in [0, 250, 30_000, 59_999] {
            assert_eq!(*forming(&flat, 9, offset_ms, (3, 3)).values(), flat);
        }
    }

    proptest! {
        #[test]
        fn stays_inside_the_final_candle_and_only_grows(
            prices in prop::array::uniform4(1u32..2_000_000), volume in 0u32..1_000_000, seed in any::<u64>()
        ) {
            let [open, close, up, down] = prices.map(|p| f64::from(p) / 100.0);
            let high = open.max(close).max(up);
            let low = open.min(close).min(down);
            let candle = minute(open, high, low, close, f64::from(volume) / 1000.0);
            let mut before = *forming(&candle, seed, 0, (2, 3)).values();
            for offset_ms in (0..60_000).step_by(1_250) {
                let now = *forming(&candle, seed, offset_ms, (2, 3)).values();
                prop_assert!(now.low() >= low && now.high() <= high && now.volume() <= candle.volume());
                prop_assert!(now.high() >= before.high() && now.low() <= before.low() && now.volume() >= before.volume());
                before = now;
            }
        }
    }
}
