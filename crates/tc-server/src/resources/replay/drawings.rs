//! `/api/replay/overlay_package/*`: packages of drawings alone. The same engine, jobs and files.

use axum::{
    Json,
    extract::{RawQuery, State},
};
use serde::Deserialize;
use serde_json::value::RawValue;
use tc_market::SeriesId;
use tc_read::{PackageRequest, PackageState};
use tc_replay::{CacheKey, PackageKind, WindowContent};

use super::{
    dto::{
        ReplayBuildResponseV1, ReplayKlineBarV1, ReplayWindowQuery,
        drawings::{
            OverlayReplayBuildRequestV1, OverlayReplayReadOnlyQuery, OverlayReplayReadOnlyResponseV1,
            OverlayReplayStatusQuery, OverlayReplayStatusResponseV1, OverlayReplayWindowResponseV1,
            OverlayReplayWindowV1,
        },
    },
    packages::{outlook, request, start},
};
use crate::{
    ApiError, AppState,
    error::ErrorCode,
    packages::{JobState, Shelf, StoredPackage},
    request::{JsonBody, Query},
    resources::system::dto::ErrorBodyV1,
};

/// The gate of these routes.
fn open(state: &AppState) -> Result<(), ApiError> {
    if state.options().replay.drawing_packages {
        Ok(())
    } else {
        Err(ApiError::new(ErrorCode::NotFound))
    }
}

fn clamped(to_time: Option<i64>, numbers: [Option<i64>; 3]) -> PackageRequest {
    let asked = request(PackageKind::Drawings, to_time, numbers);
    PackageRequest {
        window_candles: asked.window_candles.clamp(100, 2_000),
        window_size: asked.window_size.clamp(50, 2_000),
        snapshot_interval: asked.snapshot_interval.clamp(5, 200),
        ..asked
    }
}

/// Makes the package of drawings of a range, unless it is there or on its way.
#[utoipa::path(
    post, path = "/api/replay/overlay_package/build", tag = "replay",
    operation_id = "build_overlay_package", request_body = OverlayReplayBuildRequestV1,
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
        body.optional_int_within("window_candles", 1..=2_000),
        body.optional_int_within("window_size", 1..=2_000),
        body.optional_int_within("snapshot_interval", 1..=200),
    ];
    body.finish()?;
    let series: SeriesId = series.parse()?;
    let request = clamped(to_time, numbers);
    let outlook = outlook(&state, &series, request, ErrorCode::OverlayReplayNoData).await?;
    if outlook.state != PackageState::Ready {
        return Err(ApiError::new(ErrorCode::OverlayReplayOutOfSync));
    }
    Ok(Json(start(&state, &outlook).await))
}

