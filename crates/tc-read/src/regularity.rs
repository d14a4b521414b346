//! Holes, rebuilds, and how regular the candles of a series are.

use tc_market::{CandleTime, SeriesId, Timeframe};
use tc_store::{CandleSteps, EpochRecord, GapQuery, GapRecord, OpenGaps, Snapshot};

use crate::ReadError;

/// Length of the candles that buckets are counted in, seconds.
const MINUTE_S: i64 = 60;

/// Gap records of a series.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SeriesGaps {
    /// Of the whole series, not only of the page.
    pub open: OpenGaps,
    /// Those that were asked for, newest first.
    pub gaps: Vec<GapRecord>,
}

/// The gap ledger of a series.
///
/// # Errors
/// [`ReadError::Store`].
pub fn series_gaps(
    snapshot: &dyn Snapshot,
    series: &SeriesId,
    query: &GapQuery,
) -> Result<SeriesGaps, ReadError> {
    let Some(key) = snapshot.series_key(series)? else {
        return Ok(SeriesGaps::default());
    };
    Ok(SeriesGaps {
        open: snapshot.open_gaps(key)?,
        gaps: snapshot.gaps(key, query)?,
    })
}

/// How often the ledgers of a series were folded again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SeriesRebuilds {
    /// The present epoch.
    pub epoch: u32,
    /// Newest first.
    pub rebuilds: Vec<EpochRecord>,
}

/// The newest `limit` rebuilds of a series.
///
/// # Errors
/// [`ReadError::Store`].
pub fn series_rebuilds(
    snapshot: &dyn Snapshot,
    series: &SeriesId,
    limit: usize,
) -> Result<SeriesRebuilds, ReadError> {
    let Some(key) = snapshot.series_key(series)? else {
        return Ok(SeriesRebuilds::default());
    };
    Ok(SeriesRebuilds {
        epoch: snapshot.series_state(key)?.epoch,
        rebuilds: snapshot.epochs(key, limit)?,
    })
}

/// Minutes of one bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BaseBucket {
    /// Its open time.
    pub open: CandleTime,
    /// Minutes that it has.
    pub expected: i64,
    /// Minutes that are stored.
    pub actual: i64,
}

/// How regular a series is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesRegularity {
    /// Its own candles.
    pub steps: CandleSteps,
    /// The series of one minute of the same symbol.
    pub base: SeriesId,
    /// The newest buckets up to the one that holds the newest minute, ascending. Empty for a series of one minute.
    pub buckets: Vec<BaseBucket>,
}

/// Looks at the candles themselves, not at the gap ledger: at most `gaps` holes and `buckets` buckets are listed.
///
/// # Errors
/// [`ReadError::Store`].
pub fn regularity(
    snapshot: &dyn Snapshot,
    series: &SeriesId,
    gaps: usize,
    buckets: i64,
) -> Result<SeriesRegularity, ReadError> {
    let timeframe = series.timeframe();
    let everything = (CandleTime::MIN, CandleTime::MAX);
    let steps = match snapshot.series_key(series)? {
        Some(key) => snapshot.candle_steps(key, timeframe, everything, gaps)?,
        None => CandleSteps::default(),
    };
    // No timeframe has a shorter text than this one, so the id of the base is never too long.
    let base = series
        .with_timeframe(Timeframe::MINUTE)
        .unwrap_or_else(|_| series.clone());
    let buckets = if timeframe.seconds() > MINUTE_S {
        base_buckets(snapshot, &base, timeframe, buckets)?
    } else {
        Vec::new()
    };
    Ok(SeriesRegularity { steps, base, buckets })
}

fn base_buckets(
    snapshot: &dyn Snapshot,
    base: &SeriesId,
    timeframe: Timeframe,
    count: i64,
) -> Result<Vec<BaseBucket>, ReadError> {
    let Some(key) = snapshot.series_key(base)? else {
        return Ok(Vec::new());
    };
    let Some(head) = snapshot.head_time(key)? else {
        return Ok(Vec::new());
    };
    let length_s = timeframe.seconds();
    let last = timeframe.align(head).seconds();
    let opens = (0..count).rev().map(|back| last - back * length_s);
    opens
        .filter(|open| *open >= 0)
        .map(|open| {
            let open = CandleTime::clamped(open);
            let stored = snapshot.count_between(key, open, open.shifted(length_s - 1))?;
            Ok(BaseBucket {
                open,
                expected: length_s / MINUTE_S,
                actual: i64::try_from(stored).unwrap_or(i64::MAX),
            })
        })
        .collect()
}
