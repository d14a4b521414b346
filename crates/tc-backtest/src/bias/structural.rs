//! Trades and the signals they came from.

use crate::{
    engine::PairInput,
    run::Run,
    signals::Signal,
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
    let is_missing = |trade: &&(usize, &Trade)| {
        let (_, trade) = **trade;
        pairs
            .get(trade.pair)
            .is_none_or(|input| !is_asked_for(trade, input))
    };
    let trades: Vec<(usize, &Trade)> = run.trades.iter().enumerate().collect();
    StructuralReport {
        trades: trades.len(),
        without_signal: trades.iter().filter(is_missing).map(|(at, _)| *at).collect(),
    }
}

fn is_asked_for(trade: &Trade, input: &PairInput<'_>) -> bool {
    use crate::signals::Side::{Long, Short};
    let (enter, exit) = match trade.side {
        Long => (Signal::EnterLong, Signal::ExitLong),
        Short => (Signal::EnterShort, Signal::ExitShort),
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
            let mut time = trade.close_ms;
            loop {
                if asked(time, exit) {
                    break true;
                }
                time -= step;
                if time < trade.open_ms {
                    break false;
                }
            }
        }
        _ => true,
    };
    asked(trade.open_ms, enter) && exit_is_asked
}
