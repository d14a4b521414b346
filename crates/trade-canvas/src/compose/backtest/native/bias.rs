//! Whether the signals of a run owe anything to the future.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tc_backtest::{SignalColumns, StrategySetup, Trade, prefix_test, structural_test};
use tc_market::Candle;
use tc_server::backtest::{Answer, BacktestRefusal, BiasFindings, BiasRow, Progress, Ready};

use super::{
    Native, NativeParts,
    data::{self, called_off},
    failed, look, run,
    wish::Wish,
};

/// Share of the progress that reading is, in percent.
const READING: f64 = 10.0;

/// A check that can begin.
pub(super) struct NativeBias {
    pub(super) native: Native,
    pub(super) wish: Wish,
    pub(super) samples: usize,
}

impl Ready<BiasFindings> for NativeBias {
    fn run(
        self: Box<Self>,
        _run_id: String,
        progress: Progress,
    ) -> Answer<Result<BiasFindings, BacktestRefusal>> {
        let Self {
            native,
            wish,
            samples,
        } = *self;
        native.blocking(move |parts, raised| check(parts, &wish, samples, raised, &progress))
    }
}

/// Signals of the stored ledger against those that are computed from shorter histories, and trades against signals.
fn check(
    parts: &NativeParts,
    wish: &Wish,
    samples: usize,
    raised: &AtomicBool,
    progress: &Progress,
) -> Result<BiasFindings, BacktestRefusal> {
    let data = look(parts, |snapshot| {
        data::load(parts, snapshot, wish, raised, (progress, READING))
    })?;
    let quiet: Progress = Arc::new(|_, _| {});
    let simulated = run::simulated(parts, wish, &data, &quiet)?;
    let setup = StrategySetup {
        spec: wish.spec,
        params: &wish.params,
        graph: Arc::clone(&parts.model.setup().factors),
        timeframe: wish.series.timeframe(),
    };
    let done = Cell::new(0_usize);
    let again = |candles: &[Candle]| -> Result<SignalColumns, BacktestRefusal> {
        if raised.load(Ordering::Relaxed) {
            return Err(called_off());
        }
        let annotated = setup.annotate(candles);
        let (_, columns) = annotated.map_err(|error| failed("a history cannot be computed", &error))?;
        done.set(done.get() + 1);
        let share = done.get() as f64 / samples.max(1) as f64;
        progress("bias", Some(READING + share.min(1.0) * (99.0 - READING)));
        Ok(columns)
    };
    progress("bias", Some(READING));
    let prefix = prefix_test(&data.candles, &simulated.signals, samples, again)?;
    let structural = structural_test(&simulated.run, &[simulated.input(wish)]);
    let differing = prefix.differences.iter().filter_map(|difference| {
        Some(BiasRow {
            candle_time: data.candles.get(difference.row)?.time().seconds(),
            column: difference.column.to_owned(),
        })
    });
    let trades = structural.without_signal.iter();
    let unasked = trades.filter_map(|at| simulated.run.trades.get(*at).map(unasked));
    Ok(BiasFindings {
        checked: prefix.checked,
        rows: differing.chain(unasked).collect(),
    })
}

/// A trade that no signal asked for.
fn unasked(trade: &Trade) -> BiasRow {
    BiasRow {
        candle_time: trade.open_ms.div_euclid(1_000),
        column: "trade".to_owned(),
    }
}
