//! Tables with one value for each time: rows of `[ms, value]`, or of a candle, whose first value counts.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, SeqAccess, Visitor};

use crate::{HistoryError, date::TimeUnit, source::Source, values::ValueRows};

/// Values of a row, the time included.
const LENGTHS: [usize; 2] = [2, super::COLUMNS.len()];

pub(in crate::layouts) fn decode_text(
    text: &[u8],
    source: &Source<'_>,
    rows: &mut ValueRows,
) -> Result<(), HistoryError> {
    let found: Vec<Row> = serde_json::from_slice(text).map_err(|error| source.damaged(None, error))?;
    for Row { seconds, value } in found {
        rows.push(seconds, value);
    }
    Ok(())
}

struct Row {
    seconds: i64,
    value: Option<f64>,
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
        let value: Option<Option<f64>> = seq.next_element()?;
        let mut length = usize::from(milliseconds.is_some()) + usize::from(value.is_some());
        while seq.next_element::<IgnoredAny>()?.is_some() {
            length += 1;
        }
        let (Some(milliseconds), Some(value)) = (milliseconds, value.filter(|_| LENGTHS.contains(&length)))
        else {
            return Err(A::Error::custom(format!(
                "a row has {length} values where 2 or 6 are due"
            )));
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "`as` saturates, and such times are left out"
        )]
        let seconds = TimeUnit::Milliseconds.to_seconds(milliseconds as i64);
        Ok(Row { seconds, value })
    }
}
