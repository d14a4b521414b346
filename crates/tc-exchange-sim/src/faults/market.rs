//! What the exchange knows.

use serde::{Deserialize, Serialize};
use tc_market::Candle;

/// A fault of the exchange's knowledge. Its window lies over the open times of buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum MarketFault {
    /// The buckets that lie in the window, in part or whole, do not exist: no frames and no rows.
    Outage,
    /// Final frames say other values than the rows, which are right.
    Correction,
    /// The exchange's clock is off: the times of events and of `time`; buckets open and close as ever.
    ClockSkew {
        /// How much it is ahead, in milliseconds.
        by_ms: i64,
    },
}

impl MarketFault {
    /// What a final frame says before the exchange thinks better of it ([`MarketFault::Correction`]): another close and
    /// less volume.
    #[must_use]
    pub fn provisional(right: &Candle) -> Candle {
        let (open, high, low, close) = (right.open(), right.high(), right.low(), right.close());
        let other_close = if close.total_cmp(&open).is_eq() { low } else { open };
        let halved = right.volume() / 2.0;
        let said = Candle::new(right.time(), open, high, low, other_close, halved).unwrap_or(*right);
        if said == *right {
            // Nothing moved and nothing was traded: a trade that is taken back.
            return Candle::new(right.time(), open, high, low, close, 1.0).unwrap_or(said);
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use tc_market::CandleTime;

    use super::*;

    #[test]
    fn a_provisional_candle_is_another_one() {
        for (open, high, low, close, volume) in [
            (1.0, 3.0, 0.5, 2.0, 4.0),
            (2.0, 3.0, 0.5, 2.0, 4.0),
            (2.0, 2.0, 2.0, 2.0, 0.0),
        ] {
            let right = Candle::new(CandleTime::clamped(60), open, high, low, close, volume).unwrap();
            let said = MarketFault::provisional(&right);
            assert_ne!(said, right);
            assert_eq!((said.time(), said.open()), (right.time(), right.open()));
        }
    }
}
