//! Where newer candles of a series have to go so that they continue its history.

use std::path::{Path, PathBuf};

use tc_market::SeriesId;

use super::{FORMATS, FreqtradeHistory};
use crate::{layouts, naming};

/// What freqtrade has to be told so that the candles it downloads are found together with those that are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadTarget {
    /// Its data directory, which it takes as it is.
    pub directory: PathBuf,
    /// Its word for the format of the file.
    pub format: &'static str,
    /// The file that it writes.
    pub file: PathBuf,
}

/// Why freqtrade cannot continue the history of a series.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DownloadRefusal {
    /// Neither spot nor futures.
    #[error("freqtrade has no market {0:?}")]
    Market(String),
    /// The file has a name that freqtrade reads nothing from: it would begin another one.
    #[error("freqtrade does not continue {}; it writes {stem}", .found.display())]
    Name {
        /// The file with the history.
        found: PathBuf,
        /// The name that freqtrade uses, without extension, in its data directory.
        stem: String,
    },
    /// The data directory is named after another exchange.
    #[error("{} holds the candles of another exchange", .0.display())]
    Exchange(PathBuf),
}

impl FreqtradeHistory {
    /// Where freqtrade has to put newer candles of `series`: into the file that [`FreqtradeHistory::file_of`] finds,
    /// else into a new one that it will find.
    ///
    /// # Errors
    /// [`DownloadRefusal`].
    pub fn download_target(&self, series: &SeriesId) -> Result<DownloadTarget, DownloadRefusal> {
        let stem = naming::written_stem(series)
            .ok_or_else(|| DownloadRefusal::Market(series.market().to_owned()))?;
        let target = |directory: &Path, (extension, format): (&str, &'static str)| DownloadTarget {
            directory: directory.to_owned(),
            format,
            file: directory.join(format!("{stem}.{extension}")),
        };
        let target = match self.file_of(series) {
            Some(found) => self
                .searched(series)
                .iter()
                .flat_map(|directory| FORMATS.iter().map(|format| target(directory, *format)))
                .find(|target| target.file == found.path)
                .ok_or(DownloadRefusal::Name {
                    found: found.path,
                    stem: stem.clone(),
                })?,
            None => target(&self.new_directory(series), readable_format()),
        };
        if is_of_another_exchange(&target.directory, series) {
            return Err(DownloadRefusal::Exchange(target.directory));
        }
        Ok(target)
    }

    /// The data directory of a series without a file. A directory that nobody named has a folder for each exchange,
    /// as freqtrade itself has it; one that somebody named is taken as it is unless it has such a folder.
    fn new_directory(&self, series: &SeriesId) -> PathBuf {
        let exchange = series.exchange();
        match self.named_directory() {
            None => self.own_directory().join(exchange),
            Some(named) => Some(named.join(exchange))
                .filter(|folder| folder.is_dir())
                .unwrap_or(named),
        }
    }
}

/// The first format that this build reads.
pub(super) fn readable_format() -> (&'static str, &'static str) {
    let readable = |(extension, _): &&(&str, &str)| layouts::of_name(&format!("x.{extension}")).is_some();
    FORMATS.iter().find(readable).copied().unwrap_or(("json", "json"))
}

fn is_of_another_exchange(directory: &Path, series: &SeriesId) -> bool {
    let name = directory.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| naming::is_exchange(name) && !name.eq_ignore_ascii_case(series.exchange()))
}
