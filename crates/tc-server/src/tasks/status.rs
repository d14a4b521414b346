//! What a live job tells about itself.

use std::{
    ops::{Deref, DerefMut},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tc_exchange::GuardrailSnapshot;
use tc_market::CandleTime;
use tokio::time::Instant;

use crate::clock::unix_ms;

/// A copy of a job's state. Instants are Unix milliseconds of the system clock.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobSnapshot {
    /// Whether candles are coming in.
    pub connected: bool,
    /// When the present connection brought its first candle.
    pub connected_at_ms: Option<i64>,
    /// When the last candle frame came.
    pub last_frame_at_ms: Option<i64>,
    /// Newest candle that was committed.
    pub last_closed_time: Option<CandleTime>,
    /// Connections that ended.
    pub reconnects: u64,
    /// Candle frames that came.
    pub frames: u64,
    /// Frames that were dropped: unreadable, or closed at or below the head.
    pub dropped_frames: u64,
    /// Guardrail of the connection, from a failure until it lasts again.
    pub guardrail: Option<GuardrailSnapshot>,
}

/// The state of one job, written by the job and read by everybody.
#[derive(Debug, Default)]
pub struct JobStatus(Mutex<Status>);

#[derive(Debug, Default)]
struct Status {
    snapshot: JobSnapshot,
    /// When the guardrail said how long to wait.
    held_since: Option<Instant>,
}

impl Deref for Status {
    type Target = JobSnapshot;

    fn deref(&self) -> &JobSnapshot {
        &self.snapshot
    }
}

impl DerefMut for Status {
    fn deref_mut(&mut self) -> &mut JobSnapshot {
        &mut self.snapshot
    }
}

impl JobStatus {
    /// A copy of the present state: what is left of a wait, and how many failures count, is that of this moment.
    #[must_use]
    pub fn snapshot(&self) -> JobSnapshot {
        let state = self.lock();
        let mut snapshot = state.snapshot.clone();
        if let Some(since) = state.held_since {
            let passed_ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
            snapshot.guardrail = snapshot.guardrail.map(|guardrail| guardrail.later(passed_ms));
        }
        snapshot
    }

    pub(super) fn live(&self) {
        let mut state = self.lock();
        state.connected = true;
        state.connected_at_ms = Some(unix_ms());
    }

    pub(super) fn disconnected(&self) {
        let mut state = self.lock();
        state.connected = false;
        state.reconnects += 1;
    }

    /// The connection lasts: what held it back counts no more.
    pub(super) fn recovered(&self) {
        self.lock().guardrail = None;
    }

    /// Nothing happens until the next attempt. The connection counts from a beginning of its own.
    pub(super) fn waiting(&self, guardrail: GuardrailSnapshot) {
        let mut state = self.lock();
        state.guardrail = Some(guardrail.on_clock(u64::try_from(unix_ms()).unwrap_or(0)));
        state.held_since = Some(Instant::now());
    }

    pub(super) fn frame(&self) {
        let mut state = self.lock();
        state.frames += 1;
        state.last_frame_at_ms = Some(unix_ms());
    }

    pub(super) fn dropped(&self) {
        self.lock().dropped_frames += 1;
    }

    pub(super) fn committed(&self, head: CandleTime) {
        let mut state = self.lock();
        state.last_closed_time = state.last_closed_time.max(Some(head));
    }

    pub(super) fn ended(&self) {
        self.lock().connected = false;
    }

    fn lock(&self) -> MutexGuard<'_, Status> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tc_exchange::{Guardrail, GuardrailOptions};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_wait_counts_down_and_failures_get_old() {
        let mut guardrail = Guardrail::new(GuardrailOptions {
            backoff_initial_ms: 5_000,
            ..GuardrailOptions::default()
        });
        guardrail.failure(7_000, 1.0, "refused");
        let before_ms = unix_ms();
        let status = JobStatus::default();
        status.waiting(guardrail.snapshot(7_400));
        let left = || {
            status
                .snapshot()
                .guardrail
                .map(|guardrail| (guardrail.next_retry_in_ms, guardrail.window_failures))
        };
        assert_eq!(left(), Some((4_600, 1)));
        tokio::time::advance(Duration::from_millis(3_500)).await;
        assert_eq!(left(), Some((1_100, 1)));
        tokio::time::advance(Duration::from_millis(3_500)).await;
        assert_eq!(left(), Some((0, 1)));
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(left(), Some((0, 0)));
        // An instant of the system clock.
        let failed_ms = status.snapshot().guardrail.unwrap().last_failure_ms.unwrap();
        let failed_ms = i64::try_from(failed_ms).unwrap();
        assert!((before_ms - 400..=unix_ms() - 400).contains(&failed_ms));
        status.recovered();
        assert_eq!(left(), None);
    }
}
