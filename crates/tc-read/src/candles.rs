//! Pages of candles and the list of series.

use tc_market::{Candle, CandleTime, SeriesId, latest_closed};
use tc_store::{SeriesSummary, Snapshot};

use crate::ReadError;

/// Which candles are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CandleQuery {
    /// Exclusive cursor, seconds; `None`: the newest candles. May be negative.
    pub since: Option<i64>,
    /// Most candles to return.
    pub limit: usize,
    /// Market clock, Unix seconds.
    pub now_s: i64,
}

/// A page of candles.
#[derive(Debug, Clone, PartialEq)]
pub struct CandlePage {
    /// Newest stored candle, whatever the page holds.
    pub server_head_time: Option<CandleTime>,
    /// Ascending.
    pub candles: Vec<Candle>,
}

impl CandlePage {
    /// Without a cursor the newest candles; with one the oldest after it. Candles later than the latest closed time
    /// are withheld and a later cursor is held back to it, unless the newest of them is more than two buckets ahead:
    /// then the clock does not fit the data, and nothing is left out.
    ///
    /// # Errors
    /// [`ReadError::Store`].
    pub fn read(snapshot: &dyn Snapshot, series: &SeriesId, query: &CandleQuery) -> Result<Self, ReadError> {
        let Some(key) = snapshot.series_key(series)? else {
            return Ok(Self {
                server_head_time: None,
                candles: Vec::new(),
            });
        };
        let server_head_time = snapshot.head_time(key)?;
        let tf = series.timeframe().seconds();
        let closed = latest_closed(query.now_s, tf);
        let tolerated_s = closed.seconds() + 2 * tf;
        let mut candles = match query.since {
            None => snapshot.newest_candles(key, query.limit)?,
            Some(since) => {
                let since = if since <= tolerated_s {
                    since.min(closed.seconds())
                } else {
                    since
                };
                let from = since.saturating_add(1);
                if from > CandleTime::MAX.seconds() {
                    Vec::new()
                } else {
                    snapshot.candles_between(key, CandleTime::clamped(from), CandleTime::MAX, query.limit)?
                }
            }
        };
        if candles
            .last()
            .is_some_and(|newest| newest.time().seconds() <= tolerated_s)
        {
            candles.truncate(candles.partition_point(|candle| candle.time() <= closed));
        }
        Ok(Self {
            server_head_time,
            candles,
        })
    }
}

/// Stored series, ascending by id, whose id contains `part` in any case; at most `limit`.
///
/// # Errors
/// [`ReadError::Store`].
pub fn series_list(
    snapshot: &dyn Snapshot,
    part: Option<&str>,
    limit: usize,
) -> Result<Vec<SeriesSummary>, ReadError> {
    let part = part.unwrap_or_default().to_lowercase();
    let mut series = snapshot.list_series()?;
    series.retain(|summary| summary.series.as_str().to_lowercase().contains(&part));
    series.truncate(limit);
    Ok(series)
}

/// The newest candles at or before each of at most `points` instants that lie evenly between the oldest candle and
/// `until`, Unix seconds; ascending, each once. Look-ups, not a scan: the length of the history does not matter.
///
/// # Errors
/// [`ReadError::Store`].
pub fn outline(
    snapshot: &dyn Snapshot,
    series: &SeriesId,
    until: i64,
    points: usize,
) -> Result<Vec<Candle>, ReadError> {
    let Some(key) = snapshot.series_key(series)? else {
        return Ok(Vec::new());
    };
    let (Some(first), Some(last)) = (
        snapshot.first_time(key)?,
        snapshot
            .floor_time(key, CandleTime::clamped(until))?
            .filter(|_| until >= 0),
    ) else {
        return Ok(Vec::new());
    };
    let steps = i64::try_from(points.max(2) - 1).unwrap_or(i64::MAX);
    let span = last.seconds() - first.seconds();
    let mut candles: Vec<Candle> = Vec::new();
    for step in 0..=steps {
        let at = first.shifted(
            (i128::from(span) * i128::from(step) / i128::from(steps))
                .try_into()
                .unwrap_or(span),
        );
        let Some(time) = snapshot.floor_time(key, at)? else {
            continue;
        };
        if candles.last().is_none_or(|last| last.time() < time) {
            candles.append(&mut snapshot.candles_between(key, time, time, 1)?);
        }
    }
    Ok(candles)
}
