//! Funding of a future: rates and mark prices from the files that freqtrade keeps beside its candles.

#[cfg(test)]
mod tests;

use std::{
    error::Error,
    path::{Path, PathBuf},
};

use tc_backtest::{DataRange, FundingSeries, MarkCandle};
use tc_freqtrade::{base_config::TradingMode, candles::PairFiles};
use tc_history::{HistoryError, TimedValue, read_values};
use tc_server::backtest::BacktestRefusal;

use super::{
    NativeParts,
    wish::{Place, Wish},
};

/// No funding is counted.
const MISSING: &str = "funding_data_missing";
/// Funding is counted for a part of the run.
const INCOMPLETE: &str = "funding_data_incomplete";
/// Longest time between two payments of an exchange.
const PAUSE_MS: i64 = 8 * 3_600_000;

/// The funding of a pair, where there are files of it. On a spot market there is none.
///
/// # Errors
/// [`BacktestRefusal::FundingBad`] for a file that is there and cannot be read.
pub(super) fn read(
    parts: &NativeParts,
    place: &Place,
    range: DataRange,
) -> Result<Option<FundingSeries>, BacktestRefusal> {
    let found = folders(parts, place)
        .into_iter()
        .find_map(|folder| PairFiles::new(&folder, &place.pair, place.mode).funding());
    let Some(files) = found else {
        return Ok(None);
    };
    let values = |file: &Path, names: &[&'static str]| match read_values(file, names) {
        Ok(values) => Ok(in_milliseconds(&values)),
        Err(error) => Err(BacktestRefusal::FundingBad {
            error: whole(&error),
            file: file.to_owned(),
        }),
    };
    let rates = values(&files.rates, &["funding_rate", "open"])?;
    let (opens, closes) = (
        values(&files.marks, &["open"])?,
        values(&files.marks, &["close"])?,
    );
    let span = range.start_ms.unwrap_or(i64::MIN)..=range.end_ms.unwrap_or(i64::MAX);
    Ok(Some(FundingSeries::new(&rates, &marks(&opens, &closes), span)))
}

/// Data directories, the one to prefer first. freqtrade puts a folder named after the exchange into one that nobody named.
fn folders(parts: &NativeParts, place: &Place) -> Vec<PathBuf> {
    let named = parts.installation.data_dir(&place.base);
    let of_history = parts.history.directory();
    let mut folders = Vec::new();
    for folder in [Some(named), of_history].into_iter().flatten() {
        for folder in [folder.clone(), folder.join(&place.exchange)] {
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
    }
    folders
}

/// Mark candles that have both prices.
fn marks(opens: &[TimedValue], closes: &[TimedValue]) -> Vec<MarkCandle> {
    let candle = |&(time_ms, open): &TimedValue| {
        let at = closes.binary_search_by_key(&time_ms, |(time, _)| *time).ok()?;
        Some(MarkCandle {
            time_ms,
            open,
            close: closes[at].1,
        })
    };
    opens.iter().filter_map(candle).collect()
}

fn in_milliseconds(values: &[TimedValue]) -> Vec<TimedValue> {
    values
        .iter()
        .map(|(seconds, value)| (seconds.saturating_mul(1_000), *value))
        .collect()
}

/// An error with its causes.
fn whole(error: &HistoryError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

/// What has to be known of the funding of a run from the first to the second time, in Unix milliseconds.
pub(super) fn warning(wish: &Wish, range_ms: (i64, i64)) -> Option<&'static str> {
    if wish.place.mode == TradingMode::Spot {
        return None;
    }
    match wish.funding.as_ref() {
        None => Some(MISSING),
        Some(funding) => lacking(funding, range_ms),
    }
}

fn lacking(funding: &FundingSeries, (from_ms, to_ms): (i64, i64)) -> Option<&'static str> {
    let is_within = |time: &i64| (from_ms..=to_ms).contains(time);
    // A payment says that its neighbours are not further away than the longest pause.
    let mut known_to_ms = from_ms;
    for time in funding.times_ms() {
        if time - PAUSE_MS > known_to_ms {
            break;
        }
        known_to_ms = known_to_ms.max(time + PAUSE_MS);
    }
    let is_whole = known_to_ms >= to_ms && known_to_ms > from_ms;
    if is_whole {
        None
    } else if funding.times_ms().any(|time| is_within(&time)) {
        Some(INCOMPLETE)
    } else {
        Some(MISSING)
    }
}
