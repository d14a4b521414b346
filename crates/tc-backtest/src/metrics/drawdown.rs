//! Falls from a peak.

use crate::trade::Trade;

/// Deepest fall of a running sum that starts at zero. Rows count from 1; 0 is the start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawdown {
    /// Depth in money.
    pub abs: f64,
    /// Depth as a share of the balance at the peak.
    pub account: f64,
    /// Greatest depth of any fall as a share of the balance at its peak; not necessarily the deepest one in money.
    pub max_relative: f64,
    /// Row of the peak.
    pub high_row: usize,
    /// Row of the low.
    pub low_row: usize,
    /// Sum at the peak.
    pub high: f64,
    /// Sum at the low.
    pub low: f64,
}

/// Deepest fall of the sum of `increments` over a balance of `start`.
pub(super) fn deepest(increments: impl Iterator<Item = f64>, start: f64) -> Drawdown {
    let mut deepest = Drawdown {
        abs: 0.0,
        account: 0.0,
        max_relative: 0.0,
        high_row: 0,
        low_row: 0,
        high: 0.0,
        low: 0.0,
    };
    let (mut total, mut peak, mut peak_row, mut lowest) = (0.0, 0.0, 0, 0.0);
    for (row, increment) in (1..).zip(increments) {
        total += increment;
        if total > peak {
            (peak, peak_row) = (total, row);
            continue;
        }
        let depth = total - peak;
        let is_lowest = depth < lowest;
        // Dividing only where the greatest share may change: most rows lie below some peak.
        if is_lowest || -depth > deepest.max_relative * (start + peak) {
            let relative = ((start + peak) - (start + total)) / (start + peak);
            deepest.max_relative = f64::max(deepest.max_relative, relative);
            if is_lowest {
                lowest = depth;
                deepest = Drawdown {
                    abs: -depth,
                    account: relative,
                    high_row: peak_row,
                    low_row: row,
                    high: peak,
                    low: total,
                    ..deepest
                };
            }
        }
    }
    deepest
}

/// The trades by close time. A pair whose candles end early has a last trade that is closed after later ones of others.
pub(super) fn by_close_time<'a>(trades: &[&'a Trade]) -> Vec<&'a Trade> {
    let mut sorted = trades.to_vec();
    sorted.sort_by_key(|trade| trade.close_ms);
    sorted
}

/// Deepest fall of the profit of closed trades.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TradeDrawdown {
    /// The fall; rows count trades by close time.
    pub fall: Drawdown,
    /// Close of the trade at the peak, Unix milliseconds.
    pub start_ms: i64,
    /// Close of the trade at the low, Unix milliseconds.
    pub end_ms: i64,
    /// Lowest balance after any trade.
    pub csum_min: f64,
    /// Highest balance after any trade.
    pub csum_max: f64,
}

impl TradeDrawdown {
    pub(super) fn of(trades: &[&Trade], start: f64) -> Option<Self> {
        let sorted = by_close_time(trades);
        let fall = deepest(sorted.iter().map(|trade| trade.profit_abs), start);
        let time = |row: usize| sorted.get(row.saturating_sub(1)).map(|trade| trade.close_ms);
        let (mut total, mut least, mut most) = (0.0, f64::INFINITY, f64::NEG_INFINITY);
        for trade in trades {
            total += trade.profit_abs;
            least = f64::min(least, total);
            most = f64::max(most, total);
        }
        Some(Self {
            fall,
            start_ms: time(fall.high_row)?,
            end_ms: time(fall.low_row)?,
            csum_min: least + start,
            csum_max: most + start,
        })
    }

    /// How long it fell, in seconds.
    #[must_use]
    pub const fn duration_s(&self) -> i64 {
        (self.end_ms - self.start_ms) / 1_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deepest_fall_in_money_is_not_the_deepest_in_shares() {
        // 10 -> 4 is 60 per cent of the account, 110 -> 100 is more money but less of it.
        let fall = deepest([-6.0, 106.0, -10.0, 5.0].into_iter(), 10.0);
        assert_eq!((fall.high_row, fall.low_row), (2, 3));
        assert!((fall.abs - 10.0).abs() < 1e-12 && (fall.account - 10.0 / 110.0).abs() < 1e-12);
        assert!((fall.max_relative - 0.6).abs() < 1e-12);
    }

    #[test]
    fn without_a_loss_nothing_falls() {
        let fall = deepest([1.0, 0.0, 2.0].into_iter(), 10.0);
        assert_eq!((fall.low_row, fall.high_row), (0, 0));
        assert!(fall.abs.abs() < f64::EPSILON);
    }
}
