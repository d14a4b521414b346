//! The engine of this program: strategies over the ledger that the chart draws.
//!
//! A wish is read and checked against the store ([`wish`]), candles and facts are followed once from a snapshot
//! ([`data`]), and everything after that is a function of `tc-backtest`.

mod bias;
mod data;
mod figures;
mod funding;
mod reach;
mod run;
mod specs;
mod sweep;
mod trading;
mod wish;

use std::{
    path::PathBuf,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use tc_backtest::STRATEGIES;
use tc_freqtrade::{Installation, base_config::TradingMode};
use tc_history::FreqtradeHistory;
use tc_read::ReadModel;
use tc_server::{
    backtest::{
        Answer, BacktestEngine, BacktestRefusal, BiasOrder, EngineAnswer, NativeEngine, PairTimeframes,
        Progress, ReadyBias, ReadySweep, RunOrder, RunReport, StrategyList, SweepOrder, Venue,
    },
    tasks::Background,
};
use tc_store::{Snapshot, Storage};

use self::wish::Wish;

/// What the engine works with.
#[derive(Clone)]
pub(super) struct NativeParts {
    /// Facts and ledgers, for as long as the server holds them.
    pub(super) storage: Weak<dyn Storage>,
    /// Factors that are running.
    pub(super) model: Arc<ReadModel>,
    /// Where work runs that the shutdown waits for.
    pub(super) background: Background,
    /// The store, as it is told to people.
    pub(super) store_path: PathBuf,
    /// freqtrade: its configuration says what is traded with, and its data directory may have funding.
    pub(super) installation: Installation,
    /// Where else candle files may be.
    pub(super) history: FreqtradeHistory,
    /// Exchange of the series, where one is named.
    pub(super) exchange: Option<String>,
    /// Market of the series, where one is named.
    pub(super) market: Option<TradingMode>,
    /// Whether a run without trades is refused.
    pub(super) require_trades: bool,
}

/// See the module. Cheap to clone.
#[derive(Clone)]
pub(super) struct Native(Arc<NativeParts>);

impl Native {
    pub(super) fn new(parts: NativeParts) -> Self {
        Self(Arc::new(parts))
    }

    /// Checks and runs an order on this thread.
    pub(super) fn run_here(&self, order: &RunOrder) -> Result<RunReport, BacktestRefusal> {
        let wish = Wish::checked(&self.0, order)?;
        let quiet: Progress = Arc::new(|_, _| {});
        run::report(&self.0, &wish, &AtomicBool::new(false), &quiet)
    }

    /// Runs `work` on a thread that may take its time. When nobody waits for the answer any more the flag is raised.
    fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&NativeParts, &AtomicBool) -> Result<T, BacktestRefusal> + Send + 'static,
    ) -> Answer<Result<T, BacktestRefusal>> {
        let parts = Arc::clone(&self.0);
        Box::pin(async move {
            let raised = Arc::new(AtomicBool::new(false));
            let _guard = RaiseWhenGone(Arc::clone(&raised));
            let background = parts.background.clone();
            let done = background.tasks.spawn_blocking(move || work(&parts, &raised));
            done.await
                .unwrap_or_else(|error| Err(failed("a thread of the native engine ended early", &error)))
        })
    }
}

/// Raises a flag when the future that owns it is gone.
struct RaiseWhenGone(Arc<AtomicBool>);

impl Drop for RaiseWhenGone {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs `look` on one consistent view of the store.
fn look<T>(
    parts: &NativeParts,
    look: impl FnOnce(&dyn Snapshot) -> Result<T, BacktestRefusal>,
) -> Result<T, BacktestRefusal> {
    let storage = parts.storage.upgrade();
    let storage = storage.ok_or_else(|| BacktestRefusal::Failed("the store is closed".to_owned()))?;
    let snapshot = storage
        .snapshot()
        .map_err(|error| failed("the store cannot be read", &error))?;
    look(snapshot.as_ref())
}

fn failed(what: &str, error: &dyn std::fmt::Display) -> BacktestRefusal {
    BacktestRefusal::Failed(format!("{what}: {error}"))
}

impl BacktestEngine for Native {
    fn setup(&self) -> Answer<Result<(), BacktestRefusal>> {
        self.blocking(|parts, _| wish::base_config(parts).map(drop))
    }

    fn strategies(&self, _recursive: bool) -> Answer<Result<StrategyList, BacktestRefusal>> {
        let specs = specs::json(self.0.model.setup());
        Box::pin(async {
            Ok(StrategyList {
                names: STRATEGIES.iter().map(|spec| spec.name.to_owned()).collect(),
                specs: Some(specs.map_err(|error| failed("the strategies cannot be told", &error))?),
            })
        })
    }

    fn pair_timeframes(&self, pair: String, venue: Venue) -> Answer<Result<PairTimeframes, BacktestRefusal>> {
        self.blocking(move |parts, _| {
            let place = wish::place(parts, &pair, &venue)?;
            let available_timeframes = look(parts, |snapshot| place.timeframes(snapshot))?;
            Ok(PairTimeframes {
                pair: place.pair.to_string(),
                trading_mode: place.mode.as_str(),
                data_dir: parts.store_path.clone(),
                available_timeframes,
                trading: trading::of_place(&place),
            })
        })
    }

    fn prepare(&self, order: RunOrder) -> Answer<Result<EngineAnswer, BacktestRefusal>> {
        let native = self.clone();
        Box::pin(async move {
            let wish = native
                .blocking(move |parts, _| Wish::checked(parts, &order))
                .await?;
            Ok(EngineAnswer::Ready(Box::new(run::NativeRun { native, wish })))
        })
    }
}

impl NativeEngine for Native {
    fn prepare_sweep(&self, order: SweepOrder) -> Answer<Result<ReadySweep, BacktestRefusal>> {
        let native = self.clone();
        Box::pin(async move {
            let prepared = native.blocking(move |parts, _| {
                let wish = Wish::checked(parts, &order.run)?;
                let axes = sweep::axes(wish.spec, order.grid)?;
                Ok((wish, axes))
            });
            let (wish, axes) = prepared.await?;
            Ok(Box::new(sweep::NativeSweep { native, wish, axes }) as ReadySweep)
        })
    }

    fn prepare_bias(&self, order: BiasOrder) -> Answer<Result<ReadyBias, BacktestRefusal>> {
        let native = self.clone();
        Box::pin(async move {
            let samples = order.samples;
            let prepared = native.blocking(move |parts, _| {
                let wish = Wish::checked(parts, &order.run)?;
                Ok(wish.until(order.end_ms))
            });
            let wish = prepared.await?;
            Ok(Box::new(bias::NativeBias {
                native,
                wish,
                samples,
            }) as ReadyBias)
        })
    }
}
