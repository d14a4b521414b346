//! The clocks of the process: read here, handed on as values or functions.

use std::sync::Arc;

use tc_ingest::MicrosClock;

/// Monotonic microseconds since the call, for durations in reports.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the edge hands the clock in")]
pub fn monotonic_micros() -> MicrosClock {
    let start = std::time::Instant::now();
    Arc::new(move || u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX))
}

/// Unix seconds of the system clock.
#[must_use]
pub fn unix_seconds() -> i64 {
    tc_server::clock::unix_ms().div_euclid(1000)
}
