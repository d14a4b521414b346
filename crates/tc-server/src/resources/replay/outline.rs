//! `GET /api/replay/outline`: the course of a history for a scrubber, and nothing later than where it stands.

use axum::{
    Json,
    extract::{RawQuery, State},
};
use tc_read::{MomentKind, outline};

use super::{
    dto::{ReplayOutlineQuery, ReplayOutlineResponseV1},
    open,
};
use crate::{ApiError, AppState, error::ErrorCode, request::Query, resources::system::dto::ErrorBodyV1};

/// Last prices of evenly spaced candles between the oldest one and an instant.
#[utoipa::path(
    get, path = "/api/replay/outline", tag = "replay", params(ReplayOutlineQuery),
    responses(
        (status = 200, body = ReplayOutlineResponseV1), (status = 400, body = ErrorBodyV1),
        (status = 404, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_outline(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Json<ReplayOutlineResponseV1>, ApiError> {
    open(&state)?;
    let mut query = Query::parse(raw.as_deref());
    let series = query.required_text("series_id");
    let until = query.required_int("until", 0..=i64::MAX);
    let points = query.int("points", 2..=2_000, 600);
    let series = query.series(&series)?;
    let points = usize::try_from(points).unwrap_or(usize::MAX);
    let id = series.clone();
    let candles = state
        .read(move |snapshot, _| outline(snapshot, &id, until, points))
        .await?;
    let (Some(first), Some(last)) = (candles.first(), candles.last()) else {
        return Err(ApiError::new(ErrorCode::ReplayNoData));
    };
    Ok(Json(ReplayOutlineResponseV1 {
        series_id: series.to_string(),
        first_time: first.time().seconds(),
        to_time: last.time().seconds(),
        times: candles.iter().map(|candle| candle.time().seconds()).collect(),
        closes: candles.iter().map(tc_market::Candle::close).collect(),
        kinds: MomentKind::names(&state.parts().model.setup().factors).collect(),
    }))
}
