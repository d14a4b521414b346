//! What becomes of a backtest that is not run.

use serde_json::{Value, json};

use super::{ApiError, ErrorCode};
use crate::backtest::{BacktestRefusal, CandlesMissing, DeleteError, FindError, InputField};

const EXPORT_HINT: &str = "The output of the run says why; exit code 0 alone is no success.";

impl From<BacktestRefusal> for ApiError {
    fn from(refusal: BacktestRefusal) -> Self {
        let said = format!("{refusal}.");
        let plain = |code: ErrorCode| {
            // The words of the code say what to do about it.
            Self::new(code).saying(format!("{} ({refusal})", code.message()))
        };
        match &refusal {
            BacktestRefusal::StrategyNameInvalid => Self::new(ErrorCode::BacktestStrategyNameInvalid),
            BacktestRefusal::InputInvalid { field, value } => {
                let (code, word) = match field {
                    InputField::Pair => (ErrorCode::BacktestPairInvalid, "pair_invalid"),
                    InputField::Timeframe => (ErrorCode::BacktestTimeframeInvalid, "timeframe_invalid"),
                    InputField::Timerange => (ErrorCode::BacktestTimerangeInvalid, "timerange_invalid"),
                };
                Self::new(code).detailed(json!({ "message": word, "value": value }))
            }
            BacktestRefusal::EngineUnavailable(name) => {
                Self::new(ErrorCode::BacktestEngineUnavailable).about(name.as_str())
            }
            BacktestRefusal::MockStrategyNotFound => Self::new(ErrorCode::BacktestMockStrategyNotFound),
            BacktestRefusal::StrategyPathMissing(_) => plain(ErrorCode::BacktestStrategyPathMissing),
            BacktestRefusal::ConfigMissing => Self::new(ErrorCode::BacktestConfigMissing),
            BacktestRefusal::ConfigNotFound(_) => plain(ErrorCode::BacktestConfigNotFound),
            BacktestRefusal::ConfigBad { .. } => plain(ErrorCode::BacktestConfigInvalid),
            BacktestRefusal::RootNotFound(_) => plain(ErrorCode::BacktestRootNotFound),
            BacktestRefusal::UserDirNotFound(_) => plain(ErrorCode::BacktestUserdirNotFound),
            BacktestRefusal::ListingFailed { exit_code, stderr } => {
                Self::new(ErrorCode::BacktestListStrategiesFailed).detailed(json!({
                    "message": "freqtrade list-strategies failed", "exit_code": exit_code, "stderr": stderr,
                }))
            }
            BacktestRefusal::StrategyNotFound(_) => plain(ErrorCode::BacktestStrategyNotFound),
            BacktestRefusal::ParamsInvalid { name, reason } => Self::new(ErrorCode::BacktestParamsInvalid)
                .detailed(json!({ "message": "params_invalid", "name": name, "reason": reason }))
                .saying(sentence(reason)),
            BacktestRefusal::Unsupported { field, hint } => Self::new(ErrorCode::BacktestNativeUnsupported)
                .detailed(json!({ "message": "native_unsupported", "field": field, "hint": hint }))
                .saying(sentence(&said)),
            BacktestRefusal::LedgerBehind { .. } => Self::new(ErrorCode::FactorOutOfSync).saying(format!(
                "{} Wait until it has caught up, or rebuild the series.",
                sentence(&said)
            )),
            BacktestRefusal::BiasUnavailable => Self::new(ErrorCode::BacktestBiasUnavailable),
            BacktestRefusal::CandlesMissing(missing) => Self::new(ErrorCode::BacktestHistoryMissing)
                .detailed(candles_missing(missing))
                .saying(format!("{} {}", sentence(&said), missing.hint)),
            BacktestRefusal::FundingBad { file, error } => Self::new(ErrorCode::BacktestFundingBad)
                .detailed(json!({ "message": "funding_bad", "file": file, "error": error })),
            BacktestRefusal::ExportMissing { directory } => Self::new(ErrorCode::BacktestExportMissing)
                .detailed(
                    json!({ "message": "no_backtest_export", "export_dir": directory, "hint": EXPORT_HINT }),
                ),
            BacktestRefusal::ExportBad { file, error } => Self::new(ErrorCode::BacktestExportBad)
                .detailed(json!({ "message": "bad_backtest_export", "export_zip": file, "error": error })),
            BacktestRefusal::NoTrades {
                strategy,
                file,
                stdout_tail,
            } => Self::new(ErrorCode::BacktestNoTrades).detailed(json!({
                "message": "no_trades", "strategy": strategy, "total_trades": 0, "export_zip": file,
                "stdout_tail": stdout_tail,
            })),
            BacktestRefusal::Failed(reason) => {
                tracing::error!(reason, "a backtest could not be run");
                Self::new(ErrorCode::BacktestFailed).about(reason)
            }
        }
    }
}

/// The same words as a sentence of their own.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    let end = if words.ends_with('.') { "" } else { "." };
    format!("{}{}{end}", first.unwrap_or_default(), letters.as_str())
}

fn candles_missing(missing: &CandlesMissing) -> Value {
    json!({
        "message": "no_ohlcv_history",
        "pair": missing.pair,
        "timeframe": missing.timeframe,
        "trading_mode": missing.trading_mode,
        "datadir": missing.data_dir,
        "expected_paths": missing.expected_paths,
        "available_timeframes": missing.available_timeframes,
        "hint": missing.hint,
        "download_data_cmd": missing.download_command,
    })
}

impl From<DeleteError> for ApiError {
    fn from(error: DeleteError) -> Self {
        match error {
            DeleteError::Running => Self::new(ErrorCode::BacktestRunBusy),
            DeleteError::NotFound => Self::new(ErrorCode::BacktestRunNotFound),
            DeleteError::Find(error) => error.into(),
        }
    }
}

impl From<FindError> for ApiError {
    fn from(error: FindError) -> Self {
        match error {
            FindError::Store(error) => tc_read::ReadError::Store(error).into(),
            FindError::Record(error) => {
                tracing::error!(%error, "a kept backtest cannot be told of");
                Self::new(ErrorCode::Internal)
            }
        }
    }
}
