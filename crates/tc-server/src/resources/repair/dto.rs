//! Wire types of the repair resource.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which drawings to make again.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents the body; values are read by the body parser")]
pub(crate) struct RepairOverlayRequestV1 {
    /// The series. Its drawings are made again as a whole.
    series_id: String,
    /// Instant that is floored to a stored candle, at which the result is compared; absent or null: the newest.
    #[schema(minimum = 0)]
    to_time: Option<i64>,
}

/// Drawings that were made again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RepairOverlayResponseV1 {
    /// Always true.
    pub ok: bool,
    /// The series.
    pub series_id: String,
    /// What was asked for, or the newest candle.
    pub requested_time: i64,
    /// Candle at which stored drawings and a fresh render were compared.
    pub aligned_time: i64,
    /// Newest candle that the factors cover.
    pub factor_head_time: i64,
    /// Newest candle that the drawings cover.
    pub overlay_head_time: i64,
    /// Always true.
    pub refreshed: bool,
    /// What was done, in order.
    pub steps: Vec<String>,
}

/// Which series to rebuild, and with which candles.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents the body; values are read by the body parser")]
pub(crate) struct RebuildRequestV1 {
    /// The series.
    series_id: String,
    /// `stored`, `history` or `exchange`: whose closed candles replace and complete the stored ones first.
    #[schema(default = "stored")]
    source: Option<String>,
}

/// A rebuilt series.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RebuildResponseV1 {
    /// Always true.
    pub ok: bool,
    /// The series.
    pub series_id: String,
    /// Candles folded: all that are stored.
    pub candles: u64,
    /// Candles of the source that replaced other values.
    pub replaced: u64,
    /// Candles of the source that were missing.
    pub added: u64,
    /// Newest stored candle.
    pub head_time: i64,
    /// The epoch that begins.
    pub epoch: u32,
}
