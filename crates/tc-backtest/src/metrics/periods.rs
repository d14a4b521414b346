//! Profit per day, week, month, year and weekday.

use std::collections::BTreeMap;

use crate::{
    calendar::{DAY_MS, Date, date_of, day_from, day_of, next_month, weekday},
    rounding::round_scaled,
    statistics::sum,
    trade::Trade,
};

/// Periods by growing time. Periods without trades are part of it, weekdays without trades are not.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Breakdown {
    /// Days.
    pub day: Vec<Period>,
    /// Weeks, each labelled by the Monday that ends it.
    pub week: Vec<Period>,
    /// Months, each labelled by its last day.
    pub month: Vec<Period>,
    /// Years, each labelled by its last day.
    pub year: Vec<Period>,
    /// Weekdays; 0 is Monday.
    pub weekday: Vec<Period>,
}

/// What the trades closed in a period brought.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Period {
    /// Label: Unix milliseconds of a day, or the number of a weekday.
    pub label: i64,
    /// Sum of the profits, ten decimals.
    pub profit_abs: f64,
    /// Trades above zero.
    pub wins: usize,
    /// Trades at zero.
    pub draws: usize,
    /// Trades below zero.
    pub losses: usize,
    /// Gains by losses, eight decimals; 0 without losers.
    pub profit_factor: f64,
}

impl Period {
    /// Number of trades.
    #[must_use]
    pub const fn trades(&self) -> usize {
        self.wins + self.draws + self.losses
    }

    fn of(label: i64, profits: &[f64]) -> Self {
        let won: Vec<f64> = profits.iter().copied().filter(|profit| *profit > 0.0).collect();
        let lost: Vec<f64> = profits.iter().copied().filter(|profit| *profit < 0.0).collect();
        let losses = sum(&lost).abs();
        let factor = if losses > 0.0 { sum(&won) / losses } else { 0.0 };
        Self {
            label,
            profit_abs: round_scaled(sum(profits), 10),
            wins: won.len(),
            draws: profits.len() - won.len() - lost.len(),
            losses: lost.len(),
            profit_factor: round_scaled(factor, 8),
        }
    }
}

impl Breakdown {
    pub(super) fn of(trades: &[&Trade]) -> Self {
        let dated = |last_day: fn(i64) -> i64| periods(trades, last_day);
        let mut weekdays: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
        for trade in trades {
            weekdays
                .entry(weekday(day_of(trade.close_ms)))
                .or_default()
                .push(trade.profit_abs);
        }
        Self {
            day: dated(|day| day),
            week: dated(|day| day + (7 - weekday(day)) % 7),
            month: dated(|day| next_month(day) - 1),
            year: dated(|day| {
                let year = date_of(day).year + 1;
                day_from(Date {
                    year,
                    month: 1,
                    day: 1,
                }) - 1
            }),
            weekday: weekdays
                .iter()
                .map(|(day, profits)| Period::of(*day, profits))
                .collect(),
        }
    }
}

/// Periods from the first trade to the last; `last_day` is the last day of the period that holds a day.
fn periods(trades: &[&Trade], last_day: fn(i64) -> i64) -> Vec<Period> {
    let mut by_label: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    // Trades are in closing order: those of a period follow each other.
    for same_day in trades.chunk_by(|a, b| day_of(a.close_ms) == day_of(b.close_ms)) {
        let label = last_day(day_of(same_day[0].close_ms));
        let profits = by_label.entry(label).or_default();
        profits.extend(same_day.iter().map(|trade| trade.profit_abs));
    }
    let (Some(first), Some(last)) = (by_label.keys().next().copied(), by_label.keys().last().copied()) else {
        return Vec::new();
    };
    let mut label = first;
    while label < last {
        label = last_day(label + 1);
        by_label.entry(label).or_default();
    }
    by_label
        .iter()
        .map(|(day, profits)| Period::of(day * DAY_MS, profits))
        .collect()
}
