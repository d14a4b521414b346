//! What other toolkits show.

use super::{
    ClosedTrades,
    wallet::{closes, daily_returns},
};
use crate::{
    calendar::date_of,
    run::{Equity, Run},
    signals::Side,
    statistics::{excess_kurtosis, mean, percentile, population_deviation, skewness, sum},
    trade::Trade,
};

/// Numbers that users of other toolkits expect. Returns are those of the wallet per UTC day; `None`: not defined.
#[derive(Debug, Clone, PartialEq)]
pub struct Extra {
    /// Share of the candles with an open trade.
    pub exposure: f64,
    /// Spread of the daily returns, annualised.
    pub volatility_ann: Option<f64>,
    /// Sum of the gains by the sum of the losses.
    pub omega: Option<f64>,
    /// A very good day by a very bad one: the 95th by the 5th percentile.
    pub tail_ratio: Option<f64>,
    /// Return that one day in twenty falls below.
    pub var_95: Option<f64>,
    /// Mean return of those days.
    pub cvar_95: Option<f64>,
    /// Root of the mean square of the relative drawdown, candle by candle.
    pub ulcer_index: Option<f64>,
    /// Profit by the deepest fall of the closed profit.
    pub recovery_factor: Option<f64>,
    /// Mean gain by mean loss.
    pub payoff_ratio: Option<f64>,
    /// Share of the wallet that would have grown it fastest.
    pub kelly: Option<f64>,
    /// Longest time below a former peak of the wallet, seconds.
    pub max_drawdown_duration_s: i64,
    /// Fees of all orders.
    pub fees_paid: f64,
    /// Funding paid, below zero when more was received.
    pub funding_paid: f64,
    /// Share of long trades.
    pub long_ratio: Option<f64>,
    /// Greatest profit ratio.
    pub best_trade: Option<f64>,
    /// Smallest profit ratio.
    pub worst_trade: Option<f64>,
    /// Skewness of the daily returns.
    pub skew: Option<f64>,
    /// Excess kurtosis of the daily returns.
    pub kurtosis: Option<f64>,
    /// Return of holding every pair from the first close to the last.
    pub buy_and_hold: f64,
    /// Return of every month.
    pub monthly_returns: Vec<MonthlyReturn>,
}

/// Return of the wallet in one month, as a share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MonthlyReturn {
    /// Calendar year.
    pub year: i64,
    /// 1 is January.
    pub month: i64,
    /// Change from the end of the month before, or from the start of the run.
    pub change: f64,
}

impl Extra {
    pub(super) fn of(run: &Run, closed: &ClosedTrades) -> Self {
        let returns = daily_returns(&run.equity);
        let gains: Vec<f64> = returns.iter().copied().filter(|change| *change > 0.0).collect();
        let losses: Vec<f64> = returns.iter().copied().filter(|change| *change < 0.0).collect();
        let var_95 = percentile(&returns, 0.05);
        let tail = |least: f64| {
            returns
                .iter()
                .copied()
                .filter(|change| *change <= least)
                .collect::<Vec<_>>()
        };
        let underwater = Underwater::of(&run.equity);
        let payoff = payoff(run);
        let lossrate = if closed.trades == 0 {
            0.0
        } else {
            closed.losses as f64 / closed.trades as f64
        };
        let ratios = || run.trades.iter().map(|trade| trade.profit_ratio);
        let longs = run.trades.iter().filter(|trade| trade.side == Side::Long).count();
        let steps = run.equity.values.len();
        Self {
            exposure: divided(run.exposed_steps as f64, steps as f64).unwrap_or(0.0),
            volatility_ann: population_deviation(&returns).map(|spread| spread * 365.0_f64.sqrt()),
            omega: divided(sum(&gains), sum(&losses).abs()),
            tail_ratio: percentile(&returns, 0.95)
                .zip(var_95)
                .and_then(|(good, bad)| divided(good.abs(), bad.abs())),
            var_95,
            cvar_95: var_95.and_then(|least| mean(&tail(least))),
            ulcer_index: underwater.index,
            recovery_factor: divided(closed.profit_total_abs, closed.max_drawdown_abs),
            payoff_ratio: payoff,
            kelly: payoff
                .and_then(|payoff| divided(lossrate, payoff))
                .map(|against| closed.winrate - against),
            max_drawdown_duration_s: underwater.longest_ms / 1_000,
            fees_paid: run.trades.iter().map(fees).sum(),
            funding_paid: 0.0 - run.trades.iter().map(|trade| trade.funding_fees).sum::<f64>(),
            long_ratio: divided(longs as f64, closed.trades as f64),
            best_trade: ratios().reduce(f64::max),
            worst_trade: ratios().reduce(f64::min),
            skew: skewness(&returns),
            kurtosis: excess_kurtosis(&returns),
            buy_and_hold: run.market_change,
            monthly_returns: monthly_returns(run),
        }
    }
}

fn divided(a: f64, b: f64) -> Option<f64> {
    (b > 0.0).then(|| a / b)
}

