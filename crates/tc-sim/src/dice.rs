//! Chance that repeats.

/// A small generator (splitmix64).
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// `stream` keeps what is decided for one purpose apart from what is decided for another.
    pub(crate) const fn new(seed: u64, stream: u64) -> Self {
        Self(seed ^ stream.wrapping_mul(0xd1b5_4a32_d192_ed03))
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number of `from .. until`; `from` when there is none.
    pub(crate) fn between(&mut self, from: i64, until: i64) -> i64 {
        let sides = until.saturating_sub(from).max(1).unsigned_abs();
        from.saturating_add_unsigned(self.next() % sides)
    }

    pub(crate) fn one_in(&mut self, sides: i64) -> bool {
        self.between(0, sides) == 0
    }
}
