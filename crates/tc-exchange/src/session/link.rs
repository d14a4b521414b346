//! One socket and its timers.

use super::{SessionTiming, SocketId};

/// A socket that the session opens or uses. Times are monotonic milliseconds.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) id: SocketId,
    pub(super) healthy: bool,
    /// The venue is being asked whether the silence is real.
    pub(super) probing: bool,
    started_ms: u64,
    opened_ms: Option<u64>,
    first_kline_ms: Option<u64>,
    last_heard_ms: u64,
    last_ping_ms: u64,
    awaits_pong: bool,
}

/// What a timer of a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    Connect,
    Pong,
    Ping,
    Healthy,
    Stall,
    Rotation,
}

impl Link {
    pub(super) const fn new(id: SocketId, now_ms: u64) -> Self {
        Self {
            id,
            healthy: false,
            probing: false,
            started_ms: now_ms,
            opened_ms: None,
            first_kline_ms: None,
            last_heard_ms: now_ms,
            last_ping_ms: now_ms,
            awaits_pong: false,
        }
    }

    pub(super) const fn is_open(&self) -> bool {
        self.opened_ms.is_some()
    }

    pub(super) const fn open(&mut self, now_ms: u64) {
        self.opened_ms = Some(now_ms);
        self.last_heard_ms = now_ms;
        self.last_ping_ms = now_ms;
    }

    pub(super) const fn heard(&mut self, now_ms: u64) {
        self.last_heard_ms = now_ms;
        self.probing = false;
    }

    /// Whether this was the first candle.
    pub(super) const fn first_kline(&mut self, now_ms: u64) -> bool {
        let first = self.first_kline_ms.is_none();
        if first {
            self.first_kline_ms = Some(now_ms);
        }
        first
    }

    pub(super) const fn pinged(&mut self, now_ms: u64) {
        self.last_ping_ms = now_ms;
        self.awaits_pong = true;
    }

    pub(super) const fn pong(&mut self) {
        self.awaits_pong = false;
    }

    /// The next timer; of those due at the same time the one that ends the link first.
    pub(super) fn next_due(&self, timing: &SessionTiming, may_rotate: bool) -> (u64, Due) {
        let Some(opened_ms) = self.opened_ms else {
            return (self.started_ms + timing.connect_timeout_ms, Due::Connect);
        };
        let heartbeat = if self.awaits_pong {
            (self.last_ping_ms + timing.pong_timeout_ms, Due::Pong)
        } else {
            (self.last_ping_ms + timing.ping_interval_ms, Due::Ping)
        };
        let healthy = self
            .first_kline_ms
            .filter(|_| !self.healthy)
            .map(|first_ms| (first_ms.max(opened_ms + timing.healthy_after_ms), Due::Healthy));
        let stall = (!self.probing).then(|| (self.last_heard_ms + timing.stall_timeout_ms, Due::Stall));
        let rotation = may_rotate.then(|| (opened_ms + timing.rotate_after_ms, Due::Rotation));
        [healthy, stall, rotation]
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
