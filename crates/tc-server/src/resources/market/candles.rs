//! `GET /api/market/candles`.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderValue, header},
    response::Response,
};
use tc_market::{CandleTime, SeriesId};
use tc_read::{CandlePage, CandleQuery, ReadError};
use tc_store::Snapshot;

use tokio::time::Instant;

use super::dto::{CandleClosed, CandlesQuery, GetCandlesResponse};
use crate::{
    ApiError, AppState, debug, request::Query, resources::system::dto::ErrorBodyV1, tasks::CandleRead,
};

/// Closed candles: without a cursor the newest, with one the oldest after it.
#[utoipa::path(
    get, path = "/api/market/candles", tag = "market", params(CandlesQuery),
    responses(
        (status = 200, body = GetCandlesResponse),
        (status = 400, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_candles(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Response, ApiError> {
    let mut query = Query::parse(raw.as_deref());
    let series = query.required_text("series_id");
    let since = query.optional_int("since", 0..=i64::MAX);
    let limit = query.int("limit", 1..=5000, 500);
    let series = query.series(&series)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let wanted = CandleQuery {
        since,
        limit,
        now_s: state.now_s(),
    };
    let log = state.parts().debug.clone();
    let follow_up = &state.parts().follow_up;
    let (id, asks_head) = (series.clone(), follow_up.is_on());
    let begun = Instant::now();
    let answer = state
        .read(move |snapshot, model| {
            let head = if asks_head { head(snapshot, &id)? } else { None };
            if log.is_on() {
                // What is told of has to be read, so nothing encoded before will do.
                let page = CandlePage::read(snapshot, &id, &wanted)?;
                log.record_all(debug::candle_page(&id, &wanted, &page));
                return Ok((encode(&id, &page).into(), head));
            }
            let page = model.encoded_candles(snapshot, &id, &wanted, |page| encode(&id, page))?;
            Ok((page, head))
        })
        .await;
    let result = if answer.is_ok() { "ok" } else { "error" };
    metrics::counter!("market_query_candles_requests_total", "result" => result).increment(1);
    metrics::histogram!("market_query_candles_duration_ms", "result" => result)
        .record(begun.elapsed().as_secs_f64() * 1_000.0);
    let (page, head) = answer?;
    let read = CandleRead {
        from_cursor: since.is_some(),
        limit: u32::try_from(limit).unwrap_or(u32::MAX),
        head,
    };
    follow_up.after_candles(&series, read);
    Ok(json_bytes(&page))
}

fn head(snapshot: &dyn Snapshot, series: &SeriesId) -> Result<Option<CandleTime>, ReadError> {
    Ok(match snapshot.series_key(series)? {
        Some(key) => snapshot.head_time(key)?,
        None => None,
    })
}

fn encode(series: &SeriesId, page: &CandlePage) -> Vec<u8> {
    let response = GetCandlesResponse {
        series_id: series.to_string(),
        server_head_time: page.server_head_time.map(CandleTime::seconds),
        candles: page.candles.iter().map(CandleClosed::from).collect(),
    };
    serde_json::to_vec(&response).unwrap_or_default()
}

fn json_bytes(page: &Arc<[u8]>) -> Response {
    let mut response = Response::new(Body::from(bytes::Bytes::from_owner(Arc::clone(page))));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
