//! When work that reads ask for may run for a series: one run at a time, with pauses between.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use tc_market::{CandleTime, SeriesId};

/// Shortest accepted pause.
const MIN_PAUSE_MS: u64 = 100;

/// Pauses and bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CooldownOptions {
    /// Least time from the start and from the end of a run to the next, in milliseconds; below 100 counts as 100.
    pub pause_ms: u64,
    /// Series that nothing ran for this long are forgotten, in milliseconds.
    pub idle_ms: u64,
    /// Most series at a time; further ones have to wait.
    pub max_series: usize,
}

impl Default for CooldownOptions {
    fn default() -> Self {
        Self {
            pause_ms: 2_000,
            idle_ms: 600_000,
            max_series: 10_000,
        }
    }
}

/// See the module. Times are monotonic milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cooldown {
    options: CooldownOptions,
    entries: BTreeMap<SeriesId, Entry>,
    swept_ms: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    running: bool,
    /// Newest start or end of a run.
    last_ms: u64,
    /// Newest target of a run.
    target: Option<CandleTime>,
}

impl Cooldown {
    /// Nothing has run yet.
    #[must_use]
    pub const fn new(options: CooldownOptions) -> Self {
        Self {
            options,
            entries: BTreeMap::new(),
            swept_ms: 0,
        }
    }

    /// Whether a run may begin now; it then has, and is to be ended.
    #[must_use]
    pub fn try_begin(&mut self, series: &SeriesId, now_ms: u64) -> bool {
        self.admit(series, None, now_ms)
    }

    /// As [`Cooldown::try_begin`] for a run up to `target`: one newer than those of all earlier runs need not pause.
    #[must_use]
    pub fn try_begin_up_to(&mut self, series: &SeriesId, target: CandleTime, now_ms: u64) -> bool {
        self.admit(series, Some(target), now_ms)
    }

    /// The run of a series is over.
    pub fn end(&mut self, series: &SeriesId, now_ms: u64) {
        if let Some(entry) = self.entries.get_mut(series) {
            entry.running = false;
            entry.last_ms = now_ms;
        }
    }

    fn admit(&mut self, series: &SeriesId, target: Option<CandleTime>, now_ms: u64) -> bool {
        self.sweep(now_ms);
        let pause_ms = self.options.pause_ms.max(MIN_PAUSE_MS);
        let known = self.entries.len();
        let Some(entry) = self.entries.get_mut(series) else {
            if known >= self.options.max_series {
                return false;
            }
            let entry = Entry {
                running: true,
                last_ms: now_ms,
                target,
            };
            self.entries.insert(series.clone(), entry);
            return true;
        };
        let newer = target > entry.target;
        if entry.running || (!newer && now_ms.saturating_sub(entry.last_ms) < pause_ms) {
            return false;
        }
        entry.running = true;
        entry.last_ms = now_ms;
        entry.target = entry.target.max(target);
        true
    }

    /// Looks at every entry at most once per pause.
    fn sweep(&mut self, now_ms: u64) {
        if now_ms.saturating_sub(self.swept_ms) < self.options.pause_ms {
            return;
        }
        self.swept_ms = now_ms;
        let idle_ms = self.options.idle_ms;
        self.entries
            .retain(|_, entry| entry.running || now_ms.saturating_sub(entry.last_ms) < idle_ms);
    }
}
