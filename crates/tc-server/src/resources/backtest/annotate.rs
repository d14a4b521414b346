//! `POST /api/strategy/annotate`.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::{RawQuery, Request, State},
    http::{HeaderValue, header},
    response::Response,
};

use super::dto::AnnotateQuery;
use crate::{
    ApiError, AppState,
    annotate::{AnnotateMode, AnnotateOrder, AnnotateRefusal, MAX_FRAME_BYTES},
    error::ErrorCode,
    request::{Query, Violation, ViolationKind, read_body},
    resources::system::dto::ErrorBodyV1,
};

const ARROW: &str = "application/vnd.apache.arrow.stream";
const BODY_TIMEOUT: Duration = Duration::from_secs(60);
const MODES: [(&str, AnnotateMode); 2] = [
    (AnnotateMode::Stateless.name(), AnnotateMode::Stateless),
    (AnnotateMode::Ledger.name(), AnnotateMode::Ledger),
];

/// Answers candles with the signals of the factors beside them. The answer is 200 also when there are none to give: the
/// metadata `tc_ok` and `tc_reason` of its schema say so.
#[utoipa::path(
    post, path = "/api/strategy/annotate", tag = "backtest", params(AnnotateQuery),
    request_body(content_type = "application/vnd.apache.arrow.stream", content = Vec<u8>),
    responses(
        (status = 200, content_type = "application/vnd.apache.arrow.stream", body = Vec<u8>),
        (status = 400, body = ErrorBodyV1), (status = 413, body = ErrorBodyV1), (status = 415, body = ErrorBodyV1),
        (status = 422, body = ErrorBodyV1), (status = 503, body = ErrorBodyV1),
    )
)]
pub(crate) async fn annotate(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
    request: Request,
) -> Result<Response, ApiError> {
    let media = request.headers().get(header::CONTENT_TYPE);
    let media = media.and_then(|value| value.to_str().ok()).unwrap_or_default();
    if media.split(';').next().unwrap_or_default().trim() != ARROW {
        return Err(ApiError::new(ErrorCode::UnsupportedMediaType)
            .saying(format!("Candles must be sent with content-type {ARROW}.")));
    }
    let order = order(raw.as_deref())?;
    let annotations = &state.parts().annotations;
    let place = Arc::clone(annotations.places()).acquire_owned().await;
    let place = place.map_err(|_| ApiError::new(ErrorCode::ShuttingDown))?;
    let frame = frame(request.into_body()).await?;
    let annotator = annotations.annotator();
    let answered = tokio::task::spawn_blocking(move || {
        let answer = annotator.annotate(&order, frame.into());
        drop(place);
        answer
    });
    let answer = answered
        .await
        .map_err(|_panicked| ApiError::new(ErrorCode::Internal))??;
    let mut response = Response::new(Body::from(answer));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(ARROW));
    Ok(response)
}

/// Whoever sends holds a place, so it must not take forever.
async fn frame(body: Body) -> Result<Bytes, ApiError> {
    let read = tokio::time::timeout(BODY_TIMEOUT, read_body(body, MAX_FRAME_BYTES));
    read.await.unwrap_or_else(|_| {
        let reason = format!("must be sent within {} s", BODY_TIMEOUT.as_secs());
        Err(AnnotateRefusal::Frame(reason).into())
    })
}

fn order(raw: Option<&str>) -> Result<AnnotateOrder, ApiError> {
    let mut query = Query::parse(raw);
    let series = query.required_text("series_id");
    let timeframe = query.required_text("timeframe");
    let mode = query.word("mode", &MODES, AnnotateMode::Stateless);
    let factors = query.text("factors").map(|names| {
        let names = names.split(',').map(|name| name.trim().to_owned());
        names.filter(|name| !name.is_empty()).collect()
    });
    let params = query.object("params");
    let differs = |series: &tc_market::SeriesId| series.timeframe().to_string() != timeframe;
    if series.parse().is_ok_and(|series| differs(&series)) && !timeframe.is_empty() {
        query.refuse("timeframe", "must be that of series_id");
    }
    let series = query.series(&series)?;
    Ok(AnnotateOrder {
        series,
        mode,
        factors,
        params,
    })
}

impl From<AnnotateRefusal> for ApiError {
    fn from(refusal: AnnotateRefusal) -> Self {
        let invalid = |place: [&str; 2], reason: &str| {
            let place = place.map(serde_json::Value::from);
            let violation =
                Violation::new(ViolationKind::ValueError, &place, reason, serde_json::Value::Null);
            Self::invalid(&[violation])
        };
        match refusal {
            AnnotateRefusal::Frame(reason) => invalid(["body", "frame"], &reason),
            AnnotateRefusal::Setting { setting, reason } => invalid(["query", setting], &reason),
            AnnotateRefusal::Store(error) => {
                tracing::error!(error, "storage failed while a frame was annotated");
                Self::new(ErrorCode::StorageUnavailable)
            }
            AnnotateRefusal::Internal(error) => {
                tracing::error!(error, "a frame cannot be annotated");
                Self::new(ErrorCode::Internal)
            }
        }
    }
}
