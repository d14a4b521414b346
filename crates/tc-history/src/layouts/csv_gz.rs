//! The CSV layout in one gzip file.

use super::{Layout, csv};
use crate::{HistoryError, rows::CandleRows, source::Source};

pub(super) const LAYOUT: Layout = Layout {
    name: "gzip CSV",
    extensions: &["csv.gz"],
    decode,
    values: None,
};

fn decode(bytes: Vec<u8>, source: &Source<'_>, rows: &mut CandleRows) -> Result<(), HistoryError> {
    csv::decode_text(&source.gunzip(&bytes)?, source, rows)
}
