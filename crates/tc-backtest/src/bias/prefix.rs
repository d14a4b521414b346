//! Signals on truncated histories.

use tc_market::Candle;

use crate::signals::{Signal, SignalColumns};

/// What the prefix test found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PrefixReport {
    /// Truncated histories that were looked at.
    pub checked: usize,
    /// Candles with a signal in the whole history.
    pub signals: usize,
    /// Where a truncated history says something else.
    pub differences: Vec<PrefixDifference>,
}

/// A candle whose signals change when later candles are taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrefixDifference {
    /// Position of the pair in the run.
    pub pair: usize,
    /// The candle, counted from the first one.
    pub row: usize,
    /// Number of candles of the truncated history.
    pub candles: usize,
    /// Column that differs, by freqtrade's name.
    pub column: &'static str,
}

impl PrefixReport {
    /// Adds what was found for a pair.
    pub(super) fn add(&mut self, pair: usize, found: Self) {
        self.checked += found.checked;
        self.signals += found.signals;
        let differences = found.differences.into_iter();
        self.differences
            .extend(differences.map(|difference| PrefixDifference { pair, ..difference }));
    }
}

const COLUMNS: [(&str, Signal); 4] = [
    ("enter_long", Signal::EnterLong),
    ("exit_long", Signal::ExitLong),
    ("enter_short", Signal::EnterShort),
    ("exit_short", Signal::ExitShort),
];

/// Annotates only the candles up to each of `samples` times and compares with `whole`, the columns of all candles: every
/// row of the shorter history must be the same. Half of the times are candles with a signal, the others lie evenly
/// between the first and the last.
///
/// # Errors
/// What `annotate` answers.
pub fn prefix_test<E>(
    candles: &[Candle],
    whole: &SignalColumns,
    samples: usize,
    annotate: impl Fn(&[Candle]) -> Result<SignalColumns, E>,
) -> Result<PrefixReport, E> {
    let with_signal: Vec<usize> = (0..whole.len()).filter(|row| whole.flags()[*row] != 0).collect();
    let all = candles.len().min(whole.len());
    let mut rows = spread(&with_signal, samples / 2);
    rows.extend(spread(
        &(0..all).collect::<Vec<_>>(),
        samples - rows.len().min(samples),
    ));
    rows.sort_unstable();
    rows.dedup();
    let mut report = PrefixReport {
        checked: rows.len(),
        signals: with_signal.len(),
        differences: Vec::new(),
    };
    for row in rows {
        let shorter = annotate(&candles[..=row])?;
        // One finding per history: what follows from it would only repeat it.
        report.differences.extend((0..=row).find_map(|at| {
            let column = difference(whole, &shorter, at)?;
            Some(PrefixDifference {
                pair: 0,
                row: at,
                candles: row + 1,
                column,
            })
        }));
    }
    Ok(report)
}

/// At most `count` of the values, evenly spread, the last one included.
fn spread(values: &[usize], count: usize) -> Vec<usize> {
    let count = count.min(values.len());
    (1..=count)
        .map(|n| values[n * values.len() / count - 1])
        .collect()
}

fn difference(whole: &SignalColumns, shorter: &SignalColumns, row: usize) -> Option<&'static str> {
    let flags = COLUMNS
        .into_iter()
        .find(|(_, signal)| whole.has(row, *signal) != shorter.has(row, *signal))
        .map(|(name, _)| name);
    flags
        .or_else(|| (whole.enter_tag(row) != shorter.enter_tag(row)).then_some("enter_tag"))
        .or_else(|| (whole.exit_tag(row) != shorter.exit_tag(row)).then_some("exit_tag"))
}
