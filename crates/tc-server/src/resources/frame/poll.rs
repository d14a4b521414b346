//! `GET /api/delta/poll`.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use tc_market::SeriesId;
use tc_read::{PollQuery, WorldRecord};

use super::dto::{DeltaPollQuery, WorldCursorV1, WorldDeltaPollResponseV1};
use crate::{
    ApiError, AppState, debug,
    json::{self, Fields, Written},
    request::Query,
    resources::{draw::delta, factor::slices, system::dto::ErrorBodyV1},
};

/// What is new since the candle that a client has; advances with every candle.
#[utoipa::path(
    get, path = "/api/delta/poll", tag = "frame", params(DeltaPollQuery),
    responses(
        (status = 200, body = WorldDeltaPollResponseV1), (status = 400, body = ErrorBodyV1),
        (status = 409, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_poll(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Response, ApiError> {
    let mut query = Query::parse(raw.as_deref());
    let series = query.required_text("series_id");
    let after_id = query.int("after_id", 0..=i64::MAX, 0);
    query.int("limit", 1..=5000, 2000);
    let window_candles = query.int("window_candles", 1..=5000, 2000);
    let series = query.series(&series)?;
    let wanted = PollQuery {
        after_id,
        window_candles: u32::try_from(window_candles).unwrap_or(u32::MAX),
    };
    let (id, log) = (series.clone(), state.parts().debug.clone());
    let body = state
        .read_drawings(&id, move |snapshot, model| {
            let record = model.poll(snapshot, &series, &wanted)?;
            if let Some(record) = &record {
                log.record(|| debug::world_record(&series, after_id, record));
            }
            Ok(json::body(|out| write(out, &series, after_id, record))?)
        })
        .await?;
    Ok(json::response(body))
}

/// The wire form of a poll, [`WorldDeltaPollResponseV1`].
fn write(out: &mut Vec<u8>, series: &SeriesId, after_id: i64, record: Option<WorldRecord>) -> Written {
    let id = record.as_ref().map_or(after_id, |record| record.to.seconds());
    json::object(out, |answer| {
        answer.value("schema_version", &1)?;
        answer.value("series_id", series.as_str())?;
        answer.part("records", |out| {
            json::list(out, record, |out, record| {
                json::object(out, |fields| write_record(fields, series, record))
            })
        })?;
        answer.value("next_cursor", &WorldCursorV1 { id })
    })
}

fn write_record(fields: &mut Fields<'_>, series: &SeriesId, record: WorldRecord) -> Written {
    let time = record.to.seconds();
    fields.value("id", &time)?;
    fields.value("series_id", series.as_str())?;
    fields.value("to_candle_id", &format!("{series}:{time}"))?;
    fields.value("to_candle_time", &time)?;
    fields.value("draw_delta", &delta::response(series, record.delta)?)?;
    fields.part("factor_slices", |out| {
        slices::write(out, series, time, &record.slices)
    })
}
