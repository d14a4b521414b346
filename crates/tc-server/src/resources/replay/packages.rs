//! `/api/replay/build`, `status`, `window` and `read_only`.

use axum::{
    Json,
    extract::{RawQuery, State},
    response::Response,
};
use serde_json::value::RawValue;
use tc_market::SeriesId;
use tc_read::{PackageOutlook, PackageRequest, PackageState, ReadError};
use tc_replay::{CacheKey, PackageKind};

use super::{
    dto::{
        ReplayBuildRequestV1, ReplayBuildResponseV1, ReplayReadOnlyQuery, ReplayReadOnlyResponseV1,
        ReplayStatusQuery, ReplayStatusResponseV1, ReplayWindowQuery, ReplayWindowResponseV1,
    },
    find, open,
};
use crate::{
    ApiError, AppState,
    error::ErrorCode,
    json,
    packages::{JobState, Shelf, Started, StoredPackage},
    request::{JsonBody, Query},
    resources::system::dto::ErrorBodyV1,
};

const DEFAULT_WINDOW_CANDLES: u32 = 2_000;
const DEFAULT_WINDOW_SIZE: u32 = 500;
const DEFAULT_INTERVAL: u32 = 25;
const LEAST_INTERVAL: u32 = 5;

/// A package of these numbers; those that were not given have their defaults.
pub(super) fn request(
    kind: PackageKind,
    to_time: Option<i64>,
    [window_candles, window_size, snapshot_interval]: [Option<i64>; 3],
) -> PackageRequest {
    let number = |given: Option<i64>, default| {
        given
            .and_then(|value| u32::try_from(value).ok())
            .unwrap_or(default)
    };
    PackageRequest {
        kind,
        to_time,
        window_candles: number(window_candles, DEFAULT_WINDOW_CANDLES),
        window_size: number(window_size, DEFAULT_WINDOW_SIZE),
        snapshot_interval: number(snapshot_interval, DEFAULT_INTERVAL).max(LEAST_INTERVAL),
    }
}

/// What a request comes to; `no_data` is the code of a series without candles.
pub(super) async fn outlook(
    state: &AppState,
    series: &SeriesId,
    request: PackageRequest,
    no_data: ErrorCode,
) -> Result<PackageOutlook, ApiError> {
    let series = series.clone();
    let outlook = state
        .read(
            move |snapshot, model| match model.package_outlook(snapshot, &series, &request) {
                Ok(outlook) => Ok(Some(outlook)),
                Err(ReadError::NoData) => Ok(None),
                Err(error) => Err(error),
            },
        )
        .await?;
    outlook.ok_or_else(|| ApiError::new(no_data))
}

