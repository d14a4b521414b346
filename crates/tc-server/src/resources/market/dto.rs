//! Wire types of the market resource.

pub(crate) mod gaps;
pub(crate) mod ingest_state;
pub(crate) mod top_markets;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tc_market::Candle;
use utoipa::{IntoParams, ToSchema};

/// A candle.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct CandleClosed {
    /// Open time, Unix seconds.
    pub candle_time: i64,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Amount in base currency.
    pub volume: f64,
}

impl From<&Candle> for CandleClosed {
    fn from(candle: &Candle) -> Self {
        Self {
            candle_time: candle.time().seconds(),
            open: candle.open(),
            high: candle.high(),
            low: candle.low(),
            close: candle.close(),
            volume: candle.volume(),
        }
    }
}

/// Query of the candle page.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct CandlesQuery {
    /// The series.
    series_id: String,
    /// Exclusive cursor, Unix seconds; absent: the newest candles.
    #[param(minimum = 0)]
    since: Option<i64>,
    /// Most candles to answer with.
    #[param(minimum = 1, maximum = 5000, default = 500)]
    limit: Option<i64>,
}

/// A page of closed candles, ascending.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GetCandlesResponse {
    /// The series.
    pub series_id: String,
    /// Newest stored candle, Unix seconds.
    #[schema(required)]
    pub server_head_time: Option<i64>,
    /// The candles.
    pub candles: Vec<CandleClosed>,
}

/// One candle to take in.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents the body; values are read by the body parser")]
pub(crate) struct IngestCandleRequest {
    /// The series.
    series_id: String,
    /// The candle.
    candle: CandleClosed,
}

/// Acknowledgement of one candle.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IngestCandleResponse {
    /// Always true.
    pub ok: bool,
    /// The series.
    pub series_id: String,
    /// Open time of the candle.
    pub candle_time: i64,
}

/// Closed candles to take in at once.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents the body; values are read by the body parser")]
pub(crate) struct IngestBatchRequest {
    /// The series.
    series_id: String,
    /// 1 to 20,000 candles; of equal times the last counts.
    candles: Vec<CandleClosed>,
    /// Whether subscribers are told.
    #[schema(default = false)]
    publish_ws: Option<bool>,
}

/// Acknowledgement of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IngestBatchResponse {
    /// Always true.
    pub ok: bool,
    /// The series.
    pub series_id: String,
    /// Candles received, duplicates included.
    pub count: usize,
    /// Oldest received time.
    pub first_candle_time: i64,
    /// Newest received time.
    pub last_candle_time: i64,
}

/// Series that are kept up to date.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WhitelistResponse {
    /// In file order.
    pub series_ids: Vec<String>,
}

/// Query of the list of series.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct SeriesQuery {
    /// Part of the id, in any case.
    q: Option<String>,
    /// Most series to answer with.
    #[param(minimum = 1, maximum = 5000, default = 1000)]
    limit: Option<i64>,
}

/// A stored or whitelisted series.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SeriesV1 {
    /// The series.
    pub series_id: String,
    /// Oldest stored candle.
    #[schema(required)]
    pub first_time: Option<i64>,
    /// Newest stored candle.
    #[schema(required)]
    pub head_time: Option<i64>,
    /// Epoch of its ledgers.
    pub epoch: u32,
    /// Whether it is in the whitelist.
    pub whitelisted: bool,
    /// Whether a live job for it is connected.
    pub live: bool,
}

/// Every stored or whitelisted series, ascending by id.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GetSeriesResponseV1 {
    /// The series.
    pub series: Vec<SeriesV1>,
}

/// Collected metrics; keys are `name` or `name{label=value,…}` with the labels by name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MetricsResponse {
    /// Always true.
    pub enabled: bool,
    /// Unix milliseconds of the newest sample; 0: there is none.
    pub updated_at_ms: i64,
    /// Counters.
    pub counters: BTreeMap<String, u64>,
    /// Gauges.
    pub gauges: BTreeMap<String, f64>,
    /// Timers.
    pub timers: BTreeMap<String, MetricsTimer>,
}

/// Durations of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MetricsTimer {
    /// How many there were.
    pub count: u64,
    /// Their sum.
    pub total_ms: f64,
    /// The longest one.
    pub max_ms: f64,
    /// Their mean.
    pub avg_ms: f64,
}
