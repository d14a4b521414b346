//! Candle times: whole Unix seconds of a bucket's open.

use std::fmt;

/// Open time of a candle, Unix seconds UTC, in `0 ..= 2^33 - 1`.
///
/// Time 0 is a valid value of the pure functions and of the store; the edges (HTTP, venues, files) refuse it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct CandleTime(i64);

/// A number of seconds that is not a candle time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("candle time {0} is outside 0 .. 2^33")]
pub struct TimeError(pub i64);

impl CandleTime {
    /// The smallest candle time.
    pub const MIN: Self = Self(0);
    /// The greatest candle time, 2^33 - 1 (year 2242).
    pub const MAX: Self = Self((1 << 33) - 1);

    /// Accepts `seconds` in `0 ..= 2^33 - 1`.
    ///
    /// # Errors
    /// [`TimeError`] outside that range.
    #[inline]
    pub const fn new(seconds: i64) -> Result<Self, TimeError> {
        if seconds < Self::MIN.0 || seconds > Self::MAX.0 {
            return Err(TimeError(seconds));
        }
        Ok(Self(seconds))
    }

    /// The nearest candle time to `seconds`.
    #[inline]
    #[must_use]
    pub const fn clamped(seconds: i64) -> Self {
        if seconds < Self::MIN.0 {
            Self::MIN
        } else if seconds > Self::MAX.0 {
            Self::MAX
        } else {
            Self(seconds)
        }
    }

    /// Unix seconds.
    #[inline]
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// This time moved by `seconds`, held inside the range of candle times.
    #[inline]
    #[must_use]
    pub const fn shifted(self, seconds: i64) -> Self {
        Self::clamped(self.0.saturating_add(seconds))
    }
}

impl fmt::Debug for CandleTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}", self.0)
    }
}

impl fmt::Display for CandleTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Open time of the newest bucket that is closed at `now_s` (Unix seconds): `max(0, floor(now/tf)*tf - tf)`.
///
/// At an exact boundary the bucket that just ended counts as closed. A timeframe below one second counts as one.
#[must_use]
pub fn latest_closed(now_s: i64, timeframe_s: i64) -> CandleTime {
    let tf = timeframe_s.max(1);
    CandleTime::clamped(now_s.div_euclid(tf) * tf - tf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn range_is_33_bits() {
        assert!(CandleTime::new(-1).is_err());
        assert!(CandleTime::new(0).is_ok());
        assert_eq!(CandleTime::new((1 << 33) - 1), Ok(CandleTime::MAX));
        assert_eq!(CandleTime::new(1 << 33), Err(TimeError(1 << 33)));
    }

    #[test]
    fn bucket_that_just_ended_is_closed() {
        assert_eq!(latest_closed(1_700_000_100, 300).seconds(), 1_699_999_800);
        assert_eq!(latest_closed(1200, 3600).seconds(), 0);
        assert_eq!(latest_closed(0, 3600).seconds(), 0);
        assert_eq!(latest_closed(7201, 3600).seconds(), 3600);
        assert_eq!(latest_closed(120, 0).seconds(), 119);
    }
}
