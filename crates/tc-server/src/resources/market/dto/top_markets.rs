//! Wire types of the market list. The fields stand in the order of their names: the stream promises sorted keys.

use serde::Serialize;
use tc_market::MarketKind;
use utoipa::{IntoParams, ToSchema};

use crate::market_list::{Listed, TopMarkets};

/// Query of the market list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct TopMarketsQuery {
    /// Only `binance`.
    #[param(default = "binance", min_length = 1)]
    exchange: Option<String>,
    /// `spot` or `futures`.
    market: String,
    /// What instruments are paid with; in any case.
    #[param(default = "USDT", min_length = 1, max_length = 12)]
    quote_asset: Option<String>,
    /// Most instruments to answer with.
    #[param(minimum = 1, maximum = 200, default = 20)]
    limit: Option<i64>,
    /// Fetch anew, at most once in two seconds per client and market.
    #[param(default = false)]
    force: Option<bool>,
}

/// Query of the stream of the market list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct TopMarketsStreamQuery {
    /// Only `binance`.
    #[param(default = "binance", min_length = 1)]
    exchange: Option<String>,
    /// `spot` or `futures`.
    market: String,
    /// What instruments are paid with; in any case.
    #[param(default = "USDT", min_length = 1, max_length = 12)]
    quote_asset: Option<String>,
    /// Most instruments of an event.
    #[param(minimum = 1, maximum = 200, default = 20)]
    limit: Option<i64>,
    /// Between two looks, seconds.
    #[param(minimum = 0.2, maximum = 30.0, default = 2.0)]
    interval_s: Option<f64>,
    /// Events before the stream ends; 0: it does not.
    #[param(minimum = 0, maximum = 1000, default = 0)]
    max_events: Option<i64>,
}

/// What a market trades, greatest turnover first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TopMarketsResponse {
    /// Age of a list that could not be fetched anew, milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_ms: Option<u64>,
    /// Whether nothing was fetched for this answer.
    pub cached: bool,
    /// The exchange.
    pub exchange: &'static str,
    /// Time of answering, Unix milliseconds.
    pub generated_at_ms: i64,
    /// The instruments.
    pub items: Vec<TopMarketItem>,
    /// Most instruments of the answer.
    pub limit: usize,
    /// The market.
    pub market: &'static str,
    /// Upper case.
    pub quote_asset: String,
    /// True when the exchange could not be asked and the list is from before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<bool>,
}

/// One instrument.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct TopMarketItem {
    /// What is bought.
    pub base_asset: String,
    /// The exchange.
    pub exchange: &'static str,
    /// Last price.
    #[schema(required)]
    pub last_price: Option<f64>,
    /// The market.
    pub market: &'static str,
    /// Change within 24 hours, percent.
    #[schema(required)]
    pub price_change_percent: Option<f64>,
    /// What it is paid with.
    pub quote_asset: String,
    /// Turnover within 24 hours, in the quote asset.
    #[schema(required)]
    pub quote_volume: Option<f64>,
    /// `BASE/QUOTE`, as in a series id.
    pub symbol: String,
    /// Name in the exchange's spelling.
    pub symbol_id: String,
}

/// The error event of the stream.
#[derive(Debug, Serialize)]
pub(crate) struct StreamError {
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// What went wrong.
    pub message: String,
    /// Always `error`.
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// Which list is wanted.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) exchange: &'static str,
    pub(crate) market: MarketKind,
    pub(crate) quote_asset: String,
    pub(crate) limit: usize,
}

impl TopMarketsResponse {
    pub(crate) fn new(wanted: &Wanted, found: &TopMarkets, now_ms: i64) -> Self {
        let shown = found.items.iter().take(wanted.limit);
        Self {
            age_ms: found
                .stale
                .map(|age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX)),
            cached: found.cached,
            exchange: wanted.exchange,
            generated_at_ms: now_ms,
            items: shown.map(|listed| TopMarketItem::new(wanted, listed)).collect(),
            limit: wanted.limit,
            market: wanted.market.name(),
            quote_asset: wanted.quote_asset.clone(),
            stale: found.stale.map(|_| true),
        }
    }
}

impl TopMarketItem {
    fn new(wanted: &Wanted, Listed { instrument, ticker }: &Listed) -> Self {
        Self {
            base_asset: instrument.base_asset.clone(),
            exchange: wanted.exchange,
            last_price: ticker.last_price,
            market: wanted.market.name(),
            price_change_percent: ticker.price_change_percent,
            quote_asset: instrument.quote_asset.clone(),
            quote_volume: Some(ticker.quote_volume),
            symbol: format!("{}/{}", instrument.base_asset, instrument.quote_asset),
            symbol_id: instrument.symbol_id.clone(),
        }
    }
}
