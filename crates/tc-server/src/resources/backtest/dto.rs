//! Wire types of backtests.

mod answer;
mod sweep;
mod trading;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};
use utoipa::{IntoParams, ToSchema};

pub(crate) use answer::{BacktestMockResponse, BacktestRunResponse, write_answer};
pub(crate) use sweep::{
    BacktestBiasRequest, BacktestBiasV1, BacktestSweepRequest, BacktestSweepResponse, write_findings,
    write_sweep,
};
pub(crate) use trading::BacktestTradingV1;

use crate::backtest::{LiveRun, RunKind, RunRecord};

/// How much of a result is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Include {
    /// Neither trades nor equity.
    Summary,
    /// Everything.
    Full,
}

/// As clients write it.
pub(crate) const INCLUDES: [(&str, Include); 2] = [("summary", Include::Summary), ("full", Include::Full)];

/// Engines that can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BacktestEnginesResponse {
    /// The quickest one first.
    pub engines: Vec<BacktestEngineV1>,
}

/// An engine.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BacktestEngineV1 {
    /// `native`, `freqtrade`, or `mock` where it stands in for both.
    pub engine: &'static str,
    /// Why nothing can be run with it; null: it is set up.
    pub problem: Option<BacktestEngineProblemV1>,
}

/// Why an engine is not set up.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BacktestEngineProblemV1 {
    /// As a run would be refused, such as `backtest.config_missing`.
    pub code: &'static str,
    /// What is missing, in words.
    pub message: String,
}

/// Query of the list of strategies.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct StrategiesQuery {
    /// Whether directories within the strategy directory are searched.
    #[param(default = true)]
    recursive: Option<bool>,
    /// `freqtrade`, `native`, or `mock`.
    #[param(default = "freqtrade")]
    engine: Option<String>,
}

/// Strategies that can be run.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StrategyListResponse {
    /// Their names, ascending.
    pub strategies: Vec<String>,
    /// What is known of each, where the engine knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>, nullable = false)]
    pub specs: Option<Box<RawValue>>,
}

/// Query of the timeframes of a pair.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct PairTimeframesQuery {
    /// The pair.
    #[param(min_length = 1)]
    pair: String,
    /// `freqtrade`: candle files. `native`: the store.
    #[param(default = "freqtrade")]
    engine: Option<String>,
    /// Exchange of the pair, for the native engine.
    exchange: Option<String>,
    /// `spot` or `futures`, for the native engine.
    market: Option<String>,
}

/// Timeframes that there are candles of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BacktestPairTimeframesResponse {
    /// The pair as the engine names it.
    pub pair: String,
    /// `spot`, `futures`, or `mock`.
    pub trading_mode: &'static str,
    /// Where candles are.
    pub datadir: String,
    /// Ascending as texts.
    pub available_timeframes: Vec<String>,
    /// `native`: what a run of this pair trades with when it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<BacktestTradingV1>, nullable = false)]
    pub trading: Option<Map<String, Value>>,
}

/// What to run.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents the body; values are read by the body parser")]
pub(crate) struct BacktestRunRequest {
    /// A class of Python for freqtrade, a built-in strategy for the native engine.
    #[schema(min_length = 1)]
    strategy_name: String,
    /// `BASE/QUOTE`, or `BASE/QUOTE:SETTLE` for a future.
    #[schema(min_length = 1)]
    pair: String,
    /// Exchange of the pair, for the native engine; absent: as the server is set up.
    exchange: Option<String>,
    /// `spot` or `futures`, for the native engine; absent: as the server is set up.
    market: Option<String>,
    /// Such as `5m`.
    #[schema(min_length = 1)]
    timeframe: String,
    /// `FROM-TO`, one of which may be missing; absent or null: all candles.
    timerange: Option<String>,
    /// `freqtrade`, `native`, or `mock`.
    #[schema(default = "freqtrade")]
    engine: Option<String>,
    /// Values of the strategy's parameters, for the native engine. freqtrade takes those of its strategy file; a run of
    /// it with some is refused.
    params: Option<Map<String, Value>>,
    /// What is traded with, for the native engine.
    trading: Option<BacktestTradingV1>,
}

/// Query of a run.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct RunQuery {
    /// `summary`, or `full` with trades and equity.
    #[param(default = "summary")]
    include: Option<String>,
    /// Whether the answer waits for the end of the run; if not it is 202.
    #[param(default = true)]
    wait: Option<bool>,
}

/// A run that goes on without anybody waiting for it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BacktestQueuedResponse {
    /// Its id.
    pub run_id: String,
    /// Always `queued`.
    pub state: &'static str,
}

/// Query of the list of runs.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct RunsQuery {
    /// Most runs to answer with.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// Only runs before this one.
    before: Option<String>,
}

/// Query of one run.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct IncludeQuery {
    /// `summary`, or `full` with trades and equity.
    #[param(default = "summary")]
    include: Option<String>,
}

/// Runs, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListRunsResponse {
    /// Their answers come without trades, equity and output, and without figures that are tables or lists.
    pub runs: Vec<BacktestRunV1>,
}

