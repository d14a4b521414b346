//! What a client may name. Every value becomes a file name or an argument of a program, so each is read strictly: one
//! that begins with `-` would be taken for an option, one with `..` would leave the data directory.

#[cfg(test)]
mod tests;

use std::fmt;

/// A text that is not what it has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// No class name of Python.
    #[error("a strategy is called [A-Za-z_][A-Za-z0-9_]*")]
    StrategyName,
    /// No pair.
    #[error("a pair is BASE/QUOTE or BASE/QUOTE:SETTLE in capitals and digits")]
    Pair,
    /// No timeframe.
    #[error("a timeframe is a number from 1 to 999 and one of m, h, d, w, M")]
    Timeframe,
    /// No range of times.
    #[error(
        "a timerange is FROM-TO, each empty or YYYYMMDD, YYYYMMDDTHHMM, YYYYMMDDTHHMMSS, Unix seconds or milliseconds"
    )]
    Timerange,
}

/// Name of a strategy: a class of Python.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StrategyName(String);

impl StrategyName {
    /// Reads a name.
    ///
    /// # Errors
    /// [`InputError::StrategyName`].
    pub fn parse(text: &str) -> Result<Self, InputError> {
        let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        is_name
            .then(|| Self(text.to_owned()))
            .ok_or(InputError::StrategyName)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StrategyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Longest code of a currency.
const MAX_CURRENCY: usize = 20;

/// A pair as freqtrade writes it: `BTC/USDT`, or `BTC/USDT:USDT` for a future.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    base: String,
    quote: String,
    settle: Option<String>,
}

impl Pair {
    /// Reads a pair.
    ///
    /// # Errors
    /// [`InputError::Pair`].
    pub fn parse(text: &str) -> Result<Self, InputError> {
        let (base, rest) = text.split_once('/').ok_or(InputError::Pair)?;
        let (quote, settle) = match rest.split_once(':') {
            Some((quote, settle)) => (quote, Some(settle)),
            None => (rest, None),
        };
        let are_codes = [Some(base), Some(quote), settle]
            .into_iter()
            .flatten()
            .all(is_currency);
        are_codes
            .then(|| Self {
                base: base.to_owned(),
                quote: quote.to_owned(),
                settle: settle.map(str::to_owned),
            })
            .ok_or(InputError::Pair)
    }

    /// The pair with a currency that it is settled in; the given one, unless it names one itself.
    #[must_use]
    pub fn settled_in(self, currency: &str) -> Self {
        let settle = self.settle.unwrap_or_else(|| currency.to_owned());
        Self {
            settle: Some(settle),
            ..self
        }
    }

    /// What is traded.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// What it is priced in.
    #[must_use]
    pub fn quote(&self) -> &str {
        &self.quote
    }

    /// What a future is settled in.
    #[must_use]
    pub fn settle(&self) -> Option<&str> {
        self.settle.as_deref()
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.quote)?;
        match &self.settle {
            Some(settle) => write!(f, ":{settle}"),
            None => Ok(()),
        }
    }
}

/// Whether this may be the code of a currency.
pub(crate) fn is_currency(text: &str) -> bool {
    (1..=MAX_CURRENCY).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// A timeframe as freqtrade writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeframe(String);

impl Timeframe {
    /// Reads a timeframe.
    ///
    /// # Errors
    /// [`InputError::Timeframe`].
    pub fn parse(text: &str) -> Result<Self, InputError> {
        let number = text.strip_suffix(['m', 'h', 'd', 'w', 'M']).unwrap_or_default();
        let is_number = (1..=3).contains(&number.len())
            && number.bytes().all(|b| b.is_ascii_digit())
            && !number.starts_with('0');
        is_number
            .then(|| Self(text.to_owned()))
            .ok_or(InputError::Timeframe)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text within the name of a file: a month and a minute must differ where capitals do not count.
    #[must_use]
    pub fn in_file_name(&self) -> String {
        match self.0.strip_suffix('M') {
            Some(number) => format!("{number}Mo"),
            None => self.0.clone(),
        }
    }
}

impl fmt::Display for Timeframe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A range of times as freqtrade writes it; at least one end is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timerange {
    text: String,
    from_ms: Option<i64>,
    to_ms: Option<i64>,
}

impl Timerange {
    /// Reads a range; a blank text is none.
    ///
    /// # Errors
    /// [`InputError::Timerange`].
    pub fn parse(text: &str) -> Result<Option<Self>, InputError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let (from, to) = text.split_once('-').ok_or(InputError::Timerange)?;
        let end = |text: &str| match text {
            "" => Ok(None),
            text => instant_ms(text).map(Some).ok_or(InputError::Timerange),
        };
        match (end(from)?, end(to)?) {
            (None, None) => Err(InputError::Timerange),
            (Some(from), Some(to)) if from >= to => Err(InputError::Timerange),
            (from_ms, to_ms) => Ok(Some(Self {
                text: text.to_owned(),
                from_ms,
                to_ms,
            })),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// First instant, Unix milliseconds; `None`: from the beginning.
    #[must_use]
    pub const fn from_ms(&self) -> Option<i64> {
        self.from_ms
    }

    /// Last instant, Unix milliseconds, inclusive; `None`: to the end.
    #[must_use]
    pub const fn to_ms(&self) -> Option<i64> {
        self.to_ms
    }
}

/// Unix milliseconds of one end of a range.
fn instant_ms(text: &str) -> Option<i64> {
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (date, clock) = match text.split_once('T') {
        Some((date, clock)) => (date, Some(clock)),
        None => (text, None),
    };
    if !is_digits(date) || !clock.is_none_or(is_digits) {
        return None;
    }
    let clock_s = match clock {
        None => 0,
        Some(clock) => seconds_of_day(clock)?,
    };
    match (date.len(), clock) {
        (8, _) => Some((day_number(date)? * 86_400 + clock_s) * 1_000),
        (10, None) => Some(date.parse::<i64>().ok()? * 1_000),
        (13, None) => date.parse().ok(),
        _ => None,
    }
}

/// `HHMM` or `HHMMSS`.
fn seconds_of_day(clock: &str) -> Option<i64> {
    let two = |at: usize| clock.get(at..at + 2)?.parse::<i64>().ok();
    let (hours, minutes) = (two(0)?, two(2)?);
    let seconds = match clock.len() {
        4 => 0,
        6 => two(4)?,
        _ => return None,
    };
    let exists = hours < 24 && minutes < 60 && seconds < 60;
    exists.then_some(hours * 3_600 + minutes * 60 + seconds)
}

/// Days since 1970-01-01 of an existing day `YYYYMMDD` of the Gregorian calendar.
fn day_number(date: &str) -> Option<i64> {
    let year: i64 = date.get(..4)?.parse().ok()?;
    let month: i64 = date.get(4..6)?.parse().ok()?;
    let day: i64 = date.get(6..8)?.parse().ok()?;
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if year == 0 || !(1..=days).contains(&day) {
        return None;
    }
    // Years begin in March here, so that a leap day is the last day of one.
    let shifted = if month > 2 { year } else { year - 1 };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days = shifted.div_euclid(4) - shifted.div_euclid(100) + shifted.div_euclid(400);
    Some(shifted * 365 + leap_days + of_year - 719_468)
}
