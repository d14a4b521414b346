//! Backtests: which engines there are, and where runs are kept.

mod native;
mod refusal;

use std::{
    env,
    path::{self, Path, PathBuf},
    sync::{Arc, Weak},
};

use tc_freqtrade::{
    Freqtrade, Installation, PreparedRun, RunRequest, base_config::TradingMode, mock, result,
};
use tc_market::MarketKind;
use tc_read::ReadModel;
use tc_server::{
    backtest::{
        Answer, BacktestEngine, BacktestLimits, BacktestRefusal, Backtests, BacktestsParts, EngineAnswer,
        Engines, MockAnswer, PairTimeframes, Progress, Ready, RunOrder, RunReport, RunResult, StrategyList,
        Venue,
    },
    tasks::Background,
};
use tc_store::{ArchivedRun, RunArchive, RunLabel, Storage, StoreError};

use self::{
    native::{Native, NativeParts},
    refusal::refused,
};
use super::{fold_setup, history, open_store, options};
use crate::config::Config;

/// Names the program that strategies ask for columns of factors; without it they ask this one.
const ADAPTER_BIN: &str = "TRADE_CANVAS_ADAPTER_BIN";
/// Runs that wait beside those that run.
const WAITING: usize = 8;
/// What a user directory beside the workbench is called.
const OWN_USER_DIR: &str = "freqtrade_user_data";

/// Backtests of this configuration. Runs are kept in `store`, and native ones read it, for as long as somebody else holds
/// it.
pub(super) fn backtests<A: RunArchive + Storage + 'static>(
    config: &Config,
    store: &Arc<A>,
    model: &Arc<ReadModel>,
    background: &Background,
) -> Backtests {
    let native = native_parts(config, store, model, background);
    Backtests::new(BacktestsParts {
        engines: Engines {
            freqtrade: Arc::new(FreqtradeEngine(Freqtrade::new(installation(config)))),
            native: Some(Arc::new(Native::new(native))),
            mock: Arc::new(MockEngine {
                bin: config.freqtrade.bin.clone(),
            }),
            mock_all: config.backtest.mock,
        },
        archive: Arc::new(WhileOpen(Arc::downgrade(store))),
        limits: BacktestLimits {
            at_once: config.backtest.max_concurrency,
            waiting: WAITING,
        },
        background: background.clone(),
    })
}

fn native_parts<A: Storage + 'static>(
    config: &Config,
    store: &Arc<A>,
    model: &Arc<ReadModel>,
    background: &Background,
) -> NativeParts {
    let storage: Arc<dyn Storage> = store.clone();
    NativeParts {
        storage: Arc::downgrade(&storage),
        model: Arc::clone(model),
        background: background.clone(),
        store_path: config.storage.db_path.clone(),
        installation: installation(config),
        history: history::freqtrade(&config.freqtrade),
        exchange: config.backtest.series_exchange.clone(),
        market: config.backtest.series_market.map(trading_mode),
        require_trades: config.backtest.require_trades,
    }
}

/// Opens the store of `config` and runs one native backtest over it, in this process and on this thread.
///
/// # Errors
/// When there is no store, another process holds it, or the order is refused.
pub fn native_run(config: &Config, order: &RunOrder) -> anyhow::Result<RunReport> {
    let setup = fold_setup(config)?;
    let store = Arc::new(open_store(config, &setup)?);
    let model = Arc::new(ReadModel::new(setup, options::reads(config)));
    let native = Native::new(native_parts(config, &store, &model, &Background::default()));
    native
        .run_here(order)
        .map_err(|refusal| anyhow::anyhow!("the backtest is refused: {refusal}"))
}

const fn trading_mode(market: MarketKind) -> TradingMode {
    match market {
        MarketKind::Spot => TradingMode::Spot,
        MarketKind::Futures => TradingMode::Futures,
    }
}

/// Where freqtrade is, all paths absolute: it runs in its root, where a relative one would mean something else.
fn installation(config: &Config) -> Installation {
    let (freqtrade, backtest) = (&config.freqtrade, &config.backtest);
    let absolute = |path: &Path| path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let root = absolute(freqtrade.root.as_deref().unwrap_or(Path::new(".")));
    let below = |named: &Option<PathBuf>| named.as_ref().map(|named| root.join(named));
    let own = absolute(Path::new(OWN_USER_DIR));
    Installation {
        bin: freqtrade.bin.clone(),
        user_dir: below(&freqtrade.user_dir).or_else(|| own.is_dir().then(|| own.clone())),
        work_dir: absolute(&config.replay.artifacts_dir).join("freqtrade"),
        config: below(&freqtrade.config),
        data_dir: below(&freqtrade.data_dir),
        default_data_dir: own.join("data"),
        strategy_dir: absolute(&backtest.strategy_dir),
        timeout: freqtrade.timeout,
        offline_markets: backtest.offline_markets,
        offline_pairs: backtest.offline_pairs.join(","),
        require_trades: backtest.require_trades,
        adapter: match env::var_os(ADAPTER_BIN) {
            Some(_) => None,
            None => env::current_exe().ok(),
        },
        search_path: env::var_os("PATH"),
        python_path: env::var_os("PYTHONPATH"),
        root,
    }
}

/// freqtrade as an engine.
struct FreqtradeEngine(Freqtrade);

impl BacktestEngine for FreqtradeEngine {
    fn setup(&self) -> Answer<Result<(), BacktestRefusal>> {
        let freqtrade = self.0.clone();
        Box::pin(async move { freqtrade.setup().await.map_err(refused) })
    }

