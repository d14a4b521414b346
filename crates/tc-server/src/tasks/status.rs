//! What a live job tells about itself.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tc_exchange::GuardrailSnapshot;
use tc_market::CandleTime;

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
pub struct JobStatus(Mutex<JobSnapshot>);

impl JobStatus {
    /// A copy of the present state.
    #[must_use]
    pub fn snapshot(&self) -> JobSnapshot {
        self.lock().clone()
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

    pub(super) fn waiting(&self, guardrail: GuardrailSnapshot) {
        self.lock().guardrail = Some(guardrail);
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

    fn lock(&self) -> MutexGuard<'_, JobSnapshot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
