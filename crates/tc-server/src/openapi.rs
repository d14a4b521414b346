//! The interface description, generated from the handlers.

use utoipa::openapi::OpenApi;

use crate::{resources, ws::messages};

/// OpenAPI 3.1 document of the HTTP interface; socket messages are schema components of it.
#[must_use]
pub fn document() -> OpenApi {
    let (_, mut document) = resources::routes().split_for_parts();
    "trade_canvas API".clone_into(&mut document.info.title);
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    document.info.description = Some("Candles, factors and drawings of trade-canvas.".to_owned());
    // The defaults are those of the library that makes the document.
    document.info.license = None;
    document.info.contact = None;
    messages::add_schemas(&mut document);
    document
}
