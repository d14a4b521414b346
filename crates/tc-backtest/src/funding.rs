//! Funding of perpetual contracts: what one unit of the base currency pays at every funding time.

/// Funding payments of one pair.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FundingSeries {
    /// Time in milliseconds and rate times mark price, ascending.
    payments: Vec<(i64, f64)>,
}

impl FundingSeries {
    /// Joins funding rates with the opens of mark candles; both are `(Unix milliseconds, value)`, ascending. Times that
    /// only one of them has do not count.
    #[must_use]
    pub fn new(rates: &[(i64, f64)], mark_opens: &[(i64, f64)]) -> Self {
        let payment = |&(time, rate): &(i64, f64)| {
            let at = mark_opens.binary_search_by_key(&time, |(time, _)| *time).ok()?;
            Some((time, rate * mark_opens.get(at)?.1))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_times_of_both_count() {
        let rates = [(0, 0.1), (8, 0.2), (16, 0.3)];
        let marks = [(0, 10.0), (1, 11.0), (16, 12.0)];
        let series = FundingSeries::new(&rates, &marks);
        assert_eq!(series.payments, [(0, 1.0), (16, 0.3 * 12.0)]);
        assert_eq!((series.position(1), series.due(1, 15)), (1, None));
        assert_eq!(series.due(0, 0), Some(1.0));
        assert!(series.times_ms().eq([0, 16]));
    }
}
