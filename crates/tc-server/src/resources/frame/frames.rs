//! `GET /api/frame/live` and `GET /api/frame/at_time`.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use tc_market::SeriesId;
use tc_read::{FrameQuery, WorldFrame};

use super::dto::{FrameAtTimeQuery, FrameLiveQuery, WorldStateV1, WorldTimeV1};
use crate::{
    ApiError, AppState, debug,
    json::{self, Written},
    request::Query,
    resources::{draw::delta, factor::slices, system::dto::ErrorBodyV1},
};

/// Debug event of each route.
const LIVE: &str = "read.http.world_frame_live";
const AT_TIME: &str = "read.http.world_frame_at_time";

/// What the chart shows at the newest candle.
#[utoipa::path(
    get, path = "/api/frame/live", tag = "frame", params(FrameLiveQuery),
    responses(
        (status = 200, body = WorldStateV1), (status = 400, body = ErrorBodyV1), (status = 404, body = ErrorBodyV1),
        (status = 409, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_live(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Response, ApiError> {
    answer(&state, Query::parse(raw.as_deref()), LIVE, |_| None).await
}

/// What the chart showed at a candle of the past.
#[utoipa::path(
    get, path = "/api/frame/at_time", tag = "frame", params(FrameAtTimeQuery),
    responses(
        (status = 200, body = WorldStateV1), (status = 400, body = ErrorBodyV1), (status = 404, body = ErrorBodyV1),
        (status = 409, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_at_time(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Response, ApiError> {
    let at_time = |query: &mut Query| Some(query.required_int("at_time", 0..=i64::MAX));
    answer(&state, Query::parse(raw.as_deref()), AT_TIME, at_time).await
}

async fn answer(
    state: &AppState,
    mut query: Query,
    event: &'static str,
    at_time: impl FnOnce(&mut Query) -> Option<i64>,
) -> Result<Response, ApiError> {
    let series = query.required_text("series_id");
    let at_time = at_time(&mut query);
    let window_candles = query.int("window_candles", 1..=5000, 2000);
    let selection = slices::selection(&mut query, state);
    let series = query.series(&series)?;
    let wanted = FrameQuery {
        at_time,
        window_candles: u32::try_from(window_candles).unwrap_or(u32::MAX),
        selection,
    };
    let (id, log) = (series.clone(), state.parts().debug.clone());
    let body = state
        .read_drawings(&id, move |snapshot, model| {
            let frame = model.frame(snapshot, &series, &wanted)?;
            log.record(|| debug::world_frame(event, &series, &frame));
            Ok(json::body(|out| write(out, &series, frame))?)
        })
        .await?;
    Ok(json::response(body))
}

/// The wire form of a frame, [`WorldStateV1`].
pub(crate) fn write(out: &mut Vec<u8>, series: &SeriesId, frame: WorldFrame) -> Written {
    let time = WorldTimeV1 {
        at_time: frame.at_time,
        aligned_time: frame.aligned.seconds(),
        candle_id: format!("{series}:{}", frame.aligned),
    };
    json::object(out, |answer| {
        answer.value("schema_version", &1)?;
        answer.value("series_id", series.as_str())?;
        answer.value("time", &time)?;
        answer.part("factor_slices", |out| {
            slices::write(out, series, time.aligned_time, &frame.slices)
        })?;
        answer.value("draw_state", &delta::response(series, frame.drawing)?)
    })
}
