//! Public resources, one folder each. A new one is a folder here and a line in [`routes`].

pub(crate) mod backtest;
pub(crate) mod draw;
pub(crate) mod factor;
pub(crate) mod frame;
pub(crate) mod market;
pub(crate) mod repair;
pub(crate) mod replay;
pub(crate) mod system;

use utoipa_axum::router::OpenApiRouter;

use crate::AppState;

/// Every documented route.
pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(backtest::routes())
        .merge(draw::routes())
        .merge(factor::routes())
        .merge(frame::routes())
        .merge(market::routes())
        .merge(repair::routes())
        .merge(replay::routes())
        .merge(system::routes())
}
