//! What simulates a strategy: a port that the binary fills in.

use std::{fmt, future::Future, path::PathBuf, pin::Pin, sync::Arc, time::Duration};

use serde_json::{Map, Value, value::RawValue};

/// An answer that takes a while. Dropping it ends the work.
pub type Answer<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Learns how far a run is: a stage, and percent of the whole where that is known.
pub type Progress = Arc<dyn Fn(&'static str, Option<f64>) + Send + Sync>;

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineName {
    /// freqtrade as the user has it.
    Freqtrade,
    /// The engine of this program.
    Native,
    /// Answers without any engine.
    Mock,
}

impl EngineName {
    /// As clients write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Freqtrade => "freqtrade",
            Self::Native => "native",
            Self::Mock => "mock",
        }
    }
}

/// What a client asks for, unread.
#[derive(Debug, Clone, PartialEq)]
pub struct RunOrder {
    /// Name of the strategy.
    pub strategy_name: String,
    /// The pair.
    pub pair: String,
    /// The timeframe.
    pub timeframe: String,
    /// The range; `None` or blank: all candles.
    pub timerange: Option<String>,
    /// Parameters of the strategy.
    pub params: Map<String, Value>,
}

/// Strategies that can be run.
#[derive(Debug, Clone, Default)]
pub struct StrategyList {
    /// Their names, ascending.
    pub names: Vec<String>,
    /// What is known of each beside its name, where the engine knows it: a JSON list.
    pub specs: Option<Box<RawValue>>,
}

/// What there is of a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairTimeframes {
    /// The pair as the engine names it.
    pub pair: String,
    /// Which market.
    pub trading_mode: &'static str,
    /// Where candles are.
    pub data_dir: PathBuf,
    /// Ascending as texts.
    pub available_timeframes: Vec<String>,
}

/// An answer that no run is needed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MockAnswer {
    /// The command that would have been run.
    pub command: Vec<String>,
    /// What it would have said.
    pub stdout: String,
}

/// What becomes of an order.
pub enum EngineAnswer {
    /// It is answered already.
    Mock(MockAnswer),
    /// Nothing speaks against running it.
    Ready(Box<dyn ReadyRun>),
}

impl fmt::Debug for EngineAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mock(answer) => f.debug_tuple("Mock").field(answer).finish(),
            Self::Ready(_) => f.write_str("Ready"),
        }
    }
}

/// See the module.
pub trait BacktestEngine: Send + Sync {
    /// Strategies that can be run.
    fn strategies(&self, recursive: bool) -> Answer<Result<StrategyList, BacktestRefusal>>;

    /// What there is of a pair.
    fn pair_timeframes(&self, pair: String) -> Answer<Result<PairTimeframes, BacktestRefusal>>;

    /// Checks everything that can be checked before a run.
    fn prepare(&self, order: RunOrder) -> Answer<Result<EngineAnswer, BacktestRefusal>>;
}

/// A run that can begin. It may wait before it does.
pub trait ReadyRun: Send {
    /// Runs. `run_id` is a new name that can be one of a file.
    fn run(self: Box<Self>, run_id: String, progress: Progress)
    -> Answer<Result<RunReport, BacktestRefusal>>;
}

/// A run that came to an end by itself or by its timeout.
#[derive(Debug)]
pub struct RunReport {
    /// How it ended; 0: well, 124: it took too long.
    pub exit_code: i32,
    /// How long it ran.
    pub duration: Duration,
    /// What was run.
    pub command: Vec<String>,
    /// What it said.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
    /// What it came to, or why that is not known.
    pub result: Result<RunResult, String>,
    /// What has to be known of the result.
    pub warnings: Vec<&'static str>,
}

/// What a run came to. Times are Unix milliseconds, money is in the stake currency.
#[derive(Debug)]
pub struct RunResult {
    /// Trades.
    pub total_trades: u64,
    /// First candle.
    pub start_ms: Option<i64>,
    /// Last candle.
    pub end_ms: Option<i64>,
    /// Money at the beginning.
    pub starting_balance: Option<f64>,
    /// Money at the end.
    pub final_balance: Option<f64>,
    /// Every figure by its name: a JSON object.
    pub metrics: Box<RawValue>,
    /// The trades in the order in which they were closed: a JSON list.
    pub trades: Box<RawValue>,
    /// Time and money.
    pub equity: Vec<(i64, f64)>,
    /// The file with all of it, if there is one.
    pub file: Option<PathBuf>,
}

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
    /// There are no candles.
    CandlesMissing(Box<CandlesMissing>),
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
        /// The file.
        file: PathBuf,
        /// The end of what it said.
        stdout_tail: String,
    },
    /// The engine does not run.
    Failed(String),
}

/// The engines of a server.
#[derive(Clone)]
pub struct Engines {
    /// freqtrade.
    pub freqtrade: Arc<dyn BacktestEngine>,
    /// The engine of this program, where it is part of it.
    pub native: Option<Arc<dyn BacktestEngine>>,
    /// The mock.
    pub mock: Arc<dyn BacktestEngine>,
    /// Whether the mock stands in for every engine.
    pub mock_all: bool,
}

impl fmt::Debug for Engines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engines")
            .field("native", &self.native.is_some())
            .field("mock_all", &self.mock_all)
            .finish_non_exhaustive()
    }
}

impl Engines {
    /// The engine called `name`.
    ///
    /// # Errors
    /// [`BacktestRefusal::EngineUnavailable`].
    pub fn named(&self, name: EngineName) -> Result<&dyn BacktestEngine, BacktestRefusal> {
        match name {
            _ if self.mock_all => Ok(self.mock.as_ref()),
            EngineName::Mock => Ok(self.mock.as_ref()),
            EngineName::Freqtrade => Ok(self.freqtrade.as_ref()),
            EngineName::Native => self
                .native
                .as_deref()
                .ok_or(BacktestRefusal::EngineUnavailable(name)),
        }
    }
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
            Self::CandlesMissing(missing) => {
                write!(
                    f,
                    "there are no candles of {} {}",
                    missing.pair, missing.timeframe
                )
            }
            Self::ExportMissing { .. } => f.write_str("the run wrote no result"),
            Self::ExportBad { error, .. } => write!(f, "the result cannot be read: {error}"),
            Self::NoTrades { strategy, .. } => write!(f, "{strategy} made no trades"),
            Self::Failed(reason) => f.write_str(reason),
        }
    }
}
