//! The list of series that are kept fresh without anybody asking.

use std::{io, path::Path};

use serde_json::Value as Json;
use tc_market::SeriesId;

use super::ConfigError;

const BUILT_IN: [&str; 2] = ["binance:futures:BTC/USDT:1m", "binance:futures:ETH/USDT:1m"];

/// The list that a process without whitelist file and outside demo mode uses.
#[must_use]
#[expect(clippy::expect_used, reason = "the ids are constants that a test parses")]
pub fn built_in_whitelist() -> Vec<SeriesId> {
    BUILT_IN
        .iter()
        .map(|id| id.parse().expect("constant series id is well-formed"))
        .collect()
}

/// Reads a whitelist file: order kept, duplicates, blanks and entries that are not texts dropped.
/// A missing file is an empty list.
///
/// # Errors
/// [`ConfigError`] when the file exists and is unreadable, of another form, or holds a malformed id.
pub(super) fn read(
    path: &str,
    read_file: &dyn Fn(&Path) -> io::Result<String>,
) -> Result<Vec<SeriesId>, ConfigError> {
    let text = match read_file(Path::new(path)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => {
            return Err(ConfigError::WhitelistUnreadable {
                path: path.to_owned(),
                source,
            });
        }
    };
    let shape = |reason: String| ConfigError::WhitelistShape {
        path: path.to_owned(),
        reason,
    };
    let document: Json = serde_json::from_str(&text).map_err(|error| shape(error.to_string()))?;
    let entries = match document.get("series_ids") {
        Some(Json::Array(entries)) => entries,
        Some(_) => return Err(shape("series_ids is not a list".to_owned())),
        None => return Err(shape("series_ids is missing".to_owned())),
    };
    let mut series: Vec<SeriesId> = Vec::new();
    for id in entries
        .iter()
        .filter_map(Json::as_str)
        .map(str::trim)
        .filter(|id| !id.is_empty())
    {
        let id = id.parse().map_err(|source| ConfigError::WhitelistSeries {
            path: path.to_owned(),
            source,
        })?;
        if !series.contains(&id) {
            series.push(id);
        }
    }
    Ok(series)
}
