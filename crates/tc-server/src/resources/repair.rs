//! What an operator may ask for: drawings or everything derived of a series again. Not there unless two switches are on.

pub(crate) mod dto;
mod overlay;
mod rebuild;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{ApiError, AppState, error::ErrorCode};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(overlay::repair_overlay))
        .routes(routes!(rebuild::rebuild_series))
}

/// The gate of both.
fn open(state: &AppState) -> Result<(), ApiError> {
    let http = &state.options().http;
    if http.dev_api && http.repair_api {
        Ok(())
    } else {
        Err(ApiError::new(ErrorCode::NotFound))
    }
}
