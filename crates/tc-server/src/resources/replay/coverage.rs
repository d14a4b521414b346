//! `POST /api/replay/ensure_coverage` and `GET /api/replay/coverage_status`.

use axum::{
    Json,
    extract::{RawQuery, State},
};
use tc_market::{CandleTime, SeriesId, latest_closed};
use tc_read::aligned_time;

use super::{
    dto::coverage::{
        CoverageStatusQuery, ReplayCoverageStatusResponseV1, ReplayEnsureCoverageRequestV1,
        ReplayEnsureCoverageResponseV1,
    },
    open,
};
use crate::{
    ApiError, AppState,
    error::ErrorCode,
    request::{JsonBody, Query},
    resources::system::dto::ErrorBodyV1,
    tasks::{CoverageJobId, CoverageJobState},
};

const DEFAULT_TARGET: i64 = 2_000;

/// Makes sure, as far as possible, that candles are stored. The same job is not started twice.
#[utoipa::path(
    post, path = "/api/replay/ensure_coverage", tag = "replay", request_body = ReplayEnsureCoverageRequestV1,
    responses(
        (status = 200, body = ReplayEnsureCoverageResponseV1), (status = 400, body = ErrorBodyV1),
        (status = 404, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn ensure_coverage(
    State(state): State<AppState>,
    body: Result<JsonBody, ApiError>,
) -> Result<Json<ReplayEnsureCoverageResponseV1>, ApiError> {
    open(&state)?;
    if !state.options().replay.ensure_coverage {
        return Err(ApiError::new(ErrorCode::NotFound));
    }
    let JsonBody(mut body) = body?;
    let series = body.required_text("series_id");
    let target = body.optional_int_within("target_candles", 1..=5_000);
    let to_time = body.optional_int("to_time", 0);
    body.finish()?;
    let series: SeriesId = series.parse()?;
    let target = u32::try_from(target.unwrap_or(DEFAULT_TARGET)).unwrap_or(u32::MAX);
    let id = series.clone();
    let aligned = state
        .read(move |snapshot, _| aligned_time(snapshot, &id, to_time))
        .await?;
    let timeframe = series.timeframe();
    let closed = latest_closed(state.now_s(), timeframe.seconds());
    let named = to_time.unwrap_or_else(|| aligned.unwrap_or(closed).seconds());
    let to = aligned.unwrap_or_else(|| timeframe.align(CandleTime::clamped(named)));
    let job_id = CoverageJobId::new(&series, named, target);
    let job = state
        .parts()
        .coverage_jobs
        .start(&job_id, &series, to.seconds(), target);
    Ok(Json(ReplayEnsureCoverageResponseV1 {
        status: name(&job.state),
        job_id: job_id.as_str().to_owned(),
        error: None,
    }))
}

/// How far a coverage job is.
#[utoipa::path(
    get, path = "/api/replay/coverage_status", tag = "replay", params(CoverageStatusQuery),
    responses(
        (status = 200, body = ReplayCoverageStatusResponseV1), (status = 404, body = ErrorBodyV1),
        (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_coverage_status(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Json<ReplayCoverageStatusResponseV1>, ApiError> {
    open(&state)?;
    let mut query = Query::parse(raw.as_deref());
    let job_id = query.required_text("job_id");
    query.finish()?;
    let jobs = &state.parts().coverage_jobs;
    let job = jobs.get(&CoverageJobId::from_text(&job_id));
    let job = job.ok_or_else(|| ApiError::new(ErrorCode::ReplayCoverageNotFound))?;
    let series = job.series.clone();
    let head = state
        .read(move |snapshot, _| aligned_time(snapshot, &series, None))
        .await?;
    let counted = jobs.count(&job).await?;
    Ok(Json(ReplayCoverageStatusResponseV1 {
        status: name(&job.state),
        job_id,
        candles_ready: counted.candles_ready,
        required_candles: job.target.max(1),
        head_time: head.map(CandleTime::seconds),
        error: match job.state {
            CoverageJobState::Failed(reason) => Some(reason),
            CoverageJobState::Building | CoverageJobState::Done => None,
        },
    }))
}

const fn name(state: &CoverageJobState) -> &'static str {
    match state {
        CoverageJobState::Building => "building",
        CoverageJobState::Done => "done",
        CoverageJobState::Failed(_) => "error",
    }
}
