//! The request weight that one market may still spend.

use std::collections::VecDeque;

const MINUTE_MS: u64 = 60_000;

/// Sliding minute of request weight, corrected by what the venue reports. Time is an argument (monotonic ms).
#[derive(Debug, Clone)]
pub struct WeightBudget {
    weight_per_minute: u32,
    spent: VecDeque<(u64, u32)>,
    reported: Option<(u64, u32)>,
    blocked_until_ms: u64,
}

impl WeightBudget {
    /// Half of what the venue accepts per minute.
    #[must_use]
    pub fn half_of(venue_weight_per_minute: u32) -> Self {
        Self {
            weight_per_minute: (venue_weight_per_minute / 2).max(1),
            spent: VecDeque::new(),
            reported: None,
            blocked_until_ms: 0,
        }
    }

    /// Takes `weight` out of the budget, or says how many milliseconds to wait before asking again.
    ///
    /// A weight above the whole budget is let through when nothing else was spent.
    ///
    /// # Errors
    /// The wait in milliseconds, at least 1.
    pub fn reserve(&mut self, weight: u32, now_ms: u64) -> Result<(), u64> {
        if self.blocked_until_ms > now_ms {
            return Err(self.blocked_until_ms - now_ms);
        }
        self.forget_old(now_ms);
        let own: u32 = self.spent.iter().map(|(_, weight)| weight).sum();
        let reported = self.reported.map_or(0, |(_, weight)| weight);
        let used = own.max(reported);
        if used > 0 && used.saturating_add(weight) > self.weight_per_minute {
            return Err(self.next_relief(own >= reported, now_ms));
        }
        self.spent.push_back((now_ms, weight));
        Ok(())
    }

    fn next_relief(&self, own_is_binding: bool, now_ms: u64) -> u64 {
        let since = if own_is_binding {
            self.spent.front().map(|(at, _)| *at)
        } else {
            self.reported.map(|(at, _)| at)
        };
        since
            .map_or(1, |at| (at + MINUTE_MS + 1).saturating_sub(now_ms))
            .max(1)
    }

    /// Takes note of the weight that the venue counts for the present minute.
    pub fn report(&mut self, used: u32, now_ms: u64) {
        self.reported = Some((now_ms, used));
    }

    /// Forbids every request for `wait_ms`.
    pub fn block(&mut self, wait_ms: u64, now_ms: u64) {
        self.blocked_until_ms = self.blocked_until_ms.max(now_ms.saturating_add(wait_ms));
    }

    fn forget_old(&mut self, now_ms: u64) {
        while self.spent.front().is_some_and(|(at, _)| at + MINUTE_MS < now_ms) {
            self.spent.pop_front();
        }
        self.reported = self.reported.filter(|(at, _)| at + MINUTE_MS >= now_ms);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn half_of_the_limit_in_any_minute() {
        let mut budget = WeightBudget::half_of(2_400);
        for i in 0..600 {
            assert_eq!(budget.reserve(2, i), Ok(()));
        }
        assert_eq!(budget.reserve(2, 600), Err(60_001 - 600));
        assert_eq!(budget.reserve(2, 60_001), Ok(()), "the first one is a minute old");
        assert_eq!(budget.reserve(2, 60_001), Err(1));
    }

    #[test]
    fn the_venue_knows_of_other_users() {
        let mut budget = WeightBudget::half_of(100);
        budget.report(49, 1_000);
        assert_eq!(budget.reserve(1, 2_000), Ok(()));
        assert_eq!(budget.reserve(2, 2_000), Err(59_001));
        budget.report(3, 3_000);
        assert_eq!(budget.reserve(2, 3_000), Ok(()), "a new minute began there");
    }

    #[test]
    fn a_block_holds() {
        let mut budget = WeightBudget::half_of(100);
        budget.block(5_000, 1_000);
        budget.block(1_000, 1_500);
        assert_eq!(budget.reserve(1, 2_000), Err(4_000));
        assert_eq!(budget.reserve(1, 6_000), Ok(()));
    }

    proptest! {
        #[test]
        fn never_more_than_the_budget_within_a_minute(asks in proptest::collection::vec((0u64..5_000, 1u32..20), 1..200)) {
            let mut budget = WeightBudget::half_of(100);
            let (mut now, mut spent) = (0, Vec::new());
            for (pause, weight) in asks {
                now += pause;
                match budget.reserve(weight, now) {
                    Ok(()) => spent.push((now, weight)),
                    Err(wait_ms) => prop_assert!((1..=60_001).contains(&wait_ms)),
                }
                let minute: u32 = spent.iter().filter(|(at, _)| at + 60_000 >= now).map(|(_, w)| w).sum();
                prop_assert!(minute <= 50);
            }
        }
    }
}
