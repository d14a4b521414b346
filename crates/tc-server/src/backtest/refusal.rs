//! Why an order is not run, or a run counts for nothing.

use std::{fmt, path::PathBuf};

use super::EngineName;

/// A value of an order that can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputField {
    /// The pair.
    Pair,
    /// The timeframe.
    Timeframe,
    /// The range.
    Timerange,
}

/// Where candles were looked for, and how to get them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandlesMissing {
    /// The pair as the engine names it.
    pub pair: String,
    /// The timeframe.
    pub timeframe: String,
    /// Which market.
    pub trading_mode: &'static str,
    /// Where candles are.
    pub data_dir: PathBuf,
    /// Files of which one is enough.
    pub expected_paths: Vec<PathBuf>,
    /// Timeframes that there are candles of.
    pub available_timeframes: Vec<String>,
    /// What to do, in a sentence.
    pub hint: String,
    /// A command that gets them, for a person.
    pub download_command: String,
}

/// Why an order is not run, or a run counts for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BacktestRefusal {
    /// No name of a strategy.
    StrategyNameInvalid,
    /// A value is not what it has to be.
    InputInvalid {
        /// Which.
        field: InputField,
        /// The value.
        value: String,
    },
    /// The engine is not part of this server.
    EngineUnavailable(EngineName),
    /// The mock has no such strategy.
    MockStrategyNotFound,
    /// There is no directory with strategies.
    StrategyPathMissing(PathBuf),
    /// No configuration is named.
    ConfigMissing,
    /// The configuration is not there.
    ConfigNotFound(PathBuf),
    /// The configuration cannot be used.
    ConfigBad {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The directory of the engine is not there.
    RootNotFound(PathBuf),
    /// The user directory is not there.
    UserDirNotFound(PathBuf),
    /// The strategies could not be listed.
    ListingFailed {
        /// How the listing ended.
        exit_code: i32,
        /// What it complained of.
        stderr: String,
    },
    /// No such strategy.
    StrategyNotFound(String),
    /// A parameter of the strategy is unknown, or its value does not fit.
    ParamsInvalid {
        /// Which.
        name: String,
        /// Why, and what it may be.
        reason: String,
    },
    /// The configuration asks for something that the engine cannot do.
    Unsupported {
        /// Key of the configuration.
        field: String,
        /// What to do about it.
        hint: String,
    },
    /// The ledger of a series does not reach its candles.
    LedgerBehind {
        /// The series.
        series: String,
        /// Candle that it does not cover, Unix seconds.
        at: i64,
    },
    /// A run whose signals cannot be checked.
    BiasUnavailable,
    /// There are no candles.
    CandlesMissing(Box<CandlesMissing>),
    /// The funding of a future cannot be read.
    FundingBad {
        /// The file.
        file: PathBuf,
        /// Why.
        error: String,
    },
    /// A run that ended well has no result.
    ExportMissing {
        /// Where one was expected.
        directory: PathBuf,
    },
    /// A run that ended well has a result that cannot be read.
    ExportBad {
        /// The file.
        file: PathBuf,
        /// Why.
        error: String,
    },
    /// A run made no trades.
    NoTrades {
        /// The strategy.
        strategy: String,
        /// The file, where the engine writes one.
        file: Option<PathBuf>,
        /// The end of what it said.
        stdout_tail: String,
    },
    /// The engine does not run.
    Failed(String),
}

impl fmt::Display for BacktestRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StrategyNameInvalid => f.write_str("the name of the strategy is not one"),
            Self::InputInvalid { value, .. } => write!(f, "{value:?} is not what it has to be"),
            Self::EngineUnavailable(name) => write!(f, "this server has no engine {}", name.as_str()),
            Self::MockStrategyNotFound => f.write_str("the mock has no such strategy"),
            Self::StrategyPathMissing(path) => write!(f, "there is no strategy directory {}", path.display()),
            Self::ConfigMissing => f.write_str("no configuration of freqtrade is named"),
            Self::ConfigNotFound(path) => write!(f, "there is no configuration {}", path.display()),
            Self::ConfigBad { path, reason } => write!(f, "{} cannot be used: {reason}", path.display()),
            Self::RootNotFound(path) => write!(f, "there is no directory {}", path.display()),
            Self::UserDirNotFound(path) => write!(f, "there is no user directory {}", path.display()),
            Self::ListingFailed { exit_code, .. } => {
                write!(f, "listing strategies ended with exit code {exit_code}")
            }
            Self::StrategyNotFound(name) => write!(f, "there is no strategy {name}"),
            Self::ParamsInvalid { reason, .. } => f.write_str(reason),
            Self::Unsupported { field, hint } => write!(f, "the native engine does not know {field}; {hint}"),
            Self::LedgerBehind { series, at } => {
                write!(
                    f,
                    "the factor ledger of {series} does not cover the candle at {at} yet"
                )
            }
            Self::BiasUnavailable => f.write_str("only native runs that are done can be checked"),
            Self::CandlesMissing(missing) => {
                write!(
                    f,
                    "there are no candles of {} {}",
                    missing.pair, missing.timeframe
                )
            }
            Self::FundingBad { error, .. } => write!(f, "the funding cannot be read: {error}"),
            Self::ExportMissing { .. } => f.write_str("the run wrote no result"),
            Self::ExportBad { error, .. } => write!(f, "the result cannot be read: {error}"),
            Self::NoTrades { strategy, .. } => write!(f, "{strategy} made no trades"),
            Self::Failed(reason) => f.write_str(reason),
        }
    }
}
