//! What a file name and its folders say about the series inside.

use std::path::{Component, Path};

use tc_market::{MarketKind, SeriesId, Timeframe};

use crate::SkipReason;

/// Assets that Binance quotes prices in. A symbol without a separator is split before the longest that ends it.
const QUOTES: &[&str] = &[
    "USDT", "USDC", "FDUSD", "TUSD", "BUSD", "USDP", "USDS", "USD1", "USDE", "RLUSD", "BFUSD", "XUSD", "PAX",
    "DAI", "VAI", "BTC", "ETH", "BNB", "XRP", "TRX", "DOGE", "DOT", "SOL", "EUR", "EURI", "AEUR", "TRY",
    "GBP", "AUD", "BRL", "JPY", "RUB", "UAH", "NGN", "ZAR", "PLN", "RON", "CZK", "ARS", "MXN", "COP", "IDR",
    "IDRT", "BIDR", "BKRW", "BVND", "USD",
];

/// Folder names that are taken for the exchange of the files below them.
const EXCHANGES: &[&str] = &[
    "aster",
    "bequant",
    "bigone",
    "binance",
    "binancecoinm",
    "binanceus",
    "binanceusdm",
    "bingx",
    "bit2c",
    "bitbank",
    "bitfinex",
    "bitflyer",
    "bitget",
    "bithumb",
    "bitmart",
    "bitmex",
    "bitopro",
    "bitrue",
    "bitso",
    "bitstamp",
    "bitteam",
    "bitvavo",
    "btcmarkets",
    "btcturk",
    "bybit",
    "bybiteu",
    "cex",
    "coinbase",
    "coinbaseexchange",
    "coinbaseinternational",
    "coinex",
    "coinmate",
    "cryptocom",
    "delta",
    "deribit",
    "digifinex",
    "exmo",
    "gate",
    "gateio",
    "gemini",
    "hashkey",
    "hitbtc",
    "htx",
    "huobi",
    "hyperliquid",
    "independentreserve",
    "indodax",
    "kraken",
    "krakenfutures",
    "kucoin",
    "kucoinfutures",
    "lbank",
    "luno",
    "mercado",
    "mexc",
    "modetrade",
    "myokx",
    "ndax",
    "okcoin",
    "okx",
    "okxus",
    "paradex",
    "phemex",
    "poloniex",
    "poloniexfutures",
    "probit",
    "tokocrypto",
    "upbit",
    "whitebit",
    "woo",
    "woofipro",
    "xt",
    "zebpay",
];

pub(crate) const DEFAULT_EXCHANGE: &str = "binance";

/// Other tables that freqtrade keeps beside the candles.
const OTHER_TYPES: &[&str] = &["mark", "index", "premiumIndex", "funding_rate", "open_interest"];

/// What a file name says, each part as far as it says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NameParts {
    /// Short form: the settle part is dropped when it equals the quote.
    pub(crate) symbol: Result<String, SkipReason>,
    pub(crate) timeframe: Result<Timeframe, SkipReason>,
    /// The market, where the form of the name settles it.
    pub(crate) market: Option<MarketKind>,
    /// `2019`, `2023-08` or `2023-08-01`.
    pub(crate) period: Option<String>,
    /// Why the file holds no candles of a series, whatever the other parts say.
    pub(crate) refused: Option<SkipReason>,
}

impl NameParts {
    fn foreign(period: Option<String>) -> Self {
        Self {
            symbol: Err(SkipReason::UnknownSymbol),
            timeframe: Err(SkipReason::UnknownTimeframe),
            market: None,
            period,
            refused: None,
        }
    }

    /// Whether the name alone tells symbol and timeframe.
    pub(crate) const fn is_complete(&self) -> bool {
        self.symbol.is_ok() && self.timeframe.is_ok()
    }
}

