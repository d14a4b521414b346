//! `/api/backtest/runs`: what runs, and what ran.

use axum::{
    Json,
    extract::{Path, RawQuery, State},
};

use super::dto::{
    BacktestRunV1, DeleteRunResponse, INCLUDES, Include, IncludeQuery, ListRunsResponse, RunsQuery,
};
use crate::{
    ApiError, AppState, backtest::RunRecord, error::ErrorCode, request::Query,
    resources::system::dto::ErrorBodyV1,
};

const DEFAULT_LIMIT: i64 = 50;
const MOST: i64 = 200;

/// Runs, newest first. Their answers come without trades, equity and output, and without figures that are tables.
#[utoipa::path(
    get, path = "/api/backtest/runs", tag = "backtest", params(RunsQuery),
    responses((status = 200, body = ListRunsResponse), (status = 422, body = ErrorBodyV1))
)]
pub(crate) async fn get_runs(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Json<ListRunsResponse>, ApiError> {
    let mut query = Query::parse(raw.as_deref());
    let limit = query.int("limit", 1..=MOST, DEFAULT_LIMIT);
    let before = query.text("before");
    query.finish()?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let backtests = &state.parts().backtests;
    // Asked for first: one that ends meanwhile is in both lists and not in none.
    let running = backtests.all_running(before.as_deref());
    let finished = backtests.finished(before, limit).await?;
    let finished = finished.into_iter().map(|record| {
        let check = backtests.checking(&record.head.run_id);
        BacktestRunV1::from(record).checked_by(check.as_ref())
    });
    let mut runs: Vec<BacktestRunV1> = finished.collect();
    for run in &running {
        if runs.iter().all(|over| over.run_id != run.head.run_id) {
            runs.push(BacktestRunV1::from(run));
        }
    }
    runs.sort_by(|a, b| b.run_id.cmp(&a.run_id));
    runs.truncate(limit);
    Ok(Json(ListRunsResponse { runs }))
}

/// One run.
#[utoipa::path(
    get, path = "/api/backtest/runs/{run_id}", tag = "backtest",
    params(("run_id" = String, Path, description = "The run."), IncludeQuery),
    responses(
        (status = 200, body = BacktestRunV1), (status = 404, body = ErrorBodyV1),
        (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_run(
    State(state): State<AppState>,
    Path(run_id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Json<BacktestRunV1>, ApiError> {
    let mut query = Query::parse(raw.as_deref());
    let include = query.word("include", &INCLUDES, Include::Summary);
    query.finish()?;
    let backtests = &state.parts().backtests;
    if let Some(run) = backtests.running(&run_id) {
        return Ok(Json(BacktestRunV1::from(&run)));
    }
    // Asked for first: a check that ends meanwhile is told as one that goes on, and not as one that was never made.
    let check = backtests.checking(&run_id);
    let told = backtests.find(&run_id, move |record| match include {
        Include::Full => Ok(BacktestRunV1::from(record)),
        Include::Summary => BacktestRunV1::from(record).shortened(),
    });
    let run = told.await?;
    let run = run.ok_or_else(|| ApiError::new(ErrorCode::BacktestRunNotFound))?;
    Ok(Json(run.checked_by(check.as_ref())))
}

/// Calls a run off, or the check of a run that is over.
#[utoipa::path(
    post, path = "/api/backtest/runs/{run_id}/cancel", tag = "backtest",
    params(("run_id" = String, Path, description = "The run.")),
    responses(
        (status = 200, body = BacktestRunV1), (status = 404, body = ErrorBodyV1),
        (status = 409, body = ErrorBodyV1),
    )
)]
pub(crate) async fn cancel_run(
    State(state): State<AppState>,
    Path(run_id): Path<String>,
) -> Result<Json<BacktestRunV1>, ApiError> {
    let backtests = &state.parts().backtests;
    let shortened = |record: RunRecord| BacktestRunV1::from(record).shortened();
    let going_on = backtests.running(&run_id).or_else(|| backtests.checking(&run_id));
    let Some(run) = going_on else {
        return Err(match backtests.find(&run_id, |_| Ok(())).await? {
            Some(()) => ApiError::new(ErrorCode::BacktestNotRunning),
            None => ApiError::new(ErrorCode::BacktestRunNotFound),
        });
    };
    run.cancel.cancel();
    run.over.cancelled().await;
    let kept = backtests.find(&run_id, shortened).await?;
    Ok(Json(kept.unwrap_or_else(|| BacktestRunV1::from(&run))))
}

/// Forgets a run that is over.
#[utoipa::path(
    delete, path = "/api/backtest/runs/{run_id}", tag = "backtest",
    params(("run_id" = String, Path, description = "The run.")),
    responses(
        (status = 200, body = DeleteRunResponse), (status = 404, body = ErrorBodyV1),
        (status = 409, body = ErrorBodyV1),
    )
)]
pub(crate) async fn delete_run(
    State(state): State<AppState>,
    Path(run_id): Path<String>,
) -> Result<Json<DeleteRunResponse>, ApiError> {
    state.parts().backtests.delete(&run_id).await?;
    Ok(Json(DeleteRunResponse { ok: true }))
}
