//! Binance's public archive: twelve columns, with a header row or without.
//!
//! Only the first six columns are used. `open_time` is in milliseconds, in spot files since 2025 in microseconds.

use csv::{ByteRecord, ReaderBuilder};

use super::Layout;
use crate::{HistoryError, date::TimeUnit, rows::CandleRows, source::Source};

pub(super) const LAYOUT: Layout = Layout {
    name: "CSV",
    extensions: &["csv"],
    decode,
    values: None,
};

const NEEDED: [&str; 6] = ["open_time", "open", "high", "low", "close", "volume"];
const COLUMNS: usize = 12;

fn decode(bytes: Vec<u8>, source: &Source<'_>, rows: &mut CandleRows) -> Result<(), HistoryError> {
    decode_text(&bytes, source, rows)
}

/// Where the needed columns are, and how many a row has.
struct Columns {
    positions: [usize; 6],
    row_length: usize,
}

pub(super) fn decode_text(
    text: &[u8],
    source: &Source<'_>,
    rows: &mut CandleRows,
) -> Result<(), HistoryError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text);
    let mut record = ByteRecord::new();
    let mut columns = None;
    while reader
        .read_byte_record(&mut record)
        .map_err(|error| source.damaged(Some(rows.next_row()), error))?
    {
        let columns = match &columns {
            Some(columns) => columns,
            None if is_header(&record) => {
                columns = Some(columns_of_header(&record, source)?);
                continue;
            }
            None => columns.insert(Columns {
                positions: [0, 1, 2, 3, 4, 5],
                row_length: COLUMNS,
            }),
        };
        push_row(&record, columns, source, rows)?;
    }
    if columns.is_none() {
        return Err(source.damaged(None, "the file is empty"));
    }
    Ok(())
}

/// No time looks like the name of a column.
fn is_header(record: &ByteRecord) -> bool {
    record
        .get(0)
        .is_some_and(|first| first.trim_ascii().first().is_some_and(u8::is_ascii_alphabetic))
}

fn columns_of_header(record: &ByteRecord, source: &Source<'_>) -> Result<Columns, HistoryError> {
    let mut positions = [0; 6];
    for (position, name) in positions.iter_mut().zip(NEEDED) {
        *position = record
            .iter()
            .position(|field| field.trim_ascii() == name.as_bytes())
            .ok_or_else(|| source.missing_column(name))?;
    }
    Ok(Columns {
        positions,
        row_length: record.len(),
    })
}

fn push_row(
    record: &ByteRecord,
    columns: &Columns,
    source: &Source<'_>,
    rows: &mut CandleRows,
) -> Result<(), HistoryError> {
    let row = rows.next_row();
    if record.len() != columns.row_length {
        return Err(source.row_length(row, record.len(), columns.row_length));
    }
    let mut is_null = false;
    let mut open_time = 0;
    let mut values = [0.0; 5];
    for (i, name) in NEEDED.into_iter().enumerate() {
        let field = record.get(columns.positions[i]).unwrap_or_default().trim_ascii();
        if field.is_empty() {
            is_null = true;
            continue;
        }
        let text = str::from_utf8(field).unwrap_or_default();
        let bad = |due| source.bad_value(row, name, &String::from_utf8_lossy(field), due);
        match i.checked_sub(1) {
            None => open_time = text.parse().map_err(|_| bad("an integer time"))?,
            Some(value) => values[value] = text.parse().map_err(|_| bad("a number"))?,
        }
    }
    if is_null {
        rows.push_null();
    } else {
        rows.push(
            TimeUnit::of_binance_archive(open_time).to_seconds(open_time),
            values,
        );
    }
    Ok(())
}
