//! Closed and forming candles.

use crate::CandleTime;

/// A closed candle: final and authoritative, the only input that can change a factor, a drawing or a back-test.
///
/// Always holds `low <= open, close <= high`, prices above zero, a volume of at least zero, all finite.
/// Prices are in quote currency, the volume in base currency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candle {
    time: CandleTime,
    open: f64,
    high: f64,
    low: f64,
    close: f64,
    volume: f64,
}

/// Which rule a set of candle values breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum CandleError {
    /// A value is NaN or infinite.
    #[error("{0} is not a finite number")]
    NotFinite(&'static str),
    /// A price is zero or negative.
    #[error("{0} is not above zero")]
    NotPositive(&'static str),
    /// `high < max(open, close)`.
    #[error("high is below open or close")]
    HighBelowBody,
    /// `low > min(open, close)`.
    #[error("low is above open or close")]
    LowAboveBody,
    /// The volume is negative.
    #[error("volume is negative")]
    NegativeVolume,
}

impl CandleError {
    /// The field that the rule speaks of.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::NotFinite(field) | Self::NotPositive(field) => field,
            Self::HighBelowBody => "high",
            Self::LowAboveBody => "low",
            Self::NegativeVolume => "volume",
        }
    }

    /// A short stable name of the rule, fit for a metric label.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NotFinite(_) => "not_finite",
            Self::NotPositive(_) => "not_positive",
            Self::HighBelowBody => "high_below_body",
            Self::LowAboveBody => "low_above_body",
            Self::NegativeVolume => "negative_volume",
        }
    }
}

impl Candle {
    /// The only way to make a candle.
    ///
    /// # Errors
    /// [`CandleError`] naming the first rule that the values break.
    pub fn new(
        time: CandleTime,
        open: f64,
        high: f64,
        low: f64,
        close: f64,
        volume: f64,
    ) -> Result<Self, CandleError> {
        for (name, value) in [
            ("open", open),
            ("high", high),
            ("low", low),
            ("close", close),
            ("volume", volume),
        ] {
            if !value.is_finite() {
                return Err(CandleError::NotFinite(name));
            }
        }
        for (name, price) in [("open", open), ("high", high), ("low", low), ("close", close)] {
            if price <= 0.0 {
                return Err(CandleError::NotPositive(name));
            }
        }
        if high < open.max(close) {
            return Err(CandleError::HighBelowBody);
        }
        if low > open.min(close) {
            return Err(CandleError::LowAboveBody);
        }
        if volume < 0.0 {
            return Err(CandleError::NegativeVolume);
        }
        Ok(Self {
            time,
            open,
            high,
            low,
            close,
            volume,
        })
    }

    /// Open time of the bucket.
    #[inline]
    #[must_use]
    pub const fn time(&self) -> CandleTime {
        self.time
    }

    /// First price.
    #[inline]
    #[must_use]
    pub const fn open(&self) -> f64 {
        self.open
    }

    /// Highest price.
    #[inline]
    #[must_use]
    pub const fn high(&self) -> f64 {
        self.high
    }

    /// Lowest price.
    #[inline]
    #[must_use]
    pub const fn low(&self) -> f64 {
        self.low
    }

    /// Last price.
    #[inline]
    #[must_use]
    pub const fn close(&self) -> f64 {
        self.close
    }

    /// Traded amount in base currency.
    #[inline]
    #[must_use]
    pub const fn volume(&self) -> f64 {
        self.volume
    }

    /// The same values at another open time.
    #[inline]
    #[must_use]
    pub const fn at(mut self, time: CandleTime) -> Self {
        self.time = time;
        self
    }
}

/// The bar that is still forming. Broadcast for the eye only; no function of the write path takes one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FormingCandle(Candle);

impl FormingCandle {
    /// Marks plausible candle values as unfinished.
    #[must_use]
    pub const fn new(values: Candle) -> Self {
        Self(values)
    }

    /// The values so far. Naming them does not close the candle.
    #[inline]
    #[must_use]
    pub const fn values(&self) -> &Candle {
        &self.0
    }

    /// Open time of the bucket.
    #[inline]
    #[must_use]
    pub const fn time(&self) -> CandleTime {
        self.0.time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candle(open: f64, high: f64, low: f64, close: f64, volume: f64) -> Result<Candle, CandleError> {
        Candle::new(CandleTime::clamped(60), open, high, low, close, volume)
    }

    #[test]
    fn rules() {
        assert!(candle(1.0, 2.0, 0.5, 1.5, 0.0).is_ok());
        assert_eq!(
            candle(f64::NAN, 2.0, 0.5, 1.5, 3.0),
            Err(CandleError::NotFinite("open"))
        );
        assert_eq!(
            candle(1.0, 2.0, 0.5, 1.5, f64::INFINITY),
            Err(CandleError::NotFinite("volume"))
        );
        assert_eq!(
            candle(1.0, 2.0, 0.0, 1.5, 3.0),
            Err(CandleError::NotPositive("low"))
        );
        assert_eq!(candle(1.0, 1.2, 0.5, 1.5, 3.0), Err(CandleError::HighBelowBody));
        assert_eq!(candle(1.0, 2.0, 1.1, 1.5, 3.0), Err(CandleError::LowAboveBody));
        assert_eq!(candle(1.0, 2.0, 0.5, 1.5, -1.0), Err(CandleError::NegativeVolume));
    }
}
