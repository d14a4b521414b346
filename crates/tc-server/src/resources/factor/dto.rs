//! Wire types of the factor resource.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

/// The catalogue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FactorCatalogResponseV1 {
    /// Always 1.
    pub schema_version: u32,
    /// Factors in graph order.
    pub factors: Vec<FactorCatalogEntryV1>,
}

/// A factor in the catalogue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FactorCatalogEntryV1 {
    /// Factor name.
    pub key: String,
    /// Text for people.
    pub label: String,
    /// Whether it is shown before anyone chose.
    pub default_visible: bool,
    /// What can be shown and hidden within it.
    pub sub_features: Vec<FactorCatalogFeatureV1>,
}

/// A sub-feature in the catalogue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FactorCatalogFeatureV1 {
    /// Key that drawings carry as `feature`.
    pub key: String,
    /// Text for people.
    pub label: String,
    /// Whether it is shown before anyone chose.
    pub default_visible: bool,
}

/// Query of the slices.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct SlicesQuery {
    /// The series.
    series_id: String,
    /// Instant that is floored to a stored candle, Unix seconds.
    #[param(minimum = 0)]
    at_time: i64,
    /// Length of the window.
    #[param(minimum = 1, maximum = 5000, default = 2000)]
    window_candles: Option<i64>,
}

/// What a slice is about.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FactorMetaV1 {
    /// The series.
    pub series_id: String,
    /// Times that the ledgers of the series were folded again.
    pub epoch: u32,
    /// The stored candle that the slice is of.
    pub at_time: i64,
    /// Its id.
    pub candle_id: String,
    /// The factor.
    pub factor_name: String,
}

/// Head and history of one factor.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FactorSliceV1 {
    /// Always 1.
    pub schema_version: u32,
    /// Lists of event payloads per bucket.
    #[schema(value_type = Object)]
    pub history: Box<RawValue>,
    /// Head at the candle.
    #[schema(value_type = Object)]
    pub head: Box<RawValue>,
    /// What the slice is about.
    pub meta: FactorMetaV1,
}

/// Slices of one candle.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GetFactorSlicesResponseV1 {
    /// Always 1.
    pub schema_version: u32,
    /// The series.
    pub series_id: String,
    /// The stored candle; the requested instant when there is none.
    pub at_time: i64,
    /// Id of that candle.
    #[schema(required)]
    pub candle_id: Option<String>,
    /// Factors with something to report, in graph order.
    pub factors: Vec<String>,
    /// Their slices.
    pub snapshots: BTreeMap<String, FactorSliceV1>,
}

/// Query of the factor health.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct FactorHealthQuery {
    /// The series.
    series_id: String,
}

/// Whether the ledgers keep up with the candles.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FactorHealthResponseV1 {
    /// The series.
    pub series_id: String,
    /// Length of the timeframe.
    pub timeframe_seconds: i64,
    /// Newest stored candle.
    #[schema(required)]
    pub store_head_time: Option<i64>,
    /// Factor head.
    #[schema(required)]
    pub factor_head_time: Option<i64>,
    /// Overlay head.
    #[schema(required)]
    pub overlay_head_time: Option<i64>,
    /// Delay of the factor head.
    #[schema(required)]
    pub factor_delay_seconds: Option<i64>,
    /// The same in candles.
    #[schema(required)]
    pub factor_delay_candles: Option<i64>,
    /// Delay of the overlay head.
    #[schema(required)]
    pub overlay_delay_seconds: Option<i64>,
    /// The same in candles.
    #[schema(required)]
    pub overlay_delay_candles: Option<i64>,
    /// The greater delay.
    #[schema(required)]
    pub max_delay_seconds: Option<i64>,
    /// The same in candles.
    #[schema(required)]
    pub max_delay_candles: Option<i64>,
    /// `gray`, `green`, `yellow` or `red`.
    pub status: &'static str,
    /// Why.
    pub status_reason: &'static str,
}
