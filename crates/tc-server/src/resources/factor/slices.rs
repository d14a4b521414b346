//! `GET /api/factor/slices`.

use axum::{
    Json,
    extract::{RawQuery, State},
};
use serde_json::value::RawValue;
use tc_market::{CandleTime, SeriesId};
use tc_read::{FactorSlice, FactorSlices, SliceQuery};

use super::dto::{FactorMetaV1, FactorSliceV1, GetFactorSlicesResponseV1, SlicesQuery};
use crate::{ApiError, AppState, error::ErrorCode, request::Query, resources::system::dto::ErrorBodyV1};

/// Head and history of every factor at a candle.
#[utoipa::path(
    get, path = "/api/factor/slices", tag = "factor", params(SlicesQuery),
    responses(
        (status = 200, body = GetFactorSlicesResponseV1), (status = 400, body = ErrorBodyV1),
        (status = 409, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_slices(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Json<GetFactorSlicesResponseV1>, ApiError> {
    let mut query = Query::parse(raw.as_deref());
    let series = query.required_text("series_id");
    let at_time = query.required_int("at_time", 0..=i64::MAX);
    let window_candles = query.int("window_candles", 1..=5000, 2000);
    let series = query.series(&series)?;
    let wanted = SliceQuery {
        at_time,
        window_candles: u32::try_from(window_candles).unwrap_or(u32::MAX),
    };
    let id = series.clone();
    let slices = state
        .read(move |snapshot, model| model.slices(snapshot, &id, &wanted))
        .await?;
    Ok(Json(response(&series, at_time, slices)?))
}

/// The wire form of slices; `requested` is answered as time when no candle was found.
pub(crate) fn response(
    series: &SeriesId,
    requested: i64,
    slices: FactorSlices,
) -> Result<GetFactorSlicesResponseV1, ApiError> {
    let epoch = slices.epoch;
    let at_time = slices.aligned.map_or(requested, CandleTime::seconds);
    let candle_id = slices.aligned.map(|time| format!("{series}:{time}"));
    let slice = |slice: FactorSlice| {
        let meta = FactorMetaV1 {
            series_id: series.to_string(),
            epoch,
            at_time,
            candle_id: candle_id.clone().unwrap_or_default(),
            factor_name: slice.factor_name.to_owned(),
        };
        let (history, head) = (raw_json(slice.history)?, raw_json(slice.head)?);
        Ok((
            slice.factor_name.to_owned(),
            FactorSliceV1 {
                schema_version: 1,
                history,
                head,
                meta,
            },
        ))
    };
    Ok(GetFactorSlicesResponseV1 {
        schema_version: 1,
        series_id: series.to_string(),
        at_time,
        factors: slices
            .factors
            .iter()
            .map(|slice| slice.factor_name.to_owned())
            .collect(),
        snapshots: slices
            .factors
            .into_iter()
            .map(slice)
            .collect::<Result<_, ApiError>>()?,
        candle_id,
    })
}

fn raw_json(bytes: Vec<u8>) -> Result<Box<RawValue>, ApiError> {
    let text = String::from_utf8(bytes).map_err(|_| ApiError::new(ErrorCode::Internal))?;
    RawValue::from_string(text).map_err(|_| ApiError::new(ErrorCode::Internal))
}