/// A run that is forgotten.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeleteRunResponse {
    /// Always true.
    pub ok: bool,
}

/// A run.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BacktestRunV1 {
    /// Its id; ids ascend with time as texts.
    pub run_id: String,
    /// `run` or `sweep`.
    pub kind: &'static str,
    /// What simulates it.
    pub engine: String,
    /// The strategy.
    pub strategy_name: String,
    /// The pair as it was asked for.
    pub pair: String,
    /// Series of the store that a native run reads; null: it reads candle files.
    pub series_id: Option<String>,
    /// The timeframe.
    pub timeframe: String,
    /// The range; null: all candles.
    pub timerange: Option<String>,
    /// Parameters of the strategy.
    pub params: Map<String, Value>,
    /// What was asked to be traded with, in place of what the configuration says.
    #[schema(value_type = BacktestTradingV1)]
    pub trading: Map<String, Value>,
    /// `queued`, `running`, `done`, `failed`, `cancelled` or `timed_out`.
    pub state: String,
    /// How far it, or a check of its signals, is, in a word.
    pub stage: Option<&'static str>,
    /// How far it is, where that is known.
    pub progress_pct: Option<f64>,
    /// When it was asked for, Unix milliseconds.
    pub created_at_ms: i64,
    /// When it began, Unix milliseconds.
    pub started_at_ms: Option<i64>,
    /// When it ended, Unix milliseconds.
    pub finished_at_ms: Option<i64>,
    /// Why there is no answer, or why the last check of the signals found nothing out.
    pub error: Option<String>,
    /// The answer; in a list without trades, equity, output, points, and figures that are tables or lists.
    #[schema(value_type = Option<BacktestAnswer>)]
    pub response: Option<Box<RawValue>>,
    /// What was found of signals that know the future; null: nobody looked, or somebody still looks.
    #[schema(value_type = Option<BacktestBiasV1>)]
    pub bias: Option<Box<RawValue>>,
}

/// The answer of a run, or of a sweep.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[expect(
    dead_code,
    reason = "documents an answer; kept answers are passed on as they are"
)]
pub(crate) enum BacktestAnswer {
    /// Of a run.
    Run(Box<BacktestRunResponse>),
    /// Of a sweep.
    Sweep(BacktestSweepResponse),
}

impl BacktestRunV1 {
    /// Without trades and equity. The points of a sweep stay.
    pub(crate) fn shortened(self) -> Result<Self, serde_json::Error> {
        if self.kind == RunKind::Sweep.as_str() {
            return Ok(self);
        }
        let response = self.response.as_deref().map(answer::shortened).transpose()?;
        Ok(Self { response, ..self })
    }

    /// As a run whose signals are being checked.
    pub(crate) fn checked_by(self, check: Option<&LiveRun>) -> Self {
        let Some(standing) = check.map(LiveRun::standing) else {
            return self;
        };
        Self {
            // A check that waits has no stage of its own.
            stage: standing.stage.or(Some("queued")),
            progress_pct: standing.percent,
            ..self
        }
    }
}

impl From<RunRecord> for BacktestRunV1 {
    fn from(record: RunRecord) -> Self {
        let head = record.head;
        Self {
            run_id: head.run_id,
            kind: head.kind.as_str(),
            engine: head.engine,
            strategy_name: head.strategy_name,
            pair: head.pair,
            series_id: head.series_id,
            timeframe: head.timeframe,
            timerange: head.timerange,
            params: head.params,
            trading: head.trading,
            state: record.state,
            stage: None,
            progress_pct: None,
            created_at_ms: head.created_at_ms,
            started_at_ms: record.started_at_ms,
            finished_at_ms: Some(record.finished_at_ms),
            error: record.error,
            response: record.response,
            bias: record.bias,
        }
    }
}

impl From<&LiveRun> for BacktestRunV1 {
    fn from(run: &LiveRun) -> Self {
        let (head, standing) = ((*run.head).clone(), run.standing());
        Self {
            run_id: head.run_id,
            kind: head.kind.as_str(),
            engine: head.engine,
            strategy_name: head.strategy_name,
            pair: head.pair,
            series_id: head.series_id,
            timeframe: head.timeframe,
            timerange: head.timerange,
            params: head.params,
            trading: head.trading,
            state: standing.state.as_str().to_owned(),
            stage: standing.stage,
            progress_pct: standing.percent,
            created_at_ms: head.created_at_ms,
            started_at_ms: standing.started_at_ms,
            finished_at_ms: None,
            error: None,
            response: None,
            bias: None,
        }
    }
}

/// Query of signals beside candles.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct AnnotateQuery {
    /// The series that the candles are of.
    #[param(min_length = 1)]
    series_id: String,
    /// Its timeframe.
    #[param(min_length = 1)]
    timeframe: String,
    /// `stateless`: the candles are folded from nothing; `ledger`: the ledger of the series is read.
    #[param(default = "stateless")]
    mode: Option<String>,
    /// Factors that may run, with commas between them; signals of others stay neutral. Absent: all that are needed.
    factors: Option<String>,
    /// JSON object of parameters such as `{"pivot.window_major": 20}`, over the configured ones; `stateless` only.
    params: Option<String>,
}
