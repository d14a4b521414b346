//! `GET /api/market/gaps`, `/api/market/epochs` and `/api/market/debug/series_health`: what is known of the candles.

use axum::{
    Json,
    extract::{RawQuery, State},
};
use tc_market::CandleTime;
use tc_read::{regularity, series_gaps, series_rebuilds};
use tc_store::GapQuery;

use super::dto::gaps::{
    EpochsQuery, EpochsResponseV1, GapsQuery, GapsResponseV1, SeriesHealthQuery, SeriesHealthResponse,
};
use crate::{ApiError, AppState, error::ErrorCode, request::Query, resources::system::dto::ErrorBodyV1};

/// Which gaps a word of the query means.
const STATES: [(&str, Option<bool>); 3] = [("open", Some(false)), ("healed", Some(true)), ("all", None)];

/// Holes of a series with their causes and what became of them.
#[utoipa::path(
    get, path = "/api/market/gaps", tag = "market", params(GapsQuery),
    responses(
        (status = 200, body = GapsResponseV1), (status = 400, body = ErrorBodyV1),
        (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_gaps(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Json<GapsResponseV1>, ApiError> {
    let mut query = Query::parse(raw.as_deref());
    let series = query.required_text("series_id");
    let healed = query.word("state", &STATES, Some(false));
    let from = query.int("from_time", 0..=i64::MAX, 0);
    let to = query.int("to_time", 0..=i64::MAX, i64::MAX);
    let limit = query.int("limit", 1..=1000, 100);
    let series = query.series(&series)?;
    let wanted = GapQuery {
        from: CandleTime::clamped(from),
        to: CandleTime::clamped(to),
        healed,
        limit: usize::try_from(limit).unwrap_or(usize::MAX),
    };
    let id = series.clone();
    let gaps = state
        .read(move |snapshot, _| series_gaps(snapshot, &id, &wanted))
        .await?;
    let parts = state.parts();
    // One switch decides about filling gaps for subscribers and in the background.
    let kept = parts.healer.is_some() && parts.coverage.has_source(&series);
    Ok(Json(GapsResponseV1::new(&series, gaps, kept)))
}

/// How often existing ledgers of a series were folded again, and why.
#[utoipa::path(
    get, path = "/api/market/epochs", tag = "market", params(EpochsQuery),
    responses(
        (status = 200, body = EpochsResponseV1), (status = 400, body = ErrorBodyV1),
        (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_epochs(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Json<EpochsResponseV1>, ApiError> {
    let mut query = Query::parse(raw.as_deref());
    let series = query.required_text("series_id");
    let limit = usize::try_from(query.int("limit", 1..=100, 20)).unwrap_or(usize::MAX);
    let series = query.series(&series)?;
    let id = series.clone();
    let rebuilds = state
        .read(move |snapshot, _| series_rebuilds(snapshot, &id, limit))
        .await?;
    Ok(Json(EpochsResponseV1::new(&series, rebuilds)))
}

/// How regular the stored candles of a series are. Only with the debug API.
#[utoipa::path(
    get, path = "/api/market/debug/series_health", tag = "market", params(SeriesHealthQuery),
    responses(
        (status = 200, body = SeriesHealthResponse), (status = 400, body = ErrorBodyV1),
        (status = 404, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_series_health(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Json<SeriesHealthResponse>, ApiError> {
    if !state.options().http.debug_api {
        return Err(ApiError::new(ErrorCode::NotFound));
    }
    let mut query = Query::parse(raw.as_deref());
    let series = query.required_text("series_id");
    let gaps = usize::try_from(query.int("max_recent_gaps", 1..=50, 5)).unwrap_or(usize::MAX);
    let buckets = query.int("recent_base_buckets", 1..=48, 8);
    let series = query.series(&series)?;
    let id = series.clone();
    let found = state
        .read(move |snapshot, _| regularity(snapshot, &id, gaps, buckets))
        .await?;
    Ok(Json(SeriesHealthResponse::new(&series, &found, state.now_s())))
}
