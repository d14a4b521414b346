//! What a run brought.

use crate::trade::Trade;

/// Result of one simulation. Money is in stake currency, times are Unix milliseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Names of the pairs; trades speak of them by position.
    pub pairs: Vec<String>,
    /// Trades in the order in which they were closed.
    pub trades: Vec<Trade>,
    /// Money at the start.
    pub starting_balance: f64,
    /// Money at the end.
    pub final_balance: f64,
    /// First candle after the start-up.
    pub begin_ms: i64,
    /// Last candle.
    pub finish_ms: i64,
    /// Worth of the account at every step.
    pub equity: Equity,
    /// Steps at which a trade was open.
    pub exposed_steps: usize,
    /// Entry signals that found no free slot.
    pub rejected_signals: u64,
    /// Exits that were taken back because they were not filled in time.
    pub timed_out_exits: u64,
    /// Mean change of the pairs from their first to their last close, as a share.
    pub market_change: f64,
}

/// Worth of the account, one value per step, each before the candles of the step were processed. On a spot market open
/// trades count at the open of their candle, on futures they do not count.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Equity {
    /// Time of the first value.
    pub first_ms: i64,
    /// Distance of two values.
    pub step_ms: i64,
    /// The values.
    pub values: Vec<f64>,
}

impl Equity {
    /// At most `most` points (time, value) that keep the lowest and the highest value of every stretch, so that a curve
    /// drawn through them shows every peak and every fall.
    #[must_use]
    pub fn downsampled(&self, most: usize) -> Vec<(i64, f64)> {
        let point = |at: usize| (self.time_ms(at), self.values[at]);
        let count = self.values.len();
        if count <= most {
            return (0..count).map(point).collect();
        }
        let stretches = (most / 2).max(1);
        let mut points = Vec::with_capacity(2 * stretches);
        for stretch in 0..stretches {
            let (from, to) = (stretch * count / stretches, (stretch + 1) * count / stretches);
            let (mut low, mut high) = (from, from);
            for at in from..to {
                if self.values[at] < self.values[low] {
                    low = at;
                }
                if self.values[at] > self.values[high] {
                    high = at;
                }
            }
            points.push(point(low.min(high)));
            if low != high {
                points.push(point(low.max(high)));
            }
        }
        points
    }

    /// Time of a value.
    #[must_use]
    pub fn time_ms(&self, at: usize) -> i64 {
        self.first_ms + self.step_ms * i64::try_from(at).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thinned_curve_keeps_peaks_and_falls() {
        let mut values = vec![100.0; 10_000];
        (values[1_234], values[7_777]) = (250.0, 3.0);
        let equity = Equity {
            first_ms: 60_000,
            step_ms: 60_000,
            values,
        };
        let points = equity.downsampled(100);
        assert!(points.len() <= 100);
        assert!(points.contains(&(1_235 * 60_000, 250.0)) && points.contains(&(7_778 * 60_000, 3.0)));
        assert!(points.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(equity.downsampled(10_000).len(), 10_000);
    }
}
