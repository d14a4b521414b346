//! Wire types of the draw resource.

use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Query of the draw delta.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct DrawDeltaQuery {
    /// The series.
    series_id: String,
    /// Candle whose drawing the client holds; 0: none.
    #[param(minimum = 0, default = 0)]
    cursor_version_id: Option<i64>,
    /// Length of the request window.
    #[param(minimum = 1, maximum = 5000, default = 2000)]
    window_candles: Option<i64>,
    /// Instant that is floored to a stored candle; absent: the newest.
    #[param(minimum = 0)]
    at_time: Option<i64>,
}

/// One drawing that is new or looks different.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverlayInstructionPatchItemV1 {
    /// Candle time at which it became what it is.
    pub version_id: i64,
    /// Stable name.
    pub instruction_id: String,
    /// `marker` or `polyline`.
    pub kind: &'static str,
    /// Equals `version_id`.
    pub visible_time: i64,
    /// What to draw.
    #[schema(value_type = Object)]
    pub definition: Box<RawValue>,
}

/// Where to go on from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DrawCursorV1 {
    /// Next `cursor_version_id`.
    pub version_id: i64,
    /// Always null.
    #[schema(required)]
    pub point_time: Option<i64>,
}

/// A point of a reserved series.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlotLinePointV1 {
    /// Candle time.
    pub time: i64,
    /// Value.
    pub value: f64,
}

/// What turns the drawing a client holds into the drawing at a candle.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DrawDeltaV1 {
    /// Always 1.
    pub schema_version: u32,
    /// The series.
    pub series_id: String,
    /// Id of the candle that the answer is complete up to.
    #[schema(required)]
    pub to_candle_id: Option<String>,
    /// Its time.
    #[schema(required)]
    pub to_candle_time: Option<i64>,
    /// Ids of the drawings inside the request window, ascending.
    pub active_ids: Vec<String>,
    /// Drawings that are new or look different, by version, then id.
    pub instruction_catalog_patch: Vec<OverlayInstructionPatchItemV1>,
    /// Reserved, always empty.
    pub series_points: BTreeMap<String, Vec<PlotLinePointV1>>,
    /// Where to go on from.
    pub next_cursor: DrawCursorV1,
}
