//! Candles, ingest, whitelist and the list of series.

mod candles;
pub(crate) mod dto;
mod ingest;
mod lists;
mod metrics;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::AppState;

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(candles::get_candles))
        .routes(routes!(ingest::candle_closed))
        .routes(routes!(ingest::candle_forming))
        .routes(routes!(ingest::candles_closed_batch))
        .routes(routes!(metrics::get_debug_metrics))
        .routes(routes!(lists::get_whitelist))
        .routes(routes!(lists::get_series))
}
