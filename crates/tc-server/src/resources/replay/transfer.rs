//! `GET /api/replay/export` and `POST /api/replay/import`: a package as one file.

use axum::{
    Json,
    body::Body,
    extract::{RawQuery, Request, State},
    http::{HeaderValue, header},
    response::Response,
};

use tc_replay::PackageMetadata;

use super::{
    dto::{ReplayExportQuery, ReplayImportResponseV1},
    find, open,
};
use crate::{
    ApiError, AppState,
    clock::unix_ms,
    error::ErrorCode,
    packages::ArchiveError,
    request::{Query, read_body},
    resources::system::dto::ErrorBodyV1,
};

const OCTETS: &str = "application/octet-stream";
/// Characters of a series that go into the name of a file.
const MOST_NAMED: usize = 100;

/// The package as one file.
#[utoipa::path(
    get, path = "/api/replay/export", tag = "replay", params(ReplayExportQuery),
    responses(
        (status = 200, content_type = "application/octet-stream", body = Vec<u8>),
        (status = 404, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_export(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Response, ApiError> {
    open(&state)?;
    let mut query = Query::parse(raw.as_deref());
    let job_id = query.required_text("job_id");
    query.finish()?;
    let not_found = || ApiError::new(ErrorCode::ReplayExportNotFound);
    let package = find(&state, &job_id).await.ok_or_else(not_found)?;
    let store = state.parts().packages.store().clone();
    let name = file_name(&package.manifest.metadata);
    let bytes = tokio::task::spawn_blocking(move || store.export(&package));
    let bytes = bytes.await.ok().and_then(Result::ok).ok_or_else(not_found)?;
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(OCTETS));
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// Says what is in it: `binance_futures_BTC-USDT_5m_20260302-1405_20260309-1400.tcreplay`. The series of an imported
/// package is what its file says, so nothing but letters, digits and a few signs is taken over.
fn file_name(metadata: &PackageMetadata) -> String {
    let sign = |sign: char| match sign {
        '/' => '-',
        '.' | '-' => sign,
        sign if sign.is_ascii_alphanumeric() => sign,
        _ => '_',
    };
    let series: String = metadata.series_id.chars().take(MOST_NAMED).map(sign).collect();
    let (from, to) = (stamp(metadata.from_candle_time), stamp(metadata.to_candle_time));
    format!("{series}_{from}_{to}.tcreplay")
}

/// The time in UTC, to the minute: `20260302-1405`.
fn stamp(seconds: i64) -> String {
    let known = chrono::DateTime::from_timestamp(seconds, 0);
    known.map_or_else(
        || seconds.to_string(),
        |time| time.format("%Y%m%d-%H%M").to_string(),
    )
}

/// Takes a package file. It never stands in for a package that is made here.
#[utoipa::path(
    post, path = "/api/replay/import", tag = "replay",
    request_body(content_type = "application/octet-stream", content = Vec<u8>),
    responses(
        (status = 200, body = ReplayImportResponseV1), (status = 404, body = ErrorBodyV1),
        (status = 413, body = ErrorBodyV1), (status = 415, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn import(
    State(state): State<AppState>,
    request: Request,
) -> Result<Json<ReplayImportResponseV1>, ApiError> {
    open(&state)?;
    let media = request.headers().get(header::CONTENT_TYPE);
    let media = media.and_then(|value| value.to_str().ok()).unwrap_or_default();
    if media.split(';').next().unwrap_or_default().trim() != OCTETS {
        return Err(ApiError::new(ErrorCode::UnsupportedMediaType)
            .saying(format!("A package must be sent with content-type {OCTETS}.")));
    }
    let bytes = read_body(request.into_body(), state.options().replay.import_max_bytes).await?;
    let store = state.parts().packages.store().clone();
    let imported = tokio::task::spawn_blocking(move || {
        let package = store.import(&bytes)?;
        store.touch(&package, unix_ms());
        store.evict(unix_ms(), Some((package.shelf, &package.key)));
        Ok::<_, ArchiveError>(package)
    });
    let package = match imported.await {
        Ok(Ok(package)) => package,
        Ok(Err(ArchiveError::Write(error))) => {
            tracing::error!(%error, "imported package cannot be kept");
            return Err(ApiError::new(ErrorCode::StorageUnavailable));
        }
        Ok(Err(error)) => {
            return Err(ApiError::new(ErrorCode::ReplayBadPackage)
                .saying(format!("The package is refused: {error}.")));
        }
        Err(_panicked) => return Err(ApiError::new(ErrorCode::Internal)),
    };
    Ok(Json(ReplayImportResponseV1 {
        status: "done",
        job_id: package.key.to_string(),
        metadata: package.manifest.metadata.into(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_by_what_is_in_it() {
        let of = |series: &str| PackageMetadata {
            schema_version: 1,
            series_id: series.to_owned(),
            timeframe_s: 300,
            total_candles: 2,
            from_candle_time: 1_772_460_300,
            to_candle_time: 1_772_460_600,
            window_size: 500,
            snapshot_interval: 25,
            preload_offset: 0,
            idx_to_time: String::new(),
            factor_schema: Vec::new(),
        };
        assert_eq!(
            file_name(&of("binance:futures:BTC/USDT:5m")),
            "binance_futures_BTC-USDT_5m_20260302-1405_20260302-1410.tcreplay"
        );
        let strange = file_name(&of(&format!("a\"\r\n; b\u{e9}{}", "x".repeat(500))));
        assert!(strange.starts_with("a_____b_xxx"), "{strange}");
        assert!(strange.len() < 160, "{strange}");
    }
}
