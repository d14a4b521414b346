//! The market clock.

/// Which instant the market is at: everything that compares candle times with now asks this clock.
///
/// Timers, timeouts and back-off do not: they follow the system.
pub trait MarketClock: Send + Sync {
    /// Unix milliseconds of market time.
    fn now_ms(&self) -> i64;

    /// Seconds of market time per second of the system clock; 1 in production.
    fn speed(&self) -> f64;

    /// Whole Unix seconds of market time.
    fn now_s(&self) -> i64 {
        self.now_ms().div_euclid(1_000)
    }
}

/// Market time is the time of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl MarketClock for SystemClock {
    fn now_ms(&self) -> i64 {
        unix_ms()
    }

    fn speed(&self) -> f64 {
        1.0
    }
}

/// Unix milliseconds of the system clock; 0 before 1970.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the server reads the wall clock"
)]
pub fn unix_ms() -> i64 {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since_epoch.map_or(0, |elapsed| {
        i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
    })
}
