//! How many bars are due.

use std::time::Duration;

use tokio::time::Instant;

/// Deltas per second that a client gets at most: more than a screen shows is wasted.
const LEAST_INTERVAL: Duration = Duration::from_millis(16);

/// A playback that moves by itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    bars_per_s: f64,
    since: Instant,
    played: u64,
    last_move: Instant,
}

impl Pace {
    /// Begins now; the first bar is due after the time of one.
    pub(super) fn new(bars_per_s: f64, now: Instant) -> Self {
        Self {
            bars_per_s,
            since: now,
            played: 0,
            last_move: now,
        }
    }

    /// When the next move is due.
    pub(super) fn next_move(&self) -> Instant {
        #[expect(clippy::cast_precision_loss, reason = "nobody watches 2^53 bars")]
        let due = Duration::from_secs_f64((self.played + 1) as f64 / self.bars_per_s);
        (self.since + due).max(self.last_move + LEAST_INTERVAL)
    }

    /// Bars that are due at `now` and not played, at most `most`. What is beyond that is played no faster later on.
    pub(super) fn take_due(&mut self, now: Instant, most: usize) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "times and speeds are positive; too many bars are cut to the most"
        )]
        let total = ((now - self.since).as_secs_f64() * self.bars_per_s) as u64;
        let due = total.saturating_sub(self.played);
        self.last_move = now;
        let taken = usize::try_from(due).unwrap_or(usize::MAX).min(most);
        self.played = total;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_come_evenly_and_none_is_lost_between_two_looks() {
        let start = Instant::now();
        let mut pace = Pace::new(10.0, start);
        let at = |ms| start + Duration::from_millis(ms);
        assert_eq!(pace.next_move(), at(100));
        assert_eq!(pace.take_due(at(99), 100), 0);
        assert_eq!(pace.take_due(at(100), 100), 1);
        assert_eq!(pace.next_move(), at(200));
        assert_eq!(pace.take_due(at(555), 100), 4);
        assert_eq!(pace.take_due(at(600), 100), 1);
    }

    #[test]
    fn fast_ones_are_taken_in_groups_and_a_long_wait_is_not_made_up_for() {
        let start = Instant::now();
        let mut pace = Pace::new(1000.0, start);
        let at = |ms| start + Duration::from_millis(ms);
        assert_eq!(pace.next_move(), at(16));
        assert_eq!(pace.take_due(at(16), 5000), 16);
        assert_eq!(pace.next_move(), at(32));
        assert_eq!(pace.take_due(at(60_016), 5000), 5000);
        assert_eq!(pace.take_due(at(60_032), 5000), 16);
    }
}