/// Reads a file name without its extension: `BTC_USDT-1m`, `BTC_USDT_USDT-5m-futures`, `BTCUSDT-1m-2023-08`.
pub(crate) fn read_stem(stem: &str) -> NameParts {
    let tokens: Vec<&str> = stem.split('-').collect();
    let Some(at) = tokens
        .iter()
        .rposition(|token| looks_like_timeframe(token))
        .filter(|at| *at > 0)
    else {
        let mut foreign = NameParts::foreign(trailing_period(&tokens));
        foreign.refused =
            (tokens.len() > 1 && tokens.last() == Some(&"trades")).then_some(SkipReason::Trades);
        return foreign;
    };
    let pair = tokens[..at].join("-");
    let after = &tokens[at + 1..];
    let period = trailing_period(after);
    let (is_contract, is_period) = match after {
        [] => (false, false),
        ["futures"] => (true, false),
        [other] if OTHER_TYPES.contains(other) => {
            let refused = Some(SkipReason::OtherCandleType((*other).to_owned()));
            return NameParts {
                refused,
                ..NameParts::foreign(None)
            };
        }
        _ if period
            .as_ref()
            .is_some_and(|period| period.split('-').count() == after.len()) =>
        {
            (false, true)
        }
        _ => return NameParts::foreign(period),
    };
    let is_freqtrade = pair.contains('_') && !is_period;
    let has_settle = pair.split('_').count() == 3;
    let market = match (is_contract || has_settle, is_freqtrade) {
        (true, _) => Some(MarketKind::Futures),
        (false, true) => Some(MarketKind::Spot),
        (false, false) => None,
    };
    NameParts {
        symbol: symbol_of_pair(&pair),
        timeframe: timeframe(tokens[at]),
        market,
        period,
        refused: None,
    }
}

/// The exchange that the nearest folder above `path` is named after.
pub(crate) fn exchange_of_folders(path: &Path) -> Option<&'static str> {
    folders_from_nearest(path).find_map(|folder| {
        EXCHANGES
            .iter()
            .copied()
            .find(|exchange| folder.eq_ignore_ascii_case(exchange))
    })
}

/// Whether a folder of this name holds the files of an exchange.
pub(crate) fn is_exchange(folder: &str) -> bool {
    EXCHANGES
        .iter()
        .any(|exchange| folder.eq_ignore_ascii_case(exchange))
}

/// The market that the nearest folder above `path` is named after.
///
/// # Errors
/// [`SkipReason::CoinMargined`] below a folder `cm` of Binance's archive.
pub(crate) fn market_of_folders(path: &Path) -> Result<Option<MarketKind>, SkipReason> {
    for folder in folders_from_nearest(path) {
        match folder {
            "spot" => return Ok(Some(MarketKind::Spot)),
            "futures" | "um" => return Ok(Some(MarketKind::Futures)),
            "cm" => return Err(SkipReason::CoinMargined),
            _ => {}
        }
    }
    Ok(None)
}

/// The symbol without its settle part when that equals the quote.
pub(crate) fn short_symbol(symbol: &str) -> &str {
    match symbol.split_once(':') {
        Some((pair, settle)) if pair.split_once('/').is_some_and(|(_, quote)| quote == settle) => pair,
        _ => symbol,
    }
}

