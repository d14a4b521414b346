//! Wire types of the replay resource.

pub(crate) mod coverage;
pub(crate) mod drawings;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tc_read::Coverage;
use tc_replay::{Bar, FactorSchema, PackageMetadata};
use utoipa::{IntoParams, ToSchema};

/// Which package is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents the body; values are read by the body parser")]
pub(crate) struct ReplayBuildRequestV1 {
    /// The series.
    series_id: String,
    /// Instant that is floored to the last bar; absent or null: the newest.
    #[schema(minimum = 0)]
    to_time: Option<i64>,
    /// Bars, and length of the window of each frame.
    #[schema(minimum = 1, maximum = 5000, default = 2000)]
    window_candles: Option<i64>,
    /// Bars per window of the package.
    #[schema(minimum = 1, maximum = 2000, default = 500)]
    window_size: Option<i64>,
    /// Bars between two complete lists of active drawings; raised to at least 5.
    #[schema(minimum = 1, maximum = 200, default = 25)]
    snapshot_interval: Option<i64>,
}

/// Query of [`ReplayReadOnlyResponseV1`]: the body of a build.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct ReplayReadOnlyQuery {
    /// The series.
    series_id: String,
    /// Instant that is floored to the last bar; absent: the newest.
    #[param(minimum = 0)]
    to_time: Option<i64>,
    /// Bars, and length of the window of each frame.
    #[param(minimum = 1, maximum = 5000, default = 2000)]
    window_candles: Option<i64>,
    /// Bars per window of the package.
    #[param(minimum = 1, maximum = 2000, default = 500)]
    window_size: Option<i64>,
    /// Bars between two complete lists of active drawings; raised to at least 5.
    #[param(minimum = 1, maximum = 200, default = 25)]
    snapshot_interval: Option<i64>,
}

/// A package, or the job that makes it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayBuildResponseV1 {
    /// `building` or `done`.
    pub status: &'static str,
    /// Name of the job: that of the package.
    pub job_id: String,
    /// Name of the package.
    pub cache_key: String,
}

/// Query of the state of a package.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct ReplayStatusQuery {
    /// The job.
    job_id: String,
    /// Answer the last window as well.
    #[param(default = 0)]
    include_preload: Option<u8>,
}

/// How far a package is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayStatusResponseV1 {
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
    pub metadata: Option<ReplayPackageMetadataV1>,
    /// The last window.
    #[schema(required, value_type = Option<ReplayWindowV1>)]
    pub preload_window: Option<Box<RawValue>>,
}

/// Keys that the slices of a factor have in any frame of a package.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayFactorSchemaV1 {
    /// The factor.
    pub factor_name: String,
    /// Keys of histories, ascending.
    pub history_keys: Vec<String>,
    /// Keys of heads, ascending.
    pub head_keys: Vec<String>,
}

/// What readers of a package need to know first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayPackageMetadataV1 {
    /// Always 1.
    pub schema_version: u32,
    /// The series.
    pub series_id: String,
    /// Length of the timeframe, seconds.
    pub timeframe_s: i64,
    /// Number of bars.
    pub total_candles: usize,
    /// First bar.
    pub from_candle_time: i64,
    /// Last bar.
    pub to_candle_time: i64,
    /// Bars per window.
    pub window_size: u32,
    /// Bars between two complete lists of active drawings.
    pub snapshot_interval: u32,
    /// Always 0.
    pub preload_offset: u32,
    /// Where the times of the bars are.
    pub idx_to_time: String,
    /// Every factor, by name.
    pub factor_schema: Vec<ReplayFactorSchemaV1>,
}

impl From<PackageMetadata> for ReplayPackageMetadataV1 {
    fn from(metadata: PackageMetadata) -> Self {
        let schema = metadata.factor_schema.into_iter();
        Self {
            schema_version: metadata.schema_version,
            series_id: metadata.series_id,
            timeframe_s: metadata.timeframe_s,
            total_candles: metadata.total_candles,
            from_candle_time: metadata.from_candle_time,
            to_candle_time: metadata.to_candle_time,
            window_size: metadata.window_size,
            snapshot_interval: metadata.snapshot_interval,
            preload_offset: metadata.preload_offset,
            idx_to_time: metadata.idx_to_time,
            factor_schema: schema.map(ReplayFactorSchemaV1::from).collect(),
        }
    }
}

impl From<FactorSchema> for ReplayFactorSchemaV1 {
    fn from(schema: FactorSchema) -> Self {
        Self {
            factor_name: schema.factor_name,
            history_keys: schema.history_keys,
            head_keys: schema.head_keys,
        }
    }
}

/// Query of a window.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct ReplayWindowQuery {
    /// The package.
    job_id: String,
    /// A bar of the window, counted over the package.
    #[param(minimum = 0)]
    target_idx: i64,
}

