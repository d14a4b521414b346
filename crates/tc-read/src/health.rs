//! Whether the ledgers keep up with the candles.

use tc_market::{CandleTime, SeriesId};
use tc_store::{SeriesState, Snapshot};

use crate::ReadError;

/// Colour of a health answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthStatus {
    /// Nothing to judge.
    Gray,
    /// In step.
    Green,
    /// Slightly behind.
    Yellow,
    /// Behind or missing.
    Red,
}

/// Delay of the derived ledgers behind the candles of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorHealth {
    /// Length of the timeframe, seconds.
    pub timeframe_s: i64,
    /// Newest stored candle.
    pub store_head: Option<CandleTime>,
    /// Factor head.
    pub factor_head: Option<CandleTime>,
    /// Overlay head.
    pub overlay_head: Option<CandleTime>,
    /// Delay of the factor head, seconds.
    pub factor_delay_s: Option<i64>,
    /// Delay of the overlay head, seconds.
    pub overlay_delay_s: Option<i64>,
    /// Colour.
    pub status: HealthStatus,
    /// Why.
    pub reason: &'static str,
}

impl FactorHealth {
    /// The greater of the known delays, seconds.
    #[must_use]
    pub fn max_delay_s(&self) -> Option<i64> {
        self.factor_delay_s.max(self.overlay_delay_s)
    }

    /// A delay in candles: at least one as soon as there is any.
    #[must_use]
    pub const fn candles(&self, delay_s: i64) -> i64 {
        (delay_s + self.timeframe_s - 1) / self.timeframe_s
    }
}

/// Factor contract 11.3.
///
/// # Errors
/// [`ReadError::Store`].
pub fn factor_health(snapshot: &dyn Snapshot, series: &SeriesId) -> Result<FactorHealth, ReadError> {
    let (store_head, state) = match snapshot.series_key(series)? {
        Some(key) => (snapshot.head_time(key)?, snapshot.series_state(key)?),
        None => (None, SeriesState::default()),
    };
    let delay = |head: Option<CandleTime>| Some((store_head?.seconds() - head?.seconds()).max(0));
    let mut health = FactorHealth {
        timeframe_s: series.timeframe().seconds(),
        store_head,
        factor_head: state.factor_head,
        overlay_head: state.overlay_head,
        factor_delay_s: delay(state.factor_head),
        overlay_delay_s: delay(state.overlay_head),
        status: HealthStatus::Gray,
        reason: "no_store_head",
    };
    (health.status, health.reason) = judge(&health);
    Ok(health)
}

fn judge(health: &FactorHealth) -> (HealthStatus, &'static str) {
    if health.store_head.is_none() {
        return (HealthStatus::Gray, "no_store_head");
    }
    match (health.factor_head, health.overlay_head) {
        (None, None) => return (HealthStatus::Red, "missing_factor_overlay_head"),
        (None, Some(_)) => return (HealthStatus::Red, "missing_factor_head"),
        (Some(_), None) => return (HealthStatus::Red, "missing_overlay_head"),
        (Some(_), Some(_)) => {}
    }
    match health.candles(health.max_delay_s().unwrap_or(0)) {
        0 => (HealthStatus::Green, "up_to_date"),
        1 => (HealthStatus::Yellow, "lagging_one_candle"),
        _ => (HealthStatus::Red, "lagging_many_candles"),
    }
}