fn payoff(run: &Run) -> Option<f64> {
    let profits = || run.trades.iter().map(|trade| trade.profit_abs);
    let won: Vec<f64> = profits().filter(|profit| *profit > 0.0).collect();
    let lost: Vec<f64> = profits().filter(|profit| *profit < 0.0).collect();
    divided(mean(&won)?, mean(&lost)?.abs())
}

fn fees(trade: &Trade) -> f64 {
    trade.amount * (trade.open_rate * trade.fee_open + trade.close_rate * trade.fee_close)
}

/// The last month ends with what is left after the last closing: the worth of the last step is noted before it.
fn monthly_returns(run: &Run) -> Vec<MonthlyReturn> {
    let equity = &run.equity;
    let month_of = |day: i64| {
        let date = date_of(day);
        date.year * 12 + date.month - 1
    };
    let mut before = equity.values.first().copied().unwrap_or(0.0);
    let mut closes = closes(equity, month_of);
    if let Some((_, last)) = closes.last_mut() {
        *last = run.final_balance;
    }
    let months = closes.into_iter().map(|(month, close)| {
        let change = close / before - 1.0;
        before = close;
        MonthlyReturn {
            year: month.div_euclid(12),
            month: month.rem_euclid(12) + 1,
            change,
        }
    });
    months.collect()
}

/// Time and depth below former peaks.
#[derive(Debug, Clone, Copy)]
struct Underwater {
    index: Option<f64>,
    longest_ms: i64,
}

impl Underwater {
    fn of(equity: &Equity) -> Self {
        let mut peak = f64::NEG_INFINITY;
        let mut peak_at = 0;
        let mut squares = 0.0;
        let mut longest = 0;
        for (at, value) in equity.values.iter().enumerate() {
            if *value >= peak {
                (peak, peak_at) = (*value, at);
            } else {
                let depth = (peak - value) / peak;
                squares += depth * depth;
                longest = longest.max(at - peak_at);
            }
        }
        let count = equity.values.len();
        Self {
            index: (count > 0).then(|| (squares / count as f64).sqrt()),
            longest_ms: equity.step_ms * i64::try_from(longest).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        calendar::{DAY_MS, Date, day_from},
        metrics::Span,
    };

    /// A run without trades whose wallet has one value per half day.
    fn run(values: &[f64]) -> Run {
        let first_ms = day_from(Date {
            year: 2025,
            month: 1,
            day: 30,
        }) * DAY_MS;
        Run {
            pairs: vec!["A/B".to_owned()],
            trades: Vec::new(),
            starting_balance: 100.0,
            final_balance: 100.0,
            begin_ms: first_ms,
            finish_ms: first_ms + DAY_MS,
            equity: Equity {
                first_ms,
                step_ms: DAY_MS / 2,
                values: values.to_vec(),
            },
            exposed_steps: 3,
            rejected_signals: 0,
            timed_out_exits: 0,
            market_change: 0.25,
        }
    }

    fn extra(values: &[f64]) -> Extra {
        let run = run(values);
        Extra::of(&run, &ClosedTrades::of(&[], Span::of(&run)))
    }

    fn near(found: Option<f64>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }

    #[test]
    fn returns_are_daily() {
        // Closes of the days: 100, 110, 99, 99. Returns: 0.1, -0.1, 0.
        let extra = extra(&[100.0, 100.0, 105.0, 110.0, 90.0, 99.0, 98.0, 99.0]);
        near(extra.omega, 1.0);
        near(extra.volatility_ann, (0.02_f64 / 3.0).sqrt() * 365.0_f64.sqrt());
        near(extra.var_95, -0.09);
        near(extra.cvar_95, -0.1);
        near(extra.tail_ratio, 1.0);
        near(Some(extra.exposure), 3.0 / 8.0);
        near(Some(extra.buy_and_hold), 0.25);
        // Under water from the fifth value to the last: 20/110, 11/110, 12/110, 11/110.
        let squares: f64 = [20.0, 11.0, 12.0, 11.0]
            .map(|depth: f64| (depth / 110.0).powi(2))
            .iter()
            .sum();
        near(extra.ulcer_index, (squares / 8.0).sqrt());
        assert_eq!(extra.max_drawdown_duration_s, 4 * 43_200);
    }

    #[test]
    fn months_follow_each_other() {
        let mut run = run(&[100.0, 100.0, 105.0, 110.0, 90.0, 101.0]);
        // A trade that was closed at the last step took two.
        run.final_balance = 99.0;
        let extra = Extra::of(&run, &ClosedTrades::of(&[], Span::of(&run)));
        let months: Vec<_> = extra
            .monthly_returns
            .iter()
            .map(|of| (of.year, of.month))
            .collect();
        assert_eq!(months, [(2025, 1), (2025, 2)]);
        near(Some(extra.monthly_returns[0].change), 0.1);
        near(Some(extra.monthly_returns[1].change), -0.1);
    }

    #[test]
    fn what_is_not_defined_is_none() {
        let extra = extra(&[100.0]);
        for undefined in [
            extra.omega,
            extra.var_95,
            extra.payoff_ratio,
            extra.long_ratio,
            extra.best_trade,
        ] {
            assert_eq!(undefined, None);
        }
        assert!(extra.funding_paid.is_sign_positive());
    }
}
