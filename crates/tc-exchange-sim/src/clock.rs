//! The simulator's time.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, time::Instant};

use crate::SimError;

/// Virtual time: runs at a multiple of real time, or stands still until it is told. Clones are the same clock.
#[derive(Debug, Clone)]
pub struct VirtualClock {
    pace: Arc<Pace>,
}

#[derive(Debug)]
enum Pace {
    Running {
        start_ms: i64,
        speed: f64,
        started: Instant,
    },
    Manual {
        now_ms: watch::Sender<i64>,
    },
}

impl VirtualClock {
    /// Starts now at `start_ms` (Unix milliseconds) and runs `speed` times as fast as real time.
    ///
    /// # Errors
    /// [`SimError::Speed`] unless `1 <= speed <= 10_000`.
    pub fn running(start_ms: i64, speed: f64) -> Result<Self, SimError> {
        if !(1.0..=10_000.0).contains(&speed) {
            return Err(SimError::Speed(speed));
        }
        Ok(Self {
            pace: Arc::new(Pace::Running {
                start_ms,
                speed,
                started: Instant::now(),
            }),
        })
    }

    /// Stands at `start_ms` (Unix milliseconds) until [`VirtualClock::advance_to`] moves it.
    #[must_use]
    pub fn manual(start_ms: i64) -> Self {
        Self {
            pace: Arc::new(Pace::Manual {
                now_ms: watch::Sender::new(start_ms),
            }),
        }
    }

    /// Unix milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        match &*self.pace {
            Pace::Running {
                start_ms,
                speed,
                started,
            } => start_ms + scaled_ms(started.elapsed(), *speed),
            Pace::Manual { now_ms } => *now_ms.borrow(),
        }
    }

    /// Unix seconds, rounded down.
    #[must_use]
    pub fn now_s(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }

    /// How many virtual seconds pass in a real one; 1 for a manual clock.
    #[must_use]
    pub fn speed(&self) -> f64 {
        match &*self.pace {
            Pace::Running { speed, .. } => *speed,
            Pace::Manual { .. } => 1.0,
        }
    }

    /// Whether the clock only moves when told.
    #[must_use]
    pub fn is_manual(&self) -> bool {
        matches!(&*self.pace, Pace::Manual { .. })
    }

    /// Moves a manual clock to `to_ms` (Unix milliseconds); it never goes back.
    ///
    /// Everything that is due on the way is sent in the order of its time.
    ///
    /// # Errors
    /// [`SimError::RunningClock`] for a clock that runs by itself.
    pub fn advance_to(&self, to_ms: i64) -> Result<(), SimError> {
        let Pace::Manual { now_ms } = &*self.pace else {
            return Err(SimError::RunningClock);
        };
        now_ms.send_if_modified(|now_ms| {
            let moves = to_ms > *now_ms;
            *now_ms = to_ms.max(*now_ms);
            moves
        });
        Ok(())
    }

    /// Returns when the clock shows `at_ms` (Unix milliseconds) or later.
    pub async fn wait_until(&self, at_ms: i64) {
        match &*self.pace {
            Pace::Running { speed, .. } => {
                while let Some(rest) = real_time(at_ms - self.now_ms(), *speed) {
                    tokio::time::sleep(rest).await;
                }
            }
            Pace::Manual { now_ms } => {
                // The sender lives as long as this clock, so waiting cannot fail.
                let mut receiver = now_ms.subscribe();
                drop(receiver.wait_for(|now_ms| *now_ms >= at_ms).await);
            }
        }
    }

    /// The real milliseconds in which `virtual_ms` pass, at least 1; for a manual clock the same number.
    pub(crate) fn real_ms(&self, virtual_ms: i64) -> u64 {
        let real = real_time(virtual_ms, self.speed()).unwrap_or_default();
        u64::try_from(real.as_millis()).unwrap_or(u64::MAX).max(1)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a process runs for less than 2^53 virtual milliseconds"
)]
fn scaled_ms(real: Duration, speed: f64) -> i64 {
    (real.as_micros() as f64 * speed / 1000.0) as i64
}

/// Rounded up, so that the time has really come afterwards; `None` when it has already.
#[expect(clippy::cast_precision_loss, reason = "waits are far below 2^53 milliseconds")]
fn real_time(virtual_ms: i64, speed: f64) -> Option<Duration> {
    (virtual_ms > 0).then(|| {
        Duration::from_secs_f64((virtual_ms as f64 / speed / 1000.0).min(1e9)) + Duration::from_micros(1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_is_limited() {
        for speed in [0.0, 0.99, 10_000.1, -1.0, f64::NAN, f64::INFINITY] {
            assert!(VirtualClock::running(0, speed).is_err(), "{speed}");
        }
        assert!(VirtualClock::running(0, 1.0).is_ok());
        assert!(VirtualClock::running(0, 10_000.0).unwrap().advance_to(5).is_err());
    }

    #[tokio::test]
    async fn a_manual_clock_wakes_whoever_waits_and_never_goes_back() {
        let clock = VirtualClock::manual(1_000);
        let waiter = tokio::spawn({
            let clock = clock.clone();
            async move {
                clock.wait_until(2_000).await;
                clock.now_ms()
            }
        });
        clock.advance_to(1_999).unwrap();
        tokio::task::yield_now().await;
        assert!(!waiter.is_finished());
        clock.advance_to(2_500).unwrap();
        assert_eq!(waiter.await.unwrap(), 2_500);
        clock.advance_to(100).unwrap();
        assert_eq!((clock.now_ms(), clock.now_s()), (2_500, 2));
    }

    #[tokio::test]
    async fn a_running_clock_reaches_what_is_waited_for() {
        let clock = VirtualClock::running(0, 10_000.0).unwrap();
        clock.wait_until(50_000).await;
        assert!(clock.now_ms() >= 50_000);
        assert_eq!((clock.real_ms(20_000), clock.real_ms(0)), (2, 1));
    }
}
