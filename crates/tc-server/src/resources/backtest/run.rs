//! `POST /api/backtest/run`.

use axum::{
    Json,
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::value::RawValue;

use super::{
    ENGINES, MARKETS,
    dto::{
        BacktestMockResponse, BacktestQueuedResponse, BacktestRunRequest, BacktestRunResponse, INCLUDES,
        Include, RunQuery, write_answer,
    },
};
use crate::{
    ApiError, AppState,
    backtest::{EngineAnswer, EngineName, LiveRun, RunEnd, RunKind, RunOrder, RunState, Venue, Wanted},
    error::ErrorCode,
    request::{JsonBody, Object, Query},
    resources::system::dto::ErrorBodyV1,
};

/// Runs a strategy over candles. The answer is 200 also when the engine ended badly: `ok` and `result` say so.
#[utoipa::path(
    post, path = "/api/backtest/run", tag = "backtest", params(RunQuery), request_body = BacktestRunRequest,
    responses(
        (status = 200, body = BacktestRunResponse), (status = 202, body = BacktestQueuedResponse),
        (status = 400, body = ErrorBodyV1), (status = 404, body = ErrorBodyV1), (status = 409, body = ErrorBodyV1),
        (status = 422, body = ErrorBodyV1), (status = 429, body = ErrorBodyV1), (status = 500, body = ErrorBodyV1),
    )
)]
pub(crate) async fn run(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
    body: Result<JsonBody, ApiError>,
) -> Result<Response, ApiError> {
    let JsonBody(mut body) = body?;
    let order = order(&mut body);
    let word = body.word("engine", &ENGINES.map(EngineName::as_str));
    body.finish()?;
    let mut query = Query::parse(raw.as_deref());
    let include = query.word("include", &INCLUDES, Include::Summary);
    let wait = query.flag("wait", true);
    query.finish()?;
    let engine = ENGINES.into_iter().find(|engine| engine.as_str() == word);
    let engine = engine.unwrap_or(EngineName::Freqtrade);
    let backtests = &state.parts().backtests;
    let ready = match backtests.engines().named(engine)?.prepare(order.clone()).await? {
        EngineAnswer::Mock(answer) => return Ok(Json(BacktestMockResponse::from(answer)).into_response()),
        EngineAnswer::Ready(ready) => ready,
    };
    let wanted = Wanted {
        kind: RunKind::Run,
        engine,
        order,
        series: ready.series(),
    };
    let started = backtests.start(wanted, ready, write_answer);
    let (run, end) = started.ok_or_else(|| ApiError::new(ErrorCode::BacktestBusy))?;
    if !wait {
        return Ok(queued(&run));
    }
    // Whoever waits and goes away does not want it any more.
    let guard = run.cancel.drop_guard();
    let end = end.await;
    guard.disarm();
    match end {
        Ok(RunEnd::Answered { full, summary }) => Ok(encoded(match include {
            Include::Full => full,
            Include::Summary => summary,
        })),
        Ok(RunEnd::Refused(refusal)) => Err(refusal.into()),
        Ok(RunEnd::Cancelled) if !state.parts().stopping.is_cancelled() => {
            Err(ApiError::new(ErrorCode::BacktestCancelled))
        }
        Ok(RunEnd::Cancelled) | Err(_) => Err(ApiError::new(ErrorCode::ShuttingDown)),
    }
}

/// The fields that runs and sweeps have in common.
pub(super) fn order(body: &mut Object) -> RunOrder {
    RunOrder {
        strategy_name: body.required_text("strategy_name"),
        pair: body.required_text("pair"),
        venue: Venue {
            exchange: body.optional_text("exchange"),
            market: body.optional_word("market", &MARKETS),
        },
        timeframe: body.required_text("timeframe"),
        timerange: body.optional_text("timerange"),
        params: body.object("params"),
        trading: body.object("trading"),
    }
}

/// The answer about a run that nobody waits for.
pub(super) fn queued(run: &LiveRun) -> Response {
    let queued = BacktestQueuedResponse {
        run_id: run.head.run_id.clone(),
        state: RunState::Queued.as_str(),
    };
    (StatusCode::ACCEPTED, Json(queued)).into_response()
}

fn encoded(json: Box<RawValue>) -> Response {
    let mut response = Response::new(Body::from(String::from(Box::<str>::from(json))));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
