//! Where freqtrade looks for the candles of a pair.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    base_config::TradingMode,
    input::{Pair, Timeframe},
};

/// How a file is written, the one to prefer first.
pub const FORMATS: [DataFormat; 4] = [
    DataFormat::Feather,
    DataFormat::Parquet,
    DataFormat::JsonGz,
    DataFormat::Json,
];

/// How a file is written. freqtrade reads one of them in a run and passes over the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataFormat {
    /// Feather.
    Feather,
    /// Parquet.
    Parquet,
    /// Packed JSON.
    JsonGz,
    /// JSON.
    Json,
}

impl DataFormat {
    /// Ending of the file name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Feather => "feather",
            Self::Parquet => "parquet",
            Self::JsonGz => "json.gz",
            Self::Json => "json",
        }
    }

    /// freqtrade's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Feather => "feather",
            Self::Parquet => "parquet",
            Self::JsonGz => "jsongz",
            Self::Json => "json",
        }
    }
}

/// Timeframes in the names of files about funding, the one to prefer first: exchanges are paid at different hours, and
/// freqtrade has called these files by different ones.
const FUNDING_TIMEFRAMES: [&str; 3] = ["1h", "4h", "8h"];

/// What the funding of a future is computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundingFiles {
    /// Funding rates.
    pub rates: PathBuf,
    /// Candles of the mark price.
    pub marks: PathBuf,
}

/// The files of one pair in a data directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairFiles {
    directory: PathBuf,
    /// The pair within a file name.
    stem: String,
    suffix: &'static str,
    mode: TradingMode,
}

impl PairFiles {
    /// The files of a resolved pair.
    #[must_use]
    pub fn new(data_dir: &Path, pair: &Pair, mode: TradingMode) -> Self {
        let (base, quote) = (pair.base(), pair.quote());
        match mode {
            TradingMode::Spot => Self {
                directory: data_dir.to_owned(),
                stem: match pair.settle() {
                    Some(settle) => format!("{base}_{quote}_{settle}"),
                    None => format!("{base}_{quote}"),
                },
                suffix: "",
                mode,
            },
            TradingMode::Futures => Self {
                directory: data_dir.join("futures"),
                stem: format!("{base}_{quote}_{}", pair.settle().unwrap_or(quote)),
                suffix: "-futures",
                mode,
            },
        }
    }

    /// Where candles may be, the file to prefer first.
    #[must_use]
    pub fn expected(&self, timeframe: &Timeframe) -> Vec<PathBuf> {
        let file = |format: &DataFormat| self.file(&timeframe.in_file_name(), self.suffix, *format);
        FORMATS.iter().map(file).collect()
    }

    /// The format of the file that is there.
    #[must_use]
    pub fn format(&self, timeframe: &Timeframe) -> Option<DataFormat> {
        let is_there = |format: &DataFormat| {
            self.file(&timeframe.in_file_name(), self.suffix, *format)
                .is_file()
        };
        FORMATS.into_iter().find(is_there)
    }

    /// Whether freqtrade has to do without funding: then it counts none, and does not fail.
    #[must_use]
    pub fn lacks_funding(&self, format: DataFormat) -> bool {
        self.mode == TradingMode::Futures
            && ["-mark", "-funding_rate"]
                .iter()
                .any(|suffix| !self.file("1h", suffix, format).is_file())
    }

