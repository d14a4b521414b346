//! The options of backtests.

use std::path::PathBuf;

use super::resolved::Resolved;

/// Backtests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BacktestConfig {
    /// Whether the mock stands in for every engine.
    pub mock: bool,
    /// Directory with strategies of freqtrade.
    pub strategy_dir: PathBuf,
    /// Runs at a time; at least 1.
    pub max_concurrency: usize,
    /// Whether a run without trades is refused.
    pub require_trades: bool,
    /// Whether freqtrade gets its markets from a file.
    pub offline_markets: bool,
    /// Pairs that have a market there beside the one of the run.
    pub offline_pairs: Vec<String>,
    /// Store that strategies of other programs read; `None`: the one of the server.
    pub strategy_db_path: Option<PathBuf>,
}

pub(super) fn read(options: &Resolved) -> BacktestConfig {
    BacktestConfig {
        mock: options.switch("FREQTRADE_MOCK"),
        strategy_dir: options.text("FREQTRADE_STRATEGY_PATH").into(),
        max_concurrency: options.count("BACKTEST_MAX_CONCURRENCY"),
        require_trades: options.switch("BACKTEST_REQUIRE_TRADES"),
        offline_markets: options.text("FREQTRADE_OFFLINE_MARKETS") == "1",
        offline_pairs: options.list("FREQTRADE_OFFLINE_MARKETS_PAIRS").to_vec(),
        strategy_db_path: options.optional_text("STRATEGY_DB_PATH").map(PathBuf::from),
    }
}
