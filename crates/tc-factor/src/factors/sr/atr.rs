//! Average true range as a running sum over 14 candles.
//!
//! Factor contract, section 8.1. The sum is never computed again: its rounding residue is part of the result.

use tc_market::Candle;

use crate::{CodecError, Reader, Writer};

/// Candles in the average.
pub(super) const PERIOD: usize = 14;
const PERIOD_IDX: u64 = PERIOD as u64;

/// Running average, and its values for the newest candles.
#[derive(Debug)]
pub(super) struct Atr {
    /// Candles taken since genesis.
    count: u64,
    sum: f64,
    /// True ranges of the newest candles, each at its ordinal modulo the period.
    ranges: [f64; PERIOD],
    previous_close: f64,
    /// Values at the newest candles, each at its ordinal modulo the length, a power of two.
    values: Vec<f64>,
}

impl Atr {
    /// An average before its first candle that remembers at least its newest `kept` values.
    pub(super) fn new(kept: u64) -> Self {
        let kept = usize::try_from(kept)
            .unwrap_or(usize::MAX)
            .max(1)
            .next_power_of_two();
        Self {
            count: 0,
            sum: 0.0,
            ranges: [0.0; PERIOD],
            previous_close: 0.0,
            values: vec![0.0; kept],
        }
    }

    /// Takes the next candle.
    #[inline]
    pub(super) fn push(&mut self, candle: &Candle) {
        let leaving = self.take_range(candle);
        let newest = self.ranges[range_slot(self.count)];
        self.sum += newest;
        if self.count >= PERIOD_IDX {
            self.sum -= leaving;
        }
        self.count += 1;
        let value = self.sum / self.count.min(PERIOD_IDX) as f64;
        let position = self.value_slot(self.count - 1);
        self.values[position] = value;
    }

    /// Value `back` candles before the newest one; 0 when it is not remembered.
    pub(super) fn back(&self, back: u64) -> f64 {
        let remembered = back < self.values.len() as u64 && back < self.count;
        if remembered {
            self.values[self.value_slot(self.count - 1 - back)]
        } else {
            0.0
        }
    }

    /// Puts the true range of the next candle in place of the one that leaves, which is returned.
    #[inline]
    fn take_range(&mut self, candle: &Candle) -> f64 {
        let previous = if self.count == 0 {
            candle.close()
        } else {
            self.previous_close
        };
        let range = (candle.high() - candle.low())
            .max((candle.high() - previous).abs())
            .max((candle.low() - previous).abs())
            .max(0.0);
        self.previous_close = candle.close();
        std::mem::replace(&mut self.ranges[range_slot(self.count)], range)
    }

    pub(super) fn save(&self, out: &mut Vec<u8>) {
        out.unsigned(self.count);
        out.float(self.sum);
        let remembered = (self.values.len() as u64).min(self.count);
        out.unsigned(self.values.len() as u64);
        for back in (0..remembered).rev() {
            out.float(self.back(back));
        }
    }

    /// Takes a saved average back; `newest` are the candles up to the newest one, at least [`PERIOD`] and one more if
    /// there were as many.
    pub(super) fn restore(state: &mut Reader<'_>, newest: &[Candle]) -> Result<Self, CodecError> {
        let (count, sum, kept) = (state.unsigned()?, state.float()?, state.unsigned()?);
        if kept > LONGEST {
            return Err(CodecError::OutOfRange("average"));
        }
        let mut atr = Self::new(kept);
        let tail = newest.len().min(PERIOD + 1);
        atr.count = count
            .checked_sub(tail as u64)
            .ok_or(CodecError::OutOfRange("average"))?;
        for candle in &newest[newest.len() - tail..] {
            atr.take_range(candle);
            atr.count += 1;
        }
        atr.sum = sum;
        for back in (0..kept.min(count)).rev() {
            let position = atr.value_slot(count - 1 - back);
            atr.values[position] = state.float()?;
        }
        Ok(atr)
    }

    #[inline]
    fn value_slot(&self, idx: u64) -> usize {
        usize::try_from(idx & (self.values.len() as u64 - 1)).unwrap_or(0)
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.values.capacity() * size_of::<f64>()
    }
}

/// Values that a sound state may ask to remember.
const LONGEST: u64 = 1 << 24;

#[inline]
fn range_slot(idx: u64) -> usize {
    usize::try_from(idx % PERIOD_IDX).unwrap_or(0)
}
