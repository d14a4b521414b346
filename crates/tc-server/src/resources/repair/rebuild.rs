//! `POST /api/dev/rebuild`.

use axum::{Json, extract::State};
use tc_market::SeriesId;

use super::{
    dto::{RebuildRequestV1, RebuildResponseV1},
    open,
};
use crate::{
    ApiError, AppState,
    request::JsonBody,
    resources::system::dto::ErrorBodyV1,
    tasks::{RebuildSource, rebuild},
};

/// Folds everything derived of a series again over all of its candles. Only with the dev and the read repair API.
#[utoipa::path(
    post, path = "/api/dev/rebuild", tag = "repair", request_body = RebuildRequestV1,
    responses(
        (status = 200, body = RebuildResponseV1), (status = 400, body = ErrorBodyV1), (status = 404, body = ErrorBodyV1),
        (status = 413, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1), (status = 500, body = ErrorBodyV1),
        (status = 502, body = ErrorBodyV1),
    )
)]
pub(crate) async fn rebuild_series(
    State(state): State<AppState>,
    body: Result<JsonBody, ApiError>,
) -> Result<Json<RebuildResponseV1>, ApiError> {
    open(&state)?;
    let JsonBody(mut body) = body?;
    let series = body.required_text("series_id");
    let word = body.word("source", &RebuildSource::ALL.map(RebuildSource::name));
    body.finish()?;
    let series: SeriesId = series.parse()?;
    let source = RebuildSource::ALL
        .into_iter()
        .find(|source| source.name() == word)
        .unwrap_or(RebuildSource::Stored);
    let rebuilt = rebuild(&state.rebuild_parts(), &series, source).await?;
    Ok(Json(RebuildResponseV1 {
        ok: true,
        series_id: series.to_string(),
        candles: rebuilt.candles,
        replaced: rebuilt.replaced,
        added: rebuilt.added,
        head_time: rebuilt.head_time.seconds(),
        epoch: rebuilt.epoch,
    }))
}
