//! What a run brought.

use crate::trade::Trade;

/// Result of one simulation. Money is in stake currency, times are Unix milliseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Names of the pairs; trades speak of them by position.
    pub pairs: Vec<String>,
    /// Trades in the order in which they were closed.
    pub trades: Vec<Trade>,
    /// Money at the start.
    pub starting_balance: f64,
    /// Money at the end.
    pub final_balance: f64,
    /// First candle after the start-up.
    pub begin_ms: i64,
    /// Last candle.
    pub finish_ms: i64,
    /// Worth of the account at every step.
    pub equity: Equity,
    /// Steps at which a trade was open.
    pub exposed_steps: usize,
    /// Entry signals that found no free slot.
    pub rejected_signals: u64,
    /// Exits that were taken back because they were not filled in time.
    pub timed_out_exits: u64,
    /// Mean change of the pairs from their first to their last close, as a share.
    pub market_change: f64,
}

/// Worth of the account, one value per step, each before the candles of the step were processed. On a spot market open
/// trades count at the open of their candle, on futures they do not count.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Equity {
    /// Time of the first value.
    pub first_ms: i64,
    /// Distance of two values.
    pub step_ms: i64,
    /// The values.
    pub values: Vec<f64>,
}

impl Equity {
    /// Time of a value.
    #[must_use]
    pub fn time_ms(&self, at: usize) -> i64 {
        self.first_ms + self.step_ms * i64::try_from(at).unwrap_or_default()
    }
}
