//! Funding of perpetual contracts: what one unit of the base currency pays at every funding time.

use std::ops::RangeInclusive;

const SECOND_MS: i64 = 1_000;
/// Length of a mark candle.
const MARK_MS: i64 = 3_600_000;

/// An hourly candle of mark prices.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MarkCandle {
    /// Open time, Unix milliseconds.
    pub time_ms: i64,
    /// First price.
    pub open: f64,
    /// Last price: it stands for the hours that are missing until the next candle.
    pub close: f64,
}

/// Funding payments of one pair.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FundingSeries {
    /// Time in milliseconds and rate times mark price, ascending.
    payments: Vec<(i64, f64)>,
}

impl FundingSeries {
    /// Joins funding rates, `(Unix milliseconds, share)`, with mark prices; both are ascending. Times of rates count in
    /// whole seconds. Rates before the first mark candle of `span`, Unix milliseconds, or after its last one do not
    /// count.
    #[must_use]
    pub fn new(rates: &[(i64, f64)], marks: &[MarkCandle], span: RangeInclusive<i64>) -> Self {
        let first = marks.partition_point(|mark| mark.time_ms < *span.start());
        let end = marks.partition_point(|mark| mark.time_ms <= *span.end());
        let marks = marks.get(first..end).unwrap_or_default();
        let payment = |&(time, rate): &(i64, f64)| {
            let time = time - time.rem_euclid(SECOND_MS);
            Some((time, rate * mark_price(marks, time)?))
        };
        Self {
            payments: rates.iter().filter_map(payment).collect(),
        }
    }

    /// Times of the payments in Unix milliseconds, ascending.
    pub fn times_ms(&self) -> impl Iterator<Item = i64> + '_ {
        self.payments.iter().map(|(time, _)| *time)
    }

    /// Position of the first payment at or after a time.
    pub(crate) fn position(&self, time_ms: i64) -> usize {
        self.payments.partition_point(|(time, _)| *time < time_ms)
    }

    /// The payment at a position if it is due.
    pub(crate) fn due(&self, position: usize, time_ms: i64) -> Option<f64> {
        let (time, payment) = self.payments.get(position)?;
        (*time <= time_ms).then_some(*payment)
    }
}

/// Price that a mark candle opens with at a time, the last close before it where one is missing.
fn mark_price(marks: &[MarkCandle], time_ms: i64) -> Option<f64> {
    let begun = marks.partition_point(|mark| mark.time_ms <= time_ms);
    let mark = marks.get(begun.checked_sub(1)?)?;
    if mark.time_ms == time_ms {
        return Some(mark.open);
    }
    let is_hole = begun < marks.len() && (time_ms - mark.time_ms) % MARK_MS == 0;
    is_hole.then_some(mark.close)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: RangeInclusive<i64> = i64::MIN..=i64::MAX;

    const fn mark(hour: i64, open: f64, close: f64) -> MarkCandle {
        MarkCandle {
            time_ms: hour * MARK_MS,
            open,
            close,
        }
    }

    #[test]
    fn rates_need_a_mark_price() {
        let rates = [(0, 0.1), (MARK_MS, 0.2), (2 * MARK_MS, 0.3), (3 * MARK_MS, 0.4)];
        let series = FundingSeries::new(&rates, &[mark(1, 10.0, 10.5), mark(2, 11.0, 11.5)], ALL);
        assert_eq!(
            series.payments,
            [(MARK_MS, 0.2 * 10.0), (2 * MARK_MS, 0.3 * 11.0)]
        );
        assert_eq!(
            (series.position(MARK_MS + 1), series.due(1, 2 * MARK_MS - 1)),
            (1, None)
        );
        assert_eq!(series.due(0, MARK_MS), Some(2.0));
        assert!(series.times_ms().eq([MARK_MS, 2 * MARK_MS]));
    }

    #[test]
    fn a_missing_mark_candle_opens_at_the_last_close() {
        let marks = [mark(0, 10.0, 10.5), mark(3, 11.0, 11.5)];
        let rates = [(2 * MARK_MS, 0.5), (2 * MARK_MS + 60_000, 0.5)];
        assert_eq!(
            FundingSeries::new(&rates, &marks, ALL).payments,
            [(2 * MARK_MS, 0.5 * 10.5)]
        );
        // With the candle after it outside, nothing follows the hole.
        assert!(
            FundingSeries::new(&rates, &marks, 0..=2 * MARK_MS)
                .payments
                .is_empty()
        );
    }

    #[test]
    fn rates_are_some_milliseconds_late() {
        let series = FundingSeries::new(&[(7, 0.5)], &[mark(0, 10.0, 10.0)], ALL);
        assert_eq!(series.payments, [(0, 5.0)]);
    }
}
