//! Which fetch runs, which one is shared and which one waits for its cooldown. Pure: the time is an argument.

use std::collections::HashMap;

use tc_market::SeriesId;

/// Series whose end of a fetch is remembered; beyond that those whose cooldown is over are forgotten.
const REMEMBERED: usize = 1_000;

/// What becomes of a wish.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer<F> {
    /// A fetch begins.
    Run(F),
    /// One is under way.
    Join(F),
    /// The last one ended a moment ago.
    Cooling,
}

/// Fetches by series.
#[derive(Debug)]
pub(super) struct Gate<F> {
    cooldown_ms: i64,
    running: HashMap<SeriesId, F>,
    ended_at_ms: HashMap<SeriesId, i64>,
}

impl<F: Clone> Gate<F> {
    pub(super) fn new(cooldown_ms: i64) -> Self {
        Self {
            cooldown_ms,
            running: HashMap::new(),
            ended_at_ms: HashMap::new(),
        }
    }

    /// Somebody wants the candles of `series` fetched.
    pub(super) fn ask(&mut self, series: &SeriesId, now_ms: i64, begin: impl FnOnce() -> F) -> Answer<F> {
        if let Some(running) = self.running.get(series) {
            return Answer::Join(running.clone());
        }
        let cooling = |ended_ms: &i64| now_ms.saturating_sub(*ended_ms) < self.cooldown_ms;
        if self.ended_at_ms.get(series).is_some_and(cooling) {
            return Answer::Cooling;
        }
        let fetch = begin();
        self.running.insert(series.clone(), fetch.clone());
        Answer::Run(fetch)
    }

    /// The fetch of `series` is over, whatever came of it. Everybody who waited may say so.
    pub(super) fn ended(&mut self, series: &SeriesId, now_ms: i64) {
        if self.running.remove(series).is_none() {
            return;
        }
        let cooldown_ms = self.cooldown_ms;
        if self.ended_at_ms.len() >= REMEMBERED {
            self.ended_at_ms
                .retain(|_, ended_ms| now_ms.saturating_sub(*ended_ms) < cooldown_ms);
        }
        self.ended_at_ms.insert(series.clone(), now_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_while_it_runs_then_cooling_then_again() {
        let a: SeriesId = "binance:spot:A/USDT:1m".parse().unwrap();
        let b: SeriesId = "binance:spot:B/USDT:1m".parse().unwrap();
        let mut gate = Gate::new(10_000);
        assert_eq!(gate.ask(&a, 0, || 1), Answer::Run(1));
        assert_eq!(gate.ask(&a, 1, || 2), Answer::Join(1));
        assert_eq!(gate.ask(&b, 2, || 3), Answer::Run(3));
        gate.ended(&a, 5_000);
        gate.ended(&a, 9_000);
        assert_eq!(gate.ask(&a, 14_999, || 4), Answer::Cooling);
        assert_eq!(gate.ask(&a, 15_000, || 5), Answer::Run(5));
    }
}
