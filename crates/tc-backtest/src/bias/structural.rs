//! Trades and the signals they came from.

use crate::{
    engine::PairInput,
    run::Run,
    signals::{Side, Signal},
    trade::{ExitReason, Trade},
};

/// What the structural test found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StructuralReport {
    /// Trades that were looked at.
    pub trades: usize,
    /// Trades, by position in the run, whose entry or signalled exit no signal of the candle before it asked for.
    pub without_signal: Vec<usize>,
}

/// Looks for the signal behind every trade: entries and signalled exits must have been asked for one candle earlier.
#[must_use]
pub fn structural_test(run: &Run, pairs: &[PairInput<'_>]) -> StructuralReport {
    let is_missing = |(_, trade): &(usize, &Trade)| {
        let input = pairs.get(trade.pair);
        input.is_none_or(|input| !is_asked_for(trade, input))
    };
    let missing = run.trades.iter().enumerate().filter(is_missing);
    StructuralReport {
        trades: run.trades.len(),
        without_signal: missing.map(|(at, _)| at).collect(),
    }
}

fn is_asked_for(trade: &Trade, input: &PairInput<'_>) -> bool {
    let (enter, exit) = match trade.side {
        Side::Long => (Signal::EnterLong, Signal::ExitLong),
        Side::Short => (Signal::EnterShort, Signal::ExitShort),
    };
    let asked = |time_ms: i64, signal: Signal| {
        let row = input.series.row_of(time_ms).and_then(|row| row.checked_sub(1));
        row.and_then(|row| input.series.source(row))
            .is_some_and(|source| input.signals.has(source, signal))
    };
    let exit_is_asked = match trade.exit_reason {
        // An exit that was not filled at once keeps its reason; the candle that asked lies further back.
        ExitReason::ExitSignal | ExitReason::Tagged(_) => {
            let step = input.series.step_ms();
            let candles = (trade.close_ms - trade.open_ms) / step;
            (0..=candles).any(|back| asked(trade.close_ms - back * step, exit))
        }
        _ => true,
    };
    asked(trade.open_ms, enter) && exit_is_asked
}
