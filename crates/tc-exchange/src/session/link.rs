//! One socket and its timers.

use std::collections::BTreeSet;

use super::{SessionTiming, SocketId, seats::Seats};
use crate::{StreamCommand, StreamName};

/// A socket that the session opens or uses. Times are monotonic milliseconds.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) id: SocketId,
    pub(super) healthy: bool,
    pub(super) seats: Seats,
    started_ms: u64,
    opened_ms: Option<u64>,
    first_kline_ms: Option<u64>,
    last_heard_ms: u64,
    last_ping_ms: u64,
    awaits_pong: bool,
    /// When a message was sent last.
    last_control_ms: Option<u64>,
}

/// What a socket is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Its candles count.
    Live,
    /// Its candles count until its successor brings one.
    Replaced,
    /// It is going to be the live one.
    Successor,
}

/// What a timer of a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    Connect,
    Pong,
    Answer,
    Ping,
    Command,
    Healthy,
    Silence,
    Rotation,
}

impl Link {
    pub(super) fn new(id: SocketId, now_ms: u64, streams: impl Iterator<Item = StreamName>) -> Self {
        Self {
            id,
            healthy: false,
            seats: Seats::of(streams, now_ms),
            started_ms: now_ms,
            opened_ms: None,
            first_kline_ms: None,
            last_heard_ms: now_ms,
            last_ping_ms: now_ms,
            awaits_pong: false,
            last_control_ms: None,
        }
    }

    pub(super) const fn is_open(&self) -> bool {
        self.opened_ms.is_some()
    }

    pub(super) fn open(&mut self, now_ms: u64, timing: &SessionTiming) {
        self.opened_ms = Some(now_ms);
        self.last_heard_ms = now_ms;
        self.last_ping_ms = now_ms;
        self.seats.opened(now_ms, timing);
    }

    /// Whether this was the first candle of the stream; `None` when the stream is not carried.
    pub(super) fn heard(&mut self, stream: &StreamName, now_ms: u64, timing: &SessionTiming) -> Option<bool> {
        let first = self.seats.heard(stream, now_ms, timing)?;
        self.last_heard_ms = now_ms;
        self.first_kline_ms.get_or_insert(now_ms);
        Some(first)
    }

    /// Whether no stream at all has brought anything for the stall timeout.
    pub(super) const fn is_silent(&self, now_ms: u64, timing: &SessionTiming) -> bool {
        self.first_kline_ms.is_none() || now_ms >= self.last_heard_ms.saturating_add(timing.stall_timeout_ms)
    }

    pub(super) const fn pinged(&mut self, now_ms: u64) {
        self.last_ping_ms = now_ms;
        self.last_control_ms = Some(now_ms);
        self.awaits_pong = true;
    }

    pub(super) const fn pong(&mut self) {
        self.awaits_pong = false;
    }

    /// The command to send now, if there is something to change.
    pub(super) fn next_command(
        &mut self,
        wanted: &BTreeSet<StreamName>,
        streams_max: usize,
        now_ms: u64,
        timing: &SessionTiming,
    ) -> Option<StreamCommand> {
        let command = self.seats.next_command(wanted, streams_max, now_ms, timing)?;
        self.last_control_ms = Some(now_ms);
        Some(command)
    }

    /// The next timer; of those due at the same time the one that ends the link first.
    pub(super) fn next_due(&self, timing: &SessionTiming, role: Role) -> (u64, Due) {
        let Some(opened_ms) = self.opened_ms else {
            return (self.started_ms + timing.connect_timeout_ms, Due::Connect);
        };
        let control_ms = self
            .last_control_ms
            .map_or(0, |at_ms| at_ms + timing.control_interval_ms);
        let heartbeat = if self.awaits_pong {
            (self.last_ping_ms + timing.pong_timeout_ms, Due::Pong)
        } else {
            let at_ms = self.last_ping_ms + timing.ping_interval_ms;
            (at_ms.max(control_ms), Due::Ping)
        };
        let answer = self
            .seats
            .asked_since_ms()
            .map(|at_ms| (at_ms + timing.answer_timeout_ms, Due::Answer));
        let command = self
            .seats
            .changed_since_ms()
            .map(|at_ms| ((at_ms + timing.gather_ms).max(control_ms), Due::Command));
        let healthy = self
            .first_kline_ms
            .filter(|_| !self.healthy)
            .map(|first_ms| (first_ms.max(opened_ms + timing.healthy_after_ms), Due::Healthy));
        let silence_ms = match role {
            Role::Live | Role::Replaced => self.seats.silence_due_ms(),
            Role::Successor => Some(self.last_heard_ms + timing.stall_timeout_ms),
        };
        let silence = silence_ms.map(|at_ms| (at_ms, Due::Silence));
        let rotation =
            (role == Role::Live).then(|| (opened_ms.saturating_add(timing.rotate_after_ms), Due::Rotation));
        [answer, command, healthy, silence, rotation]
            .into_iter()
            .flatten()
            .fold(
                heartbeat,
                |first, next| {
                    if next.0 < first.0 { next } else { first }
                },
            )
    }
}