/// A bar of a package.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayKlineBarV1 {
    /// Open time, Unix seconds.
    pub time: i64,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Amount in base currency.
    pub volume: f64,
}

impl From<&Bar> for ReplayKlineBarV1 {
    fn from(bar: &Bar) -> Self {
        Self {
            time: bar.time,
            open: bar.open,
            high: bar.high,
            low: bar.low,
            close: bar.close,
            volume: bar.volume,
        }
    }
}

/// All active drawings of a bar.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the answer; windows are sent as they are kept")]
pub(crate) struct ReplayActiveCheckpointV1 {
    /// The bar.
    pub at_idx: usize,
    /// Ids, ascending.
    pub active_ids: Vec<String>,
}

/// Which drawings came and went at a bar.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the answer; windows are sent as they are kept")]
pub(crate) struct ReplayActiveDiffV1 {
    /// The bar.
    pub at_idx: usize,
    /// Ids that were not active before.
    pub add_ids: Vec<String>,
    /// Ids that are not active any more.
    pub remove_ids: Vec<String>,
}

/// Bars and drawings of a window; indices count over the package.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the answer; windows are sent as they are kept")]
pub(crate) struct ReplayWindowV1 {
    /// Position of the window.
    pub window_index: usize,
    /// First bar.
    pub start_idx: usize,
    /// One past the last bar.
    pub end_idx: usize,
    /// The bars.
    pub kline: Vec<ReplayKlineBarV1>,
    /// Active drawings of the first bar.
    pub draw_catalog_base: Vec<crate::resources::draw::dto::OverlayInstructionPatchItemV1>,
    /// What later bars add or change.
    pub draw_catalog_patch: Vec<crate::resources::draw::dto::OverlayInstructionPatchItemV1>,
    /// Complete lists of active drawings.
    pub draw_active_checkpoints: Vec<ReplayActiveCheckpointV1>,
    /// What changed between two bars.
    pub draw_active_diffs: Vec<ReplayActiveDiffV1>,
}

/// A window with the slices of its bars.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the answer; windows are sent as they are kept")]
pub(crate) struct ReplayWindowResponseV1 {
    /// The package.
    pub job_id: String,
    /// Bars and drawings.
    pub window: ReplayWindowV1,
    /// By time, then factor: whole slices, differences, or null.
    pub factor_snapshots: Vec<crate::ws::messages::ReplayFactorSnapshotV1>,
}

/// How much of a range is stored.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayCoverageV1 {
    /// Candles that the range has room for.
    pub required_candles: u32,
    /// Candles that are stored in it.
    pub candles_ready: u64,
    /// Its first time.
    pub from_time: i64,
    /// Its last time.
    pub to_time: i64,
}

impl From<Coverage> for ReplayCoverageV1 {
    fn from(coverage: Coverage) -> Self {
        Self {
            required_candles: coverage.required_candles,
            candles_ready: coverage.candles_ready,
            from_time: coverage.from_time,
            to_time: coverage.to_time,
        }
    }
}

/// What a build would come to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayReadOnlyResponseV1 {
    /// `coverage_missing`, `out_of_sync`, `build_required` or `done`.
    pub status: &'static str,
    /// Name that the job would have.
    pub job_id: String,
    /// Name of the package.
    pub cache_key: String,
    /// How much of the range is stored.
    pub coverage: ReplayCoverageV1,
    /// What readers need to know first, when it is done.
    #[schema(required)]
    pub metadata: Option<ReplayPackageMetadataV1>,
    /// What to do, when it is not.
    #[schema(required)]
    pub compute_hint: Option<&'static str>,
}

/// Query of an export.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct ReplayExportQuery {
    /// The package.
    job_id: String,
}

/// A package that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayImportResponseV1 {
    /// Always `done`.
    pub status: &'static str,
    /// Name under which it is served.
    pub job_id: String,
    /// What readers need to know first.
    pub metadata: ReplayPackageMetadataV1,
}

/// Query of the outline.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct ReplayOutlineQuery {
    /// The series.
    series_id: String,
    /// Last instant that is looked at, Unix seconds.
    #[param(minimum = 0)]
    until: i64,
    /// Most points.
    #[param(minimum = 2, maximum = 2000, default = 600)]
    points: Option<i64>,
}

/// The course of a history, thinned out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayOutlineResponseV1 {
    /// The series.
    pub series_id: String,
    /// The oldest stored candle.
    pub first_time: i64,
    /// The newest one that was looked at; never later than `until`.
    pub to_time: i64,
    /// Candles, ascending.
    pub times: Vec<i64>,
    /// The last price of each.
    pub closes: Vec<f64>,
    /// Names of the moments that a playback can jump to or stop at.
    pub kinds: Vec<&'static str>,
}
