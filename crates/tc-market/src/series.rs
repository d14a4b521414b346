//! Series identifiers: `{exchange}:{market}:{symbol}:{timeframe}`.

use std::{borrow::Borrow, fmt, hash, str::FromStr, sync::Arc};

use crate::{CandleTime, Timeframe};

const MAX_ID_BYTES: usize = 128;
const MAX_NAME_BYTES: usize = 32;
const MAX_SYMBOL_BYTES: usize = 64;

/// One sequence of candles. The text is the identity: no case folding, no normalisation.
///
/// Cheap to clone. The symbol may contain colons: `binance:futures:BTC/USDT:USDT:1h` is the symbol `BTC/USDT:USDT`.
#[derive(Clone)]
pub struct SeriesId {
    text: Arc<str>,
    market_start: u8,
    symbol_start: u8,
    timeframe_start: u8,
    timeframe: Timeframe,
}

/// Which kind of market a series is traded on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarketKind {
    /// Spot trading.
    Spot,
    /// USD-margined perpetual contracts.
    Futures,
}

impl MarketKind {
    /// Every known kind.
    pub const ALL: [Self; 2] = [Self::Spot, Self::Futures];

    /// The name used in series ids.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spot => "spot",
            Self::Futures => "futures",
        }
    }
}

impl fmt::Display for MarketKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that is not a series id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("series id {text:?} is malformed: {reason}")]
pub struct SeriesIdError {
    /// The refused text.
    pub text: String,
    /// Which rule it breaks.
    pub reason: &'static str,
}

impl SeriesId {
    /// Puts an id together from its parts.
    ///
    /// # Errors
    /// [`SeriesIdError`] when a part breaks the grammar.
    pub fn from_parts(
        exchange: &str,
        market: &str,
        symbol: &str,
        timeframe: Timeframe,
    ) -> Result<Self, SeriesIdError> {
        format!("{exchange}:{market}:{symbol}:{timeframe}").parse()
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// First part, `^[a-z0-9_]{1,32}$`.
    #[must_use]
    pub fn exchange(&self) -> &str {
        &self.text[..usize::from(self.market_start) - 1]
    }

    /// Second part, `^[a-z0-9_]{1,32}$`; not necessarily a known [`MarketKind`].
    #[must_use]
    pub fn market(&self) -> &str {
        &self.text[usize::from(self.market_start)..usize::from(self.symbol_start) - 1]
    }

    /// The market as a known kind, `None` for any other name.
    #[must_use]
    pub fn market_kind(&self) -> Option<MarketKind> {
        MarketKind::ALL
            .into_iter()
            .find(|kind| kind.name() == self.market())
    }

    /// Everything between market and timeframe; may contain colons.
    #[must_use]
    pub fn symbol(&self) -> &str {
        &self.text[usize::from(self.symbol_start)..usize::from(self.timeframe_start) - 1]
    }

    /// Last part.
    #[must_use]
    pub const fn timeframe(&self) -> Timeframe {
        self.timeframe
    }

    /// The series of the same exchange, market and symbol with another timeframe.
    ///
    /// # Errors
    /// [`SeriesIdError`] when the longer timeframe text makes the id too long.
    pub fn with_timeframe(&self, timeframe: Timeframe) -> Result<Self, SeriesIdError> {
        Self::from_parts(self.exchange(), self.market(), self.symbol(), timeframe)
    }
}

impl FromStr for SeriesId {
    type Err = SeriesIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |reason| SeriesIdError {
            text: text.to_owned(),
            reason,
        };
        if text.len() > MAX_ID_BYTES {
            return Err(error("longer than 128 bytes"));
        }
        let (exchange, rest) = text
            .split_once(':')
            .ok_or_else(|| error("fewer than four parts"))?;
        let (market, rest) = rest
            .split_once(':')
            .ok_or_else(|| error("fewer than four parts"))?;
        let (symbol, timeframe) = rest
            .rsplit_once(':')
            .ok_or_else(|| error("fewer than four parts"))?;
        if !is_name(exchange) {
            return Err(error("exchange is not one to 32 of a-z, 0-9 and _"));
        }
        if !is_name(market) {
            return Err(error("market is not one to 32 of a-z, 0-9 and _"));
        }
        if !is_symbol(symbol) {
            return Err(error(
                "symbol is not one to 64 of A-Z, a-z, 0-9 and ._/:- without a colon at its ends",
            ));
        }
        let timeframe = timeframe
            .parse()
            .map_err(|_| error("timeframe is not a positive number and m, h or d"))?;
        let offset = |position: usize| u8::try_from(position).map_err(|_| error("longer than 128 bytes"));
        let symbol_start = exchange.len() + market.len() + 2;
        Ok(Self {
            market_start: offset(exchange.len() + 1)?,
            symbol_start: offset(symbol_start)?,
            timeframe_start: offset(symbol_start + symbol.len() + 1)?,
            timeframe,
            text: text.into(),
        })
    }
}

