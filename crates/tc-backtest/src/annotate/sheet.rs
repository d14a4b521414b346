//! The columns of a frame while signals fill them.

use tc_market::CandleTime;

use super::AnnotatedColumn;

/// Columns whose rows are found by time.
#[derive(Debug)]
pub struct Sheet<'a> {
    times: &'a [CandleTime],
    /// Rows by time.
    order: Vec<usize>,
    columns: &'a mut [AnnotatedColumn],
}

impl<'a> Sheet<'a> {
    pub(super) fn new(times: &'a [CandleTime], columns: &'a mut [AnnotatedColumn]) -> Self {
        Self {
            times,
            order: by_time(times),
            columns,
        }
    }

    /// Puts a value into the rows of this time. A candle that the frame does not have and a column that no signal
    /// declared are passed over.
    pub fn set(&mut self, time: CandleTime, column: &str, value: i64) {
        let from = self.order.partition_point(|row| self.times[*row] < time);
        let Some(column) = self.columns.iter_mut().find(|known| known.name == column) else {
            debug_assert!(false, "a signal fills columns that it declares, not {column}");
            return;
        };
        for row in &self.order[from..] {
            if self.times[*row] != time {
                break;
            }
            column.values[*row] = Some(value);
        }
    }

    /// What the row of this time holds: of a signal that ran before, its values.
    #[must_use]
    pub fn value(&self, time: CandleTime, column: &str) -> Option<i64> {
        let from = self.order.partition_point(|row| self.times[*row] < time);
        let row = self.order.get(from).filter(|row| self.times[**row] == time)?;
        let column = self.columns.iter().find(|known| known.name == column)?;
        column.values[*row]
    }
}

/// Rows in the order of their times; those of one time as they stand.
pub(super) fn by_time(times: &[CandleTime]) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..times.len()).collect();
    if !times.is_sorted() {
        rows.sort_by_key(|row| times[*row]);
    }
    rows
}
