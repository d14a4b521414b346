//! What the wallet did, candle by candle and day by day.

use super::{Drawdown, closed::annualised, drawdown::deepest};
use crate::{
    calendar::{DAY_MS, day_of},
    run::Equity,
    statistics::{mean, population_deviation},
};

/// Numbers of the wallet. Comparable with other toolkits: returns are daily, a year has 365 days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WalletStats {
    /// First value.
    pub start_balance: f64,
    /// Last value.
    pub end_balance: f64,
    /// Highest value.
    pub high_balance: f64,
    /// Its time, Unix milliseconds.
    pub high_ms: i64,
    /// Lowest value.
    pub low_balance: f64,
    /// Its time, Unix milliseconds.
    pub low_ms: i64,
    /// Mean daily return by its spread, annualised.
    pub sharpe: f64,
    /// Mean daily return by the spread of the losing days, annualised.
    pub sortino: f64,
    /// Return by the deepest fall, annualised.
    pub calmar: f64,
    /// Deepest fall; rows count values from 1.
    pub drawdown: Drawdown,
    /// Time of the peak, Unix milliseconds.
    pub drawdown_start_ms: i64,
    /// Time of the low, Unix milliseconds.
    pub drawdown_end_ms: i64,
}

impl WalletStats {
    pub(crate) fn of(equity: &Equity) -> Option<Self> {
        let values = &equity.values;
        let (first, last) = (*values.first()?, *values.last()?);
        let (mut high, mut low) = (0, 0);
        for (at, value) in values.iter().enumerate() {
            if *value > values[high] {
                high = at;
            }
            if *value < values[low] {
                low = at;
            }
        }
        let increments = (0..values.len()).map(|at| if at == 0 { 0.0 } else { values[at] - values[at - 1] });
        let drawdown = deepest(increments, first);
        let time = |row: usize| equity.time_ms(row.saturating_sub(1));
        let returns = daily_returns(equity);
        let losing: Vec<f64> = returns.iter().copied().filter(|change| *change < 0.0).collect();
        let ratio = |spread: Option<f64>| mean(&returns).map_or(0.0, |mean| annualised(mean, spread));
        let days = day_of(equity.time_ms(values.len() - 1) - equity.first_ms).max(1);
        let daily = (last - first) / first / days as f64 * 100.0;
        Some(Self {
            start_balance: first,
            end_balance: last,
            high_balance: values[high],
            high_ms: equity.time_ms(high),
            low_balance: values[low],
            low_ms: equity.time_ms(low),
            sharpe: ratio(population_deviation(&returns)),
            sortino: ratio(population_deviation(&losing)),
            calmar: if values.len() < 2 {
                0.0
            } else {
                annualised(daily, Some(drawdown.account))
            },
            drawdown_start_ms: time(drawdown.high_row),
            drawdown_end_ms: time(drawdown.low_row),
            drawdown,
        })
    }
}

/// Change of the last value of every UTC day to that of the day before, as a share.
pub(super) fn daily_returns(equity: &Equity) -> Vec<f64> {
    let closes: Vec<f64> = closes(equity, |day| day)
        .iter()
        .map(|(_, close)| *close)
        .collect();
    closes.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()
}

/// Last value of every period; `period_of` names the period of a day.
pub(super) fn closes(equity: &Equity, period_of: impl Fn(i64) -> i64) -> Vec<(i64, f64)> {
    let mut closes: Vec<(i64, f64)> = Vec::new();
    let count = equity.values.len();
    let mut from = 0;
    while from < count {
        // No period is shorter than a day, so only the last value of a day can be that of its period.
        let day = day_of(equity.time_ms(from));
        let rest = (day + 1) * DAY_MS - equity.time_ms(from);
        let steps = usize::try_from((rest + equity.step_ms - 1) / equity.step_ms)
            .unwrap_or(1)
            .max(1);
        let next = (from + steps).min(count);
        let (period, close) = (period_of(day), equity.values[next - 1]);
        match closes.last_mut() {
            Some(last) if last.0 == period => last.1 = close,
            _ => closes.push((period, close)),
        }
        from = next;
    }
    closes
}
