//! Where a freqtrade installation keeps the candles of a series.

mod target;
#[cfg(test)]
mod tests;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tc_market::{Candle, CandleTime, SeriesId};

use crate::{CandleFile, HistoryError, layouts, naming::freqtrade_stems};
pub use target::{DownloadRefusal, DownloadTarget};

/// Extensions that freqtrade writes with its words for them, the one to prefer first.
const FORMATS: &[(&str, &str)] = &[
    ("feather", "feather"),
    ("parquet", "parquet"),
    ("json", "json"),
    ("json.gz", "jsongz"),
];

/// A freqtrade installation, as far as it says where its candles are. Nothing of it is remembered: a directory that
/// appears later is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreqtradeHistory {
    /// What relative paths below start from.
    pub root: PathBuf,
    /// Data directory, if it is named explicitly.
    pub data_dir: Option<PathBuf>,
    /// Configuration file, whose `datadir` counts.
    pub config: Option<PathBuf>,
    /// User directory; `user_data` below the root when it is not named.
    pub user_dir: Option<PathBuf>,
    /// What `~` stands for in the configuration file.
    pub home: Option<PathBuf>,
}

impl FreqtradeHistory {
    /// The data directory: the named one, else the one of the configuration file, else `data` in the user directory
    /// if that exists.
    #[must_use]
    pub fn directory(&self) -> Option<PathBuf> {
        self.named_directory()
            .or_else(|| Some(self.own_directory()).filter(|directory| directory.is_dir()))
    }

    /// A data directory that somebody named.
    fn named_directory(&self) -> Option<PathBuf> {
        match &self.data_dir {
            Some(named) => Some(self.root.join(named)),
            None => self.configured_directory(),
        }
    }

    /// The data directory when nobody named one.
    fn own_directory(&self) -> PathBuf {
        let user_dir = self.user_dir.as_deref().unwrap_or(Path::new("user_data"));
        self.root.join(user_dir).join("data")
    }

    /// A configuration file that cannot be read names no directory.
    fn configured_directory(&self) -> Option<PathBuf> {
        let text = fs::read_to_string(self.root.join(self.config.as_ref()?)).ok()?;
        let config: Value = serde_json::from_str(&text).ok()?;
        let named = config.get("datadir")?.as_str()?.trim();
        if named.is_empty() {
            return None;
        }
        let expanded = match (named.strip_prefix('~'), &self.home) {
            (Some(""), Some(home)) => home.clone(),
            (Some(rest), Some(home)) if rest.starts_with('/') => home.join(&rest[1..]),
            _ => PathBuf::from(named),
        };
        Some(self.root.join(expanded))
    }

    /// The file with the candles of `series`. freqtrade puts a folder named after the exchange into a data directory
    /// that nobody named, so both are searched, the directory itself first.
    #[must_use]
    pub fn file_of(&self, series: &SeriesId) -> Option<CandleFile> {
        // Other markets than spot and futures have no files here.
        series.market_kind()?;
        self.searched(series)
            .iter()
            .find_map(|directory| file_in(directory, series))
    }

    /// The directories that are searched, the one to prefer first.
    fn searched(&self, series: &SeriesId) -> Vec<PathBuf> {
        let Some(directory) = self.directory() else {
            return Vec::new();
        };
        let of_exchange = directory.join(series.exchange());
        vec![directory, of_exchange]
    }

    /// The newest `limit` candles of `series` up to `latest_closed`, ascending; none when there is no file.
    ///
    /// # Errors
    /// [`HistoryError`] when the file cannot be decoded.
    pub fn newest(
        &self,
        series: &SeriesId,
        limit: usize,
        latest_closed: CandleTime,
    ) -> Result<Vec<Candle>, HistoryError> {
        let Some(file) = self.file_of(series) else {
            return Ok(Vec::new());
        };
        file.newest(limit, latest_closed)
    }
}

fn file_in(directory: &Path, series: &SeriesId) -> Option<CandleFile> {
    for stem in freqtrade_stems(series) {
        for (extension, _) in FORMATS {
            let path = directory.join(format!("{stem}.{extension}"));
            let Some(metadata) = fs::metadata(&path).ok().filter(fs::Metadata::is_file) else {
                continue;
            };
            let name = path.file_name()?.to_str()?;
            let Some((_, layout, _)) = layouts::of_name(name) else {
                continue;
            };
            return Some(CandleFile {
                series: series.clone(),
                layout,
                period: None,
                size_bytes: metadata.len(),
                path,
            });
        }
    }
    None
}
