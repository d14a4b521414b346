//! How many connections may be opened within a minute.

use std::collections::VecDeque;

const WINDOW_MS: u64 = 60_000;

/// A sliding window of attempts. Times are monotonic milliseconds.
#[derive(Debug, Clone)]
pub(crate) struct ConnectBudget {
    max: usize,
    attempts: VecDeque<u64>,
}

impl ConnectBudget {
    pub(crate) const fn new(max: usize) -> Self {
        Self {
            max,
            attempts: VecDeque::new(),
        }
    }

    /// Counts an attempt and returns 0, or milliseconds to wait before the next one.
    pub(crate) fn take(&mut self, now_ms: u64) -> u64 {
        while self
            .attempts
            .front()
            .is_some_and(|at_ms| at_ms.saturating_add(WINDOW_MS) <= now_ms)
        {
            self.attempts.pop_front();
        }
        if self.attempts.len() < self.max {
            self.attempts.push_back(now_ms);
            return 0;
        }
        self.attempts
            .front()
            .map_or(0, |at_ms| at_ms.saturating_add(WINDOW_MS) - now_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_than_allowed_waits_for_the_oldest_to_leave_the_window() {
        let mut budget = ConnectBudget::new(2);
        assert_eq!(budget.take(1_000), 0);
        assert_eq!(budget.take(31_000), 0);
        assert_eq!(budget.take(40_000), 21_000);
        assert_eq!(budget.take(60_999), 1);
        assert_eq!(budget.take(61_000), 0);
        assert_eq!(budget.take(61_000), 30_000);
    }
}
