//! `/sim/*`: the simulator's own endpoints, for whoever drives it from outside.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};

use crate::{FaultError, FaultScript, simulator::Shared};

type Refusable = Result<String, (StatusCode, String)>;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/sim/clock", get(clock))
        .route("/sim/clock/{to_ms}", post(advance))
        .route("/sim/counters", get(counters))
        .route(
            "/sim/faults",
            get(faults).post(replace_faults).delete(clear_faults),
        )
}

async fn clock(State(shared): State<Arc<Shared>>) -> String {
    let clock = &shared.clock;
    serde_json::json!({ "now_ms": clock.now_ms(), "speed": clock.speed(), "manual": clock.is_manual() })
        .to_string()
}

async fn advance(State(shared): State<Arc<Shared>>, Path(to_ms): Path<i64>) -> Refusable {
    match shared.clock.advance_to(to_ms) {
        Ok(()) => Ok(clock(State(shared)).await),
        Err(error) => Err((StatusCode::CONFLICT, error.to_string())),
    }
}

async fn counters(State(shared): State<Arc<Shared>>) -> Refusable {
    written(&shared.exchange.counters())
}

async fn faults(State(shared): State<Arc<Shared>>) -> Refusable {
    written(&shared.exchange.faults())
}

/// The whole script, in the place of the present one.
async fn replace_faults(State(shared): State<Arc<Shared>>, body: String) -> Refusable {
    let set = FaultScript::parse(&body).and_then(|script| shared.exchange.set_faults(script));
    set.map_err(|error| refused(&error))?;
    faults(State(shared)).await
}

async fn clear_faults(State(shared): State<Arc<Shared>>) -> Refusable {
    let cleared = shared.exchange.set_faults(FaultScript::default());
    cleared.map_err(|error| refused(&error))?;
    faults(State(shared)).await
}

fn refused(error: &FaultError) -> (StatusCode, String) {
    (StatusCode::BAD_REQUEST, error.to_string())
}

fn written(value: &impl serde::Serialize) -> Refusable {
    serde_json::to_string(value).map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}
