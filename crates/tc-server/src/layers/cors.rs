//! Cross-origin rules: allowed origins get their headers on every response, errors included.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

const METHODS: &str = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";
const MAX_AGE_S: &str = "600";

/// Where a request comes from.
#[derive(Debug)]
pub(super) enum Origin {
    /// No browser page of another origin.
    Same,
    /// An allowed origin.
    Allowed(HeaderValue),
    /// Any other.
    Foreign,
}

impl Origin {
    pub(super) fn of(allowed: &[String], headers: &HeaderMap) -> Self {
        match headers.get(header::ORIGIN) {
            None => Self::Same,
            Some(origin) if allowed.iter().any(|text| text.as_bytes() == origin.as_bytes()) => {
                Self::Allowed(origin.clone())
            }
            Some(_) => Self::Foreign,
        }
    }

    pub(super) fn mark(&self, headers: &mut HeaderMap) {
        if let Self::Allowed(origin) = self {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(
                header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
                HeaderValue::from_static("true"),
            );
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
        }
    }
}

/// Answer to a preflight; `None` for any other request.
pub(super) fn preflight(origin: &Origin, request: &Request) -> Option<Response> {
    let asked = request
        .headers()
        .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if request.method() != Method::OPTIONS || !asked {
        return None;
    }
    match origin {
        Origin::Same => None,
        Origin::Foreign => Some((StatusCode::BAD_REQUEST, "Disallowed CORS origin").into_response()),
        Origin::Allowed(_) => {
            let mut response = "OK".into_response();
            let headers = response.headers_mut();
            headers.insert(
                header::ACCESS_CONTROL_ALLOW_METHODS,
                HeaderValue::from_static(METHODS),
            );
            headers.insert(
                header::ACCESS_CONTROL_MAX_AGE,
                HeaderValue::from_static(MAX_AGE_S),
            );
            if let Some(asked) = request.headers().get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
                headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
            }
            Some(response)
        }
    }
}
