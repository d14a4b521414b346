//! Tables that lie beside candles and hold one value for each time: funding rates, and opens of mark candles.

#[cfg(test)]
mod tests;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use tc_market::CandleTime;

use crate::{HistoryError, layouts, source::Source};

/// A time in Unix seconds and the value at it.
pub type TimedValue = (i64, f64);

/// Reads the values of a table whole, ascending by time; of equal times the row that came last counts, and rows without a
/// time or a finite value do not. `names` are the names that the column may have, the one to prefer first. Columns of JSON
/// have no names: a row of a candle has them in their order, and one of two values has the one that is wanted.
///
/// # Errors
/// [`HistoryError`] when the file cannot be read, is of no layout that has such tables, or is not decodable from the first
/// byte to the last.
pub fn read_values(path: &Path, names: &[&'static str]) -> Result<Vec<TimedValue>, HistoryError> {
    let of_name = path.file_name().and_then(|name| layouts::of_name(name.to_str()?));
    let layout = of_name.map(|(_, layout, _)| layout);
    let Some((layout, decode)) = layout.and_then(|layout| Some((layout, layout.values?))) else {
        return Err(HistoryError::UnknownLayout { path: path.into() });
    };
    let source = Source {
        path,
        layout: layout.name,
    };
    let bytes = source.read()?;
    let mut rows = ValueRows::new(names);
    // As for candles: what the format libraries trip over is damage of the file.
    catch_unwind(AssertUnwindSafe(|| decode(bytes, &source, &mut rows)))
        .unwrap_or_else(|_| Err(source.damaged(None, "its structure contradicts itself")))?;
    Ok(rows.finish())
}

/// Collects the rows of one table in file order.
#[derive(Debug)]
pub(crate) struct ValueRows {
    names: Vec<&'static str>,
    values: Vec<TimedValue>,
    rows: u64,
}

impl ValueRows {
    fn new(names: &[&'static str]) -> Self {
        Self {
            names: names.to_vec(),
            values: Vec::new(),
            rows: 0,
        }
    }

    /// Names that the column may have.
    pub(crate) fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// Number of the row that the next push adds, from 1.
    #[cfg(feature = "columnar")]
    pub(crate) const fn next_row(&self) -> u64 {
        self.rows + 1
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, seconds: i64, value: Option<f64>) {
        self.rows += 1;
        let is_time = CandleTime::new(seconds).is_ok();
        if let Some(value) = value.filter(|value| value.is_finite() && is_time) {
            self.values.push((seconds, value));
        }
    }

    fn finish(self) -> Vec<TimedValue> {
        let mut values = self.values;
        values.sort_by_key(|(time, _)| *time);
        values.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            if same {
                *earlier = *later;
            }
            same
        });
        values
    }
}
