//! The configuration of the user, as far as a run takes something from it.

use std::{fs, io, path::Path};

use serde_json::{Map, Value};

use crate::input::{Pair, is_currency};

/// Currency that stakes are in when nothing is said.
const STAKE_CURRENCY: &str = "USDT";

/// Which market is traded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TradingMode {
    /// Spot.
    Spot,
    /// Perpetual futures.
    Futures,
}

impl TradingMode {
    /// freqtrade's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Spot => "spot",
            Self::Futures => "futures",
        }
    }
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BaseConfigError {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Read(#[from] io::Error),
    /// It is no JSON.
    #[error("it is no JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is JSON, but no object.
    #[error("it is no JSON object")]
    NoObject,
    /// A value has a wrong type or meaning.
    #[error("{key} must be {expected}")]
    Value {
        /// Which.
        key: &'static str,
        /// What it has to be.
        expected: &'static str,
    },
}

/// See the module.
#[derive(Debug, Clone, PartialEq)]
pub struct BaseConfig(Map<String, Value>);

impl BaseConfig {
    /// Reads the file.
    ///
    /// # Errors
    /// [`BaseConfigError`].
    pub fn read(file: &Path) -> Result<Self, BaseConfigError> {
        Self::parse(&fs::read_to_string(file)?)
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// [`BaseConfigError`] but for [`BaseConfigError::Read`].
    pub fn parse(text: &str) -> Result<Self, BaseConfigError> {
        let Value::Object(keys) = serde_json::from_str(text)? else {
            return Err(BaseConfigError::NoObject);
        };
        let config = Self(keys);
        let wrong = |key, expected| Err(BaseConfigError::Value { key, expected });
        match config.get("trading_mode") {
            None | Some(Value::Null) => {}
            Some(Value::String(mode)) if matches!(mode.as_str(), "spot" | "futures" | "") => {}
            Some(_) => return wrong("trading_mode", "spot or futures"),
        }
        match config.get("stake_currency") {
            None | Some(Value::Null) => {}
            Some(Value::String(currency)) if is_currency(currency) => {}
            Some(_) => return wrong("stake_currency", "the code of a currency"),
        }
        Ok(config)
    }

    /// The same with other values; a null changes nothing.
    #[must_use]
    pub fn with(&self, values: &Map<String, Value>) -> Self {
        let mut keys = self.0.clone();
        let given = values.iter().filter(|(_, value)| !value.is_null());
        keys.extend(given.map(|(key, value)| (key.clone(), value.clone())));
        Self(keys)
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Which market is traded.
    #[must_use]
    pub fn trading_mode(&self) -> TradingMode {
        match self.get("trading_mode").and_then(Value::as_str) {
            Some("futures") => TradingMode::Futures,
            _ => TradingMode::Spot,
        }
    }

    /// Currency that stakes are in.
    #[must_use]
    pub fn stake_currency(&self) -> &str {
        let named = self.get("stake_currency").and_then(Value::as_str);
        named.unwrap_or(STAKE_CURRENCY)
    }

    /// The data directory that it names.
    #[must_use]
    pub fn data_dir(&self) -> Option<&str> {
        let named = self.get("datadir").and_then(Value::as_str).map(str::trim);
        named.filter(|named| !named.is_empty())
    }

    /// A value of the section about the exchange.
    #[must_use]
    pub fn of_exchange(&self, key: &str) -> Option<&Value> {
        self.get("exchange")?.get(key)
    }

    /// The pair as freqtrade wants it: with a settle currency for a future.
    #[must_use]
    pub fn resolve(&self, pair: Pair) -> Pair {
        match self.trading_mode() {
            TradingMode::Spot => pair,
            TradingMode::Futures => pair.settled_in(self.stake_currency()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> BaseConfig {
        BaseConfig::parse(text).unwrap()
    }

    #[test]
    fn an_empty_one_is_spot_in_usdt() {
        let empty = config("{}");
        assert_eq!(
            (empty.trading_mode(), empty.stake_currency()),
            (TradingMode::Spot, "USDT")
        );
        assert_eq!((empty.data_dir(), empty.of_exchange("name")), (None, None));
    }

    #[test]
    fn a_future_is_settled_in_the_stake_currency() {
        let futures = config(r#"{"trading_mode": "futures", "stake_currency": "USDC", "datadir": " x "}"#);
        let pair = |text: &str| futures.resolve(Pair::parse(text).unwrap()).to_string();
        assert_eq!(
            (pair("BTC/USDC"), pair("BTC/USD:BTC")),
            ("BTC/USDC:USDC".to_owned(), "BTC/USD:BTC".to_owned())
        );
        assert_eq!(futures.data_dir(), Some("x"));
        let spot = config("{}").resolve(Pair::parse("BTC/USDT").unwrap());
        assert_eq!(spot.to_string(), "BTC/USDT");
    }

    #[test]
    fn other_values_win_and_nulls_do_not() {
        let other = config(r#"{"fee": 0.5, "stoploss": null, "dry_run_wallet": 7}"#);
        let changed = config(r#"{"fee": 0.1, "stoploss": -0.2}"#).with(&other.0);
        assert_eq!(
            changed,
            config(r#"{"fee": 0.5, "stoploss": -0.2, "dry_run_wallet": 7}"#)
        );
    }

    #[test]
    fn what_becomes_a_file_name_is_checked() {
        for text in [
            r#"{"stake_currency": "../x"}"#,
            r#"{"stake_currency": 1}"#,
            r#"{"trading_mode": "margin"}"#,
            "[]",
            "{",
        ] {
            assert!(BaseConfig::parse(text).is_err(), "{text}");
        }
    }
}
