//! Which candle files a path holds.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use tc_market::{MarketKind, SeriesId, SeriesIdError, Timeframe};

use crate::{
    CandleFile, HistoryError, layouts,
    naming::{self, NameParts},
};

const MAX_DEPTH: usize = 12;
const MAX_ENTRIES: usize = 100_000;

/// What the caller knows better than the file names.
///
/// For a single file each hint replaces what the name says. In a directory `exchange` does the same, while the
/// other hints complete names that leave something open and pass over files whose name says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportHints {
    /// First part of the series ids.
    pub exchange: Option<String>,
    /// Second part.
    pub market: Option<MarketKind>,
    /// Third part, such as `BTC/USDT`.
    pub symbol: Option<String>,
    /// Last part.
    pub timeframe: Option<Timeframe>,
}

/// What a path holds.
#[derive(Debug, Clone, Default)]
pub struct Discovery {
    /// By series id, then by period.
    pub files: Vec<CandleFile>,
    /// By path.
    pub skipped: Vec<SkippedFile>,
}

/// A file that will not be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedFile {
    /// Where it is.
    pub path: PathBuf,
    /// Why not.
    pub reason: SkipReason,
}

/// Why a file is not imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SkipReason {
    /// No known extension.
    #[error("it is not a candle file")]
    NotACandleFile,
    /// A table that freqtrade keeps beside the candles, such as `mark` or `funding_rate`.
    #[error("{0} files are not candles of a market")]
    OtherCandleType(String),
    /// Single trades.
    #[error("trades are not candles")]
    Trades,
    /// A contract that is settled in the base coin.
    #[error("coin-margined contracts are not supported")]
    CoinMargined,
    /// A contract with a delivery date.
    #[error("delivery contracts are not supported")]
    DeliveryContract,
    /// The name does not tell the symbol.
    #[error("its name does not tell the symbol; state it, as in BTC/USDT")]
    UnknownSymbol,
    /// The name does not tell the timeframe.
    #[error("its name does not tell the timeframe; state it, as in 1m")]
    UnknownTimeframe,
    /// The timeframe in the name is not one of minutes, hours or days.
    #[error("timeframe {0} is not a number of minutes, hours or days")]
    UnsupportedTimeframe(String),
    /// The name says something else than what was asked for.
    #[error("it holds {0}, which was not asked for")]
    NotAskedFor(String),
    /// Name and hints make no series id.
    #[error(transparent)]
    Series(#[from] SeriesIdError),
    /// Another file beside it has the same candles in a layout that comes first.
    #[error("its candles are taken from {}", .0.display())]
    SameCandles(PathBuf),
}

/// Finds the candle files of `path`: the file itself, or everything below a directory, such as a freqtrade data
/// directory (with or without folders named after exchanges, with `futures/`) or a copy of Binance's archive.
///
/// Only names and sizes are looked at. Hidden files and folders are passed over.
///
/// # Errors
/// [`HistoryError`] when the path cannot be read, and for a single file also when it is none that can be imported;
/// in a directory such files are in [`Discovery::skipped`].
pub fn discover(path: &Path, hints: &ImportHints) -> Result<Discovery, HistoryError> {
    let is_directory = metadata(path)?.is_dir();
    if !is_directory {
        let place = Place::of(path)?;
        let named = name_series(&place, hints, Scope::File).map_err(|reason| match reason {
            SkipReason::NotACandleFile => HistoryError::UnknownLayout { path: path.into() },
            SkipReason::Series(source) => HistoryError::Series {
                path: path.into(),
                source,
            },
            reason => HistoryError::Refused {
                path: path.into(),
                reason,
            },
        })?;
        return Ok(Discovery {
            files: vec![named.file],
            skipped: Vec::new(),
        });
    }
    let mut named = Vec::new();
    let mut skipped = Vec::new();
    for path in files_below(path)? {
        let place = Place::of(&path)?;
        match name_series(&place, hints, Scope::Directory) {
            Ok(file) => named.push(file),
            Err(reason) => skipped.push(SkippedFile { path, reason }),
        }
    }
    let mut files = take_preferred(named, &mut skipped);
    files.sort_by(|a, b| (&a.series, &a.period, &a.path).cmp(&(&b.series, &b.period, &b.path)));
    skipped.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Discovery { files, skipped })
}

/// Whether hints replace what names say or only complete it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    File,
    Directory,
}

/// A file and the folders that may say something about it.
struct Place {
    path: PathBuf,
    absolute: PathBuf,
    size_bytes: u64,
}

impl Place {
    fn of(path: &Path) -> Result<Self, HistoryError> {
        let absolute = std::path::absolute(path).map_err(|source| unreadable(path, source))?;
        Ok(Self {
            path: path.into(),
            absolute,
            size_bytes: metadata(path)?.len(),
        })
    }
}

/// A file with its series, and what decides between files with the same candles.
struct Named {
    file: CandleFile,
    /// Directory (a `futures` folder counts as the directory that holds it) and part of the history.
    group: (PathBuf, String),
    /// Smallest first: `futures` folder, layout, length of the name.
    rank: (bool, usize, usize),
}

