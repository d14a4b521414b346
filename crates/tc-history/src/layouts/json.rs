//! freqtrade's `json` format: one array of `[open_ms, open, high, low, close, volume]`.

pub(super) mod values;

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Layout;
use crate::{
    HistoryError,
    date::{TimeUnit, parse_utc},
    rows::CandleRows,
    source::Source,
    values::ValueRows,
};

pub(super) const LAYOUT: Layout = Layout {
    name: "JSON",
    extensions: &["json"],
    decode,
    values: Some(decode_values),
};

const COLUMNS: [&str; 6] = ["date", "open", "high", "low", "close", "volume"];

fn decode(bytes: Vec<u8>, source: &Source<'_>, rows: &mut CandleRows) -> Result<(), HistoryError> {
    decode_text(&bytes, source, rows)
}

fn decode_values(bytes: Vec<u8>, source: &Source<'_>, rows: &mut ValueRows) -> Result<(), HistoryError> {
    values::decode_text(&bytes, source, rows)
}

pub(super) fn decode_text(
    text: &[u8],
    source: &Source<'_>,
    rows: &mut CandleRows,
) -> Result<(), HistoryError> {
    let mut fault = None;
    let mut reader = serde_json::Deserializer::from_slice(text);
    let table = Table {
        rows,
        fault: &mut fault,
    };
    let outcome = table.deserialize(&mut reader).and_then(|()| reader.end());
    let row = rows.next_row();
    match (outcome, fault) {
        (Ok(()), _) => Ok(()),
        (Err(_), Some(Refusal::Value { column, found, due })) => {
            Err(source.bad_value(row, COLUMNS[column], &found, due))
        }
        (Err(_), Some(Refusal::Length(found))) => Err(source.row_length(row, found, COLUMNS.len())),
        (Err(error), None) => Err(source.damaged(Some(row), error)),
    }
}

/// A refusal that serde's own error cannot carry: it has room for text only.
enum Refusal {
    Value {
        column: usize,
        found: String,
        due: &'static str,
    },
    Length(usize),
}

/// The outer array.
struct Table<'a> {
    rows: &'a mut CandleRows,
    fault: &'a mut Option<Refusal>,
}

impl<'de> DeserializeSeed<'de> for Table<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Table<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq
            .next_element_seed(Row {
                rows: &mut *self.rows,
                fault: &mut *self.fault,
            })?
            .is_some()
        {}
        Ok(())
    }
}

/// One row.
struct Row<'a> {
    rows: &'a mut CandleRows,
    fault: &'a mut Option<Refusal>,
}

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row: an array of six numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut is_null = false;
        let mut seconds = 0;
        let mut values = [0.0; 5];
        for column in 0..COLUMNS.len() {
            match seq.next_element_seed(Cell {
                column,
                fault: &mut *self.fault,
            })? {
                None => {
                    *self.fault = Some(Refusal::Length(column));
                    return Err(A::Error::custom("row too short"));
                }
                Some(CellValue::Null) => is_null = true,
                Some(CellValue::Seconds(time)) => seconds = time,
                Some(CellValue::Number(number)) => values[column - 1] = number,
            }
        }
        let mut extra = 0;
        while seq.next_element::<IgnoredAny>()?.is_some() {
            extra += 1;
        }
        if extra > 0 {
            *self.fault = Some(Refusal::Length(COLUMNS.len() + extra));
            return Err(A::Error::custom("row too long"));
        }
        if is_null {
            self.rows.push_null();
        } else {
            self.rows.push(seconds, values);
        }
        Ok(())
    }
}

/// A time in the first column, numbers in the others.
enum CellValue {
    Null,
    Seconds(i64),
    Number(f64),
}

struct Cell<'a> {
    column: usize,
    fault: &'a mut Option<Refusal>,
}

impl Cell<'_> {
    fn refuse<E: serde::de::Error>(self, found: &str) -> E {
        let due = if self.column == 0 {
            "a time in milliseconds"
        } else {
            "a number"
        };
        *self.fault = Some(Refusal::Value {
            column: self.column,
            found: found.to_owned(),
            due,
        });
        E::custom("value of another kind")
    }
}

impl<'de> DeserializeSeed<'de> for Cell<'_> {
    type Value = CellValue;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<CellValue, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Cell<'_> {
    type Value = CellValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<CellValue, E> {
        Ok(match self.column {
            0 => CellValue::Seconds(TimeUnit::Milliseconds.to_seconds(value)),
            _ => CellValue::Number(value as f64),
        })
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<CellValue, E> {
        match i64::try_from(value) {
            Ok(value) => self.visit_i64(value),
            Err(_) => self.visit_f64(value as f64),
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` saturates, and such times are left out later"
    )]
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<CellValue, E> {
        Ok(match self.column {
            0 => CellValue::Seconds(TimeUnit::Milliseconds.to_seconds(value as i64)),
            _ => CellValue::Number(value),
        })
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<CellValue, E> {
        Ok(CellValue::Null)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<CellValue, E> {
        match parse_utc(text) {
            Some(seconds) if self.column == 0 => Ok(CellValue::Seconds(seconds)),
            _ => Err(self.refuse(text)),
        }
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<CellValue, E> {
        Err(self.refuse(if value { "true" } else { "false" }))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<CellValue, A::Error> {
        Err(self.refuse("[…]"))
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<CellValue, A::Error> {
        Err(self.refuse("{…}"))
    }
}
