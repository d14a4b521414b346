//! Values after short histories.

use tc_factor::factors::pivot::Direction;
use tc_market::Candle;

use crate::{
    facts::FactorFacts,
    signals::{Signal, SignalColumns},
};

/// Lengths of history that are tried, in candles.
pub const STARTUP_LENGTHS: [usize; 4] = [30, 60, 120, 480];

/// A named value of the last candle; `None` when there is none.
type Named = (&'static str, Option<f64>);

/// What the start-up test found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StartupReport {
    /// One row per length that the history has room for.
    pub rows: Vec<StartupRow>,
}

/// Values of the last candle after a history of some length.
#[derive(Debug, Clone, PartialEq)]
pub struct StartupRow {
    /// Candles of the history.
    pub candles: usize,
    /// Every column.
    pub columns: Vec<ColumnChange>,
}

/// One value after the whole history and after a short one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColumnChange {
    /// Name of the column.
    pub column: &'static str,
    /// Value after the whole history.
    pub whole: Option<f64>,
    /// Value after the short one.
    pub short: Option<f64>,
}

impl ColumnChange {
    /// Change of the short history relative to the whole one; 0 when neither has a value, `None` when one has none or
    /// the change of zero is asked for.
    #[must_use]
    pub fn relative(&self) -> Option<f64> {
        match (self.whole, self.short) {
            (None, None) => Some(0.0),
            (Some(whole), Some(short)) if (short - whole).abs() <= 0.0 => Some(0.0),
            (Some(whole), Some(short)) if whole != 0.0 => Some((short - whole) / whole.abs()),
            _ => None,
        }
    }
}

/// Compares the values of the last candle after short histories with those after the whole one.
///
/// # Errors
/// What `annotate` answers.
pub fn startup_test<E>(
    candles: &[Candle],
    lengths: &[usize],
    annotate: impl Fn(&[Candle]) -> Result<Vec<Named>, E>,
) -> Result<StartupReport, E> {
    let whole = annotate(candles)?;
    let mut report = StartupReport::default();
    for length in lengths.iter().copied().filter(|length| *length < candles.len()) {
        let short = annotate(&candles[candles.len() - length..])?;
        let change = |(column, whole): &Named| ColumnChange {
            column,
            whole: *whole,
            short: short
                .iter()
                .find(|(name, _)| name == column)
                .and_then(|(_, value)| *value),
        };
        report.rows.push(StartupRow {
            candles: length,
            columns: whole.iter().map(change).collect(),
        });
    }
    Ok(report)
}

/// What the factors and the strategy say at the last candle, as numbers.
pub(super) fn numeric_columns(facts: &FactorFacts, columns: &SignalColumns) -> Vec<Named> {
    let last = columns.len().saturating_sub(1);
    let pen = facts.pens.facts().last();
    let zone = facts.zones.facts().last().and_then(Option::as_ref);
    let anchor = facts.anchors.facts().last();
    let snapshot = facts.snapshots.facts().last();
    let levels = snapshot.map_or(&[][..], |(from, to)| &facts.levels[*from..*to]);
    let nearest = |way: Direction| {
        levels
            .iter()
            .find(|level| level.level_type == way)
            .map(|level| level.price)
    };
    let flag = |signal: Signal| Some(f64::from(u8::from(columns.has(last, signal))));
    vec![
        ("pen_direction", pen.map(|pen| f64::from(pen.direction.sign()))),
        ("pen_start_price", pen.map(|pen| pen.start_price)),
        ("pen_end_price", pen.map(|pen| pen.end_price)),
        ("zone_high", zone.map(|zone| zone.zg)),
        ("zone_low", zone.map(|zone| zone.zd)),
        (
            "anchor_direction",
            anchor.map(|anchor| f64::from(anchor.direction.sign())),
        ),
        ("nearest_support", nearest(Direction::Support)),
        ("nearest_resistance", nearest(Direction::Resistance)),
        ("enter_long", flag(Signal::EnterLong)),
        ("exit_long", flag(Signal::ExitLong)),
        ("enter_short", flag(Signal::EnterShort)),
        ("exit_short", flag(Signal::ExitShort)),
    ]
}
