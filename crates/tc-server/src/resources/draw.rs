//! Draw deltas.

pub(crate) mod delta;
pub(crate) mod dto;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::AppState;

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(delta::get_delta))
}
