//! What a run left behind: a zip in its own directory. Without one nothing was tested, whatever the exit code says.

mod equity;
mod plain_json;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufReader, Read, Seek},
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::value::RawValue;
use zip::{ZipArchive, result::ZipError};

use crate::input::StrategyName;
pub use equity::{EquityPoint, MAX_EQUITY_POINTS, thinned};
use plain_json::PlainJson;

/// Most bytes of one entry once it is unpacked.
const MAX_ENTRY: u64 = 512 << 20;

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum ResultError {
    /// There is no zip in the directory.
    #[error("freqtrade wrote no result")]
    Missing,
    /// The directory or the file cannot be read.
    #[error("the result cannot be read: {0}")]
    Read(#[from] io::Error),
    /// It is no zip, or a damaged one.
    #[error("the result is damaged: {0}")]
    Zip(#[from] ZipError),
    /// No entry of it holds statistics.
    #[error("the result holds no statistics")]
    NoStatistics,
    /// The statistics are not of this strategy.
    #[error("the result is not about {0}")]
    OtherStrategy(StrategyName),
    /// Statistics that cannot be understood.
    #[error("the statistics cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// A value is missing or of a wrong type.
    #[error("the statistics have no usable {0}")]
    Value(&'static str),
}

/// What a run came to.
#[derive(Debug)]
pub struct RunResult {
    /// Trades.
    pub total_trades: u64,
    /// First candle, Unix milliseconds.
    pub start_ms: Option<i64>,
    /// Last candle, Unix milliseconds.
    pub end_ms: Option<i64>,
    /// Money at the beginning, in the stake currency.
    pub starting_balance: Option<f64>,
    /// Money at the end, in the stake currency.
    pub final_balance: Option<f64>,
    /// Every statistic but the trades, as freqtrade calls it.
    pub metrics: BTreeMap<String, Box<RawValue>>,
    /// The trades in the order in which they were closed: a list.
    pub trades: Box<RawValue>,
    /// The curve of money, not more than [`MAX_EQUITY_POINTS`]; `None`: there is one that cannot be read.
    pub equity: Option<Vec<EquityPoint>>,
    /// The file.
    pub file: PathBuf,
}

/// The newest zip of a directory.
///
/// # Errors
/// [`ResultError::Missing`], or when the directory cannot be listed.
pub fn find(directory: &Path) -> Result<PathBuf, ResultError> {
    let mut newest = None;
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "zip") {
            continue;
        }
        let age = fs::metadata(&path)?.modified().ok();
        newest = newest.max(Some((age, path)));
    }
    newest.map(|(_, path)| path).ok_or(ResultError::Missing)
}

/// Reads a result of `strategy`.
///
/// # Errors
/// [`ResultError`] but for [`ResultError::Missing`].
pub fn read(file: &Path, strategy: &StrategyName) -> Result<RunResult, ResultError> {
    let mut archive = ZipArchive::new(BufReader::new(File::open(file)?))?;
    let mut statistics = statistics(&mut archive, strategy)?;
    let trades = statistics.remove("trades").ok_or(ResultError::Value("trades"))?;
    let number = |key: &str| {
        let value = statistics.get(key)?;
        serde_json::from_str::<Option<f64>>(value.get()).ok().flatten()
    };
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a calendar fit")]
    let instant = |key: &str| number(key).map(|ms| ms as i64);
    Ok(RunResult {
        total_trades: count(&statistics, &trades)?,
        start_ms: instant("backtest_start_ts"),
        end_ms: instant("backtest_end_ts"),
        starting_balance: number("starting_balance"),
        final_balance: number("final_balance"),
        trades,
        equity: equity(&mut archive, strategy).ok(),
        file: file.to_owned(),
        metrics: statistics,
    })
}

/// A whole number of trades; without one the trades are counted.
fn count(statistics: &BTreeMap<String, Box<RawValue>>, trades: &RawValue) -> Result<u64, ResultError> {
    let said = statistics.get("total_trades");
    if let Some(said) = said.and_then(|value| serde_json::from_str::<u64>(value.get()).ok()) {
        return Ok(said);
    }
    let trades: Vec<&RawValue> =
        serde_json::from_str(trades.get()).map_err(|_| ResultError::Value("total_trades"))?;
    Ok(trades.len() as u64)
}

#[derive(Deserialize)]
struct Export {
    strategy: BTreeMap<String, BTreeMap<String, Box<RawValue>>>,
}

/// The statistics: of the entry with the name that freqtrade gives it, else of any other one that has them. Parameters of
/// a strategy are JSON as well.
fn statistics<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    strategy: &StrategyName,
) -> Result<BTreeMap<String, Box<RawValue>>, ResultError> {
    let is_candidate = |name: &&String| name.ends_with(".json") && !name.ends_with("_config.json");
    let names = names(archive)?;
    let mut names: Vec<&String> = names.iter().filter(is_candidate).collect();
    names.sort_by_key(|name| (!name.starts_with("backtest-result-"), name.len()));
    let mut trouble = ResultError::NoStatistics;
    for name in names {
        let entry = archive.by_name(name)?.take(MAX_ENTRY);
        let export: Result<Export, _> = serde_json::from_reader(BufReader::new(PlainJson::new(entry)));
        match export {
            Ok(mut export) => match export.strategy.remove(strategy.as_str()) {
                Some(statistics) => return Ok(statistics),
                None => trouble = ResultError::OtherStrategy(strategy.clone()),
            },
            // Valid JSON of another kind.
            Err(error) if error.is_data() => {}
            Err(error) => trouble = error.into(),
        }
    }
    Err(trouble)
}

/// The curve of money; no points when freqtrade wrote none.
fn equity<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    strategy: &StrategyName,
) -> Result<Vec<EquityPoint>, ResultError> {
    let ending = format!("_{strategy}_wallet.feather");
    let Some(name) = names(archive)?.into_iter().find(|name| name.ends_with(&ending)) else {
        return Ok(Vec::new());
    };
    let mut bytes = Vec::new();
    archive.by_name(&name)?.take(MAX_ENTRY).read_to_end(&mut bytes)?;
    let curve = equity::read(bytes).map_err(|_| ResultError::Value("wallet"))?;
    Ok(thinned(curve, MAX_EQUITY_POINTS))
}

fn names<R: Read + Seek>(archive: &ZipArchive<R>) -> Result<Vec<String>, ZipError> {
    archive.file_names().map(|name| Ok(name?.into_owned())).collect()
}
