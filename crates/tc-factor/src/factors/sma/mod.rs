//! Simple moving averages: the plain mean of the newest closes, one fast and one slow.
//!
//! The factor emits nothing: it is its head. An average is there once its period is full, the head once one average
//! is. It is added up anew, oldest close first, whenever the head is read, so neither a running sum's residue nor the
//! place of a restart can reach the value.

mod params;
#[cfg(test)]
mod tests;

pub use params::{PERIOD_FAST, PERIOD_SLOW};

use std::collections::VecDeque;

use serde::Serialize;

use crate::{
    CodecError, EventSink, Factor, FactorSpec, FoldMode, HeadRule, HistoryRule, Params, Reader, Slice,
    SliceInput, StoredEvents, StoredTail, Tick,
};

/// Name of the factor.
pub const NAME: &str = "sma";

/// Registry entry.
pub const SPEC: FactorSpec = FactorSpec {
    factor_name: NAME,
    depends_on: &[],
    logic_version: "1",
    params: &[PERIOD_FAST, PERIOD_SLOW],
    events: &[],
    head: HeadRule::State,
    history: HistoryRule::Buckets,
    moments: &[],
    label: "SMA",
    default_visible: false,
    features: &[],
    enable_feature: true,
    new: |params| Box::new(Sma::new(params)),
    slice,
};

/// Slice: left out while there is no head; there is no history.
fn slice(input: &SliceInput<'_>) -> Result<Option<Slice>, CodecError> {
    let head = input.engine.head_json(input.position)?;
    Ok(head.map(|head| Slice {
        history: b"{}".to_vec(),
        head,
    }))
}

/// An average over the newest `period` closes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Average {
    /// Closes that it is made of.
    pub period: usize,
    /// Their mean.
    pub value: f64,
}

/// Head of the factor; an average whose period is not full yet is missing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SmaHead {
    /// Over the fast period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fast: Option<Average>,
    /// Over the slow period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slow: Option<Average>,
}

/// State of the sma factor.
#[derive(Debug)]
pub struct Sma {
    fast: usize,
    slow: usize,
    /// Newest closes, oldest first, as many as the longer period has.
    closes: VecDeque<f64>,
    /// Candles seen since genesis.
    seen: u64,
}

impl Sma {
    fn new(params: &Params) -> Self {
        let period = |name| usize::try_from(params.int(name).max(1)).unwrap_or(usize::MAX);
        Self {
            fast: period(PERIOD_FAST.name),
            slow: period(PERIOD_SLOW.name),
            closes: VecDeque::new(),
            seen: 0,
        }
    }

    /// Head after the newest candle; `None` while neither period is full.
    #[must_use]
    pub fn head(&self) -> Option<SmaHead> {
        let (fast, slow) = (self.average(self.fast), self.average(self.slow));
        (fast.is_some() || slow.is_some()).then_some(SmaHead { fast, slow })
    }

    fn average(&self, period: usize) -> Option<Average> {
        let first = self.closes.len().checked_sub(period)?;
        let sum: f64 = self.closes.range(first..).sum();
        Some(Average {
            period,
            value: sum / period as f64,
        })
    }

    fn longest(&self) -> usize {
        self.fast.max(self.slow)
    }

    fn push(&mut self, close: f64) {
        if self.closes.len() == self.longest() {
            self.closes.pop_front();
        }
        self.closes.push_back(close);
    }
}

impl Factor for Sma {
    fn on_closed(&mut self, tick: &Tick<'_>, _out: &mut EventSink<'_>) {
        self.push(tick.candle.close());
        self.seen = tick.idx + 1;
    }

    fn follow(&mut self, _tick: &Tick<'_>, _stored: StoredEvents<'_>) -> Result<(), CodecError> {
        Ok(())
    }

    /// Nothing: the closes are read again.
    fn save(&self, _out: &mut Vec<u8>) {}

    fn restore(&mut self, _state: &mut Reader<'_>, stored: &StoredTail<'_>) -> Result<(), CodecError> {
        self.seen = stored.candles.next_idx();
        for candle in stored.candles.since(0) {
            self.push(candle.close());
        }
        Ok(())
    }

    /// The candles whose closes are held: a restart reads them again.
    fn reads_from(&self, _mode: FoldMode) -> Option<u64> {
        (self.seen > 0).then(|| self.seen.saturating_sub(self.longest() as u64))
    }

    fn write_head(&self, out: &mut Vec<u8>) -> Result<bool, CodecError> {
        let Some(head) = self.head() else {
            return Ok(false);
        };
        serde_json::to_writer(out, &head).map_err(|_| CodecError::Json)?;
        Ok(true)
    }

    fn heap_bytes(&self) -> usize {
        self.closes.capacity() * size_of::<f64>()
    }
}