    /// The files with funding rates and mark prices of a future, in whatever format they are; `None` when one is not there.
    #[must_use]
    pub fn funding(&self) -> Option<FundingFiles> {
        if self.mode == TradingMode::Spot {
            return None;
        }
        let found = |suffix: &'static str| {
            let names = FUNDING_TIMEFRAMES.iter().flat_map(|timeframe| {
                FORMATS
                    .iter()
                    .map(move |format| self.file(timeframe, suffix, *format))
            });
            names.into_iter().find(|path| path.is_file())
        };
        Some(FundingFiles {
            rates: found("-funding_rate")?,
            marks: found("-mark")?,
        })
    }

    /// Timeframes that there are files of, ascending as texts.
    ///
    /// # Errors
    /// When the directory is there and cannot be listed.
    pub fn timeframes(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut found = BTreeSet::new();
        for entry in entries {
            if let Some(timeframe) = entry?
                .file_name()
                .to_str()
                .and_then(|name| self.timeframe_of(name))
            {
                found.insert(timeframe);
            }
        }
        Ok(found.into_iter().collect())
    }

    fn timeframe_of(&self, name: &str) -> Option<String> {
        let rest = name.strip_prefix(&self.stem)?.strip_prefix('-')?;
        let with_suffix = FORMATS
            .iter()
            .find_map(|format| rest.strip_suffix(format.extension())?.strip_suffix('.'))?;
        let text = with_suffix.strip_suffix(self.suffix)?;
        let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_timeframe = unit.len() < text.len()
            && (1..=2).contains(&unit.len())
            && unit.bytes().all(|b| b.is_ascii_alphabetic());
        is_timeframe.then(|| match text.strip_suffix("Mo") {
            Some(number) => format!("{number}M"),
            None => text.to_owned(),
        })
    }

    fn file(&self, timeframe: &str, suffix: &str, format: DataFormat) -> PathBuf {
        let (stem, extension) = (&self.stem, format.extension());
        self.directory
            .join(format!("{stem}-{timeframe}{suffix}.{extension}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: &Path, pair: &str, mode: TradingMode) -> PairFiles {
        PairFiles::new(folder, &Pair::parse(pair).unwrap(), mode)
    }

    fn timeframe(text: &str) -> Timeframe {
        Timeframe::parse(text).unwrap()
    }

    fn touch(folder: &Path, names: &[&str]) {
        for name in names {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
    }

    #[test]
    fn every_format_is_expected_in_order() {
        let spot = files(Path::new("d"), "BTC/USDT", TradingMode::Spot).expected(&timeframe("1M"));
        let expected = ["feather", "parquet", "json.gz", "json"]
            .map(|end| PathBuf::from(format!("d/BTC_USDT-1Mo.{end}")));
        assert_eq!(spot, expected);
        let futures = files(Path::new("d"), "BTC/USDT:USDC", TradingMode::Futures).expected(&timeframe("5m"));
        assert_eq!(
            futures[0],
            Path::new("d/futures/BTC_USDT_USDC-5m-futures.feather")
        );
    }

    #[test]
    fn the_first_format_that_is_there_counts_even_empty() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path(), "BTC/USDT", TradingMode::Spot);
        assert_eq!(files.format(&timeframe("5m")), None);
        touch(folder.path(), &["BTC_USDT-5m.json", "ETH_USDT-5m.feather"]);
        assert_eq!(
            files.format(&timeframe("5m")).map(DataFormat::as_str),
            Some("json")
        );
        touch(folder.path(), &["BTC_USDT-5m.json.gz"]);
        assert_eq!(
            files.format(&timeframe("5m")).map(DataFormat::as_str),
            Some("jsongz")
        );
        touch(folder.path(), &["BTC_USDT-5m.parquet"]);
        assert_eq!(
            files.format(&timeframe("5m")).map(DataFormat::as_str),
            Some("parquet")
        );
        assert!(!files.lacks_funding(DataFormat::Parquet), "spot has none");
    }

    #[test]
    fn timeframes_are_those_of_this_pair() {
        let folder = tempfile::tempdir().unwrap();
        let spot = files(folder.path(), "BTC/USDT", TradingMode::Spot);
        assert_eq!(spot.timeframes().unwrap(), [""; 0]);
        touch(
            folder.path(),
            &[
                "BTC_USDT-5m.feather",
                "BTC_USDT-5m.json",
                "BTC_USDT-15m.json.gz",
                "BTC_USDT-1h.parquet",
                "BTC_USDT-1d.json",
                "BTC_USDT-1m.feather",
                "BTC_USDT-1Mo.feather",
                "BTC_USDT-trades.feather",
                "BTC_USDT-5m-x.feather",
                "BTC_USDT-h.feather",
                "BTC_USDT-123.feather",
                "BTC_USDT-5mxy.feather",
                "BTC_USDT-4h.csv",
                "XBTC_USDT-3m.feather",
                "BTC_USDT_USDT-3m.feather",
                "futures/BTC_USDT_USDT-30m-futures.feather",
                "futures/BTC_USDT_USDT-1h-mark.feather",
                "futures/BTC_USDT_USDT-8h-funding_rate.feather",
            ],
        );
        assert_eq!(spot.timeframes().unwrap(), ["15m", "1M", "1d", "1h", "1m", "5m"]);
        let futures = files(folder.path(), "BTC/USDT:USDT", TradingMode::Futures);
        assert_eq!(futures.timeframes().unwrap(), ["30m"]);
        assert!(futures.lacks_funding(DataFormat::Feather));
        touch(folder.path(), &["futures/BTC_USDT_USDT-1h-funding_rate.feather"]);
        assert!(!futures.lacks_funding(DataFormat::Feather));
        assert!(
            futures.lacks_funding(DataFormat::Json),
            "another format is not read"
        );
    }

    #[test]
    fn funding_is_found_in_any_format_and_under_any_hour() {
        let folder = tempfile::tempdir().unwrap();
        let futures = files(folder.path(), "BTC/USDT:USDT", TradingMode::Futures);
        touch(
            folder.path(),
            &[
                "futures/BTC_USDT_USDT-8h-funding_rate.json.gz",
                "futures/ETH_USDT_USDT-1h-mark.feather",
            ],
        );
        assert_eq!(futures.funding(), None, "rates alone are not enough");
        let at = |name: &str| folder.path().join("futures").join(name);
        touch(folder.path(), &["futures/BTC_USDT_USDT-4h-mark.json"]);
        let found = futures.funding().unwrap();
        assert_eq!(found.rates, at("BTC_USDT_USDT-8h-funding_rate.json.gz"));
        assert_eq!(found.marks, at("BTC_USDT_USDT-4h-mark.json"));
        touch(
            folder.path(),
            &[
                "futures/BTC_USDT_USDT-1h-funding_rate.json",
                "futures/BTC_USDT_USDT-1h-mark.json",
                "futures/BTC_USDT_USDT-1h-mark.parquet",
            ],
        );
        let found = futures.funding().unwrap();
        assert_eq!(found.rates, at("BTC_USDT_USDT-1h-funding_rate.json"));
        assert_eq!(found.marks, at("BTC_USDT_USDT-1h-mark.parquet"));
        let spot = files(folder.path(), "BTC/USDT:USDT", TradingMode::Spot);
        assert_eq!(spot.funding(), None);
    }
}
