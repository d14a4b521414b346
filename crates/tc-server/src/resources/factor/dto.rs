//! Wire types of the factor resource.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use utoipa::{
    IntoParams, ToSchema,
    openapi::schema::{ObjectBuilder, SchemaType, Type},
};

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
    /// Factors with commas between them; absent: all.
    factors: Option<String>,
    /// What of each slice; the other part is `{}`.
    #[param(inline)]
    part: Option<SlicePartV1>,
}

/// Part of a slice.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SlicePartV1 {
    /// Head and history.
    All,
    /// The head alone.
    Head,
    /// The history alone.
    History,
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
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the answer; it is written part by part")]
pub(crate) struct FactorSliceV1 {
    /// Always 1.
    pub schema_version: u32,
    /// Lists of event payloads per bucket.
    #[schema(value_type = Object)]
    pub history: Value,
    /// Head at the candle.
    #[schema(value_type = Object)]
    pub head: Value,
    /// What the slice is about.
    pub meta: FactorMetaV1,
}

/// Slices of one candle.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the answer; it is written part by part")]
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

/// Query of the events.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct FactorEventsQuery {
    /// The series.
    series_id: String,
    /// Oldest candle, inclusive, Unix seconds.
    #[param(minimum = 0, default = 0)]
    from_time: Option<i64>,
    /// Newest candle, inclusive, Unix seconds; absent: the newest one that the factors know.
    #[param(minimum = 0)]
    to_time: Option<i64>,
    /// Kinds of events with commas between them, for example `pen.confirmed,anchor.switch`; absent: all.
    kinds: Option<String>,
    /// By candle, then by place within it.
    #[param(inline)]
    order: Option<EventOrderV1>,
    /// What is told of each event.
    #[param(inline)]
    fields: Option<EventFieldsV1>,
    /// Length of the page; it may be exceeded by the rest of the last candle.
    #[param(minimum = 1, maximum = 5000, default = 500)]
    limit: Option<i64>,
}

/// Direction of a list of events.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) enum EventOrderV1 {
    /// Oldest first.
    Asc,
    /// Newest first.
    Desc,
}

/// What is told of an event.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) enum EventFieldsV1 {
    /// Everything.
    Full,
    /// No payload and no key.
    Time,
}

/// An event of the ledger.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the answer; it is written part by part")]
pub(crate) struct FactorEventV1 {
    /// Ascends in ledger order; the same after a rebuild.
    pub id: i64,
    /// The factor.
    pub factor_name: String,
    /// Kind of event.
    pub kind: String,
    /// The candle that made it known.
    pub candle_time: i64,
    /// Unique within the factor; absent with `fields=time`.
    pub event_key: Option<String>,
    /// What it says; absent with `fields=time`.
    #[schema(value_type = Option<Object>)]
    pub payload: Option<Value>,
}

/// A page of events.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the answer; it is written part by part")]
pub(crate) struct GetFactorEventsResponseV1 {
    /// Always 1.
    pub schema_version: u32,
    /// The series.
    pub series_id: String,
    /// Times that the ledgers of the series were folded again.
    pub epoch: u32,
    /// In the order that was asked for; a candle is never split.
    pub events: Vec<FactorEventV1>,
    /// Whether there are further events after the page.
    pub more: bool,
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

/// Query of the feature batch.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct FeatureBatchQuery {
    /// The series.
    series_id: String,
    /// Instant that is floored to a stored candle, Unix seconds; absent: the newest candle.
    #[param(minimum = 0)]
    at_time: Option<i64>,
    /// Length of the window.
    #[param(minimum = 1, maximum = 5000, default = 2000)]
    window_candles: Option<i64>,
}

/// What the values of a feature column are.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FeatureValueTypeV1 {
    /// A number.
    Float,
    /// A whole number.
    Int,
    /// Yes or no.
    Bool,
    /// A word.
    Str,
}

/// A feature column.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeatureColumnV1 {
    /// Its name, unique within the batch.
    pub key: String,
    /// The factor that it tells of.
    pub source_factor: String,
    /// What its values are.
    pub value_type: FeatureValueTypeV1,
    /// Always true: a row may have no value for the column.
    pub nullable: bool,
}

/// A value of a feature row.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(untagged)]
pub(crate) enum FeatureValueV1 {
    /// A number.
    Float(f64),
    /// A whole number.
    Int(i64),
    /// Yes or no.
    Bool(bool),
    /// A word.
    Str(&'static str),
}

/// The values of a feature row, by the keys of the columns.
#[derive(Debug)]
pub(crate) struct FeatureValuesV1 {
    /// Keys, shared by all rows of a batch.
    pub keys: Arc<[Arc<str>]>,
    /// One per key.
    pub values: Vec<Option<FeatureValueV1>>,
}

impl Serialize for FeatureValuesV1 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.keys.iter().map(|key| &**key).zip(&self.values))
    }
}

impl FeatureValuesV1 {
    fn schema() -> ObjectBuilder {
        let types = [Type::Number, Type::String, Type::Boolean, Type::Null];
        let value = ObjectBuilder::new().schema_type(SchemaType::from_iter(types));
        ObjectBuilder::new()
            .description(Some(
                "One value per column; null where the events of the candle say nothing.",
            ))
            .additional_properties(Some(value))
    }
}

/// The features of one candle.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeatureRowV1 {
    /// The series.
    pub series_id: String,
    /// The candle.
    pub candle_time: i64,
    /// Its id.
    pub candle_id: String,
    /// Its values.
    #[schema(schema_with = FeatureValuesV1::schema)]
    pub values: FeatureValuesV1,
}

/// Features of the candles of a window.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeatureBatchV1 {
    /// Always 1.
    pub schema_version: u32,
    /// The series.
    pub series_id: String,
    /// The requested instant; without one the newest candle, null when there is none.
    #[schema(required)]
    pub at_time: Option<i64>,
    /// The stored candle that the window ends at; 0 when there is none.
    pub aligned_time: i64,
    /// Id of that candle.
    #[schema(required)]
    pub candle_id: Option<String>,
    /// Columns in order of first appearance.
    pub columns: Vec<FeatureColumnV1>,
    /// Candles with at least one event, ascending.
    pub rows: Vec<FeatureRowV1>,
}
