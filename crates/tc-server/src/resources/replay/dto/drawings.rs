//! Wire types of packages of drawings alone.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tc_replay::{Manifest, WindowEntry};
use utoipa::{IntoParams, ToSchema};

use super::ReplayKlineBarV1;

/// Which package of drawings is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents the body; values are read by the body parser")]
pub(crate) struct OverlayReplayBuildRequestV1 {
    /// The series.
    series_id: String,
    /// Instant that is floored to the last bar; absent or null: the newest.
    #[schema(minimum = 0)]
    to_time: Option<i64>,
    /// Bars, and length of the window of each frame; raised to at least 100.
    #[schema(minimum = 1, maximum = 2000, default = 2000)]
    window_candles: Option<i64>,
    /// Bars per window of the package; raised to at least 50.
    #[schema(minimum = 1, maximum = 2000, default = 500)]
    window_size: Option<i64>,
    /// Bars between two complete lists of active drawings; raised to at least 5.
    #[schema(minimum = 1, maximum = 200, default = 25)]
    snapshot_interval: Option<i64>,
}

/// Query of [`OverlayReplayReadOnlyResponseV1`]: the body of a build.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct OverlayReplayReadOnlyQuery {
    /// The series.
    series_id: String,
    /// Instant that is floored to the last bar; absent: the newest.
    #[param(minimum = 0)]
    to_time: Option<i64>,
    /// Bars, and length of the window of each frame; raised to at least 100.
    #[param(minimum = 1, maximum = 2000, default = 2000)]
    window_candles: Option<i64>,
    /// Bars per window of the package; raised to at least 50.
    #[param(minimum = 1, maximum = 2000, default = 500)]
    window_size: Option<i64>,
    /// Bars between two complete lists of active drawings; raised to at least 5.
    #[param(minimum = 1, maximum = 200, default = 25)]
    snapshot_interval: Option<i64>,
}

/// Where a window lies.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverlayReplayWindowMetaV1 {
    /// Position of the window.
    pub window_index: usize,
    /// First bar.
    pub start_idx: usize,
    /// One past the last bar.
    pub end_idx: usize,
    /// First bar, Unix seconds.
    pub start_time: i64,
    /// Last bar, Unix seconds.
    pub end_time: i64,
}

impl From<&WindowEntry> for OverlayReplayWindowMetaV1 {
    fn from(window: &WindowEntry) -> Self {
        Self {
            window_index: window.window_index,
            start_idx: window.start_idx,
            end_idx: window.end_idx,
            start_time: window.start_time,
            end_time: window.end_time,
        }
    }
}

/// What readers of a package of drawings need to know first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverlayReplayDeltaMetaV1 {
    /// Always 1.
    pub schema_version: u32,
    /// The series.
    pub series_id: String,
    /// First bar.
    pub from_candle_time: i64,
    /// Last bar.
    pub to_candle_time: i64,
    /// Number of bars.
    pub total_candles: usize,
    /// Bars per window.
    pub window_size: u32,
    /// Bars between two complete lists of active drawings.
    pub snapshot_interval: u32,
    /// The windows.
    pub windows: Vec<OverlayReplayWindowMetaV1>,
    /// Newest version in the package: its last bar.
    pub overlay_store_last_version_id: i64,
}

impl From<&Manifest> for OverlayReplayDeltaMetaV1 {
    fn from(manifest: &Manifest) -> Self {
        let metadata = &manifest.metadata;
        Self {
            schema_version: metadata.schema_version,
            series_id: metadata.series_id.clone(),
            from_candle_time: metadata.from_candle_time,
            to_candle_time: metadata.to_candle_time,
            total_candles: metadata.total_candles,
            window_size: metadata.window_size,
            snapshot_interval: metadata.snapshot_interval,
            windows: manifest
                .windows
                .iter()
                .map(OverlayReplayWindowMetaV1::from)
                .collect(),
            overlay_store_last_version_id: metadata.to_candle_time,
        }
    }
}

/// What a build would come to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverlayReplayReadOnlyResponseV1 {
    /// `build_required` or `done`.
    pub status: &'static str,
    /// Name that the job would have.
    pub job_id: String,
    /// Name of the package.
    pub cache_key: String,
    /// What readers need to know first, when it is done.
    #[schema(required)]
    pub delta_meta: Option<OverlayReplayDeltaMetaV1>,
    /// What to do, when it is not.
    #[schema(required)]
    pub compute_hint: Option<&'static str>,
}

/// Query of the state of a package of drawings.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct OverlayReplayStatusQuery {
    /// The job.
    job_id: String,
    /// Answer all bars and the first window as well.
    #[param(default = 0)]
    include_delta_package: Option<u8>,
}

/// How far a package of drawings is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverlayReplayStatusResponseV1 {
    /// `building`, `done` or `error`.
    pub status: &'static str,
    /// Name of the job.
    pub job_id: String,
    /// Name of the package.
    pub cache_key: String,
    /// Whole percent of the bars.
    #[schema(required)]
    pub progress: Option<usize>,
    /// Why it failed.
    #[schema(required)]
    pub error: Option<String>,
    /// What readers need to know first.
    #[schema(required)]
    pub delta_meta: Option<OverlayReplayDeltaMetaV1>,
    /// All bars.
    #[schema(required)]
    pub kline: Option<Vec<ReplayKlineBarV1>>,
    /// The first window.
    #[schema(required)]
    pub preload_window: Option<OverlayReplayWindowV1>,
}

/// Bars and drawings of a window; indices count over the package.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverlayReplayWindowV1 {
    /// Position of the window.
    pub window_index: usize,
    /// First bar.
    pub start_idx: usize,
    /// One past the last bar.
    pub end_idx: usize,
    /// The bars.
    #[schema(value_type = Vec<ReplayKlineBarV1>)]
    pub kline: Box<RawValue>,
    /// Active drawings of the first bar.
    #[schema(value_type = Vec<crate::resources::draw::dto::OverlayInstructionPatchItemV1>)]
    pub catalog_base: Box<RawValue>,
    /// What later bars add or change.
    #[schema(value_type = Vec<crate::resources::draw::dto::OverlayInstructionPatchItemV1>)]
    pub catalog_patch: Box<RawValue>,
    /// Complete lists of active drawings.
    #[schema(value_type = Vec<super::ReplayActiveCheckpointV1>)]
    pub checkpoints: Box<RawValue>,
    /// What changed between two bars.
    #[schema(value_type = Vec<super::ReplayActiveDiffV1>)]
    pub diffs: Box<RawValue>,
    /// Always null.
    #[schema(required, value_type = Option<Object>)]
    pub event_catalog: Option<()>,
}

/// A window of a package of drawings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverlayReplayWindowResponseV1 {
    /// The package.
    pub job_id: String,
    /// Bars and drawings.
    pub window: OverlayReplayWindowV1,
}
