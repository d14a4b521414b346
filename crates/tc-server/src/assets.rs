//! The embedded web client.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;

use crate::{ApiError, error::ErrorCode, layers};

/// Files of the built web client. A build without them answers with a sentence instead of a page.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct WebClient;

const INDEX: &str = "index.html";
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");
const NOT_BUILT: &str = "This build of trade-canvas holds no web client. Run `npm run build` in web/ and build the server again.\n";

/// Everything that no route answers: API paths are unknown, other paths belong to the web client.
pub(crate) async fn fallback(request: Request) -> Response {
    let path = request.uri().path();
    if layers::is_api_path(path) {
        return ApiError::new(ErrorCode::RouteUnknown).into_response();
    }
    let name = path.trim_start_matches('/');
    match file(name) {
        Some(response) => response,
        // Pages are states of the one page; names with an ending are files that do not exist.
        None if name.rsplit('/').next().is_some_and(|last| last.contains('.')) => {
            ApiError::new(ErrorCode::RouteUnknown).into_response()
        }
        None => file(INDEX).unwrap_or_else(|| (StatusCode::NOT_FOUND, NOT_BUILT).into_response()),
    }
}

fn file(name: &str) -> Option<Response> {
    let file = WebClient::get(name)?;
    let mut response = Response::new(Body::from(file.data.into_owned()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    headers.insert(
        header::CACHE_CONTROL,
        if name.starts_with("assets/") {
            IMMUTABLE
        } else {
            REVALIDATE
        },
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    Some(response)
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
