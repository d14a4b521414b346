//! `GET /api/replay/export` and `POST /api/replay/import`: a package as one file.

use axum::{
    Json,
    body::Body,
    extract::{RawQuery, Request, State},
    http::{HeaderValue, header},
    response::Response,
};

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
    let (store, key) = (state.parts().packages.store().clone(), package.key.clone());
    let bytes = tokio::task::spawn_blocking(move || store.export(&package));
    let bytes = bytes.await.ok().and_then(Result::ok).ok_or_else(not_found)?;
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(OCTETS));
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{key}.tcreplay\"")) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
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
