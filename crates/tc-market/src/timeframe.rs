//! Timeframes: `^[1-9][0-9]{0,5}[mhd]$`, aligned to the Unix epoch.

use std::{fmt, str::FromStr};

use crate::CandleTime;

/// Unit of a timeframe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeframeUnit {
    /// 60 seconds.
    Minute,
    /// 3,600 seconds.
    Hour,
    /// 86,400 seconds.
    Day,
}

impl TimeframeUnit {
    const fn seconds(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }

    const fn letter(self) -> char {
        match self {
            Self::Minute => 'm',
            Self::Hour => 'h',
            Self::Day => 'd',
        }
    }
}

/// Length of a candle. `24h` and `1d` have equal length but are different timeframes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timeframe {
    unit: TimeframeUnit,
    count: u32,
}

/// A text that is not a timeframe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("timeframe {0:?} is not a positive number of at most six digits followed by m, h or d")]
pub struct TimeframeError(pub String);

impl Timeframe {
    /// `1m`.
    pub const MINUTE: Self = Self {
        unit: TimeframeUnit::Minute,
        count: 1,
    };

    /// Length in seconds.
    #[inline]
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.count as i64 * self.unit.seconds()
    }

    /// Open time of the bucket that holds `time`.
    #[inline]
    #[must_use]
    pub const fn align(self, time: CandleTime) -> CandleTime {
        let s = self.seconds();
        CandleTime::clamped(time.seconds().div_euclid(s) * s)
    }

    /// Whether `time` is the open of a bucket.
    #[inline]
    #[must_use]
    pub const fn is_aligned(self, time: CandleTime) -> bool {
        time.seconds() % self.seconds() == 0
    }

    /// Open time of the bucket after the one that opens at `time`.
    #[inline]
    #[must_use]
    pub const fn next(self, time: CandleTime) -> CandleTime {
        time.shifted(self.seconds())
    }

    /// Whether candles of `base` add up to candles of this timeframe: a true multiple, not the same length.
    #[must_use]
    pub const fn rolls_up_from(self, base: Self) -> bool {
        self.seconds() > base.seconds() && self.seconds() % base.seconds() == 0
    }
}

impl FromStr for Timeframe {
    type Err = TimeframeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || TimeframeError(text.to_owned());
        let (unit, digits) = match text.as_bytes().split_last() {
            Some((b'm', digits)) => (TimeframeUnit::Minute, digits),
            Some((b'h', digits)) => (TimeframeUnit::Hour, digits),
            Some((b'd', digits)) => (TimeframeUnit::Day, digits),
            _ => return Err(error()),
        };
        let plausible =
            (1..=6).contains(&digits.len()) && digits[0] != b'0' && digits.iter().all(u8::is_ascii_digit);
        if !plausible {
            return Err(error());
        }
        let count = digits.iter().fold(0, |n, d| n * 10 + u32::from(d - b'0'));
        Ok(Self { unit, count })
    }
}

impl fmt::Display for Timeframe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count, self.unit.letter())
    }
}

impl fmt::Debug for Timeframe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn grammar() {
        for (text, seconds) in [
            ("1m", 60),
            ("7m", 420),
            ("90m", 5400),
            ("24h", 86_400),
            ("1d", 86_400),
        ] {
            let tf: Timeframe = text.parse().unwrap();
            assert_eq!((tf.seconds(), tf.to_string().as_str()), (seconds, text));
        }
        for text in [
            "1M", "1H", "1D", "1w", "1s", "60", "0m", "-5m", "+5m", "05m", "m", "1.5h", " 1m", "1m ", "",
            "1234567m", "\u{661}m",
        ] {
            assert_eq!(text.parse::<Timeframe>(), Err(TimeframeError(text.to_owned())));
        }
    }

    #[test]
    fn equal_length_is_not_equal_timeframe() {
        let (day, hours): (Timeframe, Timeframe) = ("1d".parse().unwrap(), "24h".parse().unwrap());
        assert_ne!(day, hours);
        assert!(!day.rolls_up_from(hours));
    }

    proptest! {
        #[test]
        fn alignment_is_idempotent_and_at_most_one_bucket_back(n in 1u32..=999_999, t in 0i64..(1 << 33)) {
            let tf: Timeframe = format!("{n}m").parse().unwrap();
            let time = CandleTime::new(t).unwrap();
            let open = tf.align(time);
            prop_assert!(tf.is_aligned(open));
            prop_assert_eq!(tf.align(open), open);
            prop_assert!(open <= time && t - open.seconds() < tf.seconds());
        }
    }
}
