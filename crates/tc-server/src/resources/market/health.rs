//! `GET /api/market/health`.

pub(crate) mod dto;

use axum::{
    Json,
    extract::{RawQuery, State},
};
use tc_ingest::{BackfillProgress, BackfillState};
use tc_market::CandleTime;
use tc_read::{BackfillActivity, CandleHealth, HealthStatus};

use self::dto::{BackfillProgressV1, MarketHealthQuery, MarketHealthResponseV1};
use crate::{ApiError, AppState, error::ErrorCode, request::Query, resources::system::dto::ErrorBodyV1};

/// Whether the candles of a series keep up with the clock, and what is done about it.
#[utoipa::path(
    get, path = "/api/market/health", tag = "market", params(MarketHealthQuery),
    responses(
        (status = 200, body = MarketHealthResponseV1), (status = 400, body = ErrorBodyV1),
        (status = 404, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_market_health(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Json<MarketHealthResponseV1>, ApiError> {
    let http = &state.options().http;
    if !http.candle_health && !http.debug_api {
        return Err(ApiError::new(ErrorCode::NotFound));
    }
    let mut query = Query::parse(raw.as_deref());
    let series = query.required_text("series_id");
    let now_s = query.optional_int("now_time", 0..=i64::MAX);
    let series = query.series(&series)?;
    let now_s = now_s.unwrap_or_else(|| state.now_s());
    let progress = state.parts().coverage.progress(&series);
    let recent = progress.is_recent(now_s, http.backfill_recent_s);
    let activity = match progress.state {
        BackfillState::Running => BackfillActivity::Running,
        BackfillState::Succeeded if recent => BackfillActivity::RecentSuccess,
        _ => BackfillActivity::Quiet,
    };
    let id = series.clone();
    let health = state
        .read(move |snapshot, _| CandleHealth::read(snapshot, &id, now_s, activity))
        .await?;
    Ok(Json(MarketHealthResponseV1 {
        series_id: series.to_string(),
        timeframe_seconds: series.timeframe().seconds(),
        now_time: now_s,
        expected_latest_closed_time: health.expected.seconds(),
        head_time: health.head.map(CandleTime::seconds),
        lag_seconds: health.lag_s,
        missing_seconds: health.missing_s,
        missing_candles: health.missing_candles,
        status: match health.status {
            HealthStatus::Gray => "gray",
            HealthStatus::Green => "green",
            HealthStatus::Yellow => "yellow",
            HealthStatus::Red => "red",
        },
        status_reason: health.reason,
        backfill: backfill(progress, recent),
    }))
}

fn backfill(progress: BackfillProgress, recent: bool) -> BackfillProgressV1 {
    BackfillProgressV1 {
        state: progress.state.name(),
        progress_pct: progress.percent(),
        started_at: progress.started_at_s,
        updated_at: progress.updated_at_s,
        recent,
        start_missing_seconds: progress.start.seconds,
        start_missing_candles: progress.start.candles,
        current_missing_seconds: progress.current.seconds,
        current_missing_candles: progress.current.candles,
        reason: progress.reason,
        note: progress.note,
        error: progress.error,
    }
}
