//! Sweeps and checks of signals.

use serde::{Deserialize, Serialize};
use serde_json::{
    Map, Value,
    value::{RawValue, to_raw_value},
};
use utoipa::ToSchema;

use super::BacktestTradingV1;
use crate::backtest::{BiasFindings, RunHead, SweepReport, Written};

/// What to run with every combination of some parameters. The engine is the native one.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents the body; values are read by the body parser")]
pub(crate) struct BacktestSweepRequest {
    /// A built-in strategy.
    #[schema(min_length = 1)]
    strategy_name: String,
    /// `BASE/QUOTE`, or `BASE/QUOTE:SETTLE` for a future.
    #[schema(min_length = 1)]
    pair: String,
    /// Exchange of the pair; absent: as the server is set up.
    exchange: Option<String>,
    /// `spot` or `futures`; absent: as the server is set up.
    market: Option<String>,
    /// Such as `5m`.
    #[schema(min_length = 1)]
    timeframe: String,
    /// `FROM-TO`, one of which may be missing; absent or null: all candles.
    timerange: Option<String>,
    /// Always `native`.
    #[schema(default = "native")]
    engine: Option<String>,
    /// Values of the parameters that do not vary; absent ones have their defaults.
    params: Option<Map<String, Value>>,
    /// What is traded with.
    trading: Option<BacktestTradingV1>,
    /// By parameter: a list of values, or `from`, `to` and `step`, both ends included. At most 10,000 combinations.
    grid: Map<String, Value>,
}

/// What came of a sweep.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BacktestSweepResponse {
    /// Every combination. Parameters are in the order in which the strategy declares them; the last one varies fastest.
    pub points: Vec<BacktestSweepPoint>,
}

/// One combination.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BacktestSweepPoint {
    /// Values of the parameters that vary.
    pub params: Map<String, Value>,
    /// Figures, by the names that they have in a run.
    #[schema(value_type = Object)]
    pub metrics: Box<RawValue>,
}

/// How a run is checked.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents the body; values are read by the body parser")]
pub(crate) struct BacktestBiasRequest {
    /// Shorter histories that signals are made from again.
    #[schema(minimum = 1, maximum = 1000, default = 100)]
    samples: Option<i64>,
}

/// What was found of signals that know the future.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BacktestBiasV1 {
    /// Shorter histories that were looked at.
    pub checked: usize,
    /// How many of them say something else.
    pub changed: usize,
    /// Where they say something else.
    pub rows: Vec<BacktestBiasRow>,
}

/// A signal that changes when later candles are taken away.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BacktestBiasRow {
    /// The candle, Unix seconds.
    pub candle_time: i64,
    /// Which column, by freqtrade's name.
    pub column: String,
}

/// The answer of a sweep in the three lengths that are told.
pub(crate) fn write_sweep(_head: &RunHead, report: SweepReport) -> Result<Written, serde_json::Error> {
    let points = report.points.into_iter().map(|point| BacktestSweepPoint {
        params: point.params,
        metrics: point.metrics,
    });
    let full = to_raw_value(&BacktestSweepResponse {
        points: points.collect(),
    })?;
    let brief = to_raw_value(&BacktestSweepResponse { points: Vec::new() })?;
    Ok(Written {
        summary: full.clone(),
        full,
        brief,
    })
}

/// What a check found, as it is told.
pub(crate) fn write_findings(findings: &BiasFindings) -> Result<Box<RawValue>, serde_json::Error> {
    let rows = findings.rows.iter().map(|row| BacktestBiasRow {
        candle_time: row.candle_time,
        column: row.column.clone(),
    });
    to_raw_value(&BacktestBiasV1 {
        checked: findings.checked,
        changed: findings.rows.len(),
        rows: rows.collect(),
    })
}