/// What a build would come to. Never builds.
#[utoipa::path(
    get, path = "/api/replay/overlay_package/read_only", tag = "replay",
    operation_id = "get_overlay_package_read_only", params(OverlayReplayReadOnlyQuery),
    responses(
        (status = 200, body = OverlayReplayReadOnlyResponseV1), (status = 400, body = ErrorBodyV1),
        (status = 404, body = ErrorBodyV1), (status = 409, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_read_only(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Json<OverlayReplayReadOnlyResponseV1>, ApiError> {
    open(&state)?;
    let mut query = Query::parse(raw.as_deref());
    let series = query.required_text("series_id");
    let to_time = query.optional_int("to_time", 0..=i64::MAX);
    let numbers = [
        query.optional_int("window_candles", 1..=2_000),
        query.optional_int("window_size", 1..=2_000),
        query.optional_int("snapshot_interval", 1..=200),
    ];
    let series = query.series(&series)?;
    let request = clamped(to_time, numbers);
    let outlook = outlook(&state, &series, request, ErrorCode::OverlayReplayNoData).await?;
    if outlook.state != PackageState::Ready {
        return Err(ApiError::new(ErrorCode::OverlayReplayOutOfSync));
    }
    let found = state
        .parts()
        .packages
        .find(Shelf::Drawings, &outlook.cache_key)
        .await;
    Ok(Json(OverlayReplayReadOnlyResponseV1 {
        status: if found.is_some() { "done" } else { "build_required" },
        job_id: outlook.cache_key.to_string(),
        cache_key: outlook.cache_key.to_string(),
        compute_hint: found.is_none().then_some("build"),
        delta_meta: found.map(|package| (&package.manifest).into()),
    }))
}

async fn find(state: &AppState, job_id: &str) -> Option<StoredPackage> {
    let key: CacheKey = job_id.parse().ok()?;
    state.parts().packages.find(Shelf::Drawings, &key).await
}

/// How far a package of drawings is.
#[utoipa::path(
    get, path = "/api/replay/overlay_package/status", tag = "replay",
    operation_id = "get_overlay_package_status", params(OverlayReplayStatusQuery),
    responses(
        (status = 200, body = OverlayReplayStatusResponseV1), (status = 404, body = ErrorBodyV1),
        (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_status(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Json<OverlayReplayStatusResponseV1>, ApiError> {
    open(&state)?;
    let mut query = Query::parse(raw.as_deref());
    let job_id = query.required_text("job_id");
    let whole = query.flag("include_delta_package", false);
    query.finish()?;
    let not_found = || ApiError::new(ErrorCode::OverlayReplayNotFound);
    let key: CacheKey = job_id.parse().map_err(|_| not_found())?;
    let mut answer = OverlayReplayStatusResponseV1 {
        status: "building",
        job_id,
        cache_key: key.to_string(),
        progress: None,
        error: None,
        delta_meta: None,
        kline: None,
        preload_window: None,
    };
    match state.parts().packages.state(Shelf::Drawings, &key) {
        Some(JobState::Building { percent }) => answer.progress = Some(percent),
        job => match (find(&state, key.as_str()).await, job) {
            (Some(package), _) => {
                answer.status = "done";
                answer.progress = Some(100);
                answer.delta_meta = Some((&package.manifest).into());
                if whole {
                    answer.kline = Some(bars(&state, &package).await.ok_or_else(not_found)?);
                    answer.preload_window = Some(window(&state, &package, 0).await.ok_or_else(not_found)?);
                }
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

/// The window that holds a bar.
#[utoipa::path(
    get, path = "/api/replay/overlay_package/window", tag = "replay",
    operation_id = "get_overlay_package_window", params(ReplayWindowQuery),
    responses(
        (status = 200, body = OverlayReplayWindowResponseV1), (status = 404, body = ErrorBodyV1),
        (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_window(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Json<OverlayReplayWindowResponseV1>, ApiError> {
    open(&state)?;
    let mut query = Query::parse(raw.as_deref());
    let job_id = query.required_text("job_id");
    let target = query.required_int("target_idx", 0..=i64::MAX);
    query.finish()?;
    let not_found = || ApiError::new(ErrorCode::OverlayReplayNotFound);
    let package = find(&state, &job_id).await.ok_or_else(not_found)?;
    let target = usize::try_from(target).unwrap_or(usize::MAX);
    let position = package.manifest.metadata.window_of(target);
    let position = position.ok_or_else(|| ApiError::new(ErrorCode::OverlayReplayIndexOutOfRange))?;
    let window = window(&state, &package, position).await.ok_or_else(not_found)?;
    Ok(Json(OverlayReplayWindowResponseV1 { job_id, window }))
}

/// All bars, from every window.
async fn bars(state: &AppState, package: &StoredPackage) -> Option<Vec<ReplayKlineBarV1>> {
    let mut bars = Vec::with_capacity(package.manifest.metadata.total_candles);
    for position in 0..package.manifest.windows.len() {
        let bytes = state.parts().packages.window(package, position).await?;
        let content: WindowContent = serde_json::from_slice(&bytes).ok()?;
        bars.extend(content.window.kline.iter().map(ReplayKlineBarV1::from));
    }
    Some(bars)
}

/// The parts of a window as they are kept.
#[derive(Deserialize)]
struct Kept {
    window: KeptWindow,
}

#[derive(Deserialize)]
struct KeptWindow {
    window_index: usize,
    start_idx: usize,
    end_idx: usize,
    kline: Box<RawValue>,
    draw_catalog_base: Box<RawValue>,
    draw_catalog_patch: Box<RawValue>,
    draw_active_checkpoints: Box<RawValue>,
    draw_active_diffs: Box<RawValue>,
}

async fn window(state: &AppState, package: &StoredPackage, position: usize) -> Option<OverlayReplayWindowV1> {
    let bytes = state.parts().packages.window(package, position).await?;
    let Kept { window } = serde_json::from_slice(&bytes).ok()?;
    Some(OverlayReplayWindowV1 {
        window_index: window.window_index,
        start_idx: window.start_idx,
        end_idx: window.end_idx,
        kline: window.kline,
        catalog_base: window.draw_catalog_base,
        catalog_patch: window.draw_catalog_patch,
        checkpoints: window.draw_active_checkpoints,
        diffs: window.draw_active_diffs,
        event_catalog: None,
    })
}
