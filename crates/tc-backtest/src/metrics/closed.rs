//! Ratios of closed trades.

use super::{Span, drawdown, holding};
use crate::{
    rounding::round_scaled,
    statistics::{mean, population_deviation, sample_deviation, sum, two_sided_p},
    trade::Trade,
};

/// What a ratio is when it would divide by nothing.
const NO_RATIO: f64 = -100.0;
/// What the expectancy ratio is without losers.
const NO_LOSERS: f64 = 100.0;
const DAYS_PER_YEAR: f64 = 365.0;

/// Numbers of a set of closed trades. Sharpe, Sortino and Calmar are taken over closed trades, not over the wallet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClosedTrades {
    /// Number of trades.
    pub trades: usize,
    /// Trades above zero.
    pub wins: usize,
    /// Trades at zero.
    pub draws: usize,
    /// Trades below zero.
    pub losses: usize,
    /// Wins as a share of the trades.
    pub winrate: f64,
    /// Sum of the profits.
    pub profit_total_abs: f64,
    /// The same as a share of the starting balance.
    pub profit_total: f64,
    /// Mean of the profit ratios.
    pub profit_mean: f64,
    /// Mean duration in minutes, rounded.
    pub duration_avg_minutes: i64,
    /// Growth of the starting balance by these trades, extrapolated to a year.
    pub cagr: f64,
    /// Mean profit to expect from a trade.
    pub expectancy: f64,
    /// The same by the mean loss; 100 without losers.
    pub expectancy_ratio: f64,
    /// Return by its spread, annualised.
    pub sharpe: f64,
    /// Return by the spread of the losses, annualised.
    pub sortino: f64,
    /// Return by the deepest fall, annualised.
    pub calmar: f64,
    /// System quality number, four decimals.
    pub sqn: f64,
    /// Probability of such a mean profit, or a greater one, if the true one were zero.
    pub p_value: f64,
    /// Gains by losses; 0 without losers.
    pub profit_factor: f64,
    /// Deepest fall as a share of the balance at its peak.
    pub max_drawdown_account: f64,
    /// Deepest fall in money.
    pub max_drawdown_abs: f64,
}

impl ClosedTrades {
    pub(crate) fn of(trades: &[&Trade], span: Span) -> Self {
        let profits: Vec<f64> = trades.iter().map(|trade| trade.profit_abs).collect();
        let ratios: Vec<f64> = trades.iter().map(|trade| trade.profit_ratio).collect();
        let minutes: Vec<f64> = trades
            .iter()
            .map(|trade| trade.duration_minutes() as f64)
            .collect();
        let shares: Vec<f64> = profits.iter().map(|profit| profit / span.start).collect();
        let won: Vec<f64> = profits.iter().copied().filter(|profit| *profit > 0.0).collect();
        let lost: Vec<f64> = profits.iter().copied().filter(|profit| *profit < 0.0).collect();
        let (total, gains, losses) = (sum(&profits), sum(&won), sum(&lost).abs());
        let sorted = drawdown::by_close_time(trades);
        let fall = drawdown::deepest(sorted.iter().map(|trade| trade.profit_abs), span.start);
        let winrate = per(won.len() as f64, trades.len());
        let lossrate = per(lost.len() as f64, trades.len());
        let (average_win, average_loss) = (per(gains, won.len()), per(losses, lost.len()));
        let annual = Annual {
            days: span.days as f64,
            counts: span.has_length && !trades.is_empty(),
        };
        Self {
            trades: trades.len(),
            wins: won.len(),
            draws: trades.len() - won.len() - lost.len(),
            losses: lost.len(),
            winrate,
            profit_total_abs: total,
            profit_total: total / span.start,
            profit_mean: mean(&ratios).unwrap_or(0.0),
            duration_avg_minutes: holding::rounded(mean(&minutes).unwrap_or(0.0)),
            cagr: if trades.is_empty() {
                0.0
            } else {
                cagr(span, span.start + total)
            },
            expectancy: winrate * average_win - lossrate * average_loss,
            expectancy_ratio: if average_loss > 0.0 {
                (1.0 + average_win / average_loss) * winrate - 1.0
            } else {
                NO_LOSERS
            },
            sharpe: annual.ratio(sum(&shares), population_deviation(&shares)),
            sortino: annual.ratio(
                sum(&shares),
                population_deviation(&lost.iter().map(|loss| loss / span.start).collect::<Vec<_>>()),
            ),
            calmar: annual.ratio(total / span.start * 100.0, Some(fall.account)),
            sqn: sqn(&shares),
            p_value: p_value(&shares),
            profit_factor: if losses > 0.0 { gains / losses } else { 0.0 },
            max_drawdown_account: fall.account,
            max_drawdown_abs: fall.abs,
        }
    }
}

/// Takes ratios to a year.
#[derive(Debug, Clone, Copy)]
struct Annual {
    days: f64,
    counts: bool,
}

impl Annual {
    fn ratio(self, total: f64, divisor: Option<f64>) -> f64 {
        if !self.counts {
            return 0.0;
        }
        annualised(total / self.days, divisor)
    }
}

/// A daily return by what was risked for it, annualised.
pub(super) fn annualised(daily: f64, divisor: Option<f64>) -> f64 {
    match divisor {
        Some(divisor) if divisor != 0.0 && !divisor.is_nan() => daily / divisor * DAYS_PER_YEAR.sqrt(),
        _ => NO_RATIO,
    }
}

fn per(total: f64, count: usize) -> f64 {
    if count == 0 { 0.0 } else { total / count as f64 }
}

/// Growth from the starting balance to `last`, extrapolated to a year; 0 when it cannot be said.
pub(super) fn cagr(span: Span, last: f64) -> f64 {
    if last < 0.0 || span.start <= 0.0 {
        return 0.0;
    }
    let years = span.days as f64 / DAYS_PER_YEAR;
    let growth = libm::pow(last / span.start, 1.0 / years);
    if growth.is_finite() { growth - 1.0 } else { 0.0 }
}

fn sqn(shares: &[f64]) -> f64 {
    let Some(mean) = mean(shares) else { return 0.0 };
    let quality = match sample_deviation(shares) {
        Some(spread) if spread != 0.0 => (shares.len() as f64).sqrt() * (mean / spread),
        _ => NO_RATIO,
    };
    round_scaled(quality, 4)
}

fn p_value(shares: &[f64]) -> f64 {
    match (mean(shares), sample_deviation(shares)) {
        (Some(mean), Some(spread)) if spread != 0.0 => {
            let n = shares.len() as f64;
            two_sided_p(mean / (spread / n.sqrt()), n - 1.0)
        }
        _ => 1.0,
    }
}
