//! The answer of a run.

use serde::{Deserialize, Serialize};
use serde_json::{
    Map, Value,
    value::{RawValue, to_raw_value},
};
use utoipa::ToSchema;

use crate::backtest::{MockAnswer, RunHead, RunReport, RunResult, Written};

/// What came of a run. The mock engine answers the first six fields only.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct BacktestRunResponse {
    /// Whether the engine ended with exit code 0; look at `result` to learn whether anything was tested.
    pub ok: bool,
    /// How it ended; 124: it took too long.
    pub exit_code: i32,
    /// How long it ran.
    pub duration_ms: u64,
    /// What was run.
    pub command: Vec<String>,
    /// What it said, of a long output the beginning and the end.
    pub stdout: String,
    /// What it complained of, of a long output the beginning and the end.
    pub stderr: String,
    /// The id under which the run is kept.
    #[schema(required = false)]
    pub run_id: String,
    /// What simulated it.
    #[schema(required = false)]
    pub engine: String,
    /// What it came to; null: nothing was tested, whatever the exit code says.
    pub result: Option<BacktestResult>,
    /// Why there is no result.
    pub result_error: Option<String>,
    /// What has to be known of the result, such as `funding_data_missing`.
    #[schema(required = false)]
    pub warnings: Vec<String>,
}

/// What a run came to. Money is in the stake currency.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct BacktestResult {
    /// Trades.
    pub total_trades: u64,
    /// First candle, Unix milliseconds.
    pub start_ts: Option<i64>,
    /// Last candle, Unix milliseconds.
    pub end_ts: Option<i64>,
    /// Money at the beginning.
    pub starting_balance: Option<f64>,
    /// Money at the end.
    pub final_balance: Option<f64>,
    /// Every figure by its name.
    #[schema(value_type = Object)]
    pub metrics: Box<RawValue>,
    /// The trades in the order in which they were closed; with `include=full`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>, nullable = false)]
    pub trades: Option<Box<RawValue>>,
    /// Unix milliseconds and money, at most 5,000 points; with `include=full`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Vec<f64>>>, nullable = false)]
    pub equity: Option<Vec<(i64, f64)>>,
    /// The file with all of it.
    pub result_file: Option<String>,
}

/// What came of a run of the mock engine.
#[derive(Debug, Serialize)]
pub(crate) struct BacktestMockResponse {
    ok: bool,
    exit_code: i32,
    duration_ms: u64,
    command: Vec<String>,
    stdout: String,
    stderr: String,
}

impl From<MockAnswer> for BacktestMockResponse {
    fn from(answer: MockAnswer) -> Self {
        Self {
            ok: true,
            exit_code: 0,
            duration_ms: 1,
            command: answer.command,
            stdout: answer.stdout,
            stderr: String::new(),
        }
    }
}

impl From<RunResult> for BacktestResult {
    fn from(result: RunResult) -> Self {
        Self {
            total_trades: result.total_trades,
            start_ts: result.start_ms,
            end_ts: result.end_ms,
            starting_balance: result.starting_balance,
            final_balance: result.final_balance,
            metrics: result.metrics,
            trades: Some(result.trades),
            equity: Some(result.equity),
            result_file: result.file.map(|file| file.display().to_string()),
        }
    }
}

impl BacktestRunResponse {
    fn new(head: &RunHead, report: RunReport) -> Self {
        let (result, result_error) = match report.result {
            Ok(result) => (Some(result.into()), None),
            Err(error) => (None, Some(error)),
        };
        Self {
            ok: report.exit_code == 0,
            exit_code: report.exit_code,
            duration_ms: u64::try_from(report.duration.as_millis()).unwrap_or(u64::MAX),
            command: report.command,
            stdout: report.stdout,
            stderr: report.stderr,
            run_id: head.run_id.clone(),
            engine: head.engine.clone(),
            result,
            result_error,
            warnings: report.warnings.into_iter().map(str::to_owned).collect(),
        }
    }

    /// Without trades and equity.
    fn shorten(&mut self) {
        if let Some(result) = &mut self.result {
            result.trades = None;
            result.equity = None;
        }
    }
}

/// The answer in the three lengths that are told.
pub(crate) fn write_answer(head: &RunHead, report: RunReport) -> Result<Written, serde_json::Error> {
    let mut response = BacktestRunResponse::new(head, report);
    let full = to_raw_value(&response)?;
    response.shorten();
    let summary = to_raw_value(&response)?;
    response.stdout.clear();
    response.stderr.clear();
    if let Some(result) = &mut response.result {
        result.metrics = plain(&result.metrics)?;
    }
    let brief = to_raw_value(&response)?;
    Ok(Written { full, summary, brief })
}

/// Figures without tables and lists: of a long run they are most of the answer, and a list of runs shows none of them.
fn plain(metrics: &RawValue) -> Result<Box<RawValue>, serde_json::Error> {
    let mut figures: Map<String, Value> = serde_json::from_str(metrics.get())?;
    figures.retain(|_, figure| !figure.is_object() && !figure.is_array());
    to_raw_value(&figures)
}

/// A kept answer without trades and equity.
pub(super) fn shortened(full: &RawValue) -> Result<Box<RawValue>, serde_json::Error> {
    let mut response: BacktestRunResponse = serde_json::from_str(full.get())?;
    response.shorten();
    to_raw_value(&response)
}
