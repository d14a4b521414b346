//! What simulates a strategy: a port that the binary fills in.

use std::{fmt, future::Future, path::PathBuf, pin::Pin, sync::Arc, time::Duration};

use serde_json::{Map, Value, value::RawValue};
use tc_market::{MarketKind, SeriesId};

use super::BacktestRefusal;

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
    /// Where the pair is traded.
    pub venue: Venue,
    /// The timeframe.
    pub timeframe: String,
    /// The range; `None` or blank: all candles.
    pub timerange: Option<String>,
    /// Parameters of the strategy.
    pub params: Map<String, Value>,
    /// What is traded with, under freqtrade's names; what is absent comes from the configuration.
    pub trading: Map<String, Value>,
}

/// Where a pair is traded, as far as a client says it. freqtrade's configuration decides for freqtrade.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Venue {
    /// The exchange.
    pub exchange: Option<String>,
    /// The market.
    pub market: Option<MarketKind>,
}

impl Venue {
    /// That of a series.
    #[must_use]
    pub fn of(series: &SeriesId) -> Self {
        Self {
            exchange: Some(series.exchange().to_owned()),
            market: series.market_kind(),
        }
    }
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
    /// What a run trades with when it says nothing, under freqtrade's names, where the engine knows it.
    pub trading: Option<Map<String, Value>>,
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
    Ready(ReadyRun),
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
    /// Whether everything that runs need is where it was said to be. Nothing is started.
    fn setup(&self) -> Answer<Result<(), BacktestRefusal>>;

    /// Strategies that can be run.
    fn strategies(&self, recursive: bool) -> Answer<Result<StrategyList, BacktestRefusal>>;

    /// What there is of a pair.
    fn pair_timeframes(&self, pair: String, venue: Venue) -> Answer<Result<PairTimeframes, BacktestRefusal>>;

    /// Checks everything that can be checked before a run.
    fn prepare(&self, order: RunOrder) -> Answer<Result<EngineAnswer, BacktestRefusal>>;
}

/// An engine that knows the parameters of its strategies and reads the ledger that the chart draws.
pub trait NativeEngine: BacktestEngine {
    /// Checks everything that can be checked before a sweep.
    fn prepare_sweep(&self, order: SweepOrder) -> Answer<Result<ReadySweep, BacktestRefusal>>;

    /// Checks everything that can be checked before the signals of a finished run are made again.
    fn prepare_bias(&self, order: BiasOrder) -> Answer<Result<ReadyBias, BacktestRefusal>>;
}

/// Something that can begin. It may wait before it does.
pub trait Ready<R>: Send {
    /// Series of the store whose candles it is about.
    fn series(&self) -> Option<SeriesId> {
        None
    }

    /// Runs. `run_id` is a new name that can be one of a file.
    fn run(self: Box<Self>, run_id: String, progress: Progress) -> Answer<Result<R, BacktestRefusal>>;
}

/// A run that can begin.
pub type ReadyRun = Box<dyn Ready<RunReport>>;
/// A sweep that can begin.
pub type ReadySweep = Box<dyn Ready<SweepReport>>;
/// A check that can begin.
pub type ReadyBias = Box<dyn Ready<BiasFindings>>;

/// Runs of one strategy with every combination of some values.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepOrder {
    /// The run; its parameters hold where the grid says nothing.
    pub run: RunOrder,
    /// Parameters that vary and the values that each takes.
    pub grid: Vec<GridAxis>,
}

/// A parameter that varies.
#[derive(Debug, Clone, PartialEq)]
pub struct GridAxis {
    /// Its name.
    pub param: String,
    /// Its values, at least one.
    pub values: Vec<f64>,
}

/// A finished run whose signals are made again from shorter histories.
#[derive(Debug, Clone, PartialEq)]
pub struct BiasOrder {
    /// What was run.
    pub run: RunOrder,
    /// Last candle of the run, Unix milliseconds.
    pub end_ms: i64,
    /// Histories to look at, at least 1.
    pub samples: usize,
}

/// A sweep that came to its end.
#[derive(Debug)]
pub struct SweepReport {
    /// Every combination; the last axis varies fastest.
    pub points: Vec<SweepPoint>,
}

/// One combination and what it came to.
#[derive(Debug)]
pub struct SweepPoint {
    /// Values of the parameters that vary.
    pub params: Map<String, Value>,
    /// Figures by their names: a JSON object.
    pub metrics: Box<RawValue>,
}

/// What was found of signals that know the future.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BiasFindings {
    /// Shorter histories that were looked at.
    pub checked: usize,
    /// Where they say something else.
    pub rows: Vec<BiasRow>,
}

/// A signal that a shorter history does not have, or has in addition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BiasRow {
    /// The candle, Unix seconds.
    pub candle_time: i64,
    /// Which column.
    pub column: String,
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

/// The engines of a server.
#[derive(Clone)]
pub struct Engines {
    /// freqtrade.
    pub freqtrade: Arc<dyn BacktestEngine>,
    /// The engine of this program, where it is part of it.
    pub native: Option<Arc<dyn NativeEngine>>,
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
            EngineName::Native => Ok(self.native()?),
        }
    }

    /// Those that a client can choose, the quickest one first. The mock is one only where it stands in for every engine.
    #[must_use]
    pub fn offered(&self) -> Vec<(EngineName, &dyn BacktestEngine)> {
        if self.mock_all {
            return vec![(EngineName::Mock, self.mock.as_ref())];
        }
        let native = self.native.as_deref();
        let native = native.map(|native| (EngineName::Native, native as &dyn BacktestEngine));
        let freqtrade = (EngineName::Freqtrade, self.freqtrade.as_ref());
        native.into_iter().chain([freqtrade]).collect()
    }

    /// The engine of this program.
    ///
    /// # Errors
    /// [`BacktestRefusal::EngineUnavailable`], also while the mock stands in for every engine.
    pub fn native(&self) -> Result<&dyn NativeEngine, BacktestRefusal> {
        let native = self.native.as_deref().filter(|_| !self.mock_all);
        native.ok_or(BacktestRefusal::EngineUnavailable(EngineName::Native))
    }
}
