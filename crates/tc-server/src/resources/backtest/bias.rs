//! `POST /api/backtest/runs/{run_id}/bias`.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::Deserialize;
use tc_market::SeriesId;

use super::dto::{BacktestBiasRequest, BacktestRunV1, write_findings};
use crate::{
    ApiError, AppState,
    backtest::{
        BacktestRefusal, BiasOrder, CheckError, EngineName, RunHead, RunKind, RunOrder, RunRecord, RunState,
        Venue,
    },
    error::ErrorCode,
    request::JsonBody,
    resources::system::dto::ErrorBodyV1,
};

/// Histories that are looked at when nothing is said, and at most.
const SAMPLES: i64 = 100;
const MOST: i64 = 1_000;

/// Makes the signals of a finished native run again from shorter histories. The answer does not wait: `bias` of the run
/// is there when the check is over.
#[utoipa::path(
    post, path = "/api/backtest/runs/{run_id}/bias", tag = "backtest",
    params(("run_id" = String, Path, description = "The run.")), request_body = BacktestBiasRequest,
    responses(
        (status = 202, body = BacktestRunV1), (status = 404, body = ErrorBodyV1), (status = 409, body = ErrorBodyV1),
        (status = 422, body = ErrorBodyV1), (status = 429, body = ErrorBodyV1), (status = 500, body = ErrorBodyV1),
    )
)]
pub(crate) async fn check_bias(
    State(state): State<AppState>,
    Path(run_id): Path<String>,
    body: Result<JsonBody, ApiError>,
) -> Result<(StatusCode, Json<BacktestRunV1>), ApiError> {
    let JsonBody(mut body) = body?;
    let samples = body.optional_int_within("samples", 1..=MOST);
    body.finish()?;
    let backtests = &state.parts().backtests;
    if backtests.running(&run_id).is_some() {
        return Err(ApiError::new(ErrorCode::BacktestRunBusy));
    }
    let kept = backtests.find(&run_id, |record| {
        let (head, end_ms) = (record.head.clone(), end_ms(&record));
        Ok((head, end_ms, BacktestRunV1::from(record).shortened()?))
    });
    let kept = kept.await?;
    let (head, end_ms, run) = kept.ok_or_else(|| ApiError::new(ErrorCode::BacktestRunNotFound))?;
    let end_ms = end_ms.ok_or(BacktestRefusal::BiasUnavailable)?;
    let order = BiasOrder {
        run: asked(&head),
        end_ms,
        samples: usize::try_from(samples.unwrap_or(SAMPLES)).unwrap_or(1),
    };
    let ready = backtests.engines().native()?.prepare_bias(order).await?;
    let check = backtests.check(head, ready, write_findings);
    let check = check.map_err(|refusal| match refusal {
        CheckError::Running => ApiError::new(ErrorCode::BacktestRunBusy),
        CheckError::Full => ApiError::new(ErrorCode::BacktestBusy),
    })?;
    Ok((StatusCode::ACCEPTED, Json(run.checked_by(Some(&check)))))
}

fn asked(head: &RunHead) -> RunOrder {
    let series: Option<SeriesId> = head.series_id.as_deref().and_then(|id| id.parse().ok());
    RunOrder {
        strategy_name: head.strategy_name.clone(),
        pair: head.pair.clone(),
        venue: series.map(|series| Venue::of(&series)).unwrap_or_default(),
        timeframe: head.timeframe.clone(),
        timerange: head.timerange.clone(),
        params: head.params.clone(),
        trading: head.trading.clone(),
    }
}

/// Last candle of a run that can be checked.
fn end_ms(record: &RunRecord) -> Option<i64> {
    #[derive(Deserialize)]
    struct Answer {
        result: Ended,
    }
    #[derive(Deserialize)]
    struct Ended {
        end_ts: i64,
    }
    let head = &record.head;
    let can_be = head.kind == RunKind::Run
        && head.engine == EngineName::Native.as_str()
        && record.state == RunState::Done.as_str();
    let response = record.response.as_deref().filter(|_| can_be)?;
    let answer: Answer = serde_json::from_str(response.get()).ok()?;
    Some(answer.result.end_ts)
}
