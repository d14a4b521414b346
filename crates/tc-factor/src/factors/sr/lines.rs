//! Crossings of a line with a tolerance, and the tolerances for which they stay the same.
//!
//! A walk looks at closes beyond `line + tol` or below `line - tol` and counts changes of side. Which closes decide is
//! remembered together with the bounds that every close passed over must keep to. As long as both shifted lines stay
//! within these bounds, the walk with another tolerance finds the very same closes and need not be done again. All
//! bounds are closes and every test is the comparison of the contract itself, so no rounding can come between.

use super::closes::{Closes, Range};

/// The two prices that a close must lie beyond to count: `line + tol` and `line - tol`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Band {
    pub(super) upper: f64,
    pub(super) lower: f64,
}

impl Band {
    pub(super) fn around(line: f64, tolerance: f64) -> Self {
        Self {
            upper: line + tolerance,
            lower: line - tolerance,
        }
    }
}

/// What a search looks for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Beyond {
    Above(f64),
    Below(f64),
    Outside(Band),
}

impl Beyond {
    #[inline]
    pub(super) fn is(self, close: f64) -> bool {
        match self {
            Self::Above(upper) => close > upper,
            Self::Below(lower) => close < lower,
            Self::Outside(band) => close > band.upper || close < band.lower,
        }
    }

    /// Whether a run of closes with this range holds one.
    #[inline]
    pub(super) fn any(self, range: Range) -> bool {
        match self {
            Self::Above(upper) => range.max > upper,
            Self::Below(lower) => range.min < lower,
            Self::Outside(band) => range.max > band.upper || range.min < band.lower,
        }
    }
}

/// The closes since walks were last asked for: most of those that have not ended stopped right before them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Newest {
    /// Ordinal of the first of them.
    pub(super) from: u64,
    /// Ordinal after the newest close.
    pub(super) to: u64,
    /// Range of these closes.
    pub(super) range: Range,
}

impl Newest {
    /// None yet, the next one with ordinal `next`.
    pub(super) const fn before(next: u64) -> Self {
        Self {
            from: next,
            to: next,
            range: Range::EMPTY,
        }
    }

    #[inline]
    pub(super) fn push(&mut self, close: f64) {
        self.range.include(Range::of(close));
        self.to += 1;
    }
}

/// Side of the line that the newest deciding close lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    Undecided,
    Above,
    Below,
}

/// Crossings found so far along a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walk {
    position: Position,
    /// Changes of side.
    pub(super) crossings: u32,
    /// Ordinal of the newest change.
    pub(super) last: u64,
    /// Ordinal of the first close that was not looked at.
    next: u64,
    /// Smallest close that must lie above the upper line, largest that must lie below the lower one.
    above: f64,
    below: f64,
    /// Largest close that must not lie above the upper line, smallest that must not lie below the lower one.
    not_above: f64,
    not_below: f64,
}

impl Walk {
    pub(super) const fn starting_at(from: u64) -> Self {
        Self {
            position: Position::Undecided,
            crossings: 0,
            last: 0,
            next: from,
            above: f64::INFINITY,
            below: f64::NEG_INFINITY,
            not_above: f64::NEG_INFINITY,
            not_below: f64::INFINITY,
        }
    }

    /// Whether the walk with this band finds the same closes.
    #[inline]
    pub(super) fn holds_for(&self, band: Band) -> bool {
        self.not_above <= band.upper
            && band.upper < self.above
            && self.below < band.lower
            && band.lower <= self.not_below
    }

    /// What the next deciding close must be.
    #[inline]
    fn wanted(&self, band: Band) -> Beyond {
        match self.position {
            Position::Undecided => Beyond::Outside(band),
            Position::Above => Beyond::Below(band.lower),
            Position::Below => Beyond::Above(band.upper),
        }
    }

    /// Takes note of closes that did not decide.
    #[inline]
    fn pass(&mut self, passed: Range) {
        if self.position != Position::Below {
            self.not_below = self.not_below.min(passed.min);
        }
        if self.position != Position::Above {
            self.not_above = self.not_above.max(passed.max);
        }
    }

    /// Goes over the newest closes in one step if this walk stopped before them and none of them decides.
    #[inline]
    fn pass_newest(&mut self, newest: &Newest, band: Band) -> bool {
        let passes = self.next == newest.from && !self.wanted(band).any(newest.range);
        if passes {
            self.pass(newest.range);
            self.next = newest.to;
        }
        passes
    }

    /// Goes on over the closes before ordinal `to`, until there are `limit` crossings.
    pub(super) fn advance(&mut self, closes: &Closes, to: u64, band: Band, limit: u32) {
        while self.crossings < limit && self.next < to {
            let found = closes.find(self.next, to, self.wanted(band));
            self.pass(found.passed);
            let Some((idx, close)) = found.hit else {
                self.next = to;
                return;
            };
            let decided = self.position != Position::Undecided;
            if close > band.upper {
                self.above = self.above.min(close);
                self.position = Position::Above;
            } else {
                self.below = self.below.max(close);
                self.position = Position::Below;
            }
            if decided {
                self.crossings += 1;
                self.last = idx;
            }
            self.next = idx + 1;
        }
    }
}

/// Walks along one line with different tolerances.
///
/// Those that ended are never done again; those that did not are taken up where they stopped.
#[derive(Debug, Default)]
pub(super) struct Walks {
    walks: Vec<Walk>,
}

impl Walks {
    /// Walks kept per line. A tolerance that none of them covers costs one walk.
    const KEPT: usize = 16;

    /// The walk from ordinal `from` to the newest close, until there are `limit` crossings.
    #[inline]
    pub(super) fn up_to_newest(
        &mut self,
        closes: &Closes,
        newest: &Newest,
        from: u64,
        band: Band,
        limit: u32,
    ) -> &Walk {
        let known = self.walks.iter().position(|walk| walk.holds_for(band));
        match known {
            // The walk that was right last time usually is right again.
            Some(0) => {}
            Some(position) => self.walks.swap(0, position),
            None => {
                if self.walks.len() == Self::KEPT {
                    self.walks.pop();
                }
                self.walks.insert(0, Walk::starting_at(from));
            }
        }
        let walk = &mut self.walks[0];
        if walk.crossings < limit && !walk.pass_newest(newest, band) {
            walk.advance(closes, newest.to, band, limit);
        }
        walk
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.walks.capacity() * size_of::<Walk>()
    }
}