    fn strategies(&self, recursive: bool) -> Answer<Result<StrategyList, BacktestRefusal>> {
        let freqtrade = self.0.clone();
        Box::pin(async move {
            let names = freqtrade.strategies(recursive).await.map_err(refused)?;
            Ok(StrategyList {
                names: names.iter().map(ToString::to_string).collect(),
                specs: None,
            })
        })
    }

    fn pair_timeframes(
        &self,
        pair: String,
        _venue: Venue,
    ) -> Answer<Result<PairTimeframes, BacktestRefusal>> {
        let freqtrade = self.0.clone();
        Box::pin(async move {
            let found = freqtrade.pair_timeframes(&pair).await.map_err(refused)?;
            Ok(PairTimeframes {
                pair: found.pair,
                trading_mode: found.trading_mode.as_str(),
                data_dir: found.data_dir,
                available_timeframes: found.available_timeframes,
                trading: None,
            })
        })
    }

    fn prepare(&self, order: RunOrder) -> Answer<Result<EngineAnswer, BacktestRefusal>> {
        let freqtrade = self.0.clone();
        Box::pin(async move {
            if !order.trading.is_empty() {
                return Err(BacktestRefusal::ParamsInvalid {
                    name: "trading".to_owned(),
                    reason: "freqtrade trades with what its configuration says: leave trading out".to_owned(),
                });
            }
            let given = order.params.keys().chain(order.trading.keys()).next().cloned();
            let prepared = freqtrade.prepare(request(order)).await.map_err(refused)?;
            if let Some(name) = given {
                let reason = format!(
                    "freqtrade takes {name} from the file of the strategy or from its configuration: leave it out here"
                );
                return Err(BacktestRefusal::ParamsInvalid { name, reason });
            }
            Ok(EngineAnswer::Ready(Box::new(FreqtradeRun {
                freqtrade,
                prepared,
            })))
        })
    }
}

fn request(order: RunOrder) -> RunRequest {
    RunRequest {
        strategy_name: order.strategy_name,
        pair: order.pair,
        timeframe: order.timeframe,
        timerange: order.timerange,
    }
}

struct FreqtradeRun {
    freqtrade: Freqtrade,
    prepared: PreparedRun,
}

impl Ready<RunReport> for FreqtradeRun {
    fn run(
        self: Box<Self>,
        run_id: String,
        progress: Progress,
    ) -> Answer<Result<RunReport, BacktestRefusal>> {
        Box::pin(async move {
            let on_stage = Arc::new(move |stage: tc_freqtrade::Stage| progress(stage.as_str(), None));
            let run = self.freqtrade.run(self.prepared, &run_id, on_stage);
            let finished = run.await.map_err(refused)?;
            Ok(RunReport {
                exit_code: finished.exit_code,
                duration: finished.duration,
                command: finished.command,
                stdout: finished.stdout,
                stderr: finished.stderr,
                result: finished.result.and_then(told),
                warnings: finished.warnings,
            })
        })
    }
}

fn told(result: result::RunResult) -> Result<RunResult, String> {
    let metrics = serde_json::value::to_raw_value(&result.metrics);
    Ok(RunResult {
        total_trades: result.total_trades,
        start_ms: result.start_ms,
        end_ms: result.end_ms,
        starting_balance: result.starting_balance,
        final_balance: result.final_balance,
        metrics: metrics.map_err(|error| error.to_string())?,
        trades: result.trades,
        equity: result.equity.unwrap_or_default(),
        file: Some(result.file),
    })
}

/// The mock as an engine.
struct MockEngine {
    bin: PathBuf,
}

impl BacktestEngine for MockEngine {
    fn setup(&self) -> Answer<Result<(), BacktestRefusal>> {
        Box::pin(async { Ok(()) })
    }

    fn strategies(&self, _recursive: bool) -> Answer<Result<StrategyList, BacktestRefusal>> {
        let names = vec![mock::STRATEGY.to_owned()];
        Box::pin(async { Ok(StrategyList { names, specs: None }) })
    }

    fn pair_timeframes(
        &self,
        pair: String,
        _venue: Venue,
    ) -> Answer<Result<PairTimeframes, BacktestRefusal>> {
        Box::pin(async {
            Ok(PairTimeframes {
                pair,
                trading_mode: "mock",
                data_dir: PathBuf::new(),
                available_timeframes: Vec::new(),
                trading: None,
            })
        })
    }

    fn prepare(&self, order: RunOrder) -> Answer<Result<EngineAnswer, BacktestRefusal>> {
        let answered = mock::run(&self.bin, &request(order)).map_err(refused);
        Box::pin(async {
            let answer = answered?;
            Ok(EngineAnswer::Mock(MockAnswer {
                command: answer.command,
                stdout: answer.stdout,
            }))
        })
    }
}

/// An archive that the server closes when it stops, whoever still answers a request then.
struct WhileOpen<A>(Weak<A>);

impl<A: RunArchive> WhileOpen<A> {
    fn open(&self) -> Result<Arc<A>, StoreError> {
        self.0.upgrade().ok_or_else(|| StoreError::Backend {
            action: "asking for finished backtests",
            source: "the store is closed".into(),
        })
    }
}

impl<A: RunArchive> RunArchive for WhileOpen<A> {
    fn put_run(&self, run: &ArchivedRun) -> Result<(), StoreError> {
        self.open()?.put_run(run)
    }

    fn runs(&self, before: Option<&str>, limit: usize) -> Result<Vec<(RunLabel, Vec<u8>)>, StoreError> {
        self.open()?.runs(before, limit)
    }

    fn run(&self, run_id: &str) -> Result<Option<ArchivedRun>, StoreError> {
        self.open()?.run(run_id)
    }

    fn delete_run(&self, run_id: &str) -> Result<bool, StoreError> {
        self.open()?.delete_run(run_id)
    }
}