/// Makes the package of a range, unless it is there or on its way.
#[utoipa::path(
    post, path = "/api/replay/build", tag = "replay", request_body = ReplayBuildRequestV1,
    responses(
        (status = 200, body = ReplayBuildResponseV1), (status = 400, body = ErrorBodyV1),
        (status = 404, body = ErrorBodyV1), (status = 409, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn build(
    State(state): State<AppState>,
    body: Result<JsonBody, ApiError>,
) -> Result<Json<ReplayBuildResponseV1>, ApiError> {
    open(&state)?;
    let JsonBody(mut body) = body?;
    let series = body.required_text("series_id");
    let to_time = body.optional_int("to_time", 0);
    let numbers = [
        body.optional_int_within("window_candles", 1..=5_000),
        body.optional_int_within("window_size", 1..=2_000),
        body.optional_int_within("snapshot_interval", 1..=200),
    ];
    body.finish()?;
    let series: SeriesId = series.parse()?;
    let request = request(PackageKind::Replay, to_time, numbers);
    let outlook = outlook(&state, &series, request, ErrorCode::ReplayNoData).await?;
    match outlook.state {
        PackageState::Ready => {}
        PackageState::CoverageMissing => {
            let (ready, required) = (outlook.coverage.candles_ready, outlook.coverage.required_candles);
            return Err(ApiError::new(ErrorCode::ReplayCoverageMissing).saying(format!(
                "The range has {ready} of {required} candles; ensure_coverage fetches what is missing."
            )));
        }
        PackageState::OutOfSync => return Err(ApiError::new(ErrorCode::ReplayOutOfSync)),
    }
    Ok(Json(start(&state, &outlook).await))
}

pub(super) async fn start(state: &AppState, outlook: &PackageOutlook) -> ReplayBuildResponseV1 {
    let started = state.parts().packages.start(outlook).await;
    ReplayBuildResponseV1 {
        status: match started {
            Started::Done(_) => "done",
            Started::Building => "building",
        },
        job_id: outlook.cache_key.to_string(),
        cache_key: outlook.cache_key.to_string(),
    }
}

/// How far a package is.
#[utoipa::path(
    get, path = "/api/replay/status", tag = "replay", params(ReplayStatusQuery),
    responses(
        (status = 200, body = ReplayStatusResponseV1), (status = 404, body = ErrorBodyV1),
        (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_status(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Json<ReplayStatusResponseV1>, ApiError> {
    open(&state)?;
    let mut query = Query::parse(raw.as_deref());
    let job_id = query.required_text("job_id");
    let preload = query.flag("include_preload", false);
    query.finish()?;
    let not_found = || ApiError::new(ErrorCode::ReplayStatusNotFound);
    let key: CacheKey = job_id.parse().map_err(|_| not_found())?;
    let mut answer = ReplayStatusResponseV1 {
        status: "building",
        job_id,
        cache_key: key.to_string(),
        progress: None,
        error: None,
        metadata: None,
        preload_window: None,
    };
    match state.parts().packages.state(Shelf::Replay, &key) {
        Some(JobState::Building { percent }) => answer.progress = Some(percent),
        job => match (find(&state, key.as_str()).await, job) {
            (Some(package), _) => {
                answer.status = "done";
                answer.progress = Some(100);
                answer.cache_key = package.manifest.cache_key.to_string();
                if preload {
                    let last = package.manifest.windows.len().saturating_sub(1);
                    let content = window(&state, &package, last).await.ok_or_else(not_found)?;
                    answer.preload_window = Some(content);
                }
                answer.metadata = Some(package.manifest.metadata.into());
            }
            (None, Some(JobState::Failed { reason })) => {
                answer.status = "error";
                answer.error = Some(reason);
            }
            (None, _) => return Err(not_found()),
        },
    }
    Ok(Json(answer))
}

/// Bars and drawings of a window.
async fn window(state: &AppState, package: &StoredPackage, window_index: usize) -> Option<Box<RawValue>> {
    #[derive(serde::Deserialize)]
    struct Content {
        window: Box<RawValue>,
    }
    let bytes = state.parts().packages.window(package, window_index).await?;
    let content: Content = serde_json::from_slice(&bytes).ok()?;
    Some(content.window)
}

/// The window that holds a bar.
#[utoipa::path(
    get, path = "/api/replay/window", tag = "replay", params(ReplayWindowQuery),
    responses(
        (status = 200, body = ReplayWindowResponseV1), (status = 404, body = ErrorBodyV1),
        (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_window(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Response, ApiError> {
    open(&state)?;
    let mut query = Query::parse(raw.as_deref());
    let job_id = query.required_text("job_id");
    let target = query.required_int("target_idx", 0..=i64::MAX);
    query.finish()?;
    let not_found = || ApiError::new(ErrorCode::ReplayWindowNotFound);
    let package = find(&state, &job_id).await.ok_or_else(not_found)?;
    let target = usize::try_from(target).unwrap_or(usize::MAX);
    let position = package.manifest.metadata.window_of(target);
    let position = position.ok_or_else(|| ApiError::new(ErrorCode::ReplayIndexOutOfRange))?;
    let content = state
        .parts()
        .packages
        .window(&package, position)
        .await
        .ok_or_else(not_found)?;
    // A window is kept in the form it is sent in; only its name is put before it.
    let mut body = format!("{{\"job_id\":\"{}\",", package.key).into_bytes();
    body.extend_from_slice(content.get(1..).unwrap_or_default());
    Ok(json::response(body))
}

/// What a build would come to. Never builds.
#[utoipa::path(
    get, path = "/api/replay/read_only", tag = "replay", params(ReplayReadOnlyQuery),
    responses(
        (status = 200, body = ReplayReadOnlyResponseV1), (status = 400, body = ErrorBodyV1),
        (status = 404, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_read_only(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Json<ReplayReadOnlyResponseV1>, ApiError> {
    open(&state)?;
    let mut query = Query::parse(raw.as_deref());
    let series = query.required_text("series_id");
    let to_time = query.optional_int("to_time", 0..=i64::MAX);
    let numbers = [
        query.optional_int("window_candles", 1..=5_000),
        query.optional_int("window_size", 1..=2_000),
        query.optional_int("snapshot_interval", 1..=200),
    ];
    let series = query.series(&series)?;
    let request = request(PackageKind::Replay, to_time, numbers);
    let outlook = outlook(&state, &series, request, ErrorCode::ReplayNoData).await?;
    let found = match outlook.state {
        PackageState::Ready => {
            state
                .parts()
                .packages
                .find(Shelf::Replay, &outlook.cache_key)
                .await
        }
        PackageState::CoverageMissing | PackageState::OutOfSync => None,
    };
    let (status, compute_hint) = match (outlook.state, &found) {
        (PackageState::CoverageMissing, _) => ("coverage_missing", Some("ensure_coverage, then build")),
        (PackageState::OutOfSync, _) => ("out_of_sync", Some("prepare, then build")),
        (PackageState::Ready, None) => ("build_required", Some("build")),
        (PackageState::Ready, Some(_)) => ("done", None),
    };
    Ok(Json(ReplayReadOnlyResponseV1 {
        status,
        job_id: outlook.cache_key.to_string(),
        cache_key: outlook.cache_key.to_string(),
        coverage: outlook.coverage.into(),
        metadata: found.map(|package| package.manifest.metadata.into()),
        compute_hint,
    }))
}
