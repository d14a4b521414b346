//! Candles, and what the factors knew at each of them: the stored ledger, followed once.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tc_backtest::{FactorFacts, FactsRecorder};
use tc_factor::{FactorEngine, FoldMode};
use tc_market::Candle;
use tc_read::LedgerWalk;
use tc_server::backtest::{BacktestRefusal, Progress};
use tc_store::Snapshot;

use super::{
    NativeParts, failed,
    wish::{Wish, unreadable},
};

/// Candles that are read at once; between two pages a run can be called off.
const PAGE_CANDLES: usize = 10_000;

/// Everything that strategies see of a series.
#[derive(Debug)]
pub(super) struct Data {
    pub(super) candles: Vec<Candle>,
    pub(super) facts: FactorFacts,
}

/// Reads the series of a wish from its first candle to the last one that counts. `whole` is the share of the progress
/// that this is, in percent.
pub(super) fn load(
    parts: &NativeParts,
    snapshot: &dyn Snapshot,
    wish: &Wish,
    raised: &AtomicBool,
    (progress, whole): (&Progress, f64),
) -> Result<Data, BacktestRefusal> {
    let series = &wish.series;
    let walk = LedgerWalk::open(snapshot, series, wish.end_s(), PAGE_CANDLES);
    let mut walk = walk.map_err(|error| unreadable(series, &error))?;
    let total = walk.candles();
    let mut candles = Vec::with_capacity(usize::try_from(total).unwrap_or_default());
    let graph = Arc::clone(&parts.model.setup().factors);
    let engine = FactorEngine::genesis(graph, series.timeframe(), FoldMode::Follow);
    let mut recorder = FactsRecorder::new(engine);
    while let Some(page) = walk.next_page().map_err(|error| unreadable(series, &error))? {
        if raised.load(Ordering::Relaxed) {
            return Err(called_off());
        }
        for (candle, events) in page.ticks() {
            recorder
                .push(candle, events)
                .map_err(|error| failed(&format!("the ledger of {series} cannot be followed"), &error))?;
        }
        candles.extend_from_slice(&page.candles);
        progress(
            "loading_candles",
            Some(candles.len() as f64 / total.max(1) as f64 * whole),
        );
    }
    Ok(Data {
        candles,
        facts: recorder.finish(),
    })
}

/// What nobody waits for any more.
pub(super) fn called_off() -> BacktestRefusal {
    BacktestRefusal::Failed("it was called off".to_owned())
}
