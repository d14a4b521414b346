//! Signals for strategies that live elsewhere: what the factors found, as columns beside the candles of a frame.
//!
//! A [`SignalSpec`] says which facts it reads and which columns it fills; a [`SignalSet`] is a set of them in an order in
//! which they can run. Facts come as [`Buckets`], recorded while the given candles are folded ([`annotate_candles`]) or
//! read from a ledger ([`annotate_times`]). A fact belongs to the candle that made it visible, so a row depends on
//! nothing after it.
//!
//! Whatever goes wrong, every column is there: [`Annotation::neutral`] with a [`Reason`] has `tc_ok` 0 in every row.

mod bucket;
mod set;
mod sheet;
mod signals;
#[cfg(test)]
mod tests;

pub use bucket::{BucketRecorder, BucketRow, Buckets};
pub use set::{BucketSpec, ColumnSpec, SignalSet, SignalSetError, SignalSpec};
pub use sheet::Sheet;
pub use signals::SIGNALS;

use std::fmt;

use tc_factor::{FactorEngine, FoldMode};
use tc_market::{Candle, CandleTime, Timeframe};

/// Says of each row whether its signals count.
pub const OK_COLUMN: &str = "tc_ok";

/// Why a frame has no signals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The set of signals cannot run.
    SignalPluginInvalid(SignalSetError),
    /// Columns that the frame lacks, ascending.
    MissingColumns(Vec<String>),
    /// The facts do not cover the candles of the frame.
    LedgerOutOfSync,
}

/// As clients match on it.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignalPluginInvalid(error) => write!(f, "signal_plugin_invalid:{error}"),
            Self::MissingColumns(names) => {
                let names: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
                write!(f, "missing_columns:[{}]", names.join(", "))
            }
            Self::LedgerOutOfSync => f.write_str("ledger_out_of_sync"),
        }
    }
}

/// A column of whole numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnotatedColumn {
    /// Its name.
    pub name: &'static str,
    /// What a row holds that no signal touched; `None`: nothing, and only such a column has rows without a value.
    pub default: Option<i64>,
    /// One per row of the frame, in its order.
    pub values: Vec<Option<i64>>,
}

/// What a frame gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// Why its signals do not count; `None`: they do.
    pub reason: Option<Reason>,
    /// [`OK_COLUMN`] first, then the columns of the signals in the order of their set.
    pub columns: Vec<AnnotatedColumn>,
}

impl Annotation {
    /// Every column of `signals` with nothing in it, whether they fit together or not.
    #[must_use]
    pub fn neutral(signals: &[SignalSpec], rows: usize, reason: Option<Reason>) -> Self {
        let ok = ColumnSpec {
            name: OK_COLUMN,
            default: Some(i64::from(reason.is_none())),
        };
        let mut columns: Vec<AnnotatedColumn> = Vec::new();
        let declared = signals.iter().flat_map(|signal| signal.columns);
        for spec in std::iter::once(&ok).chain(declared) {
            if columns.iter().all(|column| column.name != spec.name) {
                columns.push(AnnotatedColumn {
                    name: spec.name,
                    default: spec.default,
                    values: vec![spec.default; rows],
                });
            }
        }
        Self { reason, columns }
    }

    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&[Option<i64>]> {
        let found = self.columns.iter().find(|column| column.name == name)?;
        Some(&found.values)
    }

    /// Marks the rows of which nothing is known: their signals do not count.
    pub fn distrust(&mut self, mut is_unknown: impl FnMut(usize) -> bool) {
        let ok = self.columns.iter_mut().find(|column| column.name == OK_COLUMN);
        for (row, value) in ok.into_iter().flat_map(|ok| ok.values.iter_mut().enumerate()) {
            if is_unknown(row) {
                *value = Some(0);
            }
        }
    }
}

/// Folds the candles of a frame, which may stand in any order, from nothing. Two candles of one time are out of sync:
/// there is no saying which of them closed.
#[must_use]
pub fn annotate_candles(set: &SignalSet, timeframe: Timeframe, candles: &[Candle]) -> Annotation {
    let times: Vec<CandleTime> = candles.iter().map(Candle::time).collect();
    let out_of_sync = || Annotation::neutral(set.signals(), candles.len(), Some(Reason::LedgerOutOfSync));
    let mut engine = FactorEngine::genesis(set.factors().clone(), timeframe, FoldMode::Compute);
    let mut recorder = set.recorder(set.factors());
    for row in sheet::by_time(&times) {
        let folded = engine.compute(&candles[row]).map_err(|_| ());
        if folded
            .and_then(|events| recorder.push(events).map_err(|_| ()))
            .is_err()
        {
            return out_of_sync();
        }
    }
    annotate_times(set, &times, &recorder.finish())
}

/// Puts facts that were found elsewhere into the rows with these times.
#[must_use]
pub fn annotate_times(set: &SignalSet, times: &[CandleTime], facts: &Buckets) -> Annotation {
    let mut annotation = Annotation::neutral(set.signals(), times.len(), None);
    let mut sheet = Sheet::new(times, &mut annotation.columns);
    for signal in set.running() {
        (signal.apply)(facts, &mut sheet);
    }
    annotation
}
