//! Times as files write them, to Unix seconds.

/// Unit of an integer time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeUnit {
    #[cfg(feature = "columnar")]
    Seconds,
    Milliseconds,
    Microseconds,
    #[cfg(feature = "columnar")]
    Nanoseconds,
}

impl TimeUnit {
    pub(crate) const fn per_second(self) -> i64 {
        match self {
            #[cfg(feature = "columnar")]
            Self::Seconds => 1,
            Self::Milliseconds => 1_000,
            Self::Microseconds => 1_000_000,
            #[cfg(feature = "columnar")]
            Self::Nanoseconds => 1_000_000_000,
        }
    }

    /// Whole seconds at or before `value`.
    pub(crate) const fn to_seconds(self, value: i64) -> i64 {
        value.div_euclid(self.per_second())
    }

    /// The unit of an integer column without a declared unit: told by the size of the value.
    #[cfg(feature = "columnar")]
    pub(crate) const fn of_undeclared(value: i64) -> Self {
        match value {
            100_000_000_000_001.. => Self::Nanoseconds,
            100_000_000_001.. => Self::Milliseconds,
            _ => Self::Seconds,
        }
    }

    /// The unit of Binance's `open_time`: milliseconds, and microseconds in newer spot files.
    pub(crate) const fn of_binance_archive(value: i64) -> Self {
        match value {
            100_000_000_000_001.. => Self::Microseconds,
            _ => Self::Milliseconds,
        }
    }
}

/// Unix seconds of a date text, taken as UTC unless it names an offset.
///
/// `YYYY-MM-DD`, optionally followed by `T` or a blank and `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fraction`, then
/// optionally `Z`, `UTC` or `±HH:MM`. Fractions of a second are cut off.
pub(crate) fn parse_utc(text: &str) -> Option<i64> {
    let text = text.trim_ascii().as_bytes();
    let (date, rest) = text.split_at_checked(10)?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *date else {
        return None;
    };
    let year = number(&[y1, y2, y3, y4])?;
    let midnight = days_from_civil(year, number(&[m1, m2])?, number(&[d1, d2])?)? * 86_400;
    let Some((separator, rest)) = rest.split_first() else {
        return Some(midnight);
    };
    if !matches!(separator, b'T' | b't' | b' ') {
        return None;
    }
    let (clock, rest) = rest.split_at_checked(5)?;
    let [h1, h2, b':', n1, n2] = *clock else {
        return None;
    };
    let (hour, minute) = (number(&[h1, h2])?, number(&[n1, n2])?);
    let (second, rest) = match rest {
        [b':', s1, s2, rest @ ..] => (number(&[*s1, *s2])?, without_fraction(rest)?),
        rest => (0, rest),
    };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(midnight + hour * 3_600 + minute * 60 + second - offset_seconds(rest)?)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |n, digit| {
        digit.is_ascii_digit().then(|| n * 10 + i64::from(digit - b'0'))
    })
}

fn without_fraction(text: &[u8]) -> Option<&[u8]> {
    let Some(fraction) = text.strip_prefix(b".") else {
        return Some(text);
    };
    let digits = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
    (digits > 0).then(|| &fraction[digits..])
}

fn offset_seconds(text: &[u8]) -> Option<i64> {
    match text.trim_ascii() {
        b"" | b"Z" | b"z" | b"UTC" => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, rest @ ..] => {
            let [m1, m2] = *rest.strip_prefix(b":").unwrap_or(rest) else {
                return None;
            };
            let (hours, minutes) = (number(&[*h1, *h2])?, number(&[m1, m2])?);
            let seconds = hours * 3_600 + minutes * 60;
            (hours <= 23 && minutes <= 59).then_some(if *sign == b'-' { -seconds } else { seconds })
        }
        _ => None,
    }
}

/// Days between 1970-01-01 and a date of the Gregorian calendar; `None` when there is no such date.
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let month_days = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=month_days).contains(&day) {
        return None;
    }
    // The year is taken to begin in March, so that the leap day is its last.
    let year = year - i64::from(month <= 2);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days_before_year = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(days_before_year + day_of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        for (text, seconds) in [
            ("1970-01-01", 0),
            ("1969-12-31 23:59", -60),
            ("2000-02-29", 951_782_400),
            ("2023-11-14 22:14:00", 1_700_000_040),
            ("2023-11-14T22:14:00Z", 1_700_000_040),
            ("2023-11-14T22:14:00.999999999Z", 1_700_000_040),
            ("2023-11-14 22:14:00+00:00", 1_700_000_040),
            ("2023-11-14 22:14:00 UTC", 1_700_000_040),
            ("2023-11-15T06:14:00+08:00", 1_700_000_040),
            ("2023-11-14T16:44-0530", 1_700_000_040),
            ("2024-12-31T23:59:59", 1_735_689_599),
            (" 2023-11-14 22:14 ", 1_700_000_040),
        ] {
            assert_eq!(parse_utc(text), Some(seconds), "{text}");
        }
        for text in [
            "",
            "2023",
            "2023-11",
            "2023-13-01",
            "2023-00-01",
            "2023-02-29",
            "1900-02-29",
            "2023-11-31",
            "2023-11-00",
            "2023-11-14 24:00",
            "2023-11-14 23:60",
            "2023-11-14 23:59:60",
            "2023-11-14x22:14",
            "2023-11-14 22",
            "2023-11-14 22:14:00.",
            "2023-11-14 22:14:00+8",
            "2023-11-14 22:14:00 CET",
            "1700000040",
            "+023-11-14",
            "2023-11-1\u{e9}",
        ] {
            assert_eq!(parse_utc(text), None, "{text}");
        }
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut expected = days_from_civil(1899, 12, 31).unwrap();
        for year in 1900..2243 {
            for month in 1..=12 {
                for day in 1..=31 {
                    if let Some(days) = days_from_civil(year, month, day) {
                        expected += 1;
                        assert_eq!(days, expected, "{year}-{month}-{day}");
                    }
                }
            }
        }
    }

    #[cfg(feature = "columnar")]
    #[test]
    fn undeclared_units_are_told_by_size() {
        for (value, seconds) in [
            (1_700_000_040, 1_700_000_040),
            (100_000_000_000, 100_000_000_000),
            (1_700_000_040_000, 1_700_000_040),
            (1_700_000_040_999, 1_700_000_040),
            (1_700_000_040_000_000_000, 1_700_000_040),
            (-1, -1),
        ] {
            assert_eq!(
                TimeUnit::of_undeclared(value).to_seconds(value),
                seconds,
                "{value}"
            );
        }
    }
}
