//! The HTTP and WebSocket contract, hub and task drivers.
//!
//! Owns what is served and how bytes move: routes, sockets, the writer thread and the reader pool, live jobs and
//! background tasks. What decides is elsewhere and synchronous; handlers parse, ask, and serialise.
//!
//! Deliberately absent: the choice of store, venue and clock. They arrive as trait objects in [`AppParts`].
//!
//! Start reading at [`router`], then `resources/` for an endpoint, [`hub`] for the fan-out, [`tasks`] for the live path.
//!
//! Invariants owned here: I1 (forming candles are shown, never stored), I12 (every queue, page and subscription has a
//! bound with a name).

pub mod annotate;
mod app;
mod assets;
pub mod backtest;
pub mod clock;
pub mod debug;
mod error;
#[cfg(test)]
mod fixture;
pub mod hub;
mod json;
mod layers;
mod market_list;
mod openapi;
mod options;
pub mod packages;
mod playback;
mod request;
mod resources;
pub mod tasks;
pub mod telemetry;
pub mod threads;
pub mod ws;

pub use app::{AppParts, AppState, router};
pub use error::{ApiError, ErrorCode, reference_markdown as error_codes_markdown};
pub use market_list::{MarketListOptions, MarketLists};
pub use openapi::document as openapi_document;
pub use options::{HttpOptions, ReplayOptions, ServerOptions};
