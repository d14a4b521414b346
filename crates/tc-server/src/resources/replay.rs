//! The past: ledgers brought up to it, candles made sure of, packages of it, an outline of it.

mod coverage;
mod drawings;
pub(crate) mod dto;
mod outline;
mod packages;
mod prepare;
mod transfer;

use tc_replay::CacheKey;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError, AppState,
    error::ErrorCode,
    packages::{Shelf, StoredPackage},
};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(prepare::prepare))
        .routes(routes!(coverage::ensure_coverage))
        .routes(routes!(coverage::get_coverage_status))
        .routes(routes!(packages::build))
        .routes(routes!(packages::get_status))
        .routes(routes!(packages::get_window))
        .routes(routes!(packages::get_read_only))
        .routes(routes!(transfer::get_export))
        .routes(routes!(transfer::import))
        .routes(routes!(outline::get_outline))
        .routes(routes!(drawings::build))
        .routes(routes!(drawings::get_status))
        .routes(routes!(drawings::get_window))
        .routes(routes!(drawings::get_read_only))
}

/// The gate of everything but `prepare`.
fn open(state: &AppState) -> Result<(), ApiError> {
    if state.options().replay.enabled {
        Ok(())
    } else {
        Err(ApiError::new(ErrorCode::NotFound))
    }
}

/// A package made here, or else one that was imported.
async fn find(state: &AppState, job_id: &str) -> Option<StoredPackage> {
    let key: CacheKey = job_id.parse().ok()?;
    let packages = &state.parts().packages;
    for shelf in [Shelf::Replay, Shelf::Imported] {
        if let Some(found) = packages.find(shelf, &key).await {
            return Some(found);
        }
    }
    None
}
