//! How far back the candles of a run reach. A timeframe that is rolled up on demand may have few of them, while the shorter
//! candles that it comes from have years.

use tc_market::CandleTime;
use tc_server::backtest::BacktestRefusal;
use tc_store::Snapshot;

use super::{failed, wish::Wish};

/// The store has shorter candles from before the first one of the run.
const PARTIAL: &str = "history_partial";

/// What has to be known of a run whose first stored candle is this one.
pub(super) fn warning(
    snapshot: &dyn Snapshot,
    wish: &Wish,
    first: CandleTime,
) -> Result<Option<&'static str>, BacktestRefusal> {
    let unread = |error| failed("series cannot be looked through", &error);
    let own = &wish.series;
    let wanted_ms = wish.range.start_ms.unwrap_or(i64::MIN);
    if wanted_ms >= first.seconds() * 1_000 {
        return Ok(None);
    }
    let bar_s = own.timeframe().seconds();
    for row in snapshot.list_series().map_err(unread)? {
        let is_shorter = row.series.timeframe().seconds() < bar_s;
        let same = row
            .series
            .with_timeframe(own.timeframe())
            .is_ok_and(|id| id == *own);
        let Some(key) = snapshot
            .series_key(&row.series)
            .map_err(unread)?
            .filter(|_| is_shorter && same)
        else {
            continue;
        };
        // One whole bar of this timeframe at least could be made of them.
        let until = first.shifted(-bar_s);
        if snapshot
            .count_between(key, CandleTime::MIN, until)
            .map_err(unread)?
            > 0
        {
            return Ok(Some(PARTIAL));
        }
    }
    Ok(None)
}
