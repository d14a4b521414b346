//! Ingest of closed and forming candles.

use axum::{Json, extract::State};
use tc_ingest::{Job, JobInput, LatePolicy, PublishPolicy};
use tc_market::{CandleBatch, FormingCandle, SeriesId};

use super::dto::{IngestBatchRequest, IngestBatchResponse, IngestCandleRequest, IngestCandleResponse};
use crate::{ApiError, AppState, error::ErrorCode, request::JsonBody, resources::system::dto::ErrorBodyV1};

const MAX_BATCH: usize = 20_000;

/// Takes one closed candle in: stored, folded, drawn, then published.
#[utoipa::path(
    post, path = "/api/market/ingest/candle_closed", tag = "market", request_body = IngestCandleRequest,
    responses(
        (status = 200, body = IngestCandleResponse), (status = 400, body = ErrorBodyV1),
        (status = 413, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1), (status = 500, body = ErrorBodyV1),
    )
)]
pub(crate) async fn candle_closed(
    State(state): State<AppState>,
    JsonBody(mut body): JsonBody,
) -> Result<Json<IngestCandleResponse>, ApiError> {
    let series = body.required_text("series_id");
    let candle = body.required_candle("candle");
    body.finish()?;
    let series: SeriesId = series.parse()?;
    let candle = candle.ok_or_else(|| ApiError::new(ErrorCode::Internal))?;
    write(&state, &series, vec![candle], PublishPolicy::Everything).await?;
    Ok(Json(IngestCandleResponse {
        ok: true,
        series_id: series.to_string(),
        candle_time: candle.time().seconds(),
    }))
}

/// Shows one forming candle to subscribers. Nothing is stored. Only with the debug API.
#[utoipa::path(
    post, path = "/api/market/ingest/candle_forming", tag = "market", request_body = IngestCandleRequest,
    responses(
        (status = 200, body = IngestCandleResponse), (status = 400, body = ErrorBodyV1),
        (status = 404, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn candle_forming(
    State(state): State<AppState>,
    body: Result<JsonBody, ApiError>,
) -> Result<Json<IngestCandleResponse>, ApiError> {
    if !state.options().http.debug_api {
        return Err(ApiError::new(ErrorCode::NotFound));
    }
    let JsonBody(mut body) = body?;
    let series = body.required_text("series_id");
    let candle = body.required_candle("candle");
    body.finish()?;
    let series: SeriesId = series.parse()?;
    let candle = candle.ok_or_else(|| ApiError::new(ErrorCode::Internal))?;
    state
        .parts()
        .hub
        .publish_forming(&series, FormingCandle::new(candle));
    Ok(Json(IngestCandleResponse {
        ok: true,
        series_id: series.to_string(),
        candle_time: candle.time().seconds(),
    }))
}

/// Takes many closed candles of one series in with one commit. Only with the dev API.
#[utoipa::path(
    post, path = "/api/dev/market/ingest/candles_closed_batch", tag = "market", request_body = IngestBatchRequest,
    responses(
        (status = 200, body = IngestBatchResponse), (status = 400, body = ErrorBodyV1), (status = 404, body = ErrorBodyV1),
        (status = 413, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1), (status = 500, body = ErrorBodyV1),
    )
)]
pub(crate) async fn candles_closed_batch(
    State(state): State<AppState>,
    body: Result<JsonBody, ApiError>,
) -> Result<Json<IngestBatchResponse>, ApiError> {
    if !state.options().http.dev_api {
        return Err(ApiError::new(ErrorCode::NotFound));
    }
    let JsonBody(mut body) = body?;
    let series = body.required_text("series_id");
    let candles = body.required_candles("candles", MAX_BATCH);
    let publish = if body.bool("publish_ws", false) {
        PublishPolicy::Everything
    } else {
        PublishPolicy::RebuildsOnly
    };
    body.finish()?;
    let series: SeriesId = series.parse()?;
    let times = || candles.iter().map(|candle| candle.time().seconds());
    let response = IngestBatchResponse {
        ok: true,
        series_id: series.to_string(),
        count: candles.len(),
        first_candle_time: times().min().unwrap_or_default(),
        last_candle_time: times().max().unwrap_or_default(),
    };
    write(&state, &series, candles, publish).await?;
    Ok(Json(response))
}

async fn write(
    state: &AppState,
    series: &SeriesId,
    candles: Vec<tc_market::Candle>,
    publish: PublishPolicy,
) -> Result<(), ApiError> {
    let Some(batch) = CandleBatch::new(series.clone(), candles) else {
        return Ok(());
    };
    let job = Job {
        input: JobInput::Batch(batch),
        publish,
        late: LatePolicy::Fold,
    };
    let report = state.parts().writer.submit(job).await?;
    match report.publish_error {
        // Strict callers learn that nobody was told, although the data is stored.
        Some(error) if publish == PublishPolicy::Everything => {
            tracing::error!(%series, %error, "publication failed");
            Err(ApiError::new(ErrorCode::Internal))
        }
        _ => Ok(()),
    }
}
