//! Why something was not run, or counts for nothing.

use std::path::PathBuf;

use crate::{
    base_config::{BaseConfigError, TradingMode},
    input::{InputError, StrategyName},
    process::ProgramError,
};

/// See the module.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// A value of the client is not what it has to be.
    #[error("{value:?}: {error}")]
    Input {
        /// What it has to be.
        error: InputError,
        /// The value.
        value: String,
    },
    /// There is no directory with strategies.
    #[error("there is no strategy directory {}", .0.display())]
    StrategyDirMissing(PathBuf),
    /// No configuration is named.
    #[error("no freqtrade configuration is named")]
    ConfigMissing,
    /// The configuration is not there.
    #[error("there is no freqtrade configuration {}", .0.display())]
    ConfigNotFound(PathBuf),
    /// The configuration cannot be used.
    #[error("the freqtrade configuration {} cannot be used: {error}", .path.display())]
    ConfigBad {
        /// The file.
        path: PathBuf,
        /// Why.
        error: BaseConfigError,
    },
    /// The directory to run in is not there.
    #[error("there is no freqtrade directory {}", .0.display())]
    RootNotFound(PathBuf),
    /// The user directory is not there.
    #[error("there is no freqtrade user directory {}", .0.display())]
    UserDirNotFound(PathBuf),
    /// The strategies could not be listed.
    #[error("freqtrade list-strategies failed")]
    ListingFailed {
        /// How the program ended.
        exit_code: i32,
        /// What it complained of.
        stderr: String,
    },
    /// No such strategy.
    #[error("there is no strategy {0}")]
    StrategyNotFound(StrategyName),
    /// The mock has one strategy only.
    #[error("the mock has no strategy {0}")]
    MockStrategyNotFound(StrategyName),
    /// There are no candles.
    #[error("there are no candles of {} {}", .0.pair, .0.timeframe)]
    HistoryMissing(Box<HistoryMissing>),
    /// The run ended well and wrote no result.
    #[error("freqtrade wrote no result")]
    ExportMissing {
        /// Where one was expected.
        directory: PathBuf,
    },
    /// The result cannot be read.
    #[error("the result of freqtrade cannot be read: {error}")]
    ExportBad {
        /// The file.
        file: PathBuf,
        /// Why.
        error: String,
    },
    /// The run made no trades.
    #[error("{strategy} made no trades")]
    NoTrades {
        /// The strategy.
        strategy: StrategyName,
        /// The file with the result.
        file: PathBuf,
        /// The end of what the program said.
        stdout_tail: String,
    },
    /// The program does not run.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// Something of the system failed.
    #[error("{action}: {error}")]
    System {
        /// What was tried.
        action: &'static str,
        /// What went wrong.
        error: String,
    },
}

/// Where candles were looked for, and how to get them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryMissing {
    /// The pair, resolved.
    pub pair: String,
    /// The timeframe.
    pub timeframe: String,
    /// Which market.
    pub trading_mode: TradingMode,
    /// The data directory.
    pub data_dir: PathBuf,
    /// Files of which one is enough.
    pub expected_paths: Vec<PathBuf>,
    /// Timeframes that there are candles of.
    pub available_timeframes: Vec<String>,
    /// A command that gets them, for a person.
    pub download_command: String,
}

impl Refusal {
    pub(crate) fn system(action: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::System {
            action,
            error: error.to_string(),
        }
    }
}
