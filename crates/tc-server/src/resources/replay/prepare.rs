//! `POST /api/replay/prepare`.

use axum::{Json, extract::State};
use tc_market::{CandleTime, SeriesId};
use tc_read::ledger_heads;

use super::dto::coverage::{ReplayPrepareRequestV1, ReplayPrepareResponseV1};
use crate::{
    ApiError, AppState, debug, error::ErrorCode, request::JsonBody, resources::system::dto::ErrorBodyV1,
    tasks::refresh,
};

const DEFAULT_WINDOW: i64 = 2_000;

/// Brings the ledgers of a series up to a candle, if they are behind. Never rewinds anything.
#[utoipa::path(
    post, path = "/api/replay/prepare", tag = "replay", request_body = ReplayPrepareRequestV1,
    responses(
        (status = 200, body = ReplayPrepareResponseV1), (status = 400, body = ErrorBodyV1),
        (status = 404, body = ErrorBodyV1), (status = 409, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn prepare(
    State(state): State<AppState>,
    body: Result<JsonBody, ApiError>,
) -> Result<Json<ReplayPrepareResponseV1>, ApiError> {
    let JsonBody(mut body) = body?;
    let series = body.required_text("series_id");
    let to_time = body.optional_int("to_time", 0);
    let window_candles = body.optional_int_within("window_candles", 1..=5_000);
    body.finish()?;
    let series: SeriesId = series.parse()?;
    let before = heads(&state, &series, to_time).await?;
    let aligned = before
        .aligned
        .ok_or_else(|| ApiError::new(ErrorCode::ReplayPrepareNoData))?;
    let head = before.candle_head.unwrap_or(aligned);
    let computed = !before.covers();
    let after = if computed {
        refresh(&state.parts().writer, &series, head).await?;
        heads(&state, &series, to_time).await?
    } else {
        before
    };
    if !after.factors_cover() {
        return Err(ApiError::new(ErrorCode::ReplayPrepareFactorOutOfSync));
    }
    if !after.covers() {
        return Err(ApiError::new(ErrorCode::ReplayPrepareOverlayOutOfSync));
    }
    let seconds = |time: Option<CandleTime>| time.unwrap_or(aligned).seconds();
    let answer = ReplayPrepareResponseV1 {
        ok: true,
        series_id: series.to_string(),
        requested_time: to_time.unwrap_or_else(|| head.seconds()),
        aligned_time: aligned.seconds(),
        window_candles: window_candles.unwrap_or(DEFAULT_WINDOW).clamp(100, 5_000),
        factor_head_time: seconds(after.factor_head),
        overlay_head_time: seconds(after.overlay_head),
        computed,
    };
    let log = &state.parts().debug;
    log.record(|| debug::replay_prepared(&series, aligned, computed));
    Ok(Json(answer))
}

async fn heads(
    state: &AppState,
    series: &SeriesId,
    to_time: Option<i64>,
) -> Result<tc_read::LedgerHeads, ApiError> {
    let series = series.clone();
    state
        .read(move |snapshot, model| ledger_heads(model, snapshot, &series, to_time))
        .await
}
