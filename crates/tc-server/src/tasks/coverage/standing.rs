//! How a series stands in the store.

use tc_market::{Candle, CandleTime, SeriesId};
use tc_store::{Snapshot, StoreError};

use crate::threads::{ReadPoolError, ReaderPool};

/// Why the store gave no answer.
#[derive(Debug, thiserror::Error)]
pub(in crate::tasks) enum StandingError {
    #[error(transparent)]
    Reader(#[from] ReadPoolError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A part of a series, both ends inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tasks) struct Window {
    pub(in crate::tasks) from: CandleTime,
    pub(in crate::tasks) to: CandleTime,
}

impl Window {
    /// No part of it.
    pub(in crate::tasks) const NOTHING: Self = Self {
        from: CandleTime::MAX,
        to: CandleTime::MIN,
    };
}

/// How a series stands, read from one snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::tasks) struct Standing {
    /// Newest stored candle.
    pub(in crate::tasks) head: Option<CandleTime>,
    /// Candles of the window that are stored.
    pub(in crate::tasks) covered: u64,
    /// Factor head.
    pub(in crate::tasks) factor_head: Option<CandleTime>,
    /// Overlay head.
    pub(in crate::tasks) overlay_head: Option<CandleTime>,
    /// Whether a refresh has something to do.
    pub(in crate::tasks) ledgers_behind: bool,
}

impl Standing {
    pub(in crate::tasks) async fn read(
        readers: &ReaderPool,
        series: &SeriesId,
        window: Window,
    ) -> Result<Self, StandingError> {
        let series = series.clone();
        Ok(readers
            .read(move |snapshot| Self::of(snapshot, &series, window))
            .await??)
    }

    fn of(snapshot: &dyn Snapshot, series: &SeriesId, window: Window) -> Result<Self, StoreError> {
        let Some(key) = snapshot.series_key(series)? else {
            return Ok(Self::default());
        };
        let (head, state) = (snapshot.head_time(key)?, snapshot.series_state(key)?);
        Ok(Self {
            head,
            covered: snapshot.count_between(key, window.from, window.to)?,
            factor_head: state.factor_head,
            overlay_head: state.overlay_head,
            ledgers_behind: state.stale_from.is_some()
                || [state.factor_head, state.feature_head, state.overlay_head]
                    .iter()
                    .any(|ledger| *ledger < head),
        })
    }
}

/// Those of `candles`, ascending, whose time is not stored.
pub(in crate::tasks) async fn absent(
    readers: &ReaderPool,
    series: &SeriesId,
    candles: Vec<Candle>,
) -> Result<Vec<Candle>, StandingError> {
    let series = series.clone();
    let read = move |snapshot: &dyn Snapshot| keep_absent(snapshot, &series, candles);
    Ok(readers.read(read).await??)
}

pub(super) fn keep_absent(
    snapshot: &dyn Snapshot,
    series: &SeriesId,
    mut candles: Vec<Candle>,
) -> Result<Vec<Candle>, StoreError> {
    let Some(key) = snapshot.series_key(series)? else {
        return Ok(candles);
    };
    let times: Vec<CandleTime> = candles.iter().map(Candle::time).collect();
    let stored = snapshot.existing_times(key, &times)?;
    candles.retain(|candle| stored.binary_search(&candle.time()).is_err());
    Ok(candles)
}

/// How many open times at the beginning of the window are stored without a hole.
pub(super) async fn leading(
    readers: &ReaderPool,
    series: &SeriesId,
    window: Window,
) -> Result<usize, StandingError> {
    let series = series.clone();
    let read = move |snapshot: &dyn Snapshot| {
        let Some(key) = snapshot.series_key(&series)? else {
            return Ok(0);
        };
        let candles = snapshot.candles_between(key, window.from, window.to, usize::MAX)?;
        let timeframe = series.timeframe();
        let mut expected = window.from;
        let in_place = candles
            .iter()
            .filter(|candle| timeframe.is_aligned(candle.time()))
            .take_while(|candle| {
                let fits = candle.time() == expected;
                expected = timeframe.next(expected);
                fits
            });
        Ok::<_, StoreError>(in_place.count())
    };
    Ok(readers.read(read).await??)
}
