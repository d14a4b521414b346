//! Whether the candles of a series keep up with the clock.

use tc_market::{CandleTime, SeriesId, latest_closed};
use tc_store::Snapshot;

use crate::{HealthStatus, ReadError};

/// What a backfill of the series does, as far as it counts here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackfillActivity {
    /// One is running.
    Running,
    /// One ended without an error a short while ago.
    RecentSuccess,
    /// Anything else.
    Quiet,
}

/// Distance of the newest stored candle from the newest closed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CandleHealth {
    /// Newest closed candle at the time that was asked for.
    pub expected: CandleTime,
    /// Newest stored candle.
    pub head: Option<CandleTime>,
    /// From the head to the time that was asked for, seconds.
    pub lag_s: Option<i64>,
    /// From the head to the newest closed candle, seconds.
    pub missing_s: Option<i64>,
    /// The same in candles, rounded up.
    pub missing_candles: Option<i64>,
    /// Colour.
    pub status: HealthStatus,
    /// Why.
    pub reason: &'static str,
}

impl CandleHealth {
    /// The series at `now_s`, Unix seconds.
    ///
    /// # Errors
    /// [`ReadError::Store`].
    pub fn read(
        snapshot: &dyn Snapshot,
        series: &SeriesId,
        now_s: i64,
        backfill: BackfillActivity,
    ) -> Result<Self, ReadError> {
        let head = match snapshot.series_key(series)? {
            Some(key) => snapshot.head_time(key)?,
            None => None,
        };
        Ok(Self::judge(head, series, now_s, backfill))
    }

    fn judge(head: Option<CandleTime>, series: &SeriesId, now_s: i64, backfill: BackfillActivity) -> Self {
        let tf = series.timeframe().seconds();
        let expected = latest_closed(now_s, tf);
        let missing_s = head.map(|head| (expected.seconds() - head.seconds()).max(0));
        let (status, reason) = match (head, missing_s, backfill) {
            (None, ..) | (_, None, _) => (HealthStatus::Red, "missing_head"),
            (Some(head), ..) if head > expected => (HealthStatus::Yellow, "head_ahead_of_closed_window"),
            (_, Some(0), _) => (HealthStatus::Green, "up_to_date"),
            (.., BackfillActivity::Running) => (HealthStatus::Yellow, "backfill_running"),
            (.., BackfillActivity::RecentSuccess) => (HealthStatus::Yellow, "backfill_recent"),
            (.., BackfillActivity::Quiet) => (HealthStatus::Red, "lagging_no_recent_backfill"),
        };
        Self {
            expected,
            head,
            lag_s: head.map(|head| (now_s - head.seconds()).max(0)),
            missing_s,
            missing_candles: missing_s.map(|missing| (missing + tf - 1) / tf),
            status,
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: BackfillActivity = BackfillActivity::Quiet;

    /// Five minutes; at 960 the newest closed candle is that of 600.
    fn health(head: Option<i64>, backfill: BackfillActivity) -> CandleHealth {
        let series = "binance:futures:BTC/USDT:5m".parse().unwrap();
        CandleHealth::judge(head.map(CandleTime::clamped), &series, 960, backfill)
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let verdict = |head, backfill| {
            let health = health(head, backfill);
            (health.status, health.reason)
        };
        let (red, yellow, green) = (HealthStatus::Red, HealthStatus::Yellow, HealthStatus::Green);
        assert_eq!(verdict(None, BackfillActivity::Running), (red, "missing_head"));
        assert_eq!(
            verdict(Some(900), BackfillActivity::Running),
            (yellow, "head_ahead_of_closed_window")
        );
        assert_eq!(
            verdict(Some(600), BackfillActivity::Running),
            (green, "up_to_date")
        );
        assert_eq!(
            verdict(Some(300), BackfillActivity::Running),
            (yellow, "backfill_running")
        );
        assert_eq!(
            verdict(Some(300), BackfillActivity::RecentSuccess),
            (yellow, "backfill_recent")
        );
        assert_eq!(verdict(Some(300), QUIET), (red, "lagging_no_recent_backfill"));
    }

    #[test]
    fn distances() {
        let distances = |head| {
            let health = health(head, QUIET);
            (health.lag_s, health.missing_s, health.missing_candles)
        };
        assert_eq!(distances(None), (None, None, None));
        assert_eq!(distances(Some(300)), (Some(660), Some(300), Some(1)));
        assert_eq!(distances(Some(299)), (Some(661), Some(301), Some(2)));
        assert_eq!(distances(Some(600)), (Some(360), Some(0), Some(0)));
        assert_eq!(distances(Some(1_000)), (Some(0), Some(0), Some(0)));
    }
}
