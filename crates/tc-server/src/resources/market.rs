//! Candles, ingest, whitelist and the list of series.

mod candles;
pub(crate) mod dto;
mod gaps;
mod health;
mod ingest;
mod ingest_state;
mod lists;
mod metrics;
mod top_markets;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::AppState;

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(candles::get_candles))
        .routes(routes!(health::get_market_health))
        .routes(routes!(ingest::candle_closed))
        .routes(routes!(ingest::candle_forming))
        .routes(routes!(ingest::candles_closed_batch))
        .routes(routes!(metrics::get_debug_metrics))
        .routes(routes!(gaps::get_gaps))
        .routes(routes!(gaps::get_epochs))
        .routes(routes!(gaps::get_series_health))
        .routes(routes!(ingest_state::get_ingest_state))
        .routes(routes!(lists::get_whitelist))
        .routes(routes!(lists::get_series))
        .routes(routes!(top_markets::get_top_markets))
        .routes(routes!(top_markets::stream_top_markets))
}
