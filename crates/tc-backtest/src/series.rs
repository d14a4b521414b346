//! Candles of one pair, made ready for a run.

mod ticks;

#[cfg(test)]
mod tests;

use std::{borrow::Cow, ops::RangeInclusive};

use tc_market::{Candle, Timeframe};

use crate::{market::Market, rounding::Tick, signals::SignalColumns};
use ticks::MonthlyTicks;

/// Which candles a run is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DataRange {
    /// First candle that counts, Unix milliseconds; `None`: from the first one on.
    pub start_ms: Option<i64>,
    /// Last candle that counts, Unix milliseconds, inclusive; `None`: up to the last one.
    pub end_ms: Option<i64>,
    /// Candles before the first one that counts, which nothing is traded on.
    pub startup_candles: usize,
}

impl DataRange {
    /// What counts of candles beside those of the pairs, like mark prices; `first_ms` is the earliest candle of any pair
    /// in the range, those of the start-up included. A start-up that has no candles before the begin moves it.
    #[must_use]
    pub fn span(&self, first_ms: i64, step_ms: i64) -> RangeInclusive<i64> {
        let startup = i64::try_from(self.startup_candles).unwrap_or(i64::MAX / step_ms);
        let moved = first_ms.saturating_add(startup * step_ms);
        let start = match self.start_ms {
            Some(start) if startup == 0 || first_ms < start => start,
            _ => moved,
        };
        start..=self.end_ms.unwrap_or(i64::MAX)
    }
}

/// Four prices of a candle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
}

/// Candles that cannot be traded on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    /// Fewer candles than a run needs after those of the start-up.
    #[error("{pair} has {candles} candles in the range, more than {needed} are needed")]
    TooFewCandles {
        /// The pair.
        pair: String,
        /// Candles in the range, those of the start-up included.
        candles: usize,
        /// Candles that no trade can be opened on.
        needed: usize,
    },
    /// A candle that does not come after the one before it.
    #[error("{pair} has candles out of order at {time_ms}")]
    OutOfOrder {
        /// The pair.
        pair: String,
        /// Open time of the candle, Unix milliseconds.
        time_ms: i64,
    },
    /// A hole so long that filling it would make more candles than can be held.
    #[error("{pair} misses {candles} candles in a row before {time_ms}")]
    HoleTooLong {
        /// The pair.
        pair: String,
        /// Open time of the candle after the hole, Unix milliseconds.
        time_ms: i64,
        /// Length of the hole.
        candles: i64,
    },
}

/// Most candles that one hole is filled with: ten years of minutes.
const LONGEST_HOLE: i64 = 5_256_000;
/// Source of a row that stands for a missing candle.
const FILLED: u32 = u32::MAX;

/// Candles of one pair in the range of a run: holes filled, price steps by month.
///
/// Independent of strategy and parameters, so that many runs share one.
#[derive(Debug, Clone)]
pub struct PairSeries {
    market: Market,
    step_ms: i64,
    start_ms: i64,
    bars: Vec<Bar>,
    /// Open times, only when they are not one step apart.
    times: Vec<i64>,
    /// Candle behind each row, only when there are filled rows.
    sources: Vec<u32>,
    /// Candle behind the first row.
    first_source: usize,
    first_row: usize,
    ticks: MonthlyTicks,
}

impl PairSeries {
    /// Takes the candles of `range`; `candles` are ascending. Missing ones are filled with the last close.
    ///
    /// # Errors
    /// [`DataError`] when nothing is left to trade on, or the candles are out of order.
    pub fn prepare(
        market: Market,
        candles: &[Candle],
        timeframe: Timeframe,
        range: DataRange,
    ) -> Result<Self, DataError> {
        let step_ms = timeframe.seconds() * 1_000;
        let startup_ms = step_ms * i64::try_from(range.startup_candles).unwrap_or(i64::MAX / step_ms);
        let from = range
            .start_ms
            .map_or(i64::MIN, |start| start.saturating_sub(startup_ms));
        let to = range.end_ms.unwrap_or(i64::MAX);
        let first_source = candles.partition_point(|candle| time_ms(candle) < from);
        let end_source = candles.partition_point(|candle| time_ms(candle) <= to);
        let candles = &candles[first_source..end_source.max(first_source)];
        let too_few = |market: &Market, rows: usize| DataError::TooFewCandles {
            pair: market.pair.clone(),
            candles: rows,
            needed: range.startup_candles + 1,
        };
        let Some(first) = candles.first() else {
            return Err(too_few(&market, 0));
        };
        let mut series = Self {
            step_ms,
            start_ms: time_ms(first),
            bars: Vec::with_capacity(candles.len()),
            times: Vec::new(),
            sources: Vec::new(),
            first_source,
            first_row: 0,
            ticks: MonthlyTicks::new(market.price_tick),
            market,
        };
        series.fill(candles)?;
        series.ticks.finish();
        series.first_row = if range.startup_candles > 0 {
            range.startup_candles
        } else {
            let start = range.start_ms.unwrap_or(i64::MIN);
            (0..series.bars.len())
                .find(|row| series.time_ms(*row) >= start)
                .unwrap_or(series.bars.len())
        };
        if series.first_row + 1 >= series.bars.len() {
            return Err(too_few(&series.market, series.bars.len()));
        }
        Ok(series)
    }

