//! What a path delivers.

use axum::{extract::Query, http::Uri};
use tc_market::MarketKind;

/// What a socket carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// Candles of a market.
    Candles(MarketKind),
    /// Candle streams are accepted and stay silent.
    Silent(MarketKind),
}

impl Route {
    pub(crate) const fn market(self) -> MarketKind {
        match self {
            Self::Candles(market) | Self::Silent(market) => market,
        }
    }

    /// The route of an address, whether its frames have envelopes, and the streams that it names.
    pub(crate) fn of(uri: &Uri) -> Option<(Self, bool, Vec<String>)> {
        let path = uri.path();
        let (route, rest) = [
            ("/market/", Self::Candles(MarketKind::Futures)),
            ("/public/", Self::Silent(MarketKind::Futures)),
            ("/unrouted/", Self::Silent(MarketKind::Futures)),
            ("/", Self::Candles(MarketKind::Spot)),
        ]
        .into_iter()
        .find_map(|(prefix, route)| path.strip_prefix(prefix).map(|rest| (route, rest)))?;
        let (combined, names) = match rest {
            "stream" => (true, streams_parameter(uri)),
            "ws" => (false, String::new()),
            raw => (false, raw.strip_prefix("ws/")?.to_owned()),
        };
        let names = names
            .split('/')
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect();
        Some((route, combined, names))
    }
}

fn streams_parameter(uri: &Uri) -> String {
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map(|Query(pairs)| pairs)
        .unwrap_or_default();
    pairs
        .into_iter()
        .find(|(name, _)| name == "streams")
        .map(|(_, value)| value)
        .unwrap_or_default()
}
