//! The life of a connection as a state machine, without sockets and clocks.
//!
//! The owner carries out [`Action`]s and reports [`SocketEvent`]s; every call takes the present time in monotonic
//! milliseconds and returns what to do, in order. One socket is live at a time. A planned replacement opens a
//! successor beside it, which takes over with its first candle.

mod jitter;
mod link;
#[cfg(test)]
mod tests;

use jitter::Jitter;
use link::{Due, Link};

use crate::{DisconnectReason, Guardrail, SessionStatus};

/// Names one socket of a session; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(u32);

/// When things are due. All in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionTiming {
    /// Longest handshake.
    pub connect_timeout_ms: u64,
    /// Between two pings of ours.
    pub ping_interval_ms: u64,
    /// Longest wait for the pong to a ping.
    pub pong_timeout_ms: u64,
    /// A connection that has lasted so long and brought a candle clears the guardrail.
    pub healthy_after_ms: u64,
    /// Silence after which the venue is asked whether there is something to say.
    pub stall_timeout_ms: u64,
    /// Age at which a connection is replaced, below the venue's limit.
    pub rotate_after_ms: u64,
}

impl Default for SessionTiming {
    fn default() -> Self {
        Self {
            connect_timeout_ms: 10_000,
            ping_interval_ms: 20_000,
            pong_timeout_ms: 20_000,
            healthy_after_ms: 10_000,
            stall_timeout_ms: 60_000,
            rotate_after_ms: (23 * 60 + 50) * 60_000,
        }
    }
}

/// What the owner of a session reports about a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketEvent {
    /// The handshake is done.
    Opened,
    /// The socket could not be opened, or ended; with the cause.
    Ended(String),
    /// A valid candle of the session came.
    Kline,
    /// A pong came.
    Pong,
    /// The venue announced that it closes the connection.
    ShutdownNotice,
    /// The venue has newer data than the socket brought.
    Stalled,
    /// The venue has nothing newer either.
    Quiet,
}

/// What a session wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Open a socket under this name.
    Open(SocketId),
    /// Close it; nothing that it still reports counts.
    Close(SocketId),
    /// Send a ping on it.
    Ping(SocketId),
    /// Ask the venue by other means whether the silence is real; answer with `Stalled` or `Quiet`.
    ProbeStall(SocketId),
    /// Tell the consumer.
    Report(SessionStatus),
}

/// See the module.
#[derive(Debug)]
pub struct Session {
    timing: SessionTiming,
    guardrail: Guardrail,
    jitter: Jitter,
    live: Option<Link>,
    successor: Option<Link>,
    /// Why the live connection is to be replaced, while it is.
    replacing: Option<DisconnectReason>,
    next_attempt_ms: Option<u64>,
    next_socket: u32,
}

impl Session {
    /// A session that has not connected yet; the first [`Session::tick`] begins.
    #[must_use]
    pub const fn new(timing: SessionTiming, guardrail: Guardrail, jitter_seed: u64) -> Self {
        Self {
            timing,
            guardrail,
            jitter: Jitter::new(jitter_seed),
            live: None,
            successor: None,
            replacing: None,
            next_attempt_ms: Some(0),
            next_socket: 0,
        }
    }

    /// The socket whose candles count.
    #[must_use]
    pub fn live(&self) -> Option<SocketId> {
        self.live.as_ref().map(|link| link.id)
    }

    /// Whether this socket belongs to the session still.
    #[must_use]
    pub fn knows(&self, socket: SocketId) -> bool {
        [&self.live, &self.successor]
            .into_iter()
            .flatten()
            .any(|link| link.id == socket)
    }

    /// The guardrail, for snapshots.
    #[must_use]
    pub const fn guardrail(&self) -> &Guardrail {
        &self.guardrail
    }

