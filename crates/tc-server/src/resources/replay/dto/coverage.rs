//! Wire types of what comes before a replay: ledgers brought forward, candles made sure of.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which series to prepare, and up to where.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents the body; values are read by the body parser")]
pub(crate) struct ReplayPrepareRequestV1 {
    /// The series.
    series_id: String,
    /// Instant that is floored to a stored candle; absent or null: the newest.
    #[schema(minimum = 0)]
    to_time: Option<i64>,
    /// Echoed after clamping to 100..5000.
    #[schema(minimum = 1, maximum = 5000, default = 2000)]
    window_candles: Option<i64>,
}

/// Ledgers that cover a candle.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayPrepareResponseV1 {
    /// Always true.
    pub ok: bool,
    /// The series.
    pub series_id: String,
    /// What was asked for, or the newest candle.
    pub requested_time: i64,
    /// The stored candle.
    pub aligned_time: i64,
    /// As it was asked for, clamped.
    pub window_candles: i64,
    /// Newest candle that the factors cover.
    pub factor_head_time: i64,
    /// Newest candle that the drawings cover.
    pub overlay_head_time: i64,
    /// Whether the ledgers had to be brought forward.
    pub computed: bool,
}

/// Which candles are wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents the body; values are read by the body parser")]
pub(crate) struct ReplayEnsureCoverageRequestV1 {
    /// The series.
    series_id: String,
    /// How many.
    #[schema(minimum = 1, maximum = 5000, default = 2000)]
    target_candles: Option<i64>,
    /// The last one; absent or null: the newest.
    #[schema(minimum = 0)]
    to_time: Option<i64>,
}

/// A coverage job.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayEnsureCoverageResponseV1 {
    /// `building`, `done` or `error`.
    pub status: &'static str,
    /// Its name.
    pub job_id: String,
    /// Always null; the state of the job tells.
    #[schema(required)]
    pub error: Option<String>,
}

/// Query of the state of a coverage job.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct CoverageStatusQuery {
    /// The job.
    job_id: String,
}

/// How far a coverage job is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayCoverageStatusResponseV1 {
    /// `building`, `done` or `error`.
    pub status: &'static str,
    /// Its name.
    pub job_id: String,
    /// Candles of the range that are stored.
    pub candles_ready: u64,
    /// Candles that are wanted.
    pub required_candles: u32,
    /// The newest stored candle of the series.
    #[schema(required)]
    pub head_time: Option<i64>,
    /// Why it failed.
    #[schema(required)]
    pub error: Option<String>,
}
