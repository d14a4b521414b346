//! How often the open bucket is shown.

use tc_market::CandleTime;

/// Lets a forming candle through when its bucket is new or enough time has passed.
#[derive(Debug, Clone)]
pub struct FormingThrottle {
    min_interval_ms: u64,
    last: Option<(CandleTime, u64)>,
}

impl FormingThrottle {
    /// `min_interval_ms` between two frames of one bucket, default of the product 250; 0 lets everything through.
    #[must_use]
    pub const fn new(min_interval_ms: u64) -> Self {
        Self {
            min_interval_ms,
            last: None,
        }
    }

    /// Whether the forming candle of `time` is shown at `now_ms` (monotonic milliseconds).
    ///
    /// A bucket at or below `last_closed` never is: its final candle is out already.
    pub fn admit(&mut self, time: CandleTime, last_closed: Option<CandleTime>, now_ms: u64) -> bool {
        if last_closed.is_some_and(|closed| time <= closed) {
            return false;
        }
        let too_soon = self.last.is_some_and(|(shown, at_ms)| {
            shown == time && now_ms.saturating_sub(at_ms) < self.min_interval_ms
        });
        if !too_soon {
            self.last = Some((time, now_ms));
        }
        !too_soon
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: i64) -> CandleTime {
        CandleTime::clamped(seconds)
    }

    #[test]
    fn one_frame_per_interval_and_every_new_bucket() {
        let mut throttle = FormingThrottle::new(250);
        assert!(throttle.admit(at(60), None, 1_000));
        assert!(!throttle.admit(at(60), None, 1_249));
        assert!(throttle.admit(at(60), None, 1_250));
        assert!(
            throttle.admit(at(120), None, 1_251),
            "a new bucket is shown at once"
        );
        assert!(!throttle.admit(at(120), None, 1_300));
    }

    #[test]
    fn nothing_at_or_below_the_last_closed_candle() {
        let mut throttle = FormingThrottle::new(0);
        assert!(!throttle.admit(at(60), Some(at(60)), 1));
        assert!(throttle.admit(at(120), Some(at(60)), 1));
        assert!(throttle.admit(at(120), Some(at(60)), 1), "no throttle");
    }
}
