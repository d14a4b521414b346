//! Catalogue, slices, events, features and health of the factors.

pub(crate) mod dto;
mod events;
mod features;
mod health;
pub(crate) mod slices;

use axum::{Json, extract::State};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::dto::{FactorCatalogEntryV1, FactorCatalogFeatureV1, FactorCatalogResponseV1};
use crate::AppState;

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(get_catalog))
        .routes(routes!(slices::get_slices))
        .routes(routes!(events::get_events))
        .routes(routes!(health::get_health))
        .routes(routes!(features::get_batch))
}

/// What can be shown and hidden, in graph order.
#[utoipa::path(
    get, path = "/api/factor/catalog", tag = "factor",
    responses((status = 200, body = FactorCatalogResponseV1))
)]
pub(crate) async fn get_catalog(State(state): State<AppState>) -> Json<FactorCatalogResponseV1> {
    let graph = &state.parts().model.setup().factors;
    let factors = tc_factor::catalog(graph)
        .into_iter()
        .map(|entry| FactorCatalogEntryV1 {
            key: entry.key,
            label: entry.label,
            default_visible: entry.default_visible,
            sub_features: entry
                .sub_features
                .into_iter()
                .map(|feature| FactorCatalogFeatureV1 {
                    key: feature.key,
                    label: feature.label,
                    default_visible: feature.default_visible,
                })
                .collect(),
        })
        .collect();
    Json(FactorCatalogResponseV1 {
        schema_version: 1,
        factors,
    })
}