    /// When [`Session::tick`] wants to be called; `None` when only an event can change something.
    #[must_use]
    pub fn next_deadline_ms(&self) -> Option<u64> {
        let links = [(&self.live, self.replacing.is_none()), (&self.successor, false)];
        let due = links.into_iter().filter_map(|(link, may_rotate)| {
            link.as_ref()
                .map(|link| link.next_due(&self.timing, may_rotate).0)
        });
        due.chain(self.next_attempt_ms).min()
    }

    /// Serves every deadline at or before `now_ms`.
    pub fn tick(&mut self, now_ms: u64) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.next_attempt_ms.is_some_and(|at| at <= now_ms) {
            self.attempt(now_ms, &mut actions);
        }
        while let Some((socket, due)) = self.overdue(now_ms) {
            self.serve(socket, due, now_ms, &mut actions);
        }
        actions
    }

    /// Takes note of an event of a socket. Sockets that the session no longer knows are ignored.
    pub fn on(&mut self, socket: SocketId, event: SocketEvent, now_ms: u64) -> Vec<Action> {
        let mut actions = Vec::new();
        let is_live = self.live() == Some(socket);
        let Some(link) = self.link(socket) else {
            return actions;
        };
        match event {
            SocketEvent::Opened => {
                link.open(now_ms);
                if is_live {
                    actions.push(Action::Report(SessionStatus::Connected));
                }
            }
            SocketEvent::Pong => link.pong(),
            SocketEvent::Quiet => link.heard(now_ms),
            SocketEvent::Kline => {
                link.heard(now_ms);
                let first = link.first_kline(now_ms);
                if !is_live {
                    self.promote(&mut actions);
                }
                if first {
                    actions.push(Action::Report(SessionStatus::Live));
                }
            }
            SocketEvent::ShutdownNotice => self.replace(socket, now_ms, &mut actions),
            SocketEvent::Ended(detail) => {
                let reason = if link.is_open() {
                    DisconnectReason::Lost
                } else {
                    DisconnectReason::Connect
                };
                self.end(socket, reason, detail, now_ms, &mut actions);
            }
            // A candle that came while the venue was asked has answered the question.
            SocketEvent::Stalled if !link.probing => {}
            SocketEvent::Stalled => {
                actions.push(Action::Close(socket));
                self.end(
                    socket,
                    DisconnectReason::Stall,
                    String::new(),
                    now_ms,
                    &mut actions,
                );
            }
        }
        actions
    }

    fn link(&mut self, socket: SocketId) -> Option<&mut Link> {
        [&mut self.live, &mut self.successor]
            .into_iter()
            .flatten()
            .find(|link| link.id == socket)
    }

    /// Opens a socket, unless the guardrail asks to wait.
    fn attempt(&mut self, now_ms: u64, actions: &mut Vec<Action>) {
        let wait_ms = self.guardrail.before_attempt(now_ms);
        if wait_ms > 0 {
            self.wait(wait_ms, now_ms, actions);
            return;
        }
        self.next_attempt_ms = None;
        let id = SocketId(self.next_socket);
        self.next_socket = self.next_socket.wrapping_add(1);
        let link = Link::new(id, now_ms);
        if self.live.is_none() {
            self.live = Some(link);
            actions.push(Action::Report(SessionStatus::Connecting));
        } else {
            self.successor = Some(link);
            actions.push(Action::Report(SessionStatus::Rotating));
        }
        actions.push(Action::Open(id));
    }

    fn wait(&mut self, wait_ms: u64, now_ms: u64, actions: &mut Vec<Action>) {
        self.next_attempt_ms = Some(now_ms.saturating_add(wait_ms));
        let guardrail = self.guardrail.snapshot(now_ms);
        actions.push(Action::Report(SessionStatus::Waiting { wait_ms, guardrail }));
    }

    /// The venue is going to close this socket: get another one, keeping the live one for as long as it lasts.
    fn replace(&mut self, socket: SocketId, now_ms: u64, actions: &mut Vec<Action>) {
        self.replacing = Some(DisconnectReason::ServerShutdown);
        if self.live() != Some(socket) {
            self.successor = None;
            actions.push(Action::Close(socket));
        }
        if self.successor.is_none() {
            self.attempt(now_ms, actions);
        }
    }

    /// The successor brought its first candle: the old socket is closed unread.
    fn promote(&mut self, actions: &mut Vec<Action>) {
        let reason = self.replacing.take().unwrap_or(DisconnectReason::Rotation);
        if let Some(old) = std::mem::replace(&mut self.live, self.successor.take()) {
            actions.push(Action::Close(old.id));
            actions.push(Action::Report(SessionStatus::Disconnected {
                reason,
                detail: String::new(),
            }));
            actions.push(Action::Report(SessionStatus::Connected));
        }
    }

    /// A socket is gone: forget it, and find out what comes next.
    fn end(
        &mut self,
        socket: SocketId,
        reason: DisconnectReason,
        detail: String,
        now_ms: u64,
        actions: &mut Vec<Action>,
    ) {
        if self.live() != Some(socket) {
            self.successor = None;
            self.fail(reason, &detail, now_ms, actions);
            return;
        }
        // The end of a connection that was to be replaced anyway is part of the plan.
        let reason = self
            .replacing
            .take()
            .filter(|_| reason == DisconnectReason::Lost)
            .unwrap_or(reason);
        actions.push(Action::Report(SessionStatus::Disconnected {
            reason,
            detail: detail.clone(),
        }));
        self.live = self.successor.take();
        match &self.live {
            Some(link) if link.is_open() => actions.push(Action::Report(SessionStatus::Connected)),
            Some(_) => actions.push(Action::Report(SessionStatus::Connecting)),
            None if reason.is_failure() => self.fail(reason, &detail, now_ms, actions),
            None => self.attempt(now_ms, actions),
        }
    }

    fn fail(&mut self, reason: DisconnectReason, detail: &str, now_ms: u64, actions: &mut Vec<Action>) {
        let error = if detail.is_empty() {
            reason.name().to_owned()
        } else {
            format!("{}: {detail}", reason.name())
        };
        let wait_ms = self.guardrail.failure(now_ms, self.jitter.next_factor(), error);
        self.wait(wait_ms, now_ms, actions);
    }

    fn overdue(&self, now_ms: u64) -> Option<(SocketId, Due)> {
        let links = [(&self.live, self.replacing.is_none()), (&self.successor, false)];
        links.into_iter().find_map(|(link, may_rotate)| {
            let link = link.as_ref()?;
            let (at_ms, due) = link.next_due(&self.timing, may_rotate);
            (at_ms <= now_ms).then_some((link.id, due))
        })
    }

    fn serve(&mut self, socket: SocketId, due: Due, now_ms: u64, actions: &mut Vec<Action>) {
        let is_live = self.live() == Some(socket);
        let Some(link) = self.link(socket) else { return };
        match due {
            Due::Connect => {
                actions.push(Action::Close(socket));
                self.end(
                    socket,
                    DisconnectReason::Connect,
                    "handshake took too long".to_owned(),
                    now_ms,
                    actions,
                );
            }
            Due::Pong => {
                actions.push(Action::Close(socket));
                self.end(
                    socket,
                    DisconnectReason::PongTimeout,
                    String::new(),
                    now_ms,
                    actions,
                );
            }
            Due::Ping => {
                link.pinged(now_ms);
                actions.push(Action::Ping(socket));
            }
            Due::Healthy => {
                link.healthy = true;
                if is_live {
                    self.guardrail.success();
                    actions.push(Action::Report(SessionStatus::Healthy));
                }
            }
            Due::Stall if is_live => {
                link.probing = true;
                actions.push(Action::ProbeStall(socket));
            }
            Due::Stall => {
                actions.push(Action::Close(socket));
                self.end(socket, DisconnectReason::Stall, String::new(), now_ms, actions);
            }
            Due::Rotation => {
                self.replacing = Some(DisconnectReason::Rotation);
                self.attempt(now_ms, actions);
            }
        }
    }
}
