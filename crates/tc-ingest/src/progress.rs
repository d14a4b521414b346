//! How far backfills are, series by series.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use tc_market::{CandleTime, SeriesId, Timeframe};

/// Series that are kept; of more, those that nothing was heard of for longest are forgotten.
pub const MAX_TRACKED_SERIES: usize = 10_000;

/// What became of the latest backfill of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BackfillState {
    /// There was none.
    #[default]
    Idle,
    /// It goes on.
    Running,
    /// It ended without an error, though candles may still be missing.
    Succeeded,
    /// It ended with an error and candles are missing.
    Failed,
}

impl BackfillState {
    /// Stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    /// The state of that name; any other name is idle.
    #[must_use]
    pub fn named(name: &str) -> Self {
        [Self::Running, Self::Succeeded, Self::Failed]
            .into_iter()
            .find(|state| state.name() == name)
            .unwrap_or_default()
    }
}

/// What a series lacks up to some closed candle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Missing {
    /// Seconds from the head to that candle; without a head the whole time up to it.
    pub seconds: i64,
    /// As candles, rounded up.
    pub candles: i64,
}

impl Missing {
    /// What lies between the newest stored candle and `target`.
    #[must_use]
    pub fn between(head: Option<CandleTime>, target: CandleTime, timeframe: Timeframe) -> Self {
        let from = head.map_or(0, CandleTime::seconds);
        let seconds = (target.seconds() - from).max(0);
        let tf = timeframe.seconds();
        Self {
            seconds,
            candles: (seconds + tf - 1) / tf,
        }
    }

    /// Whether nothing is missing.
    #[must_use]
    pub const fn is_nothing(self) -> bool {
        self.seconds == 0
    }
}

/// The latest backfill of a series.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BackfillProgress {
    /// What became of it.
    pub state: BackfillState,
    /// When it began, Unix seconds.
    pub started_at_s: Option<i64>,
    /// When something was heard of it last, Unix seconds.
    pub updated_at_s: Option<i64>,
    /// What was missing when it began.
    pub start: Missing,
    /// What was missing when something was heard of it last.
    pub current: Missing,
    /// Why it was begun.
    pub reason: Option<String>,
    /// How it ended, in one word.
    pub note: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
}

impl BackfillProgress {
    /// Part of the way that is done, 0 to 100; `None` when the beginning is not known and candles are missing.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "candle times stay below 2^33, and a percentage needs no more"
    )]
    pub fn percent(&self) -> Option<f64> {
        if self.start.seconds <= 0 {
            return self.current.is_nothing().then_some(100.0);
        }
        let done = (self.start.seconds - self.current.seconds) as f64;
        Some((100.0 * done / self.start.seconds as f64).clamp(0.0, 100.0))
    }

    /// Whether something was heard of it within the last `window_s` seconds.
    #[must_use]
    pub fn is_recent(&self, now_s: i64, window_s: i64) -> bool {
        self.updated_at_s
            .is_some_and(|updated_at| now_s - updated_at <= window_s)
    }
}

/// The latest backfill of every series. Times are given in, Unix seconds of the market clock.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProgressTracker {
    states: BTreeMap<SeriesId, BackfillProgress>,
}

impl ProgressTracker {
    /// What an earlier process left: what ran then was interrupted.
    #[must_use]
    pub fn resumed(states: impl IntoIterator<Item = (SeriesId, BackfillProgress)>) -> Self {
        let mut tracker = Self::default();
        for (series, mut progress) in states {
            if progress.state == BackfillState::Running {
                progress.state = BackfillState::Failed;
                progress.error = Some("interrupted".to_owned());
            }
            tracker.states.insert(series, progress);
            tracker.forget_oldest();
        }
        tracker
    }

    /// Every series that something is known of.
    pub fn states(&self) -> impl Iterator<Item = (&SeriesId, &BackfillProgress)> {
        self.states.iter()
    }

    /// What is known of a series.
    #[must_use]
    pub fn get(&self, series: &SeriesId) -> BackfillProgress {
        self.states.get(series).cloned().unwrap_or_default()
    }

    /// A backfill begins.
    pub fn begin(&mut self, series: &SeriesId, now_s: i64, missing: Missing, reason: &str) {
        let progress = BackfillProgress {
            state: BackfillState::Running,
            started_at_s: Some(now_s),
            updated_at_s: Some(now_s),
            start: missing,
            current: missing,
            reason: Some(reason.to_owned()),
            note: None,
            error: None,
        };
        self.states.insert(series.clone(), progress);
        self.forget_oldest();
    }

    /// A running backfill has stored something.
    pub fn advance(&mut self, series: &SeriesId, now_s: i64, missing: Missing) {
        if let Some(progress) = self.states.get_mut(series)
            && progress.state == BackfillState::Running
        {
            progress.updated_at_s = Some(now_s);
            progress.current = missing;
        }
    }

    /// A backfill ended without an error.
    pub fn succeed(&mut self, series: &SeriesId, now_s: i64, missing: Missing, note: &str) {
        self.end(series, now_s, missing, BackfillState::Succeeded, note, None);
    }

    /// A backfill ended with an error.
    pub fn fail(&mut self, series: &SeriesId, now_s: i64, missing: Missing, note: &str, error: String) {
        self.end(series, now_s, missing, BackfillState::Failed, note, Some(error));
    }

    fn end(
        &mut self,
        series: &SeriesId,
        now_s: i64,
        missing: Missing,
        state: BackfillState,
        note: &str,
        error: Option<String>,
    ) {
        // One that was forgotten meanwhile has nothing to end.
        if let Some(progress) = self.states.get_mut(series) {
            progress.state = state;
            progress.updated_at_s = Some(now_s);
            progress.current = missing;
            progress.note = Some(note.to_owned());
            progress.error = error;
        }
    }

    fn forget_oldest(&mut self) {
        while self.states.len() > MAX_TRACKED_SERIES {
            let oldest = self
                .states
                .iter()
                .min_by_key(|(_, progress)| (progress.state == BackfillState::Running, progress.updated_at_s))
                .map(|(series, _)| series.clone());
            let Some(oldest) = oldest else { return };
            self.states.remove(&oldest);
        }
    }
}
