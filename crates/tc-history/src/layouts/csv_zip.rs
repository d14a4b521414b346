//! The CSV layout as Binance publishes it: a zip archive with one CSV file.

use std::io::Cursor;

use zip::ZipArchive;

use super::{Layout, csv};
use crate::{HistoryError, rows::CandleRows, source::Source};

pub(super) const LAYOUT: Layout = Layout {
    name: "zip CSV",
    extensions: &["csv.zip", "zip"],
    decode,
    values: None,
};

fn decode(bytes: Vec<u8>, source: &Source<'_>, rows: &mut CandleRows) -> Result<(), HistoryError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| source.damaged(None, error))?;
    let tables: Vec<usize> = archive
        .file_names_raw()
        .enumerate()
        .filter_map(|(index, name)| name.ends_with(b".csv").then_some(index))
        .collect();
    let [table] = *tables else {
        return Err(HistoryError::ArchiveContent {
            path: source.path.into(),
            found: tables.len(),
        });
    };
    let entry = archive
        .by_index(table)
        .map_err(|error| source.damaged(None, error))?;
    let text = source.unpack(entry, 0)?;
    csv::decode_text(&text, source, rows)
}
