//! Extremes of a sliding window in constant time per candle.

use std::collections::VecDeque;

/// Which extreme a window keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extreme {
    Highest,
    Lowest,
}

/// Monotonic queue over the newest `span` values: its front is the oldest extreme.
#[derive(Debug)]
pub(super) struct SlidingExtreme {
    extreme: Extreme,
    span: usize,
    queue: VecDeque<(u64, f64)>,
}

impl SlidingExtreme {
    pub(super) fn new(extreme: Extreme, span: usize) -> Self {
        Self {
            extreme,
            span,
            queue: VecDeque::new(),
        }
    }

    pub(super) fn push(&mut self, idx: u64, value: f64) {
        let beaten = |older: f64| match self.extreme {
            Extreme::Highest => older < value,
            Extreme::Lowest => older > value,
        };
        while self.queue.back().is_some_and(|(_, older)| beaten(*older)) {
            self.queue.pop_back();
        }
        self.queue.push_back((idx, value));
        let first = (idx + 1).saturating_sub(self.span as u64);
        while self.queue.front().is_some_and(|(oldest, _)| *oldest < first) {
            self.queue.pop_front();
        }
    }

    /// Ordinal of the oldest candle that holds the extreme.
    pub(super) fn oldest(&self) -> Option<u64> {
        self.queue.front().map(|(idx, _)| *idx)
    }

    /// The extreme.
    pub(super) fn value(&self) -> Option<f64> {
        self.queue.front().map(|(_, value)| *value)
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.queue.capacity() * size_of::<(u64, f64)>()
    }
}
