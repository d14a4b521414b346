//! `GET /api/backtest/strategies` and `GET /api/backtest/pair_timeframes`.

use axum::{
    Json,
    extract::{RawQuery, State},
};

use super::{
    ENGINES,
    dto::{BacktestPairTimeframesResponse, PairTimeframesQuery, StrategiesQuery, StrategyListResponse},
};
use crate::{ApiError, AppState, backtest::EngineName, request::Query, resources::system::dto::ErrorBodyV1};

/// Strategies that can be run.
#[utoipa::path(
    get, path = "/api/backtest/strategies", tag = "backtest", params(StrategiesQuery),
    responses(
        (status = 200, body = StrategyListResponse), (status = 422, body = ErrorBodyV1),
        (status = 500, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_strategies(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Json<StrategyListResponse>, ApiError> {
    let mut query = Query::parse(raw.as_deref());
    let recursive = query.flag("recursive", true);
    let words = ENGINES.map(|engine| (engine.as_str(), engine));
    let engine = query.word("engine", &words, EngineName::Freqtrade);
    query.finish()?;
    let engine = state.parts().backtests.engines().named(engine)?;
    let listed = engine.strategies(recursive).await?;
    Ok(Json(StrategyListResponse {
        strategies: listed.names,
        specs: listed.specs,
    }))
}

/// Timeframes that there are candles of.
#[utoipa::path(
    get, path = "/api/backtest/pair_timeframes", tag = "backtest", params(PairTimeframesQuery),
    responses(
        (status = 200, body = BacktestPairTimeframesResponse), (status = 422, body = ErrorBodyV1),
        (status = 500, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_pair_timeframes(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Json<BacktestPairTimeframesResponse>, ApiError> {
    let mut query = Query::parse(raw.as_deref());
    let pair = query.required_text("pair");
    let words = ENGINES.map(|engine| (engine.as_str(), engine));
    let engine = query.word("engine", &words, EngineName::Freqtrade);
    query.finish()?;
    let engine = state.parts().backtests.engines().named(engine)?;
    let found = engine.pair_timeframes(pair).await?;
    Ok(Json(BacktestPairTimeframesResponse {
        pair: found.pair,
        trading_mode: found.trading_mode,
        datadir: found.data_dir.display().to_string(),
        available_timeframes: found.available_timeframes,
    }))
}
