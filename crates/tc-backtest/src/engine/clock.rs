//! The steps of a run and the rows of the pairs at each of them.

use super::{Lane, PairInput};
use crate::series::PairSeries;

/// Steps from the first candle of any pair to the last one of any pair.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    begin_ms: i64,
    finish_ms: i64,
    step_ms: i64,
    is_regular: bool,
}

impl Clock {
    /// `None` without pairs, or with pairs of several timeframes.
    pub(super) fn over(pairs: &[PairInput<'_>]) -> Option<Self> {
        let all = || pairs.iter().map(|pair| pair.series);
        let step_ms = all().next()?.step_ms();
        let begin_ms = all().map(PairSeries::begin_ms).min()?;
        let on_grid =
            |series: &PairSeries| series.is_regular() && (series.begin_ms() - begin_ms) % step_ms == 0;
        all().all(|series| series.step_ms() == step_ms).then_some(Self {
            begin_ms,
            finish_ms: all().map(PairSeries::finish_ms).max()?,
            step_ms,
            is_regular: all().all(on_grid),
        })
    }

    pub(super) const fn begin_ms(&self) -> i64 {
        self.begin_ms
    }

    /// Nothing is traded on the first candle: its signal is acted on one step later.
    pub(super) const fn first_ms(&self) -> i64 {
        self.begin_ms + self.step_ms
    }

    pub(super) const fn finish_ms(&self) -> i64 {
        self.finish_ms
    }

    pub(super) const fn step_ms(&self) -> i64 {
        self.step_ms
    }

    /// Whether every row of every pair falls on a step, so that steps can be skipped.
    pub(super) const fn is_regular(&self) -> bool {
        self.is_regular
    }

    pub(super) fn steps(&self) -> usize {
        self.steps_between(self.begin_ms, self.finish_ms)
    }

    pub(super) fn steps_between(&self, from_ms: i64, to_ms: i64) -> usize {
        usize::try_from((to_ms - from_ms) / self.step_ms).unwrap_or_default()
    }

    /// Row of a regular series at a step; 0 before its first one.
    pub(super) fn row_at(&self, series: &PairSeries, now_ms: i64) -> usize {
        self.steps_between(series.time_ms(0), now_ms)
    }

    /// Number of the step at which the first row of a series is processed.
    pub(super) fn first_step_of(&self, series: &PairSeries) -> i64 {
        let first = series.time_ms(series.first_row() + 1);
        (first - self.first_ms() + self.step_ms - 1)
            .div_euclid(self.step_ms)
            .max(0)
    }

    /// Mean change of the pairs from the first close at or after the begin to the last one.
    pub(super) fn market_change(&self, lanes: &[Lane<'_>]) -> f64 {
        let change = |lane: &Lane<'_>| {
            let bars = lane.series.bars();
            let first = (0..bars.len()).find(|row| lane.series.time_ms(*row) >= self.begin_ms)?;
            let (first, last) = (bars.get(first)?.close, bars.last()?.close);
            Some((last - first) / first)
        };
        let changes: Vec<f64> = lanes.iter().filter_map(change).collect();
        if changes.is_empty() {
            return 0.0;
        }
        changes.iter().sum::<f64>() / changes.len() as f64
    }
}
