//! What a run is made of.

/// What a run is made of. The same options give the same run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunOptions {
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// Series of one minute, spot and futures by turns.
    pub series: usize,
    /// Series of one connection; a connection has one market.
    pub series_per_shard: usize,
    /// How many of the series are followed only while somebody subscribes; the others always.
    pub on_demand: usize,
    /// Days that pass.
    pub days: u32,
    /// Between two frames of an open bucket, in milliseconds.
    pub push_ms: i64,
    /// Of how many of the series ledgers and drawings are computed too.
    pub ledgers: usize,
    /// Whether anything goes wrong.
    pub weather: bool,
}

impl RunOptions {
    /// Fifty series for thirty days.
    #[must_use]
    pub const fn month(seed: u64) -> Self {
        Self {
            seed,
            series: 50,
            series_per_shard: 10,
            on_demand: 5,
            days: 30,
            push_ms: 30_000,
            ledgers: 10,
            weather: true,
        }
    }

    /// Six series for two days.
    #[must_use]
    pub const fn days(seed: u64) -> Self {
        Self {
            series: 6,
            series_per_shard: 2,
            on_demand: 1,
            days: 2,
            ledgers: 2,
            ..Self::month(seed)
        }
    }
}
