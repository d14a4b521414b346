//! Tables with one value for each time: rows of `[ms, value]`, or of a candle, of which one value counts.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};

use crate::{HistoryError, date::TimeUnit, source::Source, values::ValueRows};

/// Values of a row, the time included.
const LENGTHS: [usize; 2] = [2, super::COLUMNS.len()];

pub(in crate::layouts) fn decode_text(
    text: &[u8],
    source: &Source<'_>,
    rows: &mut ValueRows,
) -> Result<(), HistoryError> {
    let found: Vec<Row> = serde_json::from_slice(text).map_err(|error| source.damaged(None, error))?;
    let column = |name: &&str| super::COLUMNS.iter().position(|column| column == name);
    let of_candle = rows.names().iter().find_map(column).unwrap_or(1);
    for Row { seconds, values } in found {
        let value = if values.len() == 1 { 0 } else { of_candle - 1 };
        rows.push(seconds, values[value]);
    }
    Ok(())
}

struct Row {
    seconds: i64,
    /// One, or those of a candle.
    values: Vec<Option<f64>>,
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(RowVisitor)
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = Row;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row: a time in milliseconds and a number, or a candle")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Row, A::Error> {
        let milliseconds: Option<f64> = seq.next_element()?;
        let mut values = Vec::with_capacity(1);
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        let length = usize::from(milliseconds.is_some()) + values.len();
        let Some(milliseconds) = milliseconds.filter(|_| LENGTHS.contains(&length)) else {
            return Err(A::Error::custom(format!(
                "a row has {length} values where 2 or 6 are due"
            )));
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "`as` saturates, and such times are left out"
        )]
        let seconds = TimeUnit::Milliseconds.to_seconds(milliseconds as i64);
        Ok(Row { seconds, values })
    }
}
