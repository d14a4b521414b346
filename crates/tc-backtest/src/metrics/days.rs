//! Profit per day.

use crate::{calendar::day_of, rounding::round_scaled, trade::Trade};

/// Profit per UTC day of the close, from the first day with a trade to the last.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DayStats {
    /// Day since the epoch and profit in money, ten decimals, days without trades included.
    pub profits: Vec<(i64, f64)>,
    /// Best day in money.
    pub best_abs: f64,
    /// Worst day in money.
    pub worst_abs: f64,
    /// Best day as a sum of profit ratios.
    pub best: f64,
    /// Worst day as a sum of profit ratios.
    pub worst: f64,
    /// Days above zero.
    pub winning: usize,
    /// Days at zero, days without trades included.
    pub draws: usize,
    /// Days below zero.
    pub losing: usize,
}

impl DayStats {
    pub(super) fn of(trades: &[&Trade]) -> Self {
        let days = trades.iter().map(|trade| day_of(trade.close_ms));
        let (Some(first), Some(last)) = (days.clone().min(), days.max()) else {
            return Self::default();
        };
        let mut sums: Vec<(i64, f64, f64)> = (first..=last).map(|day| (day, 0.0, 0.0)).collect();
        for trade in trades {
            let at = usize::try_from(day_of(trade.close_ms) - first).unwrap_or_default();
            sums[at].1 += trade.profit_abs;
            sums[at].2 += trade.profit_ratio;
        }
        let profits: Vec<(i64, f64)> = sums
            .iter()
            .map(|(day, profit, _)| (*day, round_scaled(*profit, 10)))
            .collect();
        let money = || profits.iter().map(|(_, profit)| *profit);
        let ratios = || sums.iter().map(|(_, _, ratio)| *ratio);
        Self {
            best_abs: money().fold(f64::NEG_INFINITY, f64::max),
            worst_abs: money().fold(f64::INFINITY, f64::min),
            best: ratios().fold(f64::NEG_INFINITY, f64::max),
            worst: ratios().fold(f64::INFINITY, f64::min),
            winning: money().filter(|profit| *profit > 0.0).count(),
            draws: money().filter(|profit| *profit == 0.0).count(),
            losing: money().filter(|profit| *profit < 0.0).count(),
            profits,
        }
    }
}