fn name_series(place: &Place, hints: &ImportHints, scope: Scope) -> Result<Named, SkipReason> {
    let file_name = place
        .path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let (layout_rank, layout, stem) = layouts::of_name(file_name).ok_or(SkipReason::NotACandleFile)?;
    let parts = naming::read_stem(stem);
    if let Some(reason) = parts.refused {
        return Err(reason);
    }
    if scope == Scope::Directory {
        check_asked_for(&parts, hints)?;
    }
    let market = match hints.market.or(parts.market) {
        Some(market) => market,
        None => naming::market_of_folders(&place.absolute)?.unwrap_or(MarketKind::Spot),
    };
    let exchange = hints
        .exchange
        .as_deref()
        .or_else(|| naming::exchange_of_folders(&place.absolute))
        .unwrap_or(naming::DEFAULT_EXCHANGE);
    let is_complete = parts.is_complete();
    let symbol = hints.symbol.clone().map_or(parts.symbol, Ok)?;
    let timeframe = hints.timeframe.map_or(parts.timeframe, Ok)?;
    let series = SeriesId::from_parts(exchange, market.name(), &symbol, timeframe)?;

    let folder = place.absolute.parent().unwrap_or(Path::new(""));
    let is_futures_folder = folder.ends_with("futures");
    let directory = if is_futures_folder {
        folder.parent().unwrap_or(folder)
    } else {
        folder
    };
    // Nothing is known of how foreign names are made, so two of them never count as the same candles.
    let part = if is_complete {
        parts.period.clone().unwrap_or_default()
    } else {
        stem.to_owned()
    };
    Ok(Named {
        group: (directory.into(), part),
        rank: (!is_futures_folder, layout_rank, stem.len()),
        file: CandleFile {
            path: place.path.clone(),
            series,
            layout,
            period: parts.period,
            size_bytes: place.size_bytes,
        },
    })
}

fn check_asked_for(parts: &NameParts, hints: &ImportHints) -> Result<(), SkipReason> {
    if let (Some(asked), Ok(symbol)) = (&hints.symbol, &parts.symbol)
        && naming::short_symbol(asked) != symbol
    {
        return Err(SkipReason::NotAskedFor(symbol.clone()));
    }
    if let (Some(asked), Ok(timeframe)) = (hints.timeframe, &parts.timeframe)
        && asked != *timeframe
    {
        return Err(SkipReason::NotAskedFor(format!("timeframe {timeframe}")));
    }
    if let (Some(asked), Some(market)) = (hints.market, parts.market)
        && asked != market
    {
        return Err(SkipReason::NotAskedFor(format!("{market} candles")));
    }
    Ok(())
}

/// Of the files of one directory with the same candles takes the first by rank; the others go to `skipped`.
fn take_preferred(named: Vec<Named>, skipped: &mut Vec<SkippedFile>) -> Vec<CandleFile> {
    let mut groups: BTreeMap<((PathBuf, String), SeriesId), Vec<Named>> = BTreeMap::new();
    for named in named {
        groups
            .entry((named.group.clone(), named.file.series.clone()))
            .or_default()
            .push(named);
    }
    let mut files = Vec::new();
    for mut group in groups.into_values() {
        group.sort_by(|a, b| (a.rank, &a.file.path).cmp(&(b.rank, &b.file.path)));
        let mut group = group.into_iter().map(|named| named.file);
        let Some(preferred) = group.next() else { continue };
        skipped.extend(group.map(|file| SkippedFile {
            path: file.path,
            reason: SkipReason::SameCandles(preferred.path.clone()),
        }));
        files.push(preferred);
    }
    files
}

/// Every file below `root`, each folder once even where links lead back to it.
fn files_below(root: &Path) -> Result<Vec<PathBuf>, HistoryError> {
    let mut files = Vec::new();
    let mut entries = 0;
    let mut visited = BTreeSet::new();
    let mut folders = vec![(root.to_path_buf(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        if !visited.insert(fs::canonicalize(&folder).map_err(|source| unreadable(&folder, source))?) {
            continue;
        }
        for entry in fs::read_dir(&folder).map_err(|source| unreadable(&folder, source))? {
            let entry = entry.map_err(|source| unreadable(&folder, source))?;
            entries += 1;
            if entries > MAX_ENTRIES {
                return Err(HistoryError::TooManyEntries {
                    path: root.into(),
                    limit: MAX_ENTRIES,
                });
            }
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let path = entry.path();
            // A link to nowhere is nothing to import.
            let Ok(metadata) = fs::metadata(&path) else {
                continue;
            };
            if metadata.is_file() {
                files.push(path);
            } else if metadata.is_dir() && depth < MAX_DEPTH {
                folders.push((path, depth + 1));
            }
        }
    }
    files.sort();
    Ok(files)
}

fn metadata(path: &Path) -> Result<fs::Metadata, HistoryError> {
    fs::metadata(path).map_err(|source| unreadable(path, source))
}

fn unreadable(path: &Path, source: io::Error) -> HistoryError {
    HistoryError::Read {
        path: path.into(),
        source,
    }
}

#[cfg(test)]
#[cfg(feature = "columnar")]
mod tests;
