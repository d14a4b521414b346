//! Markets from a file. freqtrade asks an exchange for its markets at every start and has no way to leave that out; the
//! module `trade_canvas_ft` of Python, which is part of this program, stands in for the answer.

use std::{ffi::OsString, fs, io, path::Path};

use serde_json::{Value, json};

use crate::{base_config::TradingMode, input::Pair};

/// Name of the module that is run in the place of freqtrade.
pub const MODULE: &str = "trade_canvas_ft";
/// Variable that names the document.
pub const FILE_VARIABLE: &str = "TRADE_CANVAS_FREQTRADE_OFFLINE_MARKETS_FILE";
/// Variable that lists the pairs.
pub const PAIRS_VARIABLE: &str = "TRADE_CANVAS_FREQTRADE_OFFLINE_MARKETS_PAIRS";

/// Pair that a document is about when none is named.
const DEFAULT_PAIR: &str = "BTC/USDT";

const SOURCES: &[(&str, &str)] = &[
    (
        "__init__.py",
        include_str!("../../../python/trade_canvas_ft/__init__.py"),
    ),
    (
        "__main__.py",
        include_str!("../../../python/trade_canvas_ft/__main__.py"),
    ),
];

/// The pairs of a list with commas or blanks between them, each once; what is no pair is left out.
#[must_use]
pub fn parse_pairs(text: &str) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let words = text.split(|c: char| c == ',' || c.is_whitespace());
    for pair in words.filter_map(|word| Pair::parse(word).ok()) {
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    pairs
}

/// What every market of a kind allows and costs here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MarketNumbers {
    /// Price step.
    pub price_tick: f64,
    /// Amount step, which is the smallest amount as well.
    pub amount_step: f64,
    /// Greatest amount of an order.
    pub amount_max: f64,
    /// Smallest cost of an order, in quote currency.
    pub cost_min: f64,
    /// Fee of an order that takes, as a share.
    pub taker: f64,
    /// Fee of an order that waits, as a share.
    pub maker: f64,
}

impl MarketNumbers {
    /// Those of a kind of market.
    #[must_use]
    pub const fn of(mode: TradingMode) -> Self {
        match mode {
            TradingMode::Spot => Self {
                price_tick: 0.01,
                amount_step: 0.000_01,
                amount_max: 9_000.0,
                cost_min: 5.0,
                taker: 0.001,
                maker: 0.001,
            },
            TradingMode::Futures => Self {
                price_tick: 0.1,
                amount_step: 0.001,
                amount_max: 1_000.0,
                cost_min: 5.0,
                taker: 0.000_5,
                maker: 0.000_2,
            },
        }
    }
}

/// The document about the markets of these pairs; the same numbers always, for they influence amounts and least stakes.
#[must_use]
pub fn markets_document(pairs: &[Pair], mode: TradingMode) -> Value {
    let default = Pair::parse(DEFAULT_PAIR).ok();
    let pairs: Vec<&Pair> = match pairs {
        [] => default.iter().collect(),
        pairs => pairs.iter().collect(),
    };
    let mut currencies = serde_json::Map::new();
    let codes = |pair: &&Pair| {
        [Some(pair.base()), Some(pair.quote()), pair.settle()].map(|code| code.map(str::to_owned))
    };
    for code in pairs.iter().flat_map(codes).flatten() {
        currencies.insert(
            code.clone(),
            json!({ "id": code, "code": code, "precision": 1e-8 }),
        );
    }
    let markets: Vec<Value> = pairs.iter().map(|pair| market(pair, mode)).collect();
    json!({ "markets": markets, "currencies": currencies })
}

