//! freqtrade's `jsongz` format: the JSON layout in one gzip file.

use super::{Layout, json};
use crate::{HistoryError, rows::CandleRows, source::Source, values::ValueRows};

pub(super) const LAYOUT: Layout = Layout {
    name: "gzip JSON",
    extensions: &["json.gz"],
    decode,
    values: Some(decode_values),
};

fn decode(bytes: Vec<u8>, source: &Source<'_>, rows: &mut CandleRows) -> Result<(), HistoryError> {
    json::decode_text(&source.gunzip(&bytes)?, source, rows)
}

fn decode_values(bytes: Vec<u8>, source: &Source<'_>, rows: &mut ValueRows) -> Result<(), HistoryError> {
    json::values::decode_text(&source.gunzip(&bytes)?, source, rows)
}
