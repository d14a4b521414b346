//! The one error body, and what every internal error becomes.

mod backtest;
mod codes;

pub use codes::{ErrorCode, reference_markdown};

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tc_ingest::PipelineError;
use tc_market::SeriesIdError;
use tc_read::{Ledger, ReadError};

use crate::{
    market_list::MarketListError,
    request::Violation,
    tasks::{CountError, RebuildError},
    threads::{ReadPoolError, SubmitError},
};

/// An answer other than success. `detail` is what clients match on; `message` says what happened and what to do.
#[derive(Debug, Clone)]
pub struct ApiError {
    code: ErrorCode,
    detail: Value,
    message: String,
    extra: Vec<(&'static str, Value)>,
}

impl ApiError {
    /// An error with the standard detail and message of its code.
    #[must_use]
    pub fn new(code: ErrorCode) -> Self {
        Self {
            detail: json!(code.detail()),
            message: code.message().to_owned(),
            code,
            extra: Vec::new(),
        }
    }

    /// Its name on the wire, such as `backtest.config_missing`.
    pub(crate) fn name(&self) -> &'static str {
        self.code.name()
    }

    /// Appends to the detail, after a colon.
    #[must_use]
    pub fn about(mut self, subject: &str) -> Self {
        self.detail = json!(format!("{}:{subject}", self.code.detail()));
        self
    }

    /// Replaces the detail.
    #[must_use]
    pub fn detailed(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }

    /// Replaces the message.
    #[must_use]
    pub fn saying(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// Adds a further key to the body.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: Value) -> Self {
        self.extra.push((key, value));
        self
    }

    /// Every rule that a request breaks.
    #[must_use]
    pub fn invalid(violations: &[Violation]) -> Self {
        let list = violations.iter().map(Violation::to_json).collect();
        let fields: Vec<String> = violations.iter().map(Violation::describe).collect();
        let message = format!("The request is not valid: {}.", fields.join("; "));
        Self {
            detail: Value::Array(list),
            message,
            ..Self::new(ErrorCode::RequestInvalid)
        }
    }

    /// The word that clients match on; that of the code when the detail is a list.
    #[must_use]
    pub fn word(&self) -> &str {
        self.detail.as_str().unwrap_or_else(|| self.code.detail())
    }

    /// One sentence for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.code.status()
    }

    /// The body with the id of the request.
    #[must_use]
    pub fn body(&self, request_id: &str) -> Value {
        let mut body = json!({
            "detail": self.detail,
            "code": self.code.name(),
            "message": self.message,
            "request_id": request_id,
        });
        if let Value::Object(fields) = &mut body {
            fields.extend(
                self.extra
                    .iter()
                    .map(|(key, value)| ((*key).to_owned(), value.clone())),
            );
        }
        body
    }
}

/// The body is written by the request layer, which knows the id of the request.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<SeriesIdError> for ApiError {
    fn from(error: SeriesIdError) -> Self {
        Self::new(ErrorCode::SeriesInvalid).saying(format!("The series id is malformed: {}.", error.reason))
    }
}

impl From<ReadError> for ApiError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NoData => Self::new(ErrorCode::WorldNoData),
            ReadError::NoOverlay => Self::new(ErrorCode::WorldNoOverlay),
            ReadError::OutOfSync {
                ledger: Ledger::Factor,
                at,
            } => Self::new(ErrorCode::FactorOutOfSync).saying(format!(
                "The factor ledger does not cover the candle at {at} yet; try again shortly."
            )),
            ReadError::OutOfSync {
                ledger: Ledger::Feature,
                at,
            } => Self::new(ErrorCode::FeatureOutOfSync).saying(format!(
                "The feature rows do not cover the candle at {at} yet; try again shortly."
            )),
            ReadError::OutOfSync {
                ledger: Ledger::Overlay,
                at,
            } => Self::new(ErrorCode::OverlayOutOfSync).saying(format!(
                "The drawings do not cover the candle at {at} yet; try again shortly."
            )),
            ReadError::Integrity { at, findings } => {
                let (missing, different) = (findings.missing.count, findings.different.count);
                let bogus = findings.bogus.count;
                tracing::warn!(%at, missing, different, bogus, "stored drawings differ from a fresh render");
                Self::new(ErrorCode::OverlayOutOfSync).saying(format!(
                    "Stored drawings at {at} disagree with the factor ledger; repair or rebuild."
                ))
            }
            ReadError::Store(error) => {
                tracing::error!(%error, "storage failed during a read");
                Self::new(ErrorCode::StorageUnavailable)
            }
            error @ (ReadError::Fold(_) | ReadError::Codec(_) | ReadError::Record(_)) => {
                tracing::error!(%error, "read failed");
                Self::new(ErrorCode::Internal)
            }
        }
    }
}

impl From<CountError> for ApiError {
    fn from(error: CountError) -> Self {
        match error {
            CountError::Pool(error) => error.into(),
            CountError::Read(error) => error.into(),
        }
    }
}

impl From<MarketListError> for ApiError {
    fn from(error: MarketListError) -> Self {
        match error {
            MarketListError::TooSoon => Self::new(ErrorCode::RateLimited),
            MarketListError::Upstream(text) => Self::new(ErrorCode::Upstream).about(&text),
        }
    }
}

impl From<PipelineError> for ApiError {
    fn from(error: PipelineError) -> Self {
        tracing::error!(%error, "ingest failed");
        Self::new(ErrorCode::IngestFailed).about(&format!("{}:{}", error.step.name(), error.series))
    }
}

impl From<SubmitError> for ApiError {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Pipeline(error) => error.into(),
            SubmitError::ShuttingDown => Self::new(ErrorCode::ShuttingDown),
        }
    }
}

impl From<RebuildError> for ApiError {
    fn from(error: RebuildError) -> Self {
        match error {
            RebuildError::NoData(_) => Self::new(ErrorCode::RepairNoData),
            RebuildError::Unavailable { .. } | RebuildError::Venue(_) | RebuildError::Files(_) => {
                tracing::warn!(%error, "a rebuild got no candles from its source");
                Self::new(ErrorCode::Upstream).about(&error.to_string())
            }
            RebuildError::Write(error) => error.into(),
            RebuildError::Reader(error) => error.into(),
            RebuildError::Store(error) => ReadError::Store(error).into(),
        }
    }
}

impl From<ReadPoolError> for ApiError {
    fn from(error: ReadPoolError) -> Self {
        match error {
            ReadPoolError::ShuttingDown => Self::new(ErrorCode::ShuttingDown),
            ReadPoolError::Snapshot(error) => {
                tracing::error!(%error, "no snapshot for a read");
                Self::new(ErrorCode::StorageUnavailable)
            }
            ReadPoolError::Panicked => Self::new(ErrorCode::Internal),
        }
    }
}