fn market(pair: &Pair, mode: TradingMode) -> Value {
    let futures = mode == TradingMode::Futures;
    let settle = futures.then(|| pair.settle().unwrap_or_else(|| pair.quote()));
    let numbers = MarketNumbers::of(mode);
    let id = format!("{}{}", pair.base(), pair.quote());
    let symbol = match settle {
        Some(settle) => format!("{}/{}:{settle}", pair.base(), pair.quote()),
        None => pair.to_string(),
    };
    let none = || json!({ "min": null, "max": null });
    json!({
        "id": id, "lowercaseId": id.to_lowercase(), "symbol": symbol,
        "base": pair.base(), "quote": pair.quote(), "settle": settle,
        "baseId": pair.base(), "quoteId": pair.quote(), "settleId": settle,
        "type": if futures { "swap" } else { "spot" },
        "spot": !futures, "margin": false, "swap": futures, "future": false, "option": false,
        "contract": futures, "active": true,
        "linear": futures.then_some(true), "inverse": false,
        "contractSize": futures.then_some(1.0),
        "taker": numbers.taker, "maker": numbers.maker,
        "expiry": null, "expiryDatetime": null, "strike": null, "optionType": null,
        "precision": { "price": numbers.price_tick, "amount": numbers.amount_step },
        "limits": {
            "leverage": none(),
            "amount": { "min": numbers.amount_step, "max": numbers.amount_max },
            "price": { "min": numbers.price_tick, "max": null },
            "cost": { "min": numbers.cost_min, "max": null },
        },
        "info": {},
    })
}

/// Writes the module below `folder`, which then is where Python has to look for it.
///
/// # Errors
/// When it cannot be written.
pub fn write_module(folder: &Path) -> io::Result<()> {
    let module = folder.join(MODULE);
    fs::create_dir_all(&module)?;
    for (name, source) in SOURCES {
        fs::write(module.join(name), source)?;
    }
    Ok(())
}

/// `PYTHONPATH` with `folder` before what it was.
///
/// # Errors
/// When a name in it holds the sign that stands between two.
pub fn python_path(folder: &Path, before: Option<&OsString>) -> Result<OsString, std::env::JoinPathsError> {
    let before = before.filter(|before| !before.is_empty());
    let others = before.into_iter().flat_map(std::env::split_paths);
    std::env::join_paths(std::iter::once(folder.to_owned()).chain(others))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<String> {
        parse_pairs(text).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn lists_of_pairs() {
        assert_eq!(
            pairs("BTC/USDT,ETH/USDT  BTC/USDT\tX/Y:Z,, nonsense"),
            ["BTC/USDT", "ETH/USDT", "X/Y:Z"]
        );
        assert_eq!(pairs(" "), [""; 0]);
        let document = markets_document(&[], TradingMode::Spot);
        assert_eq!(document["markets"][0]["symbol"], "BTC/USDT");
    }

    #[test]
    fn a_market_is_spot_or_a_swap() {
        let pair = parse_pairs("BTC/USDT");
        let spot = &markets_document(&pair, TradingMode::Spot)["markets"][0];
        assert_eq!(
            (&spot["type"], &spot["symbol"], &spot["settle"]),
            (&json!("spot"), &json!("BTC/USDT"), &json!(null))
        );
        assert_eq!(
            (&spot["linear"], &spot["contractSize"]),
            (&json!(null), &json!(null))
        );
        assert_eq!(spot["precision"], json!({ "price": 0.01, "amount": 0.00001 }));
        let swap = &markets_document(&parse_pairs("BTC/USDT:USDT"), TradingMode::Futures)["markets"][0];
        assert_eq!(
            (&swap["type"], &swap["symbol"], &swap["settle"]),
            (&json!("swap"), &json!("BTC/USDT:USDT"), &json!("USDT"))
        );
        assert_eq!(
            (&swap["linear"], &swap["contractSize"]),
            (&json!(true), &json!(1.0))
        );
        assert_eq!(swap["limits"]["amount"], json!({ "min": 0.001, "max": 1000.0 }));
    }

    #[test]
    fn the_module_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        write_module(folder.path()).unwrap();
        write_module(folder.path()).unwrap();
        assert!(folder.path().join("trade_canvas_ft/__main__.py").is_file());
        let path =
            |before: Option<&str>| python_path(Path::new("/a"), before.map(OsString::from).as_ref()).unwrap();
        assert_eq!(
            (path(None), path(Some("")), path(Some("/b"))),
            ("/a".into(), "/a".into(), "/a:/b".into())
        );
    }
}
