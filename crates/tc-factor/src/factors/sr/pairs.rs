//! Pairs of pivots: where their wicks overlap, and the line and band that follow from it.
//!
//! Factor contract, sections 8.2 and 8.3, steps 1 to 3. All of it depends on the two pivots and the closes between them
//! alone.

use super::{
    closes::Closes,
    level::CandleRef,
    lines::{Band, Walk},
};
use crate::factors::pivot::Direction;

/// Share of the average true range that prices may miss a line by.
pub(super) const TOLERANCE_ATR: f64 = 0.5;
/// Crossings between its pivots that a pair survives.
const PAIR_CROSSINGS: u32 = 3;
const FALLBACK_TOLERANCE: f64 = 0.002;
const FALLBACK_RANGE: f64 = 0.02;
const SMALLEST_RANGE: f64 = 1e-9;

/// A major pivot with what levels need of its candle.
#[derive(Debug, Clone, Copy)]
pub(super) struct Swing {
    pub(super) candle: CandleRef,
    pub(super) wick_low: f64,
    pub(super) wick_high: f64,
    /// Average true range at the candle.
    pub(super) atr: f64,
}

/// The line through the overlap of two wicks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// Number of the older pivot on its side.
    pub(super) partner: u64,
    pub(super) first: CandleRef,
    pub(super) price: f64,
    pub(super) band_low: f64,
    pub(super) band_high: f64,
    pub(super) band_width_atr: f64,
    /// Prices this close to it count as the same level.
    pub(super) same_within: f64,
}

/// Where the wicks of two pivots overlap.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'a> {
    older: &'a Swing,
    newer: &'a Swing,
    low: f64,
    high: f64,
    line: f64,
    tolerance: f64,
}

impl<'a> Pair<'a> {
    #[inline]
    pub(super) fn of(direction: Direction, older: &'a Swing, newer: &'a Swing) -> Self {
        let low = older.wick_low.max(newer.wick_low);
        let high = older.wick_high.min(newer.wick_high);
        let line = match direction {
            Direction::Resistance => high,
            Direction::Support => low,
        };
        Self {
            older,
            newer,
            low,
            high,
            line,
            tolerance: tolerance(newer.atr, older.atr, line),
        }
    }

    /// Step 1: whether the wicks overlap and the price did not cross the line too often in between.
    #[inline]
    pub(super) fn holds(&self, closes: &Closes) -> bool {
        if self.low > self.high + self.tolerance {
            return false;
        }
        let mut walk = Walk::starting_at(self.older.candle.idx + 1);
        let band = Band::around(self.line, self.tolerance);
        walk.advance(closes, self.newer.candle.idx, band, PAIR_CROSSINGS + 1);
        walk.crossings <= PAIR_CROSSINGS
    }
}

impl Line {
    /// Step 2; `partner` is the number of the older pivot on its side.
    pub(super) fn through(pair: &Pair<'_>, partner: u64) -> Self {
        let (older, line) = (pair.older, pair.line);
        let (low, high) = (pair.low.min(pair.high), pair.low.max(pair.high));
        let mut range = mean_of_positive(older.atr, pair.newer.atr).unwrap_or(line * FALLBACK_RANGE);
        if range <= 0.0 {
            range = fallback_range(line);
        }
        let (narrowest, widest) = (range * 0.5, range * 3.0);
        let mut width = (high - low).max(0.0);
        if width <= 0.0 {
            width = narrowest;
        }
        width = width.max(narrowest).min(widest);
        let middle = (low + high) / 2.0;
        Self {
            partner,
            first: older.candle,
            price: line,
            band_low: middle - width / 2.0,
            band_high: middle + width / 2.0,
            band_width_atr: width / range,
            same_within: (line.abs() * 0.001).max(pair.tolerance * 0.5),
        }
    }

    /// Step 3.
    pub(super) fn is_touched_by(&self, swing: &Swing) -> bool {
        let middle = (self.band_low + self.band_high) / 2.0;
        let tolerance = tolerance(swing.atr, swing.atr, middle);
        !(swing.wick_high < self.band_low - tolerance || swing.wick_low > self.band_high + tolerance)
    }
}

/// Section 8.1, `atr_pair`: the mean of those that are positive.
#[inline]
fn mean_of_positive(a: f64, b: f64) -> Option<f64> {
    match (a > 0.0, b > 0.0) {
        (true, true) => Some((a + b) / 2.0),
        (true, false) => Some(a),
        (false, true) => Some(b),
        (false, false) => None,
    }
}

/// Section 8.2.
#[inline]
fn tolerance(a: f64, b: f64, reference: f64) -> f64 {
    match mean_of_positive(a, b).map(|mean| mean * TOLERANCE_ATR) {
        Some(tolerance) if tolerance > 0.0 => tolerance,
        _ => (if reference > 0.0 { reference } else { 1.0 }) * FALLBACK_TOLERANCE,
    }
}

/// Range to judge by where the average true range says nothing.
pub(super) fn fallback_range(line: f64) -> f64 {
    (line.abs() * FALLBACK_RANGE).max(SMALLEST_RANGE)
}
