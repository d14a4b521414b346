//! Average true range as a running sum over 14 candles.
//!
//! Factor contract, section 8.1. The sum is never computed again: its rounding residue is part of the result.

use std::collections::VecDeque;

use tc_market::Candle;

use crate::{CodecError, Reader, Writer};

/// Candles in the average.
pub(super) const PERIOD: usize = 14;
const PERIOD_IDX: u64 = PERIOD as u64;

/// Running average, and its values for the newest candles.
#[derive(Debug, Default)]
pub(super) struct Atr {
    sum: f64,
    ranges: VecDeque<f64>,
    previous_close: Option<f64>,
    /// Values at the newest candles, oldest first.
    values: VecDeque<f64>,
}

impl Atr {
    /// Takes the candle with ordinal `idx`; keeps the values of the newest `kept` candles.
    pub(super) fn push(&mut self, idx: u64, candle: &Candle, kept: usize) {
        self.take_range(candle);
        self.sum += self.ranges.back().copied().unwrap_or_default();
        if self.ranges.len() > PERIOD {
            self.sum -= self.ranges.pop_front().unwrap_or_default();
        }
        let count = (idx + 1).min(PERIOD_IDX);
        self.values.push_back(self.sum / count as f64);
        while self.values.len() > kept {
            self.values.pop_front();
        }
    }

    /// Value `back` candles before the newest one; 0 when it is not kept.
    pub(super) fn back(&self, back: usize) -> f64 {
        let position = self.values.len().checked_sub(back + 1);
        position
            .and_then(|n| self.values.get(n))
            .copied()
            .unwrap_or_default()
    }

    fn take_range(&mut self, candle: &Candle) {
        let previous = self.previous_close.unwrap_or(candle.close());
        let range = (candle.high() - candle.low())
            .max((candle.high() - previous).abs())
            .max((candle.low() - previous).abs())
            .max(0.0);
        self.ranges.push_back(range);
        self.previous_close = Some(candle.close());
    }

    pub(super) fn save(&self, out: &mut Vec<u8>) {
        out.float(self.sum);
        out.unsigned(self.values.len() as u64);
        for value in &self.values {
            out.float(*value);
        }
    }

    /// Takes a saved sum back; `newest` are the candles up to the newest one, at least [`PERIOD`] and one more if
    /// there were as many.
    pub(super) fn restore(&mut self, state: &mut Reader<'_>, newest: &[Candle]) -> Result<(), CodecError> {
        self.sum = state.float()?;
        let (first, rest) = match newest.len().checked_sub(PERIOD + 1) {
            Some(before) => (newest.get(before), &newest[before + 1..]),
            None => (None, newest),
        };
        self.previous_close = first.map(Candle::close);
        for candle in rest {
            self.take_range(candle);
        }
        for _ in 0..state.unsigned()? {
            self.values.push_back(state.float()?);
        }
        Ok(())
    }

    pub(super) fn heap_bytes(&self) -> usize {
        (self.ranges.capacity() + self.values.capacity()) * size_of::<f64>()
    }
}
