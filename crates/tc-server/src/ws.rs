//! Sockets: `/ws/market`, the hub, `/ws/debug`, the debug events, and `/ws/replay`, the played past.

pub mod messages;
mod socket;
#[cfg(test)]
mod tests;

use axum::{
    Router,
    extract::{
        State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::any,
};

use crate::{
    ApiError, AppState,
    error::ErrorCode,
    hub::{Connection, ConnectionParts, Watcher},
    playback::Playing,
};

use socket::{Client, READ_LIMIT_BYTES};

/// Socket routes. Everything else under `/ws/` is refused.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/ws/market", any(market))
        .route("/ws/debug", any(debug))
        .route("/ws/replay", any(replay))
        .route("/ws/{*path}", any(unknown))
}

async fn market(
    State(state): State<AppState>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    // Whoever does not ask for a socket finds nothing here.
    let upgrade = upgrade.map_err(|_| ApiError::new(ErrorCode::RouteUnknown))?;
    let parts = state.parts();
    if !parts.hub.is_open() {
        return Err(ApiError::new(ErrorCode::ShuttingDown));
    }
    let connection = Connection::open(ConnectionParts {
        hub: parts.hub.clone(),
        readers: parts.readers.clone(),
        writer: parts.writer.clone(),
        ingest: parts.ingest.clone(),
        clock: parts.clock.clone(),
        coverage: parts.coverage.clone(),
        healer: parts.healer.clone(),
    });
    let connection = connection.ok_or_else(|| ApiError::new(ErrorCode::TooManySockets))?;
    Ok(accept(&state, upgrade, connection))
}

async fn debug(
    State(state): State<AppState>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    if !state.options().http.debug_api {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let upgrade = upgrade.map_err(|_| ApiError::new(ErrorCode::RouteUnknown))?;
    let parts = state.parts();
    if !parts.hub.is_open() {
        return Err(ApiError::new(ErrorCode::ShuttingDown));
    }
    let watcher = Watcher::open(parts.hub.clone(), parts.debug.clone());
    let watcher = watcher.ok_or_else(|| ApiError::new(ErrorCode::TooManySockets))?;
    Ok(accept(&state, upgrade, watcher))
}

async fn replay(
    State(state): State<AppState>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    if !state.options().replay.enabled {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let upgrade = upgrade.map_err(|_| ApiError::new(ErrorCode::RouteUnknown))?;
    if !state.parts().hub.is_open() {
        return Err(ApiError::new(ErrorCode::ShuttingDown));
    }
    let playing = Playing::open(&state).ok_or_else(|| ApiError::new(ErrorCode::TooManySockets))?;
    Ok(accept(&state, upgrade, playing))
}

fn accept(state: &AppState, upgrade: WebSocketUpgrade, client: impl Client + 'static) -> Response {
    let tasks = state.parts().hub.tasks().clone();
    upgrade
        .max_frame_size(READ_LIMIT_BYTES)
        .max_message_size(READ_LIMIT_BYTES)
        .on_upgrade(move |socket| tasks.track_future(socket::serve(socket, client)))
        .into_response()
}

async fn unknown() -> ApiError {
    ApiError::new(ErrorCode::RouteUnknown)
}
