//! `GET /api/draw/delta`.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{RawQuery, State},
};
use serde_json::value::to_raw_value;
use tc_factor::CodecError;
use tc_market::{CandleTime, SeriesId};
use tc_overlay::{Instruction, InstructionKind};
use tc_read::{DrawDelta, DrawQuery, ReadError};

use super::dto::{DrawCursorV1, DrawDeltaQuery, DrawDeltaV1, OverlayInstructionPatchItemV1};
use crate::{ApiError, AppState, debug, request::Query, resources::system::dto::ErrorBodyV1};

/// What turns the drawing a client holds into the drawing at a candle.
#[utoipa::path(
    get, path = "/api/draw/delta", tag = "draw", params(DrawDeltaQuery),
    responses(
        (status = 200, body = DrawDeltaV1), (status = 400, body = ErrorBodyV1),
        (status = 409, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_delta(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Json<DrawDeltaV1>, ApiError> {
    let mut query = Query::parse(raw.as_deref());
    let series = query.required_text("series_id");
    let cursor = query.int("cursor_version_id", 0..=i64::MAX, 0);
    let window_candles = query.int("window_candles", 1..=5000, 2000);
    let at_time = query.optional_int("at_time", 0..=i64::MAX);
    let series = query.series(&series)?;
    let wanted = DrawQuery {
        cursor,
        window_candles: u32::try_from(window_candles).unwrap_or(u32::MAX),
        at_time,
    };
    let id = series.clone();
    let delta = state
        .read_drawings(&series, move |snapshot, model| {
            model.draw_delta(snapshot, &id, &wanted)
        })
        .await?;
    let log = &state.parts().debug;
    if log.is_on() {
        log.record_all(debug::draw_delta(&series, &wanted, &delta));
    }
    Ok(Json(response(&series, delta).map_err(ReadError::from)?))
}

/// The wire form of a delta.
pub(crate) fn response(series: &SeriesId, delta: DrawDelta) -> Result<DrawDeltaV1, CodecError> {
    Ok(DrawDeltaV1 {
        schema_version: 1,
        series_id: series.to_string(),
        to_candle_id: delta.to.map(|time| format!("{series}:{time}")),
        to_candle_time: delta.to.map(CandleTime::seconds),
        active_ids: delta.active_ids,
        instruction_catalog_patch: delta.patch.into_iter().map(item).collect::<Result<_, _>>()?,
        series_points: BTreeMap::new(),
        next_cursor: DrawCursorV1 {
            version_id: delta.to.map_or(0, CandleTime::seconds),
            point_time: None,
        },
    })
}

fn item(instruction: Instruction) -> Result<OverlayInstructionPatchItemV1, CodecError> {
    let version = instruction.version.seconds();
    Ok(OverlayInstructionPatchItemV1 {
        version_id: version,
        instruction_id: instruction.instruction_id,
        kind: match instruction.definition.kind() {
            InstructionKind::Marker => "marker",
            InstructionKind::Polyline => "polyline",
        },
        visible_time: version,
        definition: to_raw_value(&instruction.definition).map_err(|_| CodecError::Json)?,
    })
}
