//! The options of backtests.

use std::path::PathBuf;

use tc_market::MarketKind;

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
    /// Exchange of the series that native runs read; none was named: that of freqtrade's configuration, or `binance`.
    pub series_exchange: Option<String>,
    /// Their market; none was named: that of freqtrade's configuration, or futures.
    pub series_market: Option<MarketKind>,
    /// Store that strategies of other programs read; `None`: the one of the server.
    pub strategy_db_path: Option<PathBuf>,
}

pub(super) fn read(options: &Resolved) -> BacktestConfig {
    BacktestConfig {
        series_exchange: options.optional_text("SERIES_EXCHANGE").map(str::to_owned),
        series_market: options.optional_text("SERIES_MARKET").map(|named| match named {
            "spot" => MarketKind::Spot,
            _ => MarketKind::Futures,
        }),
        mock: options.switch("FREQTRADE_MOCK"),
        strategy_dir: options.text("FREQTRADE_STRATEGY_PATH").into(),
        max_concurrency: options.count("BACKTEST_MAX_CONCURRENCY"),
        require_trades: options.switch("BACKTEST_REQUIRE_TRADES"),
        offline_markets: options.text("FREQTRADE_OFFLINE_MARKETS") == "1",
        offline_pairs: options.list("FREQTRADE_OFFLINE_MARKETS_PAIRS").to_vec(),
        strategy_db_path: options.optional_text("STRATEGY_DB_PATH").map(PathBuf::from),
    }
}
