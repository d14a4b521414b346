//! Whitelist and the list of series.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{RawQuery, State},
};
use tc_market::CandleTime;

use super::dto::{GetSeriesResponseV1, SeriesQuery, SeriesV1, WhitelistResponse};
use crate::{ApiError, AppState, request::Query, resources::system::dto::ErrorBodyV1};

/// Series that are kept up to date, in file order.
#[utoipa::path(
    get, path = "/api/market/whitelist", tag = "market",
    responses((status = 200, body = WhitelistResponse))
)]
pub(crate) async fn get_whitelist(State(state): State<AppState>) -> Json<WhitelistResponse> {
    let series_ids = state
        .options()
        .whitelist
        .iter()
        .map(ToString::to_string)
        .collect();
    Json(WhitelistResponse { series_ids })
}

/// Every stored or whitelisted series: what a symbol search offers.
#[utoipa::path(
    get, path = "/api/market/series", tag = "market", params(SeriesQuery),
    responses((status = 200, body = GetSeriesResponseV1), (status = 422, body = ErrorBodyV1))
)]
pub(crate) async fn get_series(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Json<GetSeriesResponseV1>, ApiError> {
    let mut query = Query::parse(raw.as_deref());
    let part = query.text("q").unwrap_or_default().to_lowercase();
    let limit = usize::try_from(query.int("limit", 1..=5000, 1000)).unwrap_or(usize::MAX);
    query.finish()?;
    let wanted = part.clone();
    let stored = state
        .read(move |snapshot, _| tc_read::series_list(snapshot, Some(&wanted), usize::MAX))
        .await?;
    let mut series: BTreeMap<_, _> = stored
        .into_iter()
        .map(|summary| {
            (
                summary.series.clone(),
                (summary.first_time, summary.head_time, summary.epoch),
            )
        })
        .collect();
    let whitelist = &state.options().whitelist;
    for id in whitelist
        .iter()
        .filter(|id| id.as_str().to_lowercase().contains(&part))
    {
        series.entry(id.clone()).or_default();
    }
    let series = series
        .into_iter()
        .take(limit)
        .map(|(id, (first_time, head_time, epoch))| SeriesV1 {
            series_id: id.to_string(),
            first_time: first_time.map(CandleTime::seconds),
            head_time: head_time.map(CandleTime::seconds),
            epoch,
            whitelisted: whitelist.contains(&id),
            live: state.is_live(&id),
        })
        .collect();
    Ok(Json(GetSeriesResponseV1 { series }))
}
