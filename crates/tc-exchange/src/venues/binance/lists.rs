//! `exchangeInfo` and `ticker/24hr`.

use std::borrow::Cow;

use serde::{Deserialize, de::IgnoredAny};
use tc_market::MarketKind;

use crate::{BadFrame, Instrument, Ticker, VenueError};

/// Path and weight of the list of symbols.
pub(super) const fn instruments_path(market: MarketKind) -> (&'static str, u32) {
    match market {
        MarketKind::Spot => ("/api/v3/exchangeInfo", 20),
        MarketKind::Futures => ("/fapi/v1/exchangeInfo", 1),
    }
}

/// Path and weight of the tickers of all symbols.
pub(super) const fn tickers_path(market: MarketKind) -> (&'static str, u32) {
    match market {
        MarketKind::Spot => ("/api/v3/ticker/24hr", 80),
        MarketKind::Futures => ("/fapi/v1/ticker/24hr", 40),
    }
}

/// A text, or whatever else stands in its place.
#[derive(Debug, Default, Deserialize)]
#[serde(untagged)]
enum Text<'a> {
    Written(#[serde(borrow)] Cow<'a, str>),
    Number(f64),
    #[default]
    Absent,
    Other(IgnoredAny),
}

impl Text<'_> {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Written(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// A finite number, written as such or as text.
    fn number(&self) -> Option<f64> {
        let number = match self {
            Self::Written(text) => text.trim().parse().ok()?,
            Self::Number(number) => *number,
            Self::Absent | Self::Other(_) => return None,
        };
        number.is_finite().then_some(number)
    }
}

#[derive(Debug, Deserialize)]
struct Info<'a> {
    #[serde(borrow)]
    symbols: Vec<Entry<'a>>,
}

/// An entry of the expected shape, or anything else.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Entry<'a> {
    Symbol(#[serde(borrow)] Symbol<'a>),
    Other(IgnoredAny),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Symbol<'a> {
    #[serde(borrow)]
    symbol: Text<'a>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    base_asset: Text<'a>,
    #[serde(borrow)]
    quote_asset: Text<'a>,
    #[serde(borrow)]
    contract_type: Text<'a>,
}

/// Symbols that are traded now. A contract type, where there is one, must be `PERPETUAL`.
pub(super) fn parse_instruments(body: &[u8]) -> Result<Vec<Instrument>, VenueError> {
    let info: Info<'_> = read(body, "exchange information")?;
    let instrument = |entry: &Entry<'_>| {
        let Entry::Symbol(symbol) = entry else {
            return None;
        };
        let traded = symbol.status.text() == Some("TRADING")
            && symbol.contract_type.text().is_none_or(|kind| kind == "PERPETUAL");
        Some(Instrument {
            symbol_id: symbol.symbol.text().filter(|_| traded)?.to_owned(),
            base_asset: symbol.base_asset.text()?.to_owned(),
            quote_asset: symbol.quote_asset.text()?.to_owned(),
        })
    };
    Ok(info.symbols.iter().filter_map(instrument).collect())
}

/// An entry of the expected shape, or anything else.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum TickerEntry<'a> {
    Ticker(#[serde(borrow)] Day<'a>),
    Other(IgnoredAny),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Day<'a> {
    #[serde(borrow)]
    symbol: Text<'a>,
    #[serde(borrow)]
    last_price: Text<'a>,
    #[serde(borrow)]
    quote_volume: Text<'a>,
    #[serde(borrow)]
    price_change_percent: Text<'a>,
}

/// The tickers that have a symbol and a quote volume.
pub(super) fn parse_tickers(body: &[u8]) -> Result<Vec<Ticker>, VenueError> {
    let entries: Vec<TickerEntry<'_>> = read(body, "tickers")?;
    let ticker = |entry: &TickerEntry<'_>| {
        let TickerEntry::Ticker(day) = entry else {
            return None;
        };
        Some(Ticker {
            symbol_id: day.symbol.text()?.to_owned(),
            last_price: day.last_price.number(),
            quote_volume: day.quote_volume.number()?,
            price_change_percent: day.price_change_percent.number(),
        })
    };
    Ok(entries.iter().filter_map(ticker).collect())
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8], what: &'static str) -> Result<T, VenueError> {
    serde_json::from_slice(body).map_err(|error| {
        if error.is_data() {
            let reason = BadFrame::WrongType;
            VenueError::Shape { what, reason }
        } else {
            VenueError::Json(error)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_traded_now() {
        let body = br#"{"timezone":"UTC","symbols":[
            {"symbol":"AUSDT","status":"TRADING","baseAsset":"A","quoteAsset":"USDT","contractType":"PERPETUAL"},
            {"symbol":"BUSDT","status":"TRADING","baseAsset":"B","quoteAsset":"USDT"},
            {"symbol":"CUSDT","status":"BREAK","baseAsset":"C","quoteAsset":"USDT"},
            {"symbol":"DUSDT","status":"TRADING","baseAsset":"D","quoteAsset":"USDT","contractType":"TRADIFI_PERPETUAL"},
            {"symbol":"EUSDT","status":"TRADING","baseAsset":"E","quoteAsset":"USDT","contractType":""},
            {"symbol":7,"status":"TRADING"}, null, [1], "x", {"symbol":"FUSDT","status":"TRADING"}]}"#;
        let names: Vec<_> = parse_instruments(body)
            .unwrap()
            .into_iter()
            .map(|instrument| (instrument.symbol_id, instrument.base_asset))
            .collect();
        let expected = [("AUSDT", "A"), ("BUSDT", "B"), ("EUSDT", "E")];
        assert_eq!(
            names,
            expected.map(|(symbol, base)| (symbol.to_owned(), base.to_owned()))
        );
    }

    #[test]
    fn numbers_that_are_none() {
        let body = br#"[{"symbol":"A","lastPrice":"1.5","quoteVolume":"20","priceChangePercent":"NaN"},
            {"symbol":"B","lastPrice":2,"quoteVolume":3.5}, {"symbol":"C","quoteVolume":"x"}, {"quoteVolume":"1"},
            {"symbol":"D","lastPrice":null,"quoteVolume":"1e3","priceChangePercent":[]}, 5]"#;
        let read: Vec<_> = parse_tickers(body)
            .unwrap()
            .into_iter()
            .map(|day| {
                (
                    day.symbol_id,
                    day.last_price,
                    day.quote_volume,
                    day.price_change_percent,
                )
            })
            .collect();
        let expected = [
            ("A".to_owned(), Some(1.5), 20.0, None),
            ("B".to_owned(), Some(2.0), 3.5, None),
            ("D".to_owned(), None, 1_000.0, None),
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn bodies_of_another_shape() {
        for body in ["[]", "{}", r#"{"symbols":{}}"#] {
            assert!(
                matches!(parse_instruments(body.as_bytes()), Err(VenueError::Shape { .. })),
                "{body}"
            );
        }
        assert!(matches!(parse_tickers(b"{}"), Err(VenueError::Shape { .. })));
        assert!(matches!(parse_tickers(b"[{"), Err(VenueError::Json(_))));
    }
}
