//! `GET /api/factor/health`.

use axum::{
    Json,
    extract::{RawQuery, State},
};
use tc_market::CandleTime;
use tc_read::{HealthStatus, factor_health};

use super::dto::{FactorHealthQuery, FactorHealthResponseV1};
use crate::{ApiError, AppState, request::Query, resources::system::dto::ErrorBodyV1};

/// Whether the ledgers keep up with the candles.
#[utoipa::path(
    get, path = "/api/factor/health", tag = "factor", params(FactorHealthQuery),
    responses(
        (status = 200, body = FactorHealthResponseV1), (status = 400, body = ErrorBodyV1),
        (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_health(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Json<FactorHealthResponseV1>, ApiError> {
    let mut query = Query::parse(raw.as_deref());
    let series = query.required_text("series_id");
    let series = query.series(&series)?;
    let id = series.clone();
    let health = state
        .read(move |snapshot, _| factor_health(snapshot, &id))
        .await?;
    let candles = |delay: Option<i64>| delay.map(|delay| health.candles(delay));
    Ok(Json(FactorHealthResponseV1 {
        series_id: series.to_string(),
        timeframe_seconds: health.timeframe_s,
        store_head_time: health.store_head.map(CandleTime::seconds),
        factor_head_time: health.factor_head.map(CandleTime::seconds),
        overlay_head_time: health.overlay_head.map(CandleTime::seconds),
        factor_delay_seconds: health.factor_delay_s,
        factor_delay_candles: candles(health.factor_delay_s),
        overlay_delay_seconds: health.overlay_delay_s,
        overlay_delay_candles: candles(health.overlay_delay_s),
        max_delay_seconds: health.max_delay_s(),
        max_delay_candles: candles(health.max_delay_s()),
        status: match health.status {
            HealthStatus::Gray => "gray",
            HealthStatus::Green => "green",
            HealthStatus::Yellow => "yellow",
            HealthStatus::Red => "red",
        },
        status_reason: health.reason,
    }))
}
