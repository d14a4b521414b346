//! Numbers that look random and are the same for the same seed.

/// A sequence of numbers; equal seeds give equal sequences.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Begins the sequence of `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `limit - 1`; `limit` is at least 1.
    pub const fn below(&mut self, limit: u64) -> u64 {
        self.roll() % limit
    }

    /// As [`Dice::below`], for positions in lists.
    #[expect(clippy::cast_possible_truncation, reason = "the result is below a usize")]
    pub const fn index(&mut self, limit: usize) -> usize {
        self.below(limit as u64) as usize
    }
}
