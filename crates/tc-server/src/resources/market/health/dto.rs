//! Wire types of the candle health.

use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// Query of the candle health.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct MarketHealthQuery {
    /// The series.
    series_id: String,
    /// The time to judge at, Unix seconds; absent: now.
    #[param(minimum = 0)]
    now_time: Option<i64>,
}

/// Whether the candles of a series keep up with the clock.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MarketHealthResponseV1 {
    /// The series.
    pub series_id: String,
    /// Length of the timeframe.
    pub timeframe_seconds: i64,
    /// The time that was judged at.
    pub now_time: i64,
    /// Newest closed candle at that time.
    pub expected_latest_closed_time: i64,
    /// Newest stored candle.
    #[schema(required)]
    pub head_time: Option<i64>,
    /// From the head to that time.
    #[schema(required)]
    pub lag_seconds: Option<i64>,
    /// From the head to the newest closed candle.
    #[schema(required)]
    pub missing_seconds: Option<i64>,
    /// The same in candles, rounded up.
    #[schema(required)]
    pub missing_candles: Option<i64>,
    /// `green`, `yellow` or `red`.
    pub status: &'static str,
    /// Why.
    pub status_reason: &'static str,
    /// What is done about it.
    pub backfill: BackfillProgressV1,
}

/// The latest backfill of a series.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BackfillProgressV1 {
    /// `idle`, `running`, `succeeded` or `failed`.
    pub state: &'static str,
    /// Part of the way that is done, 0 to 100; null when it cannot be told.
    #[schema(required)]
    pub progress_pct: Option<f64>,
    /// When it began, Unix seconds.
    #[schema(required)]
    pub started_at: Option<i64>,
    /// When something was heard of it last, Unix seconds.
    #[schema(required)]
    pub updated_at: Option<i64>,
    /// Why it was begun: `tail_coverage`.
    #[schema(required)]
    pub reason: Option<String>,
    /// How it ended: `tail_coverage_done`, `tail_coverage_partial` or `tail_coverage_best_effort_failed`.
    #[schema(required)]
    pub note: Option<String>,
    /// What went wrong.
    #[schema(required)]
    pub error: Option<String>,
    /// Whether that was heard a short while ago.
    pub recent: bool,
    /// What was missing when it began.
    pub start_missing_seconds: i64,
    /// The same in candles.
    pub start_missing_candles: i64,
    /// What was missing when something was heard of it last.
    pub current_missing_seconds: i64,
    /// The same in candles.
    pub current_missing_candles: i64,
}
