//! What freqtrade's refusals are to the server.

use tc_freqtrade::{HistoryMissing, Refusal, input::InputError};
use tc_server::backtest::{BacktestRefusal, CandlesMissing, InputField};

const DOWNLOAD_HINT: &str = "Download the candles with the command below, or choose another timeframe.";

pub(super) fn refused(refusal: Refusal) -> BacktestRefusal {
    match refusal {
        Refusal::Input { error, value } => input(error, value),
        Refusal::StrategyDirMissing(path) => BacktestRefusal::StrategyPathMissing(path),
        Refusal::ConfigMissing => BacktestRefusal::ConfigMissing,
        Refusal::ConfigNotFound(path) => BacktestRefusal::ConfigNotFound(path),
        Refusal::ConfigBad { path, error } => BacktestRefusal::ConfigBad {
            path,
            reason: error.to_string(),
        },
        Refusal::RootNotFound(path) => BacktestRefusal::RootNotFound(path),
        Refusal::UserDirNotFound(path) => BacktestRefusal::UserDirNotFound(path),
        Refusal::ListingFailed { exit_code, stderr } => BacktestRefusal::ListingFailed { exit_code, stderr },
        Refusal::StrategyNotFound(name) => BacktestRefusal::StrategyNotFound(name.to_string()),
        Refusal::MockStrategyNotFound(_) => BacktestRefusal::MockStrategyNotFound,
        Refusal::HistoryMissing(missing) => BacktestRefusal::CandlesMissing(Box::new(candles(*missing))),
        Refusal::ExportMissing { directory } => BacktestRefusal::ExportMissing { directory },
        Refusal::ExportBad { file, error } => BacktestRefusal::ExportBad { file, error },
        Refusal::NoTrades {
            strategy,
            file,
            stdout_tail,
        } => BacktestRefusal::NoTrades {
            strategy: strategy.to_string(),
            file: Some(file),
            stdout_tail,
        },
        refusal @ (Refusal::Program(_) | Refusal::System { .. }) => {
            BacktestRefusal::Failed(refusal.to_string())
        }
    }
}

fn input(error: InputError, value: String) -> BacktestRefusal {
    let field = match error {
        InputError::StrategyName => return BacktestRefusal::StrategyNameInvalid,
        InputError::Pair => InputField::Pair,
        InputError::Timeframe => InputField::Timeframe,
        InputError::Timerange => InputField::Timerange,
    };
    BacktestRefusal::InputInvalid { field, value }
}

fn candles(missing: HistoryMissing) -> CandlesMissing {
    CandlesMissing {
        pair: missing.pair,
        timeframe: missing.timeframe,
        trading_mode: missing.trading_mode.as_str(),
        data_dir: missing.data_dir,
        expected_paths: missing.expected_paths,
        available_timeframes: missing.available_timeframes,
        hint: DOWNLOAD_HINT.to_owned(),
        download_command: missing.download_command,
    }
}
