//! `GET /api/feature/batch`.

use std::sync::Arc;

use axum::{
    Json,
    extract::{RawQuery, State},
};
use tc_factor::{FeatureRow, FeatureType, FeatureValue, source_factor};
use tc_market::{CandleTime, SeriesId};
use tc_read::{FeatureBatch, FeatureColumn, FeatureQuery};

use super::dto::{
    FeatureBatchQuery, FeatureBatchV1, FeatureColumnV1, FeatureRowV1, FeatureValueTypeV1, FeatureValueV1,
    FeatureValuesV1,
};
use crate::{ApiError, AppState, request::Query, resources::system::dto::ErrorBodyV1};

/// Named values of the candles of a window at which a factor found something.
#[utoipa::path(
    get, path = "/api/feature/batch", tag = "factor", params(FeatureBatchQuery),
    responses(
        (status = 200, body = FeatureBatchV1), (status = 400, body = ErrorBodyV1),
        (status = 409, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_batch(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Json<FeatureBatchV1>, ApiError> {
    let mut query = Query::parse(raw.as_deref());
    let series = query.required_text("series_id");
    let at_time = query.optional_int("at_time", 0..=i64::MAX);
    let window_candles = query.int("window_candles", 1..=5000, 2000);
    let series = query.series(&series)?;
    let wanted = FeatureQuery {
        at_time,
        window_candles: u32::try_from(window_candles).unwrap_or(u32::MAX),
    };
    let id = series.clone();
    let batch = state
        .read(move |snapshot, model| model.features(snapshot, &id, &wanted))
        .await?;
    Ok(Json(response(&series, batch)))
}

fn response(series: &SeriesId, batch: FeatureBatch) -> FeatureBatchV1 {
    let keys: Arc<[Arc<str>]> = batch
        .columns
        .iter()
        .map(|column| Arc::clone(&column.key))
        .collect();
    FeatureBatchV1 {
        schema_version: 1,
        series_id: series.to_string(),
        at_time: batch.at_time,
        aligned_time: batch.aligned.map_or(0, CandleTime::seconds),
        candle_id: batch.aligned.map(|time| format!("{series}:{time}")),
        columns: batch.columns.into_iter().map(column).collect(),
        rows: batch.rows.iter().map(|line| row(series, &keys, line)).collect(),
    }
}

fn column(column: FeatureColumn) -> FeatureColumnV1 {
    FeatureColumnV1 {
        source_factor: source_factor(&column.key).to_owned(),
        value_type: match column.kind {
            FeatureType::Float => FeatureValueTypeV1::Float,
            FeatureType::Int => FeatureValueTypeV1::Int,
            FeatureType::Bool => FeatureValueTypeV1::Bool,
            FeatureType::Text => FeatureValueTypeV1::Str,
        },
        nullable: true,
        key: column.key.as_ref().to_owned(),
    }
}

fn row(series: &SeriesId, keys: &Arc<[Arc<str>]>, row: &FeatureRow) -> FeatureRowV1 {
    let value = |value: FeatureValue| match value {
        FeatureValue::Float(value) => FeatureValueV1::Float(value),
        FeatureValue::Int(value) => FeatureValueV1::Int(value),
        FeatureValue::Bool(value) => FeatureValueV1::Bool(value),
        FeatureValue::Text(value) => FeatureValueV1::Str(value),
    };
    FeatureRowV1 {
        series_id: series.to_string(),
        candle_time: row.time.seconds(),
        candle_id: format!("{series}:{}", row.time),
        values: FeatureValuesV1 {
            keys: Arc::clone(keys),
            values: row.values.iter().map(|cell| cell.map(value)).collect(),
        },
    }
}
