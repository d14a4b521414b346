//! Checks that a result owes nothing to the future.
//!
//! Three of them. *Prefix*: signals made from a truncated history are those of the whole one. *Start-up*: how much the
//! values of the last candle depend on how far back the history goes. *Structural*: every trade has a signal on the
//! candle before it.

mod prefix;
mod startup;
mod structural;
#[cfg(test)]
mod tests;

pub use prefix::{PrefixDifference, PrefixReport, prefix_test};
pub use startup::{ColumnChange, STARTUP_LENGTHS, StartupReport, StartupRow, startup_test};
pub use structural::{StructuralReport, structural_test};

use std::sync::Arc;

use tc_factor::{EngineError, FactorEngine, FactorGraph, FoldMode};
use tc_market::{Candle, Timeframe};

use crate::{
    engine::PairInput,
    facts::{FactorFacts, FactsRecorder},
    run::Run,
    signals::SignalColumns,
    strategy::{StrategyParams, StrategySpec, signals},
};

/// The three checks of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct BiasReport {
    /// Signals on truncated histories.
    pub prefix: PrefixReport,
    /// Values after short histories.
    pub startup: StartupReport,
    /// Trades and their signals.
    pub structural: StructuralReport,
}

impl BiasReport {
    /// Whether nothing was found that could only be known later. Start-up changes are no such finding: a short history
    /// knows less, not more.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.prefix.differences.is_empty() && self.structural.without_signal.is_empty()
    }
}

/// A strategy with its parameters and the factors it reads, ready to be run again on other candles.
#[derive(Debug, Clone)]
pub struct StrategySetup<'a> {
    /// The strategy.
    pub spec: &'a StrategySpec,
    /// Its parameters.
    pub params: &'a StrategyParams,
    /// The factors.
    pub graph: Arc<FactorGraph>,
    /// Timeframe of the candles.
    pub timeframe: Timeframe,
}

impl StrategySetup<'_> {
    /// Facts and signals of candles that nothing came before.
    ///
    /// # Errors
    /// [`EngineError`] when the candles are out of order.
    pub fn annotate(&self, candles: &[Candle]) -> Result<(FactorFacts, SignalColumns), EngineError> {
        let engine = FactorEngine::genesis(Arc::clone(&self.graph), self.timeframe, FoldMode::Compute);
        let mut recorder = FactsRecorder::new(engine);
        for candle in candles {
            recorder.push(candle, &[])?;
        }
        let facts = recorder.finish();
        let columns = signals((self.spec.new)(self.params).as_mut(), candles, &facts);
        Ok((facts, columns))
    }
}

/// All checks of a run: `candles` are those that the series of each pair was prepared from, from genesis on. The prefix
/// test looks at `samples` times of every pair, the start-up test at the first pair.
///
/// # Errors
/// [`EngineError`] when candles are out of order.
pub fn bias_report(
    setup: &StrategySetup<'_>,
    run: &Run,
    pairs: &[(PairInput<'_>, &[Candle])],
    samples: usize,
) -> Result<BiasReport, EngineError> {
    let mut prefix = PrefixReport::default();
    for (pair, (input, candles)) in pairs.iter().enumerate() {
        let found = prefix_test(candles, input.signals, samples, |candles| {
            setup.annotate(candles).map(|(_, columns)| columns)
        })?;
        prefix.add(pair, found);
    }
    let first = pairs.first().map_or(&[][..], |(_, candles)| *candles);
    let startup = startup_test(first, &STARTUP_LENGTHS, |candles| {
        let (facts, columns) = setup.annotate(candles)?;
        Ok::<_, EngineError>(startup::numeric_columns(&facts, &columns))
    })?;
    let inputs: Vec<_> = pairs.iter().map(|(input, _)| *input).collect();
    Ok(BiasReport {
        prefix,
        startup,
        structural: structural_test(run, &inputs),
    })
}
