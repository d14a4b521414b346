//! Wire types of the system resource.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Body of every error.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBodyV1 {
    /// What clients match on: a text, or the list of broken rules.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// Dotted, stable name.
    pub code: String,
    /// What happened and what to do.
    pub message: String,
    /// Equals the `x-request-id` header.
    pub request_id: String,
}

/// The process answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LiveResponse {
    /// Always `ok`.
    pub status: &'static str,
    /// Version of the program.
    pub version: &'static str,
    /// Whether the exchange is a simulator in this process.
    pub demo: bool,
    /// Market clock, Unix milliseconds.
    pub market_now_ms: i64,
    /// Market seconds per second of the system clock.
    pub market_speed: f64,
}

/// Results of the checks, `ok` or a short text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadyChecks {
    /// Whether a snapshot can be read.
    pub storage: &'static str,
    /// Whether the writer takes work.
    pub writer_queue: &'static str,
}

/// The process can serve.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadyResponse {
    /// Always `ready`.
    pub status: &'static str,
    /// The checks.
    pub checks: ReadyChecks,
}
