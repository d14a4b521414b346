//! `GET /api/backtest/engines`, `GET /api/backtest/strategies` and `GET /api/backtest/pair_timeframes`.

use axum::{
    Json,
    extract::{RawQuery, State},
};

use super::{
    ENGINES, MARKETS,
    dto::{
        BacktestEngineProblemV1, BacktestEngineV1, BacktestEnginesResponse, BacktestPairTimeframesResponse,
        PairTimeframesQuery, StrategiesQuery, StrategyListResponse,
    },
};
use crate::{
    ApiError, AppState,
    backtest::{EngineName, Venue},
    request::Query,
    resources::system::dto::ErrorBodyV1,
};

/// Engines that can be chosen. One that is not set up says what is missing.
#[utoipa::path(
    get, path = "/api/backtest/engines", tag = "backtest", responses((status = 200, body = BacktestEnginesResponse))
)]
pub(crate) async fn get_engines(State(state): State<AppState>) -> Json<BacktestEnginesResponse> {
    let mut engines = Vec::new();
    for (name, engine) in state.parts().backtests.engines().offered() {
        let problem = engine.setup().await.err().map(ApiError::from);
        engines.push(BacktestEngineV1 {
            engine: name.as_str(),
            problem: problem.map(|error| BacktestEngineProblemV1 {
                code: error.name(),
                message: error.message().to_owned(),
            }),
        });
    }
    Json(BacktestEnginesResponse { engines })
}

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
    let venue = Venue {
        exchange: query.text("exchange"),
        market: query.word("market", &MARKETS.map(|(word, kind)| (word, Some(kind))), None),
    };
    query.finish()?;
    let engine = state.parts().backtests.engines().named(engine)?;
    let found = engine.pair_timeframes(pair, venue).await?;
    Ok(Json(BacktestPairTimeframesResponse {
        pair: found.pair,
        trading_mode: found.trading_mode,
        datadir: found.data_dir.display().to_string(),
        trading: found.trading,
        available_timeframes: found.available_timeframes,
    }))
}
