//! The curve of money, from the balances that freqtrade noted candle by candle.

use std::{collections::BTreeMap, io::Cursor};

use arrow_array::{Array, ArrayRef, RecordBatch, cast::AsArray, types};
use arrow_ipc::reader::FileReader;
use arrow_schema::{ArrowError, DataType, TimeUnit};

/// Most points that are told.
pub const MAX_EQUITY_POINTS: usize = 5_000;

/// Unix milliseconds and money in the stake currency.
pub type EquityPoint = (i64, f64);

/// The sum of all balances at each time, ascending.
pub(super) fn read(bytes: Vec<u8>) -> Result<Vec<EquityPoint>, ArrowError> {
    let mut sums = BTreeMap::new();
    for batch in FileReader::try_new(Cursor::new(bytes), None)? {
        let batch = batch?;
        let times = milliseconds(column(&batch, "date")?)?;
        let (rates, balances) = (numbers(&batch, "rate")?, numbers(&batch, "balance")?);
        for ((time, rate), balance) in times.into_iter().zip(rates).zip(balances) {
            if let (Some(time), Some(rate), Some(balance)) = (time, rate, balance) {
                *sums.entry(time).or_insert(0.0) += rate * balance;
            }
        }
    }
    Ok(sums.into_iter().collect())
}

fn column<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b ArrayRef, ArrowError> {
    let column = batch.column_by_name(name);
    column.ok_or_else(|| ArrowError::SchemaError(format!("there is no column {name}")))
}

/// Numbers of a column. pandas writes whole ones where all of them happen to be.
fn numbers(batch: &RecordBatch, name: &str) -> Result<Vec<Option<f64>>, ArrowError> {
    let column = column(batch, name)?;
    match column.data_type() {
        DataType::Float64 => Ok(column.as_primitive::<types::Float64Type>().iter().collect()),
        #[expect(clippy::cast_precision_loss, reason = "money and rates are far below 2^53")]
        DataType::Int64 => {
            let whole = column.as_primitive::<types::Int64Type>().iter();
            Ok(whole.map(|number| number.map(|number| number as f64)).collect())
        }
        other => Err(ArrowError::SchemaError(format!("{name}: {other} is no number"))),
    }
}

fn milliseconds(column: &ArrayRef) -> Result<Vec<Option<i64>>, ArrowError> {
    /// Counts of a unit, of which one is `numerator / denominator` milliseconds.
    fn of<T: types::ArrowTimestampType>(
        column: &ArrayRef,
        numerator: i64,
        denominator: i64,
    ) -> Vec<Option<i64>> {
        let times = column.as_primitive::<T>().iter();
        times
            .map(|time| Some(time?.saturating_mul(numerator).div_euclid(denominator)))
            .collect()
    }
    match column.data_type() {
        DataType::Timestamp(TimeUnit::Second, _) => Ok(of::<types::TimestampSecondType>(column, 1_000, 1)),
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            Ok(of::<types::TimestampMillisecondType>(column, 1, 1))
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            Ok(of::<types::TimestampMicrosecondType>(column, 1, 1_000))
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            Ok(of::<types::TimestampNanosecondType>(column, 1, 1_000_000))
        }
        other => Err(ArrowError::SchemaError(format!("{other} is no time"))),
    }
}

/// At most `most` points (two at least) with the lowest and the highest one of every stretch, so that no drawdown and no
/// peak is lost.
#[must_use]
pub fn thinned(curve: Vec<EquityPoint>, most: usize) -> Vec<EquityPoint> {
    let most = most.max(2);
    if curve.len() <= most {
        return curve;
    }
    let stretches = most / 2;
    let mut kept = Vec::with_capacity(most);
    for stretch in 0..stretches {
        let (from, to) = (
            stretch * curve.len() / stretches,
            (stretch + 1) * curve.len() / stretches,
        );
        let points = curve[from..to].iter().enumerate();
        let lowest = points.clone().min_by(|a, b| a.1.1.total_cmp(&b.1.1));
        let highest = points.max_by(|a, b| a.1.1.total_cmp(&b.1.1));
        if let (Some((low, at_low)), Some((high, at_high))) = (lowest, highest) {
            match low.cmp(&high) {
                std::cmp::Ordering::Less => kept.extend([*at_low, *at_high]),
                std::cmp::Ordering::Greater => kept.extend([*at_high, *at_low]),
                std::cmp::Ordering::Equal => kept.push(*at_low),
            }
        }
    }
    kept
}
