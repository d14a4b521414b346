//! Extremes of a sliding window in constant time per candle.

/// Monotonic queue over the newest `span` values: its front is the oldest extreme. `HIGHEST` chooses which extreme.
#[derive(Debug)]
pub(super) struct SlidingExtreme<const HIGHEST: bool> {
    span: u64,
    /// A ring whose length is a power of two, so that positions are cut off by a mask.
    ring: Vec<Entry>,
    front: usize,
    /// Position after the newest entry; never less than `front`.
    back: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    idx: u64,
    value: f64,
}

/// Entries that a ring has room for at first; it grows with what the window really holds.
const FIRST_ROOM: usize = 16;

impl<const HIGHEST: bool> SlidingExtreme<HIGHEST> {
    pub(super) fn new(span: u64) -> Self {
        Self {
            span,
            ring: vec![Entry::default(); FIRST_ROOM],
            front: 0,
            back: 0,
        }
    }

    #[inline]
    pub(super) fn push(&mut self, idx: u64, value: f64) {
        let first = (idx + 1).saturating_sub(self.span);
        while self.front < self.back && self.entry(self.front).idx < first {
            self.front += 1;
        }
        while self.front < self.back {
            let newest = self.entry(self.back - 1).value;
            let beaten = if HIGHEST { newest < value } else { newest > value };
            if !beaten {
                break;
            }
            self.back -= 1;
        }
        if self.back - self.front == self.ring.len() {
            self.grow();
        }
        let mask = self.ring.len() - 1;
        self.ring[self.back & mask] = Entry { idx, value };
        self.back += 1;
    }

    /// Ordinal of the oldest candle that holds the extreme.
    #[inline]
    pub(super) fn oldest(&self) -> Option<u64> {
        (self.front < self.back).then(|| self.entry(self.front).idx)
    }

    /// The extreme.
    #[inline]
    pub(super) fn value(&self) -> Option<f64> {
        (self.front < self.back).then(|| self.entry(self.front).value)
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.ring.capacity() * size_of::<Entry>()
    }

    #[inline]
    fn entry(&self, position: usize) -> Entry {
        self.ring[position & (self.ring.len() - 1)]
    }

    #[cold]
    fn grow(&mut self) {
        let mut ring: Vec<Entry> = (self.front..self.back)
            .map(|position| self.entry(position))
            .collect();
        self.front = 0;
        self.back = ring.len();
        ring.resize(self.ring.len() * 2, Entry::default());
        self.ring = ring;
    }
}
