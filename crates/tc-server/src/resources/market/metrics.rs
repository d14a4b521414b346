//! `GET /api/market/debug/metrics`.

use axum::{Json, extract::State};

use super::dto::{MetricsResponse, MetricsTimer};
use crate::{ApiError, AppState, error::ErrorCode, resources::system::dto::ErrorBodyV1};

/// Collected metrics as numbers. Only with the debug API and runtime metrics.
#[utoipa::path(
    get, path = "/api/market/debug/metrics", tag = "market",
    responses((status = 200, body = MetricsResponse), (status = 404, body = ErrorBodyV1))
)]
pub(crate) async fn get_debug_metrics(
    State(state): State<AppState>,
) -> Result<Json<MetricsResponse>, ApiError> {
    if !state.options().http.debug_api {
        return Err(ApiError::new(ErrorCode::NotFound));
    }
    let telemetry = state.sampled_metrics().await;
    let telemetry = telemetry.ok_or_else(|| ApiError::new(ErrorCode::NotFound))?;
    let measured = telemetry.measured();
    let timer = |timer: crate::telemetry::Timer| MetricsTimer {
        count: timer.count,
        total_ms: timer.total_ms,
        max_ms: timer.max_ms,
        avg_ms: timer.avg_ms(),
    };
    Ok(Json(MetricsResponse {
        enabled: true,
        updated_at_ms: measured.updated_at_ms,
        counters: measured.counters,
        gauges: measured.gauges,
        timers: measured
            .timers
            .into_iter()
            .map(|(key, value)| (key, timer(value)))
            .collect(),
    }))
}
