//! `/ws/market`: the hub over sockets.

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
    hub::{Connection, ConnectionParts},
};

use socket::READ_LIMIT_BYTES;

/// Socket routes. Everything else under `/ws/` is refused.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/ws/market", any(market))
        .route("/ws/debug", any(debug))
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
        ingest: parts.ingest.clone(),
        clock: parts.clock.clone(),
    });
    let connection = connection.ok_or_else(|| ApiError::new(ErrorCode::TooManySockets))?;
    let tasks = parts.hub.tasks().clone();
    Ok(upgrade
        .max_frame_size(READ_LIMIT_BYTES)
        .max_message_size(READ_LIMIT_BYTES)
        .on_upgrade(move |socket| tasks.track_future(socket::serve(socket, connection)))
        .into_response())
}

/// The debug stream does not exist here; with its switch off that is said in the way its contract asks for.
async fn debug(State(state): State<AppState>) -> Response {
    if state.options().http.debug_api {
        ApiError::new(ErrorCode::RouteUnknown).into_response()
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}

async fn unknown() -> ApiError {
    ApiError::new(ErrorCode::RouteUnknown)
}