/// The names, without extension and relative to a freqtrade data directory, under which `series` may be found;
/// the one to prefer comes first.
#[must_use]
pub fn freqtrade_stems(series: &SeriesId) -> Vec<String> {
    let (symbol, timeframe) = (series.symbol(), series.timeframe());
    if series.market_kind() != Some(MarketKind::Futures) {
        return vec![format!("{}-{timeframe}", file_pair(symbol))];
    }
    let pair = symbol.split(':').next().unwrap_or(symbol);
    let settle = pair.split_once('/').map_or("", |(_, quote)| quote);
    let mut names: Vec<String> = Vec::new();
    for symbol in [symbol, pair, &format!("{pair}:{settle}")] {
        let name = format!("{}-{timeframe}-futures", file_pair(symbol));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let in_folder: Vec<String> = names.iter().map(|name| format!("futures/{name}")).collect();
    in_folder.into_iter().chain(names).collect()
}

/// What freqtrade calls the symbol of `series`: a future says what it is settled in, by default the quote. `None`: it
/// has no such market.
#[must_use]
pub fn freqtrade_pair(series: &SeriesId) -> Option<String> {
    let symbol = series.symbol();
    Some(match (series.market_kind()?, symbol.split_once('/')) {
        (MarketKind::Futures, Some((_, quote))) if !quote.contains(':') => format!("{symbol}:{quote}"),
        (MarketKind::Futures | MarketKind::Spot, _) => symbol.to_owned(),
    })
}

/// The one of [`freqtrade_stems`] that freqtrade itself writes.
pub(crate) fn written_stem(series: &SeriesId) -> Option<String> {
    let (pair, timeframe) = (file_pair(&freqtrade_pair(series)?), series.timeframe());
    Some(match series.market_kind()? {
        MarketKind::Spot => format!("{pair}-{timeframe}"),
        MarketKind::Futures => format!("futures/{pair}-{timeframe}-futures"),
    })
}

fn file_pair(symbol: &str) -> String {
    symbol.replace(['/', ' ', '.', '@', '$', '+', ':'], "_")
}

fn folders_from_nearest(path: &Path) -> impl Iterator<Item = &str> {
    path.parent()
        .into_iter()
        .flat_map(Path::components)
        .rev()
        .filter_map(|component| match component {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
}

fn looks_like_timeframe(token: &str) -> bool {
    let letters = token.trim_start_matches(|c: char| c.is_ascii_digit());
    letters.len() < token.len()
        && (1..=2).contains(&letters.len())
        && letters.bytes().all(|b| b.is_ascii_alphabetic())
}

fn timeframe(text: &str) -> Result<Timeframe, SkipReason> {
    text.parse()
        .map_err(|_| SkipReason::UnsupportedTimeframe(text.to_owned()))
}

/// The year, month and day at the end of a name, as far as they are there.
fn trailing_period(tokens: &[&str]) -> Option<String> {
    let is_year = |token: &str| token.len() == 4 && token.bytes().all(|b| b.is_ascii_digit());
    let is_part = |token: &str| token.len() == 2 && token.bytes().all(|b| b.is_ascii_digit());
    let year = tokens.iter().rposition(|token| is_year(token))?;
    let period = &tokens[year..];
    (period.len() <= 3 && period[1..].iter().all(|token| is_part(token))).then(|| period.join("-"))
}

fn symbol_of_pair(pair: &str) -> Result<String, SkipReason> {
    let parts: Vec<&str> = pair.split('_').collect();
    let is_asset =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !parts.iter().all(|part| is_asset(part)) {
        return Err(SkipReason::UnknownSymbol);
    }
    match *parts {
        [symbol] => split_symbol(symbol).ok_or(SkipReason::UnknownSymbol),
        [_, "PERP"] => Err(SkipReason::CoinMargined),
        [_, delivery] if delivery.bytes().all(|b| b.is_ascii_digit()) => Err(SkipReason::DeliveryContract),
        [base, quote] => Ok(format!("{base}/{quote}")),
        [base, quote, settle] => Ok(short_symbol(&format!("{base}/{quote}:{settle}")).to_owned()),
        _ => Err(SkipReason::UnknownSymbol),
    }
}

/// `BTCUSDT` to `BTC/USDT`.
fn split_symbol(symbol: &str) -> Option<String> {
    if !symbol
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    {
        return None;
    }
    QUOTES
        .iter()
        .filter_map(|quote| Some((symbol.strip_suffix(quote).filter(|base| !base.is_empty())?, quote)))
        .max_by_key(|(_, quote)| quote.len())
        .map(|(base, quote)| format!("{base}/{quote}"))
}

#[cfg(test)]
mod tests;