    fn fill(&mut self, candles: &[Candle]) -> Result<(), DataError> {
        let mut before: Option<i64> = None;
        for (source, candle) in (0_u32..).zip(candles) {
            let time = time_ms(candle);
            if let Some(before) = before {
                if time <= before {
                    return Err(DataError::OutOfOrder {
                        pair: self.market.pair.clone(),
                        time_ms: time,
                    });
                }
                if time - before != self.step_ms {
                    self.fill_hole(before, time)?;
                }
            }
            before = Some(time);
            self.ticks.see(time, candle);
            self.push(
                time,
                source,
                Bar {
                    open: candle.open(),
                    high: candle.high(),
                    low: candle.low(),
                    close: candle.close(),
                },
            );
        }
        Ok(())
    }

    /// Puts the last close where candles are missing between two times.
    fn fill_hole(&mut self, before: i64, time: i64) -> Result<(), DataError> {
        let missing = (time - before - 1) / self.step_ms;
        if missing > LONGEST_HOLE {
            return Err(DataError::HoleTooLong {
                pair: self.market.pair.clone(),
                time_ms: time,
                candles: missing,
            });
        }
        let irregular = (time - before) % self.step_ms != 0;
        if irregular && self.times.is_empty() {
            self.times = (0..self.bars.len()).map(|row| self.time_ms(row)).collect();
        }
        if missing > 0 && self.sources.is_empty() {
            self.sources = (0..).take(self.bars.len()).collect();
        }
        let close = self.bars.last().map_or(0.0, |bar| bar.close);
        let flat = Bar {
            open: close,
            high: close,
            low: close,
            close,
        };
        for n in 1..=missing {
            let time = before + n * self.step_ms;
            self.ticks.see_price(time, close);
            self.push(time, FILLED, flat);
        }
        Ok(())
    }

    fn push(&mut self, time: i64, source: u32, bar: Bar) {
        if !self.times.is_empty() {
            self.times.push(time);
        }
        if !self.sources.is_empty() {
            self.sources.push(source);
        }
        self.bars.push(bar);
    }

    /// The market of the pair.
    #[must_use]
    pub const fn market(&self) -> &Market {
        &self.market
    }

    /// Length of a candle in milliseconds.
    #[must_use]
    pub const fn step_ms(&self) -> i64 {
        self.step_ms
    }

    /// All rows, those of the start-up included.
    #[must_use]
    pub fn bars(&self) -> &[Bar] {
        &self.bars
    }

    /// First row after the start-up. Nothing is traded on it: its signal is acted on one row later.
    #[must_use]
    pub const fn first_row(&self) -> usize {
        self.first_row
    }

    /// Open time of a row, Unix milliseconds.
    #[inline]
    #[must_use]
    pub fn time_ms(&self, row: usize) -> i64 {
        match self.times.get(row) {
            Some(time) => *time,
            None => self.start_ms + self.step_ms * i64::try_from(row).unwrap_or_default(),
        }
    }

    /// Open time of the first row after the start-up.
    #[must_use]
    pub fn begin_ms(&self) -> i64 {
        self.time_ms(self.first_row)
    }

    /// Open time of the last row.
    #[must_use]
    pub fn finish_ms(&self) -> i64 {
        self.time_ms(self.bars.len() - 1)
    }

    /// The row that opens at a time.
    #[must_use]
    pub fn row_of(&self, time_ms: i64) -> Option<usize> {
        if !self.times.is_empty() {
            return self.times.binary_search(&time_ms).ok();
        }
        let distance = time_ms - self.start_ms;
        let row = usize::try_from(distance / self.step_ms).ok()?;
        (distance >= 0 && distance % self.step_ms == 0 && row < self.bars.len()).then_some(row)
    }

    /// Whether every row is one step after the one before it.
    pub(crate) fn is_regular(&self) -> bool {
        self.times.is_empty()
    }

    /// The candle, counted in those given to [`PairSeries::prepare`], behind a row; `None` for a filled one.
    #[must_use]
    pub fn source(&self, row: usize) -> Option<usize> {
        let source = match self.sources.get(row) {
            Some(&FILLED) => return None,
            Some(source) => usize::try_from(*source).ok()?,
            None => row,
        };
        Some(self.first_source + source)
    }

    /// Signal flags that each row is followed by: the one at `n` is acted on at row `n + 1`.
    pub(crate) fn flags<'a>(&self, signals: &'a SignalColumns) -> Cow<'a, [u8]> {
        let flags = signals.flags();
        if self.sources.is_empty() {
            let end = self.first_source + self.bars.len();
            if let Some(slice) = flags.get(self.first_source..end) {
                return Cow::Borrowed(slice);
            }
        }
        let of_row = |row| {
            self.source(row)
                .and_then(|source| flags.get(source))
                .copied()
                .unwrap_or_default()
        };
        Cow::Owned((0..self.bars.len()).map(of_row).collect())
    }

    /// Price step at a time.
    pub(crate) fn tick_at(&self, time_ms: i64) -> Tick {
        self.ticks.at(time_ms)
    }
}

fn time_ms(candle: &Candle) -> i64 {
    candle.time().seconds() * 1_000
}
