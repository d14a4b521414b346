//! The buffer between a live stream and the write path.
//!
//! Candles stay in the buffer until they were committed, so a failed write loses nothing. Times are monotonic
//! milliseconds handed in by the owner.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use tc_market::{Candle, CandleTime};

/// Limits of a [`Batcher`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatcherOptions {
    /// Candles that make a flush due at once, and the most that one flush takes; at least 1.
    pub batch_max: usize,
    /// Longest wait of several candles since the last flush, in milliseconds; at least 50.
    pub flush_ms: u64,
    /// Candles that may wait for a commit; one more is an error of the job.
    pub waiting_max: usize,
}

impl Default for BatcherOptions {
    fn default() -> Self {
        Self {
            batch_max: 200,
            flush_ms: 500,
            waiting_max: 2_000,
        }
    }
}

/// Why a flush is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlushReason {
    /// A lone candle, or the oldest has waited long enough.
    Timeout,
    /// Enough candles for a batch.
    Threshold,
    /// The connection or the job ends.
    Disconnect,
}

impl FlushReason {
    /// Name in log lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Threshold => "threshold",
            Self::Disconnect => "disconnect",
        }
    }
}

/// What became of a candle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// It waits for the next flush; a candle of the same time was replaced.
    Waiting,
    /// It is not newer than the head: a stream never rewrites history.
    Behind,
}

/// More candles wait for a commit than are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{waiting} closed candles wait for a commit")]
pub struct BufferFull {
    /// How many wait.
    pub waiting: usize,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct Batcher {
    options: BatcherOptions,
    head: Option<CandleTime>,
    waiting: BTreeMap<CandleTime, Candle>,
    last_flush_ms: u64,
    retrying: bool,
    held: bool,
    behind: u64,
}

impl Batcher {
    /// An empty buffer above the newest stored candle.
    #[must_use]
    pub fn new(options: BatcherOptions, head: Option<CandleTime>, now_ms: u64) -> Self {
        let options = BatcherOptions {
            batch_max: options.batch_max.max(1),
            flush_ms: options.flush_ms.max(50),
            waiting_max: options.waiting_max.max(1),
        };
        Self {
            options,
            head,
            waiting: BTreeMap::new(),
            last_flush_ms: now_ms,
            retrying: false,
            held: false,
            behind: 0,
        }
    }

    /// Takes a closed candle.
    ///
    /// # Errors
    /// [`BufferFull`]; the candle was not taken.
    pub fn push(&mut self, candle: Candle) -> Result<Pushed, BufferFull> {
        if self.head.is_some_and(|head| candle.time() <= head) {
            self.behind += 1;
            return Ok(Pushed::Behind);
        }
        if self.waiting.len() >= self.options.waiting_max && !self.waiting.contains_key(&candle.time()) {
            return Err(BufferFull {
                waiting: self.waiting.len(),
            });
        }
        self.waiting.insert(candle.time(), candle);
        Ok(Pushed::Waiting)
    }

    /// Nothing is due while the candles before these are being fetched.
    pub const fn hold(&mut self, held: bool) {
        self.held = held;
    }

    /// Whether a flush is due, and why.
    #[must_use]
    pub fn due(&self, now_ms: u64) -> Option<FlushReason> {
        let due_ms = self.next_deadline_ms()?;
        if !self.retrying && self.waiting.len() >= self.options.batch_max {
            return Some(FlushReason::Threshold);
        }
        (due_ms <= now_ms).then_some(FlushReason::Timeout)
    }

    /// When [`Batcher::due`] is next worth asking; `None` while nothing may be flushed.
    #[must_use]
    pub fn next_deadline_ms(&self) -> Option<u64> {
        if self.held || self.waiting.is_empty() {
            return None;
        }
        let at_once =
            !self.retrying && (self.waiting.len() == 1 || self.waiting.len() >= self.options.batch_max);
        Some(if at_once {
            0
        } else {
            self.last_flush_ms.saturating_add(self.options.flush_ms)
        })
    }

    /// The oldest candles, ascending, at most one batch. They stay until [`Batcher::committed`].
    #[must_use]
    pub fn batch(&self) -> Vec<Candle> {
        self.waiting
            .values()
            .take(self.options.batch_max)
            .copied()
            .collect()
    }

    /// Everything up to `head` is stored, by this buffer or by somebody else.
    pub fn committed(&mut self, head: CandleTime, now_ms: u64) {
        self.head = self.head.max(Some(head));
        self.waiting.retain(|time, _| *time > head);
        self.last_flush_ms = now_ms;
        self.retrying = false;
    }

    /// A flush failed: its candles are tried again after the flush interval.
    pub const fn failed(&mut self, now_ms: u64) {
        self.last_flush_ms = now_ms;
        self.retrying = true;
    }

    /// Forgets the candles that wait; they can be fetched again. Returns how many there were.
    pub fn discard(&mut self) -> usize {
        std::mem::take(&mut self.waiting).len()
    }

    /// Newest candle that is stored, as far as is known here.
    #[must_use]
    pub const fn head(&self) -> Option<CandleTime> {
        self.head
    }

    /// Newest candle that came out of the stream or the store.
    #[must_use]
    pub fn newest(&self) -> Option<CandleTime> {
        self.waiting.keys().next_back().copied().max(self.head)
    }

    /// Number of candles that wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Number of candles that were dropped because they were not newer than the head.
    #[must_use]
    pub const fn behind(&self) -> u64 {
        self.behind
    }
}
