//! Closes of the candles that levels still look back at, with an index that finds the next one beyond a price.

use tc_market::CandleTime;

use super::lines::Beyond;

/// Blocks hold 2 to these powers of closes.
const SHIFTS: [u32; 3] = [4, 8, 12];
/// Closes are forgotten in steps of the largest block, so that no block is cut in two.
const FORGET_STEP: u64 = 1 << 12;

/// Smallest and largest value of a run of closes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    pub(super) min: f64,
    pub(super) max: f64,
}

impl Range {
    pub(super) const EMPTY: Self = Self {
        min: f64::INFINITY,
        max: f64::NEG_INFINITY,
    };

    #[inline]
    pub(super) const fn of(close: f64) -> Self {
        Self {
            min: close,
            max: close,
        }
    }

    #[inline]
    pub(super) fn include(&mut self, other: Self) {
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }
}

/// A contiguous run of the newest closes, addressed by `idx` (0-based ordinal from genesis).
///
/// Blocks of 16, 256 and 4,096 closes know their range, so that a search walks over what cannot contain the answer.
#[derive(Debug)]
pub(super) struct Closes {
    first: u64,
    closes: Vec<f64>,
    times: Vec<CandleTime>,
    /// Per level: ordinal of the first block and the ranges of the blocks that are full. The first one may lack closes;
    /// a search never takes such a one as a whole.
    blocks: [Blocks; SHIFTS.len()],
    /// Ranges of the blocks that the next closes belong to.
    open: [Range; SHIFTS.len()],
}

#[derive(Debug, Default)]
struct Blocks {
    first: u64,
    ranges: Vec<Range>,
}

/// A found close, and what was passed over on the way to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// Ordinal and close; `None`: nothing up to the end of the search.
    pub(super) hit: Option<(u64, f64)>,
    /// Range of the closes before it.
    pub(super) passed: Range,
}

impl Default for Closes {
    fn default() -> Self {
        Self {
            first: 0,
            closes: Vec::new(),
            times: Vec::new(),
            blocks: Default::default(),
            open: [Range::EMPTY; SHIFTS.len()],
        }
    }
}

impl Closes {
    /// Ordinal of the close after the newest one.
    pub(super) fn next_idx(&self) -> u64 {
        self.first + self.closes.len() as u64
    }

    /// Empties the run; the next close has ordinal `first`.
    pub(super) fn start_at(&mut self, first: u64) {
        *self = Self::default();
        self.first = first;
        for (blocks, shift) in self.blocks.iter_mut().zip(SHIFTS) {
            blocks.first = first >> shift;
        }
    }

    #[inline]
    pub(super) fn push(&mut self, time: CandleTime, close: f64) {
        let idx = self.next_idx();
        self.closes.push(close);
        self.times.push(time);
        let mut closed = Range::of(close);
        for ((blocks, open), shift) in self.blocks.iter_mut().zip(&mut self.open).zip(SHIFTS) {
            open.include(closed);
            if !(idx + 1).is_multiple_of(1 << shift) {
                return;
            }
            closed = *open;
            *open = Range::EMPTY;
            blocks.ranges.push(closed);
        }
    }

    /// Forgets closes before `idx`, once enough of them have gathered to make the move worthwhile.
    pub(super) fn forget_before(&mut self, idx: u64) {
        let first = idx / FORGET_STEP * FORGET_STEP;
        let droppable = first.saturating_sub(self.first);
        if droppable == 0 || droppable * 2 < self.closes.len() as u64 {
            return;
        }
        let count =
            usize::try_from(droppable).map_or(self.closes.len(), |count| count.min(self.closes.len()));
        self.closes.drain(..count);
        self.times.drain(..count);
        self.first = first;
        for (blocks, shift) in self.blocks.iter_mut().zip(SHIFTS) {
            let gone = (first >> shift).saturating_sub(blocks.first);
            let gone = usize::try_from(gone).map_or(blocks.ranges.len(), |n| n.min(blocks.ranges.len()));
            blocks.ranges.drain(..gone);
            blocks.first = first >> shift;
        }
    }

    /// Open time of the candle with ordinal `idx`; the epoch for one that is not held.
    pub(super) fn time(&self, idx: u64) -> CandleTime {
        let held = idx >= self.first;
        held.then(|| self.times.get(offset(idx, self.first)).copied())
            .flatten()
            .unwrap_or_default()
    }

    /// The first close at or after ordinal `from` and before `to` that lies beyond a line.
    #[inline]
    pub(super) fn find(&self, from: u64, to: u64, beyond: Beyond) -> Found {
        let to = to.min(self.next_idx());
        let mut at = from.max(self.first);
        let mut passed = Range::EMPTY;
        while at < to {
            let mut skipped = None;
            for (blocks, shift) in self.blocks.iter().zip(SHIFTS) {
                let span = 1_u64 << shift;
                if at & (span - 1) != 0 || at + span > to {
                    break;
                }
                let range = blocks.range(at >> shift);
                if beyond.any(range) {
                    break;
                }
                skipped = Some((span, range));
            }
            if let Some((span, range)) = skipped {
                passed.include(range);
                at += span;
                continue;
            }
            let close = self.closes[offset(at, self.first)];
            if beyond.is(close) {
                return Found {
                    hit: Some((at, close)),
                    passed,
                };
            }
            passed.include(Range::of(close));
            at += 1;
        }
        Found { hit: None, passed }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let blocks = self.blocks.iter().map(|blocks| blocks.ranges.capacity());
        self.closes.capacity() * size_of::<f64>()
            + self.times.capacity() * size_of::<CandleTime>()
            + blocks.sum::<usize>() * size_of::<Range>()
    }
}

impl Blocks {
    fn range(&self, block: u64) -> Range {
        self.ranges[offset(block, self.first)]
    }
}

/// Position in a list that begins with ordinal `first`.
#[inline]
fn offset(idx: u64, first: u64) -> usize {
    usize::try_from(idx - first).unwrap_or(usize::MAX)
}
