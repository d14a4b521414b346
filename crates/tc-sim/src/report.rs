//! What a run found.

use std::{collections::BTreeMap, fmt};

use tc_exchange::VenueError;
use tc_exchange_sim::{FaultError, SimError};
use tc_market::SeriesIdError;
use tc_store::StoreError;

/// Most violations that are kept; all are counted.
const VIOLATIONS_KEPT: usize = 20;

/// A run that cannot begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The exchange cannot be set up.
    #[error(transparent)]
    Exchange(#[from] SimError),
    /// The script of faults makes no sense.
    #[error(transparent)]
    Faults(#[from] FaultError),
    /// A series has no stream.
    #[error(transparent)]
    Venue(#[from] VenueError),
    /// A series has no id.
    #[error(transparent)]
    Series(#[from] SeriesIdError),
    /// The computations cannot be set up.
    #[error("ledgers cannot be set up: {0}")]
    Setup(String),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Something that must never happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    /// A closed candle that the exchange has is not stored.
    Missing {
        /// The series.
        series: String,
        /// Its open time, Unix seconds.
        time_s: i64,
    },
    /// A stored candle has values that the exchange never said of the closed bucket.
    Wrong {
        /// The series.
        series: String,
        /// Its open time, Unix seconds.
        time_s: i64,
    },
    /// A candle was stored before its bucket had ended.
    Forming {
        /// The series.
        series: String,
        /// Its open time, Unix seconds.
        time_s: i64,
    },
    /// The frames of two sockets of a shard were used at once, or more than two were open.
    TwoLive {
        /// Milliseconds since the start.
        at_ms: i64,
    },
    /// A silent connection was found out too late.
    Silence {
        /// Milliseconds since the start.
        at_ms: i64,
        /// How long it was silent.
        silent_ms: u64,
    },
    /// The gap records that are not healed are not the holes between the stored candles.
    Gaps {
        /// The series.
        series: String,
    },
    /// The ledgers are not the fold over the stored candles.
    Ledgers {
        /// The series.
        series: String,
    },
    /// Time stands still.
    Stuck {
        /// Milliseconds since the start.
        at_ms: i64,
    },
}

/// What a run found. Equal for equal options.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunReport {
    /// The seed, to run it again.
    pub seed: u64,
    /// Simulated time in milliseconds.
    pub simulated_ms: i64,
    /// Closed candles in the store at the end.
    pub candles: u64,
    /// Candle frames that were used.
    pub frames: u64,
    /// Frames that were dropped as bad.
    pub bad_frames: u64,
    /// Ends of live connections, by cause.
    pub disconnects: BTreeMap<&'static str, u64>,
    /// Sockets that the exchange accepted.
    pub connections: u64,
    /// Longest silence of a connection before it was found out, in milliseconds.
    pub longest_silence_ms: u64,
    /// Holes that were fetched.
    pub fills: u64,
    /// Fetches that failed and were tried again later.
    pub failed_fills: u64,
    /// Answers of the exchange, by status.
    pub answers: BTreeMap<u16, u64>,
    /// Writes that failed and were tried again.
    pub failed_writes: u64,
    /// Restarts of the whole process.
    pub restarts: u64,
    /// Candles that the stream told otherwise than the exchange's rows.
    pub corrections: u64,
    /// Times that ledgers were folded again.
    pub rebuilds: u64,
    /// Days of a series that were complete before the nightly comparison.
    pub complete_days: u64,
    /// Days of a series that had an open hole at the time of the nightly comparison, which then knew of it.
    pub days_with_open_holes: u64,
    /// A number made of every stored candle: different runs have different ones.
    pub digest: u64,
    /// All violations.
    pub violation_count: u64,
    /// The first ones.
    pub violations: Vec<Violation>,
}

impl RunReport {
    /// Whether nothing happened that must not.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.violation_count == 0
    }

    pub(crate) fn violate(&mut self, violation: Violation) {
        self.violation_count += 1;
        if self.violations.len() < VIOLATIONS_KEPT {
            self.violations.push(violation);
        }
    }
}

impl fmt::Display for RunReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "seed {}: {} violations in {} h",
            self.seed,
            self.violation_count,
            self.simulated_ms / 3_600_000
        )?;
        for violation in &self.violations {
            writeln!(f, "  {violation:?}")?;
        }
        write!(f, "{self:?}")
    }
}
