//! Request ids.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const MAX_LENGTH: usize = 64;

/// Id of one request: the client's own, or a new one.
#[derive(Debug)]
pub(super) struct RequestId(String);

impl RequestId {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let own = headers
            .get(HEADER)
            .and_then(|value| value.to_str().ok())
            .filter(|text| is_acceptable(text));
        Self(own.map_or_else(fresh, str::to_owned))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn mark(&self, headers: &mut HeaderMap) {
        if let Ok(value) = HeaderValue::from_str(&self.0) {
            headers.insert(HEADER, value);
        }
    }
}

fn is_acceptable(text: &str) -> bool {
    (1..=MAX_LENGTH).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// Unique within the process; the process id keeps the ids of restarts apart.
fn fresh() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!(
        "{:x}-{:x}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    )
}
