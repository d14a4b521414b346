//! Liveness, readiness, metrics and the interface description.

pub(crate) mod dto;

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::json;
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::dto::{LiveResponse, ReadyChecks, ReadyResponse};
use crate::{ApiError, AppState, error::ErrorCode, resources::system::dto::ErrorBodyV1};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(live))
        .routes(routes!(ready))
        .routes(routes!(get_metrics))
        .routes(routes!(openapi))
}

/// Whether the process answers, and the market clock.
#[utoipa::path(get, path = "/health/live", tag = "system", responses((status = 200, body = LiveResponse)))]
pub(crate) async fn live(State(state): State<AppState>) -> Json<LiveResponse> {
    let clock = &state.parts().clock;
    Json(LiveResponse {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
        demo: state.options().demo,
        market_now_ms: clock.now_ms(),
        market_speed: clock.speed(),
    })
}

/// Whether storage opens and the writer keeps up.
#[utoipa::path(
    get, path = "/health/ready", tag = "system",
    responses((status = 200, body = ReadyResponse), (status = 503, body = ErrorBodyV1))
)]
pub(crate) async fn ready(State(state): State<AppState>) -> Result<Json<ReadyResponse>, ApiError> {
    let storage = match state
        .read(|snapshot, _| Ok(snapshot.list_series().map(drop)?))
        .await
    {
        Ok(()) => "ok",
        Err(_) => "the store does not answer",
    };
    let room = state.parts().writer.queue_depth() < state.options().writer_queue_limit;
    let writer_queue = if room { "ok" } else { "the writer queue is full" };
    let checks = ReadyChecks {
        storage,
        writer_queue,
    };
    if storage == "ok" && writer_queue == "ok" {
        return Ok(Json(ReadyResponse {
            status: "ready",
            checks,
        }));
    }
    let checks = json!({ "storage": storage, "writer_queue": writer_queue });
    Err(ApiError::new(ErrorCode::NotReady).with("checks", checks))
}

/// Collected metrics as Prometheus text.
#[utoipa::path(
    get, path = "/metrics", tag = "system",
    responses((status = 200, body = String, content_type = "text/plain"), (status = 404, body = ErrorBodyV1))
)]
pub(crate) async fn get_metrics(State(state): State<AppState>) -> Result<Response, ApiError> {
    let telemetry = state.sampled_metrics().await;
    let telemetry = telemetry.ok_or_else(|| ApiError::new(ErrorCode::NotFound))?;
    Ok((
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        telemetry.prometheus_text(),
    )
        .into_response())
}

/// This document.
#[utoipa::path(get, path = "/api/openapi.json", tag = "system", responses((status = 200, body = Object)))]
pub(crate) async fn openapi(State(state): State<AppState>) -> Json<OpenApi> {
    Json(state.document().clone())
}
