//! Binance: spot and USD-M perpetuals.

mod history;
mod lists;
mod stream;
mod symbols;
#[cfg(test)]
mod tests;

use tc_market::{MarketKind, SeriesId};

use crate::{
    Instrument, Kline, KlineQuery, KlineRows, RefusalBody, RestLimits, StreamCommand, StreamFrame,
    StreamName, Ticker, Venue, VenueError,
};

/// Base addresses; trailing slashes do not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BinanceEndpoints {
    /// `ws(s)://…`; `/stream?streams=…` is appended.
    pub spot_ws: String,
    /// The routed path of the futures streams, as `spot_ws`.
    pub futures_ws: String,
    /// `http(s)://…`; `/api/v3/*` is appended.
    pub spot_rest: String,
    /// `http(s)://…`; `/fapi/v1/*` is appended.
    pub futures_rest: String,
}

/// Binance at the given addresses.
#[derive(Debug, Clone)]
pub struct Binance {
    endpoints: BinanceEndpoints,
}

impl Binance {
    /// Takes the addresses, without their trailing slashes.
    ///
    /// # Errors
    /// [`VenueError::Endpoint`] naming the first one that is no absolute URL of the right scheme.
    pub fn new(endpoints: BinanceEndpoints) -> Result<Self, VenueError> {
        Ok(Self {
            endpoints: BinanceEndpoints {
                spot_ws: base("spot websocket", &endpoints.spot_ws, ["ws", "wss"])?,
                futures_ws: base("futures websocket", &endpoints.futures_ws, ["ws", "wss"])?,
                spot_rest: base("spot rest", &endpoints.spot_rest, ["http", "https"])?,
                futures_rest: base("futures rest", &endpoints.futures_rest, ["http", "https"])?,
            },
        })
    }

    fn ws_base(&self, market: MarketKind) -> &str {
        match market {
            MarketKind::Spot => &self.endpoints.spot_ws,
            MarketKind::Futures => &self.endpoints.futures_ws,
        }
    }

    fn rest_base(&self, market: MarketKind) -> &str {
        match market {
            MarketKind::Spot => &self.endpoints.spot_rest,
            MarketKind::Futures => &self.endpoints.futures_rest,
        }
    }
}

fn base(name: &'static str, url: &str, schemes: [&'static str; 2]) -> Result<String, VenueError> {
    let trimmed = url.trim_end_matches('/');
    let usable = trimmed.parse::<http::Uri>().is_ok_and(|uri| {
        uri.scheme_str().is_some_and(|scheme| schemes.contains(&scheme))
            && uri.host().is_some_and(|host| !host.is_empty())
            && uri.query().is_none()
    });
    if !usable {
        let schemes = if schemes[0] == "ws" {
            "ws:// or wss://"
        } else {
            "http:// or https://"
        };
        return Err(VenueError::Endpoint {
            name,
            url: url.to_owned(),
            schemes,
        });
    }
    Ok(trimmed.to_owned())
}

impl Venue for Binance {
    fn name(&self) -> &'static str {
        symbols::EXCHANGE
    }

    fn stream_name(&self, series: &SeriesId) -> Result<StreamName, VenueError> {
        symbols::stream_name(series)
    }

    fn streams_url(&self, market: MarketKind, streams: &[StreamName]) -> String {
        let names: Vec<_> = streams.iter().map(StreamName::as_str).collect();
        format!("{}/stream?streams={}", self.ws_base(market), names.join("/"))
    }

    fn write_command(&self, command: &StreamCommand) -> String {
        stream::write_command(command)
    }

    fn parse_frame(&self, bytes: &[u8]) -> StreamFrame {
        stream::parse_frame(bytes)
    }

    fn belongs_to(&self, kline: &Kline, series: &SeriesId) -> bool {
        symbols::rest_symbol(series).is_ok_and(|symbol| symbol == kline.symbol)
            && series.timeframe().to_string() == kline.interval
    }

    fn rest_limits(&self, market: MarketKind) -> RestLimits {
        history::rest_limits(market)
    }

    fn klines_weight(&self, market: MarketKind, rows: u32) -> u32 {
        history::klines_weight(market, rows)
    }

    fn klines_url(&self, series: &SeriesId, query: &KlineQuery) -> Result<String, VenueError> {
        let market = symbols::market(series)?;
        let symbol = symbols::rest_symbol(series)?;
        Ok(history::klines_url(
            self.rest_base(market),
            market,
            &symbol,
            series.timeframe(),
            query,
        ))
    }

    fn parse_klines(&self, body: &[u8]) -> Result<KlineRows, VenueError> {
        history::parse_klines(body)
    }

    fn instruments_url(&self, market: MarketKind) -> (String, u32) {
        let (path, weight) = lists::instruments_path(market);
        (format!("{}{path}", self.rest_base(market)), weight)
    }

    fn parse_instruments(&self, body: &[u8]) -> Result<Vec<Instrument>, VenueError> {
        lists::parse_instruments(body)
    }

    fn tickers_url(&self, market: MarketKind) -> (String, u32) {
        let (path, weight) = lists::tickers_path(market);
        (format!("{}{path}", self.rest_base(market)), weight)
    }

    fn parse_tickers(&self, body: &[u8]) -> Result<Vec<Ticker>, VenueError> {
        lists::parse_tickers(body)
    }

    fn parse_refusal(&self, body: &[u8]) -> Option<RefusalBody> {
        history::parse_refusal(body)
    }
}
