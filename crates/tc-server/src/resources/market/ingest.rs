//! Ingest of closed and forming candles.

use std::time::Duration;

use axum::{Json, extract::State};
use tc_ingest::{IngestReport, Job, JobInput, JobOrigin, LatePolicy, PublishPolicy};
use tc_market::{Candle, CandleBatch, CandleTime, FormingCandle, SeriesId};
use tokio::time::Instant;

use super::dto::{IngestBatchRequest, IngestBatchResponse, IngestCandleRequest, IngestCandleResponse};
use crate::{
    ApiError, AppState, debug::HttpWrite, error::ErrorCode, request::JsonBody,
    resources::system::dto::ErrorBodyV1, threads::SubmitError,
};

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
    let request = IngestRequest {
        told: HttpWrite::single(&series, candle.time()),
        metrics: SINGLE,
        publish: PublishPolicy::Everything,
    };
    request.write(&state, &series, vec![candle]).await?;
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
    let publish_ws = body.bool("publish_ws", false);
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
    let (first, last) = (response.first_candle_time, response.last_candle_time);
    let request = IngestRequest {
        told: HttpWrite::batch(&series, response.count, first, last, publish_ws),
        metrics: BATCH,
        publish: if publish_ws {
            PublishPolicy::Everything
        } else {
            PublishPolicy::RebuildsOnly
        },
    };
    request.write(&state, &series, candles).await?;
    Ok(Json(response))
}

/// Names of what a route is measured by: how many requests, and how long they take.
type MetricNames = [&'static str; 2];

const SINGLE: MetricNames = [
    "market_ingest_closed_requests_total",
    "market_ingest_closed_duration_ms",
];
const BATCH: MetricNames = [
    "market_ingest_closed_batch_requests_total",
    "market_ingest_closed_batch_duration_ms",
];

/// An accepted request.
struct IngestRequest {
    told: HttpWrite,
    metrics: MetricNames,
    publish: PublishPolicy,
}

impl IngestRequest {
    async fn write(self, state: &AppState, series: &SeriesId, candles: Vec<Candle>) -> Result<(), ApiError> {
        let Some(batch) = CandleBatch::new(series.clone(), candles) else {
            return Ok(());
        };
        let newest = batch.last_time();
        let job = Job {
            input: JobInput::Batch(batch),
            publish: self.publish,
            late: LatePolicy::Fold,
            origin: JobOrigin::Ingest,
        };
        let log = &state.parts().debug;
        log.record(|| self.told.started());
        let begun = Instant::now();
        let outcome = state.parts().writer.submit(job).await;
        let took = begun.elapsed();
        self.count(&outcome, took);
        match &outcome {
            Ok(report) => {
                let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
                log.record(|| self.told.done(report, took_ms));
                show_last_candle(state, series, newest);
            }
            Err(SubmitError::Pipeline(failure)) => log.record(|| self.told.failed(failure)),
            Err(SubmitError::ShuttingDown) => {}
        }
        match outcome?.publish_error {
            // Strict callers learn that nobody was told, although the data is stored.
            Some(error) if self.publish == PublishPolicy::Everything => {
                tracing::error!(%series, %error, "publication failed");
                Err(ApiError::new(ErrorCode::Internal))
            }
            _ => Ok(()),
        }
    }

    fn count(&self, outcome: &Result<IngestReport, SubmitError>, took: Duration) {
        let [requests, duration] = self.metrics;
        let result = match outcome {
            Ok(_) => {
                metrics::counter!(requests, "result" => "ok").increment(1);
                "ok"
            }
            Err(error) => {
                let step = match error {
                    SubmitError::Pipeline(failure) => failure.step.name(),
                    SubmitError::ShuttingDown => "shutdown",
                };
                metrics::counter!(requests, "result" => "error", "step" => step).increment(1);
                "error"
            }
        };
        metrics::histogram!(duration, "result" => result).record(took.as_secs_f64() * 1_000.0);
    }
}

/// Only series that somebody follows have a gauge: their number is bounded.
#[expect(clippy::cast_precision_loss, reason = "candle times stay below 2^53")]
fn show_last_candle(state: &AppState, series: &SeriesId, time: CandleTime) {
    if state.is_live(series) || state.parts().hub.subscriptions(series) > 0 {
        metrics::gauge!("market_ingest_last_candle_time", "series_id" => series.to_string())
            .set(time.seconds() as f64);
    }
}
