//! Price steps, read off the prices themselves month by month.

use std::fmt::Write as _;

use tc_market::Candle;

use crate::{
    calendar::{DAY_MS, day_of, next_month},
    decimal::{Decimal, POWERS, Text},
    rounding::Tick,
};

/// Digits of a price that count.
const DIGITS: usize = 14;
/// A price with fewer digits than this is not changed by keeping [`DIGITS`] of them.
const FOURTEEN_DIGITS: u128 = 100_000_000_000_000;

/// Price step of every month.
#[derive(Debug, Clone)]
pub(super) struct MonthlyTicks {
    fallback: Tick,
    /// Begin of the month and step; months without decimals go on with the step before them.
    months: Vec<(i64, Tick)>,
    month_start_ms: i64,
    month_end_ms: i64,
    decimals: usize,
}

impl MonthlyTicks {
    pub(super) const fn new(fallback: Tick) -> Self {
        Self {
            fallback,
            months: Vec::new(),
            month_start_ms: i64::MIN,
            month_end_ms: i64::MIN,
            decimals: 0,
        }
    }

    /// Takes note of the prices of a candle; times do not go back.
    #[inline]
    pub(super) fn see(&mut self, time_ms: i64, candle: &Candle) {
        if time_ms >= self.month_end_ms {
            self.begin_month(time_ms);
        }
        for price in [candle.open(), candle.high(), candle.low(), candle.close()] {
            self.take(price);
        }
    }

    /// Takes note of one price.
    pub(super) fn see_price(&mut self, time_ms: i64, price: f64) {
        if time_ms >= self.month_end_ms {
            self.begin_month(time_ms);
        }
        self.take(price);
    }

    #[inline]
    fn take(&mut self, price: f64) {
        let fits = Decimal::with_decimals(price, self.decimals.min(POWERS.len() - 1))
            .is_some_and(|exact| exact.mantissa < FOURTEEN_DIGITS);
        if !fits {
            self.decimals = self.decimals.max(decimals(price));
        }
    }

    fn begin_month(&mut self, time_ms: i64) {
        self.finish();
        self.month_start_ms = time_ms;
        self.month_end_ms = next_month(day_of(time_ms)) * DAY_MS;
    }

    /// Closes the current month.
    pub(super) fn finish(&mut self) {
        if self.decimals > 0 {
            self.months
                .push((self.month_start_ms, Tick::of_decimals(self.decimals)));
        }
        self.decimals = 0;
    }

    pub(super) fn at(&self, time_ms: i64) -> Tick {
        let begun = self.months.partition_point(|(start, _)| *start <= time_ms);
        self.months[..begun]
            .last()
            .map_or(self.fallback, |(_, tick)| *tick)
    }
}

/// Decimals of a price of which 14 digits are kept.
fn decimals(price: f64) -> usize {
    let mut text = Text::new();
    // Fourteen digits, a point and an exponent fit.
    let _ = write!(text, "{price:.*e}", DIGITS - 1);
    let (digits, exponent) = text.as_str().split_once('e').unwrap_or((text.as_str(), "0"));
    let fraction = digits.split_once('.').map_or("", |(_, fraction)| fraction);
    let kept = i64::try_from(fraction.trim_end_matches('0').len()).unwrap_or_default();
    usize::try_from(kept - exponent.parse::<i64>().unwrap_or_default()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_those_of_fourteen_digits() {
        for (price, expected) in [
            (30_000.57, 2),
            (30_000.0, 0),
            (0.000_012_3, 7),
            (1_234_567_890_123.45, 1),
            (0.1 + 0.2, 1),
            (1e22, 0),
            (12_300_000.0, 0),
        ] {
            assert_eq!(decimals(price), expected, "{price}");
        }
    }

    #[test]
    fn a_month_without_decimals_keeps_the_step_before_it() {
        let day = |days: i64| days * DAY_MS;
        let mut ticks = MonthlyTicks::new(Tick::of_decimals(1));
        ticks.see_price(day(0), 100.0);
        ticks.see_price(day(31), 100.25);
        ticks.see_price(day(32), 100.125);
        ticks.see_price(day(33), 100.5);
        ticks.see_price(day(60), 101.0);
        ticks.see_price(day(95), 101.5);
        ticks.finish();
        let steps: Vec<f64> = [0, 30, 31, 60, 94, 95]
            .map(|days| ticks.at(day(days)).step())
            .to_vec();
        assert_eq!(steps, [0.1, 0.1, 0.001, 0.001, 0.001, 0.1]);
    }
}
