//! `GET /api/market/debug/ingest_state`.

use axum::{Json, extract::State};

use super::dto::ingest_state::IngestStateResponse;
use crate::{ApiError, AppState, error::ErrorCode, resources::system::dto::ErrorBodyV1};

/// Jobs of live ingest, and what decides about them. Only with the debug API.
#[utoipa::path(
    get, path = "/api/market/debug/ingest_state", tag = "market",
    responses((status = 200, body = IngestStateResponse), (status = 404, body = ErrorBodyV1))
)]
pub(crate) async fn get_ingest_state(
    State(state): State<AppState>,
) -> Result<Json<IngestStateResponse>, ApiError> {
    if !state.options().http.debug_api {
        return Err(ApiError::new(ErrorCode::NotFound));
    }
    let ingest = state.parts().ingest.state().await;
    let ingest = ingest.ok_or_else(|| ApiError::new(ErrorCode::ShuttingDown))?;
    Ok(Json(IngestStateResponse::from(ingest)))
}
