//! What a strategy is: a state machine that sees the past and asks for trades.
//!
//! A strategy is handed a [`View`] that ends at the newest candle. There is nothing behind that end to ask for: candles
//! and facts are slices cut there, and only [`signals`] can make a view. The engine alone moves signals by one candle.

mod params;
#[cfg(test)]
mod tests;
mod view;

pub use params::{ParamError, StrategyParam, StrategyParams};
pub use view::View;

use std::{fmt::Debug, sync::Arc};

use tc_market::Candle;

use crate::{
    facts::FactorFacts,
    signals::{Side, Signal, SignalColumns},
};

/// A strategy while it runs. One value sees one series once, candle by candle.
pub trait Strategy: Debug + Send {
    /// Looks at the newest candle and what became visible with it.
    fn on_candle(&mut self, view: &View<'_>, out: &mut SignalSink<'_>);
}

/// What the registry knows about a strategy.
#[derive(Debug, Clone, Copy)]
pub struct StrategySpec {
    /// Name used in requests and reports, `^[A-Za-z_][A-Za-z0-9_]*$`.
    pub name: &'static str,
    /// Raised with every change of what it asks for.
    pub version: &'static str,
    /// Name for people.
    pub label: &'static str,
    /// What it does, in a sentence or two.
    pub description: &'static str,
    /// Factors it reads; those they depend on come along.
    pub factors: &'static [&'static str],
    /// Whether it asks for short trades.
    pub sides: Sides,
    /// Its parameters, in the order in which they are shown.
    pub params: &'static [StrategyParam],
    /// Makes one that has seen nothing.
    pub new: fn(&StrategyParams) -> Box<dyn Strategy>,
}

/// Which ways a strategy trades.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sides {
    /// Long trades alone.
    Long,
    /// Long and short trades; on a spot market the long ones count.
    LongAndShort,
}

/// Where a strategy puts what it asks for on one candle.
#[derive(Debug)]
pub struct SignalSink<'a> {
    columns: &'a mut SignalColumns,
    row: usize,
}

impl SignalSink<'_> {
    /// Asks for a trade.
    pub fn enter(&mut self, side: Side) {
        self.columns.set(
            self.row,
            match side {
                Side::Long => Signal::EnterLong,
                Side::Short => Signal::EnterShort,
            },
        );
    }

    /// Asks for a trade and says why.
    pub fn enter_because(&mut self, side: Side, tag: &Arc<str>) {
        self.enter(side);
        self.columns.tag_entry(self.row, Arc::clone(tag));
    }

    /// Asks for the end of a trade.
    pub fn exit(&mut self, side: Side) {
        self.columns.set(
            self.row,
            match side {
                Side::Long => Signal::ExitLong,
                Side::Short => Signal::ExitShort,
            },
        );
    }

    /// Asks for the end of a trade and says why.
    pub fn exit_because(&mut self, side: Side, tag: &Arc<str>) {
        self.exit(side);
        self.columns.tag_exit(self.row, Arc::clone(tag));
    }
}

/// Runs a strategy once over the candles of a series and what the factors knew at each of them. Candles beyond the
/// record of the factors have no signals.
#[must_use]
pub fn signals(strategy: &mut dyn Strategy, candles: &[Candle], facts: &FactorFacts) -> SignalColumns {
    let mut columns = SignalColumns::new(candles.len());
    let mut cursor = view::Cursor::default();
    for row in 0..candles.len().min(facts.rows()) {
        let view = cursor.move_to(row, candles, facts);
        let mut sink = SignalSink {
            columns: &mut columns,
            row,
        };
        strategy.on_candle(&view, &mut sink);
    }
    columns
}
