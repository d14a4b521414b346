//! `POST /api/dev/repair/overlay`.

use std::sync::Arc;

use axum::{Json, extract::State};
use tc_ingest::{Job, JobInput, JobOrigin, LatePolicy, PipelineError, PublishPolicy};
use tc_market::SeriesId;
use tc_read::{Ledger, ReadError};
use tc_store::Snapshot;

use super::{
    dto::{RepairOverlayRequestV1, RepairOverlayResponseV1},
    open,
};
use crate::{
    ApiError, AppState, debug, error::ErrorCode, request::JsonBody, resources::system::dto::ErrorBodyV1,
    threads::SubmitError,
};

/// Makes the stored drawings of a whole series again from its factor ledger, up to the newest candle. Only with the dev
/// and the read repair API.
#[utoipa::path(
    post, path = "/api/dev/repair/overlay", tag = "repair", request_body = RepairOverlayRequestV1,
    responses(
        (status = 200, body = RepairOverlayResponseV1), (status = 400, body = ErrorBodyV1),
        (status = 404, body = ErrorBodyV1), (status = 409, body = ErrorBodyV1),
        (status = 413, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1), (status = 500, body = ErrorBodyV1),
    )
)]
pub(crate) async fn repair_overlay(
    State(state): State<AppState>,
    body: Result<JsonBody, ApiError>,
) -> Result<Json<RepairOverlayResponseV1>, ApiError> {
    open(&state)?;
    let JsonBody(mut body) = body?;
    let series = body.required_text("series_id");
    let to_time = body.optional_int("to_time", 0);
    body.finish()?;
    let series: SeriesId = series.parse()?;
    let no_data = || ApiError::new(ErrorCode::RepairNoData);

    let id = series.clone();
    let found = state
        .read(move |snapshot, _| tc_read::aligned_time(snapshot, &id, to_time))
        .await?;
    found.ok_or_else(no_data)?;
    let job = Job {
        input: JobInput::RepairDrawings {
            series: series.clone(),
        },
        publish: PublishPolicy::Derived,
        late: LatePolicy::Fold,
        origin: JobOrigin::Operator,
    };
    let writer = &state.parts().writer;
    let report = writer.submit(job).await.map_err(refuse)?;

    let (id, model) = (series.clone(), Arc::clone(&state.parts().model));
    let check = move |snapshot: &dyn Snapshot| model.check_drawings(snapshot, &id, to_time);
    let log = &state.parts().debug;
    let check = match state.parts().readers.read(check).await? {
        Ok(check) => check.ok_or_else(no_data)?,
        Err(error) => {
            log.record_all(debug::out_of_sync(&series, &error));
            return Err(disagrees(error));
        }
    };
    let steps: Vec<&str> = report
        .steps
        .iter()
        .filter_map(|step| step.name.split(':').next())
        .collect();
    log.record(|| debug::overlay_repair(&series, &check, &steps));
    Ok(Json(RepairOverlayResponseV1 {
        ok: true,
        series_id: series.to_string(),
        requested_time: to_time.unwrap_or(check.candle_head.seconds()),
        aligned_time: check.aligned.seconds(),
        factor_head_time: check.factor_head.seconds(),
        overlay_head_time: check.overlay_head.seconds(),
        refreshed: true,
        steps: steps.into_iter().map(str::to_owned).collect(),
    }))
}

fn refuse(error: SubmitError) -> ApiError {
    match error {
        SubmitError::Pipeline(error) => failed(&error),
        SubmitError::ShuttingDown => error.into(),
    }
}

fn failed(error: &PipelineError) -> ApiError {
    tracing::error!(%error, "repair failed");
    ApiError::new(ErrorCode::RepairFailed).about(error.step.name())
}

/// A ledger that is not in step after the repair.
fn disagrees(error: ReadError) -> ApiError {
    match error {
        ReadError::OutOfSync {
            ledger: Ledger::Factor,
            ..
        } => ApiError::new(ErrorCode::RepairFactorOutOfSync),
        ReadError::OutOfSync { .. } | ReadError::Integrity { .. } => {
            ApiError::new(ErrorCode::RepairOverlayOutOfSync)
        }
        error => error.into(),
    }
}
