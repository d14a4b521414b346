//! Which fetch runs, which one is shared and which one waits for its cooldown. Pure: the time is an argument.

use std::collections::HashMap;

use tc_market::SeriesId;

use super::{DownloadOptions, Outcome};

/// Series whose end of a fetch is remembered; beyond that those whose cooldown is over are forgotten.
const REMEMBERED: usize = 1_000;

/// What becomes of a wish.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer<F> {
    /// A fetch begins.
    Run(F),
    /// One is under way.
    Join(F),
    /// The last one ended a moment ago, like this.
    Cooling(Outcome),
    /// As many wait as may.
    Full,
}

/// Fetches by series.
#[derive(Debug)]
pub(super) struct Gate<F> {
    cooldown_us: u64,
    most_at_once: usize,
    /// Also those that wait for their turn.
    running: HashMap<SeriesId, F>,
    ended: HashMap<SeriesId, (u64, Outcome)>,
}

impl<F: Clone> Gate<F> {
    pub(super) fn new(options: DownloadOptions) -> Self {
        Self {
            cooldown_us: u64::try_from(options.cooldown.as_micros()).unwrap_or(u64::MAX),
            most_at_once: options.most_waiting.saturating_add(1),
            running: HashMap::new(),
            ended: HashMap::new(),
        }
    }

    /// Somebody wants the candles of `series` fetched, by `fetch` if nobody does so.
    pub(super) fn ask(&mut self, series: &SeriesId, now_us: u64, fetch: F) -> Answer<F> {
        if let Some(running) = self.running.get(series) {
            return Answer::Join(running.clone());
        }
        if let Some((ended_us, outcome)) = self.ended.get(series)
            && self.is_cooling(*ended_us, now_us)
        {
            return Answer::Cooling(outcome.clone());
        }
        if self.running.len() >= self.most_at_once {
            return Answer::Full;
        }
        self.running.insert(series.clone(), fetch.clone());
        Answer::Run(fetch)
    }

    /// The fetch of `series` is over.
    pub(super) fn ended(&mut self, series: &SeriesId, now_us: u64, outcome: Outcome) {
        self.running.remove(series);
        if self.ended.len() >= REMEMBERED {
            let cooldown_us = self.cooldown_us;
            self.ended
                .retain(|_, (ended_us, _)| now_us.saturating_sub(*ended_us) < cooldown_us);
        }
        self.ended.insert(series.clone(), (now_us, outcome));
    }

    const fn is_cooling(&self, ended_us: u64, now_us: u64) -> bool {
        now_us.saturating_sub(ended_us) < self.cooldown_us
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{super::FetchError, *};

    fn gate(most_waiting: usize) -> Gate<u32> {
        Gate::new(DownloadOptions {
            cooldown: Duration::from_micros(10_000),
            most_waiting,
        })
    }

    fn series(base: &str) -> SeriesId {
        format!("binance:spot:{base}/USDT:1m").parse().unwrap()
    }

    #[test]
    fn shared_while_it_runs_then_cooling_then_again() {
        let (a, b) = (series("A"), series("B"));
        let mut gate = gate(4);
        assert_eq!(gate.ask(&a, 0, 1), Answer::Run(1));
        assert_eq!(gate.ask(&a, 1, 2), Answer::Join(1));
        assert_eq!(gate.ask(&b, 2, 3), Answer::Run(3));
        gate.ended(&a, 5_000, Ok(()));
        assert_eq!(gate.ask(&a, 14_999, 4), Answer::Cooling(Ok(())));
        assert_eq!(gate.ask(&a, 15_000, 5), Answer::Run(5));
        let failure = Err(FetchError::new("no such pair"));
        gate.ended(&a, 20_000, failure.clone());
        assert_eq!(gate.ask(&a, 29_999, 6), Answer::Cooling(failure));
    }

    #[test]
    fn no_more_wait_than_may() {
        let mut gate = gate(1);
        assert_eq!(gate.ask(&series("A"), 0, 1), Answer::Run(1));
        assert_eq!(gate.ask(&series("B"), 0, 2), Answer::Run(2));
        assert_eq!(gate.ask(&series("C"), 0, 3), Answer::Full);
        assert_eq!(gate.ask(&series("B"), 0, 4), Answer::Join(2), "it waits already");
        gate.ended(&series("A"), 1, Ok(()));
        assert_eq!(gate.ask(&series("C"), 1, 5), Answer::Run(5));
    }
}
