//! World frames: slices and drawing of one candle in one answer, and what is new since a candle.

pub(crate) mod dto;
pub(crate) mod frames;
mod poll;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::AppState;

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(frames::get_live))
        .routes(routes!(frames::get_at_time))
        .routes(routes!(poll::get_poll))
}
