//! `GET /api/market/candles`.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderValue, header},
    response::Response,
};
use tc_read::{CandlePage, CandleQuery};

use tokio::time::Instant;

use super::dto::{CandleClosed, CandlesQuery, GetCandlesResponse};
use crate::{ApiError, AppState, debug, request::Query, resources::system::dto::ErrorBodyV1};

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
    let begun = Instant::now();
    let answer = state
        .read(move |snapshot, model| {
            if log.is_on() {
                // What is told of has to be read, so nothing encoded before will do.
                let page = CandlePage::read(snapshot, &series, &wanted)?;
                log.record_all(debug::candle_page(&series, &wanted, &page));
                return Ok(encode(&series, &page).into());
            }
            model.encoded_candles(snapshot, &series, &wanted, |page| encode(&series, page))
        })
        .await;
    let result = if answer.is_ok() { "ok" } else { "error" };
    metrics::counter!("market_query_candles_requests_total", "result" => result).increment(1);
    metrics::histogram!("market_query_candles_duration_ms", "result" => result)
        .record(begun.elapsed().as_secs_f64() * 1_000.0);
    Ok(json_bytes(&answer?))
}

fn encode(series: &tc_market::SeriesId, page: &CandlePage) -> Vec<u8> {
    let response = GetCandlesResponse {
        series_id: series.to_string(),
        server_head_time: page.server_head_time.map(tc_market::CandleTime::seconds),
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