fn is_name(text: &str) -> bool {
    (1..=MAX_NAME_BYTES).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn is_symbol(text: &str) -> bool {
    (1..=MAX_SYMBOL_BYTES).contains(&text.len())
        && !text.starts_with(':')
        && !text.ends_with(':')
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._/:-".contains(&b))
}

impl PartialEq for SeriesId {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for SeriesId {}

impl PartialOrd for SeriesId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SeriesId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}

impl hash::Hash for SeriesId {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl Borrow<str> for SeriesId {
    fn borrow(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for SeriesId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for SeriesId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Identity of one candle: series and open time. Text form `{series_id}:{candle_time}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CandleId {
    /// The series.
    pub series: SeriesId,
    /// The open time.
    pub time: CandleTime,
}

impl fmt::Display for CandleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.series, self.time)
    }
}

impl FromStr for CandleId {
    type Err = SeriesIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |reason| SeriesIdError {
            text: text.to_owned(),
            reason,
        };
        let (series, time) = text.rsplit_once(':').ok_or_else(|| error("no candle time"))?;
        let time = time.parse().map_err(|_| error("candle time is not an integer"))?;
        let time = CandleTime::new(time).map_err(|_| error("candle time is out of range"))?;
        Ok(Self {
            series: series.parse()?,
            time,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parts() {
        let id: SeriesId = "binance:futures:BTC/USDT:USDT:1h".parse().unwrap();
        assert_eq!(
            (
                id.exchange(),
                id.market(),
                id.symbol(),
                id.timeframe().to_string().as_str()
            ),
            ("binance", "futures", "BTC/USDT:USDT", "1h")
        );
        assert_eq!(id.market_kind(), Some(MarketKind::Futures));
        assert_eq!(
            id.with_timeframe("5m".parse().unwrap()).unwrap().as_str(),
            "binance:futures:BTC/USDT:USDT:5m"
        );
    }

    #[test]
    fn malformed() {
        let long_symbol = format!("binance:spot:{}:1m", "A".repeat(65));
        let long_name = format!("{}:spot:A/B:1m", "a".repeat(33));
        for text in [
            "",
            "bogus",
            "not-a-series",
            "binance:spot:1m",
            "binance:spot::1m",
            "Binance:spot:A/B:1m",
            "binance:Spot:A/B:1m",
            ":spot:A/B:1m",
            "binance::A/B:1m",
            "binance:spot::A/B:1m",
            "binance:spot:A/B::1m",
            "binance:spot:A/B:",
            "binance:spot:A/B:1w",
            "binance:spot:A B:1m",
            "binance:spot:A/B:1m ",
            "binance:spot:A\u{e9}/B:1m",
            &long_symbol,
            &long_name,
        ] {
            assert!(text.parse::<SeriesId>().is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn candle_id_splits_at_the_last_colon() {
        let id: CandleId = "binance:spot:BTC/USDT:1m:1700000040".parse().unwrap();
        assert_eq!(
            (id.series.as_str(), id.time.seconds()),
            ("binance:spot:BTC/USDT:1m", 1_700_000_040)
        );
        assert_eq!(id.to_string(), "binance:spot:BTC/USDT:1m:1700000040");
        assert!("binance:spot:BTC/USDT:1m".parse::<CandleId>().is_err());
    }

    proptest! {
        #[test]
        fn text_round_trips(
            exchange in "[a-z0-9_]{1,32}", market in "[a-z0-9_]{1,16}",
            symbol in "[A-Za-z0-9._/-]([A-Za-z0-9._/:-]{0,40}[A-Za-z0-9._/-])?", n in 1u32..=999_999, unit in "[mhd]",
        ) {
            let text = format!("{exchange}:{market}:{symbol}:{n}{unit}");
            let id: SeriesId = text.parse().unwrap();
            prop_assert_eq!(id.as_str(), text.as_str());
            prop_assert_eq!((id.exchange(), id.market(), id.symbol()), (exchange.as_str(), market.as_str(), symbol.as_str()));
        }

        #[test]
        fn any_text_is_refused_or_kept(text in any::<String>()) {
            if let Ok(id) = text.parse::<SeriesId>() {
                prop_assert_eq!(id.as_str(), text.as_str());
            }
        }
    }
}
