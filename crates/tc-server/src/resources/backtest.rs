//! Backtests: what can be run, runs, and runs of before; and signals for strategies of other programs.

mod annotate;
mod bias;
pub(crate) mod dto;
mod lists;
mod run;
mod runs;
mod sweep;
#[cfg(test)]
mod tests;

use tc_market::MarketKind;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{AppState, backtest::EngineName};

/// Engines as clients write them, the default one first.
const ENGINES: [EngineName; 3] = [EngineName::Freqtrade, EngineName::Native, EngineName::Mock];

/// Markets as clients write them.
const MARKETS: [(&str, MarketKind); 2] = [("spot", MarketKind::Spot), ("futures", MarketKind::Futures)];

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(lists::get_engines))
        .routes(routes!(lists::get_strategies))
        .routes(routes!(lists::get_pair_timeframes))
        .routes(routes!(run::run))
        .routes(routes!(runs::get_runs))
        .routes(routes!(runs::get_run, runs::delete_run))
        .routes(routes!(runs::cancel_run))
        .routes(routes!(sweep::sweep))
        .routes(routes!(bias::check_bias))
        .routes(routes!(annotate::annotate))
}
