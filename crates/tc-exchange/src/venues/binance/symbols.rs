//! Names of markets, symbols and streams.

use tc_market::{MarketKind, SeriesId};

use crate::{StreamName, VenueError};

/// First part of the series ids of this venue.
pub(super) const EXCHANGE: &str = "binance";

/// The market of a series of this venue.
pub(super) fn market(series: &SeriesId) -> Result<MarketKind, VenueError> {
    if series.exchange() != EXCHANGE {
        return Err(VenueError::UnsupportedExchange {
            exchange: series.exchange().to_owned(),
        });
    }
    series.market_kind().ok_or_else(|| VenueError::UnsupportedMarket {
        market: series.market().to_owned(),
    })
}

/// `BTC/USDT:USDT` → `BTCUSDT`: the text before the first colon, without slash and dash, in upper case.
pub(super) fn rest_symbol(series: &SeriesId) -> Result<String, VenueError> {
    let symbol = series.symbol();
    let pair = symbol.split(':').next().unwrap_or(symbol);
    if !pair.contains('/') {
        return Err(VenueError::UnsupportedSymbol {
            symbol: symbol.to_owned(),
        });
    }
    Ok(pair
        .chars()
        .filter(|c| !matches!(c, '/' | '-'))
        .map(|c| c.to_ascii_uppercase())
        .collect())
}

/// `btcusdt@kline_1m`.
pub(super) fn stream_name(series: &SeriesId) -> Result<StreamName, VenueError> {
    market(series)?;
    let symbol = rest_symbol(series)?.to_ascii_lowercase();
    Ok(StreamName::new(&format!("{symbol}@kline_{}", series.timeframe())))
}
