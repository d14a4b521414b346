//! Chance that repeats.

/// A small generator (splitmix64).
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0xd1b5_4a32_d192_ed03))
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number of `from ..= to`.
    pub(super) fn between(&mut self, from: i64, to: i64) -> i64 {
        let sides = (to - from + 1).unsigned_abs();
        from + i64::try_from(self.next() % sides).unwrap()
    }

    pub(super) fn one_in(&mut self, sides: i64) -> bool {
        self.between(1, sides) == 1
    }

    pub(super) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        let last = i64::try_from(choices.len()).unwrap() - 1;
        choices[usize::try_from(self.between(0, last)).unwrap()]
    }

    /// A number of `0.0 .. 1.0`.
    pub(super) const fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    pub(super) const fn within(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.share()
    }

    /// Around zero, seldom beyond two.
    pub(super) fn bell(&mut self) -> f64 {
        (0..4).map(|_| self.share()).sum::<f64>() * 1.7 - 3.4
    }
}
