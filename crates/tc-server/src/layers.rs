//! What every request passes: its id, CORS, error bodies, odd methods and paths.

mod cors;
mod request_id;

use std::panic::AssertUnwindSafe;

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;

use self::request_id::RequestId;
use crate::{ApiError, AppState, error::ErrorCode};

const API_PREFIXES: [&str; 4] = ["/api", "/ws", "/health", "/metrics"];

/// Whether a path belongs to the API rather than to the web client.
pub(crate) fn is_api_path(path: &str) -> bool {
    API_PREFIXES.iter().any(|prefix| {
        path.strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// The outermost layer: nothing leaves without a request id, CORS headers and the one error body.
pub(crate) async fn request(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    let origin = cors::Origin::of(&state.options().http.cors_origins, request.headers());
    if let Some(preflight) = cors::preflight(&origin, &request) {
        return finish(preflight, &id, &origin);
    }
    if let Some(redirect) = without_trailing_slash(&request) {
        return finish(redirect, &id, &origin);
    }
    if request.method() == Method::HEAD
        && is_api_path(request.uri().path())
        && let Ok(method) = Method::from_bytes(b"NO-IMPLIED-HEAD")
    {
        // HEAD is not implied by GET; an unknown method makes the router answer 405 with the allowed ones.
        *request.method_mut() = method;
    }
    let response = match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!(request_id = id.as_str(), "a request panicked");
            ApiError::new(ErrorCode::Internal).into_response()
        }
    };
    finish(response, &id, &origin)
}

/// Answer to a known path with another method.
pub(crate) async fn method_not_allowed() -> ApiError {
    ApiError::new(ErrorCode::MethodNotAllowed)
}

fn finish(mut response: Response, id: &RequestId, origin: &cors::Origin) -> Response {
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        let allow = response.headers_mut().remove(header::ALLOW);
        response = (error.status(), Json(error.body(id.as_str()))).into_response();
        if let Some(allow) = allow.and_then(|allow| without_head(&allow)) {
            response.headers_mut().insert(header::ALLOW, allow);
        }
    }
    origin.mark(response.headers_mut());
    id.mark(response.headers_mut());
    response
}

fn without_head(allow: &HeaderValue) -> Option<HeaderValue> {
    let methods: Vec<_> = allow
        .to_str()
        .ok()?
        .split(',')
        .map(str::trim)
        .filter(|method| *method != "HEAD")
        .collect();
    HeaderValue::from_str(&methods.join(", ")).ok()
}

fn without_trailing_slash(request: &Request) -> Option<Response> {
    let path = request.uri().path();
    let shorter = path
        .strip_suffix('/')
        .filter(|shorter| !shorter.is_empty() && is_api_path(shorter))?;
    let target = match request.uri().query() {
        Some(query) => format!("{shorter}?{query}"),
        None => shorter.to_owned(),
    };
    let location = HeaderValue::from_str(&target).ok()?;
    Some((StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location)]).into_response())
}
