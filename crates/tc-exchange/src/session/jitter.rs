//! Reproducible spread of back-off waits.

/// A small generator (splitmix64): good enough to keep clients apart, and the same for the same seed.
#[derive(Debug)]
pub(super) struct Jitter(u64);

impl Jitter {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A factor in 0.8 .. 1.2.
    pub(super) fn next_factor(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let top = u32::try_from((z ^ (z >> 31)) >> 32).unwrap_or_default();
        0.8 + 0.4 * f64::from(top) / f64::from(u32::MAX)
    }
}
