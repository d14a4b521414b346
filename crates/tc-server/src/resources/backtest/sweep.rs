//! `POST /api/backtest/sweep`.

use axum::{extract::State, response::Response};

use super::{
    dto::{BacktestQueuedResponse, BacktestSweepRequest, write_sweep},
    run::{order, queued},
};
use crate::{
    ApiError, AppState,
    backtest::{EngineName, GridAxis, RunKind, SweepOrder, Wanted},
    error::ErrorCode,
    request::JsonBody,
    resources::system::dto::ErrorBodyV1,
};

/// Most combinations of a sweep.
const MOST: usize = 10_000;

/// Runs a native strategy with every combination of some parameters. The answer does not wait; look at the run for the
/// points.
#[utoipa::path(
    post, path = "/api/backtest/sweep", tag = "backtest", request_body = BacktestSweepRequest,
    responses(
        (status = 202, body = BacktestQueuedResponse), (status = 400, body = ErrorBodyV1),
        (status = 404, body = ErrorBodyV1), (status = 409, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1),
        (status = 429, body = ErrorBodyV1), (status = 500, body = ErrorBodyV1),
    )
)]
pub(crate) async fn sweep(
    State(state): State<AppState>,
    body: Result<JsonBody, ApiError>,
) -> Result<Response, ApiError> {
    let JsonBody(mut body) = body?;
    let run = order(&mut body);
    let _only = body.word("engine", &[EngineName::Native.as_str()]);
    let grid = body.required_grid("grid", MOST).into_iter();
    body.finish()?;
    let backtests = &state.parts().backtests;
    let order = SweepOrder {
        run: run.clone(),
        grid: grid.map(|(param, values)| GridAxis { param, values }).collect(),
    };
    let ready = backtests.engines().native()?.prepare_sweep(order).await?;
    let wanted = Wanted {
        kind: RunKind::Sweep,
        engine: EngineName::Native,
        order: run,
        series: ready.series(),
    };
    let started = backtests.start(wanted, ready, write_sweep);
    let (run, _end) = started.ok_or_else(|| ApiError::new(ErrorCode::BacktestBusy))?;
    Ok(queued(&run))
}
