//! freqtrade's `jsongz` format: the JSON layout in one gzip file.

use super::{Layout, json};
use crate::{HistoryError, rows::CandleRows, source::Source};

pub(super) const LAYOUT: Layout = Layout {
    name: "gzip JSON",
    extensions: &["json.gz"],
    decode,
};

fn decode(bytes: Vec<u8>, source: &Source<'_>, rows: &mut CandleRows) -> Result<(), HistoryError> {
    json::decode_text(&source.gunzip(&bytes)?, source, rows)
}
