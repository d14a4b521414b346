//! The raw candles that factors may still look back at.

use tc_market::{Candle, CandleTime};

/// Contiguous run of the newest candles, addressed by `idx` (0-based ordinal from genesis).
#[derive(Debug, Clone, Default)]
pub struct CandleWindow {
    first_idx: u64,
    candles: Vec<Candle>,
}

impl CandleWindow {
    /// A window whose first candle has ordinal `first_idx`.
    pub(crate) fn new(first_idx: u64, candles: Vec<Candle>) -> Self {
        Self { first_idx, candles }
    }

    pub(crate) fn push(&mut self, candle: Candle) {
        self.candles.push(candle);
    }

    /// Forgets candles before `idx`, once enough of them have gathered to make the move worthwhile.
    pub(crate) fn forget_before(&mut self, idx: u64) {
        let droppable = self.position(idx).min(self.candles.len());
        if droppable > 1024 && droppable * 2 > self.candles.len() {
            self.candles.drain(..droppable);
            self.first_idx += droppable as u64;
        }
    }

    /// Number of candles held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.candles.len()
    }

    /// Whether no candle is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.candles.is_empty()
    }

    /// Ordinal of the candle after the newest one.
    #[must_use]
    pub fn next_idx(&self) -> u64 {
        self.first_idx + self.candles.len() as u64
    }

    /// Ordinal of the oldest candle held.
    #[must_use]
    pub const fn first_idx(&self) -> u64 {
        self.first_idx
    }

    /// The candle with ordinal `idx`, `None` when it is not held (any more, or yet).
    #[must_use]
    pub fn get(&self, idx: u64) -> Option<&Candle> {
        self.candles
            .get(usize::try_from(idx.checked_sub(self.first_idx)?).ok()?)
    }

    /// Candles from ordinal `idx` (or the oldest held) to the newest.
    #[must_use]
    pub fn since(&self, idx: u64) -> &[Candle] {
        &self.candles[self.position(idx).min(self.candles.len())..]
    }

    /// Open time of the candle with ordinal `idx`.
    #[must_use]
    pub fn time(&self, idx: u64) -> Option<CandleTime> {
        self.get(idx).map(Candle::time)
    }

    /// Approximate heap use in bytes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.candles.capacity() * size_of::<Candle>()
    }

    fn position(&self, idx: u64) -> usize {
        usize::try_from(idx.saturating_sub(self.first_idx)).unwrap_or(usize::MAX)
    }
}
