//! Missing candles of a longer timeframe from the stored ones of its base.

use tc_market::{Candle, CandleTime, RollUp, SeriesId};
use tc_store::{Snapshot, StoreError};

use super::standing::{Window, keep_absent};

/// Base candles that are held at a time.
const PAGE_CANDLES: usize = 20_000;

/// The complete buckets of the window whose time is not stored; none when `base` cannot make them.
pub(super) fn missing_buckets(
    snapshot: &dyn Snapshot,
    base: &SeriesId,
    series: &SeriesId,
    window: Window,
) -> Result<Vec<Candle>, StoreError> {
    let (Some(key), Ok(mut aggregator)) = (
        snapshot.series_key(base)?,
        RollUp::new(base.timeframe(), series.timeframe()),
    ) else {
        return Ok(Vec::new());
    };
    let timeframe = series.timeframe();
    let to = timeframe.next(timeframe.align(window.to)).shifted(-1);
    let mut from = timeframe.align(window.from);
    // A base that begins later than the window, or is short of it, is not read in vain.
    if snapshot.head_time(key)?.is_none_or(|head| head < from) {
        return Ok(Vec::new());
    }
    let mut closed = Vec::new();
    loop {
        let page = snapshot.candles_between(key, from, to, PAGE_CANDLES)?;
        closed.extend(page.iter().filter_map(|candle| aggregator.push(candle)));
        match page.last().map(Candle::time) {
            Some(newest) if page.len() == PAGE_CANDLES && newest < CandleTime::MAX => {
                from = newest.shifted(1);
            }
            _ => break,
        }
    }
    closed.retain(|candle| candle.time() >= window.from && candle.time() <= window.to);
    keep_absent(snapshot, series, closed)
}
