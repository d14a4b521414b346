//! How long trades were open, and how they followed each other.

use crate::{statistics::mean, trade::Trade};

/// Durations and streaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Holding {
    /// Mean duration in whole minutes.
    pub avg_minutes: i64,
    /// Durations of winners.
    pub winners: HoldingRange,
    /// Durations of losers.
    pub losers: HoldingRange,
    /// Longest run of winners.
    pub max_consecutive_wins: usize,
    /// Longest run of trades that did not win.
    pub max_consecutive_losses: usize,
}

/// Durations of some trades, whole minutes; 0 without any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HoldingRange {
    /// Shortest.
    pub min_minutes: i64,
    /// Longest.
    pub max_minutes: i64,
    /// Mean.
    pub avg_minutes: i64,
}

impl HoldingRange {
    fn of<'a>(trades: impl Iterator<Item = &'a &'a Trade>) -> Self {
        let minutes: Vec<i64> = trades.map(|trade| trade.duration_minutes()).collect();
        Self {
            min_minutes: minutes.iter().min().copied().unwrap_or(0),
            max_minutes: minutes.iter().max().copied().unwrap_or(0),
            avg_minutes: average(&minutes),
        }
    }
}

impl Holding {
    pub(super) fn of(trades: &[&Trade]) -> Self {
        let minutes: Vec<i64> = trades.iter().map(|trade| trade.duration_minutes()).collect();
        let streak = |wins: bool| {
            let mut longest = 0;
            let mut current = 0;
            for trade in trades {
                current = if (trade.profit_ratio > 0.0) == wins {
                    current + 1
                } else {
                    0
                };
                longest = longest.max(current);
            }
            longest
        };
        Self {
            avg_minutes: average(&minutes),
            winners: HoldingRange::of(trades.iter().filter(|trade| trade.profit_ratio > 0.0)),
            losers: HoldingRange::of(trades.iter().filter(|trade| trade.profit_ratio < 0.0)),
            max_consecutive_wins: streak(true),
            max_consecutive_losses: streak(false),
        }
    }
}

fn average(minutes: &[i64]) -> i64 {
    let minutes: Vec<f64> = minutes.iter().map(|minutes| *minutes as f64).collect();
    rounded(mean(&minutes).unwrap_or(0.0))
}

/// Whole minutes, half to even.
#[expect(clippy::cast_possible_truncation, reason = "a duration in minutes")]
pub(super) fn rounded(minutes: f64) -> i64 {
    minutes.round_ties_even() as i64
}
