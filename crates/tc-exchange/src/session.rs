//! The life of a shared connection as a state machine, without sockets and clocks.
//!
//! The owner carries out [`Action`]s and reports [`SocketEvent`]s; every call is part of a [`Turn`], which knows the
//! present time in monotonic milliseconds and collects what to do, in order. One socket is live at a time. A planned
//! replacement opens a successor with the same streams beside it, which takes over with its first candle.

mod jitter;
mod link;
#[cfg(test)]
mod props;
mod seats;
#[cfg(test)]
mod tests;
mod timing;
mod turn;

use std::collections::BTreeSet;

use jitter::Jitter;
use link::{Due, Link, Role};
pub use timing::SessionTiming;
pub(crate) use turn::Turn;
pub use turn::{Action, SocketEvent, SocketId};

use crate::{DisconnectReason, Guardrail, RefusalBody, SessionStatus, StreamName};

/// See the module.
#[derive(Debug)]
pub(crate) struct Session {
    id: u32,
    timing: SessionTiming,
    guardrail: Guardrail,
    jitter: Jitter,
    wanted: BTreeSet<StreamName>,
    live: Option<Link>,
    successor: Option<Link>,
    /// Why the live connection is to be replaced, while it is.
    replacing: Option<DisconnectReason>,
    next_attempt_ms: Option<u64>,
    next_socket: u32,
    /// Streams for whose silence a talking socket was replaced, and that have brought nothing since: another
    /// replacement would only cost the others theirs.
    blamed: BTreeSet<StreamName>,
}

impl Session {
    /// A session without streams and so without a connection.
    pub(crate) const fn new(id: u32, timing: SessionTiming, guardrail: Guardrail, jitter_seed: u64) -> Self {
        Self {
            id,
            timing,
            guardrail,
            jitter: Jitter::new(jitter_seed),
            wanted: BTreeSet::new(),
            live: None,
            successor: None,
            replacing: None,
            next_attempt_ms: None,
            blamed: BTreeSet::new(),
            next_socket: 0,
        }
    }

    /// The socket whose candles count.
    pub(crate) fn live(&self) -> Option<SocketId> {
        self.live.as_ref().map(|link| link.id)
    }

    /// The streams that it carries or is about to.
    pub(crate) const fn wanted(&self) -> &BTreeSet<StreamName> {
        &self.wanted
    }

    /// When [`Session::tick`] wants to be called; `None` when only an event can change something.
    pub(crate) fn next_deadline_ms(&self) -> Option<u64> {
        let due = self
            .links()
            .map(|(link, role)| link.next_due(&self.timing, role).0);
        due.chain(self.next_attempt_ms).min()
    }

    /// Adds a stream: by a command on the open socket, or by opening one.
    pub(crate) fn want(&mut self, stream: StreamName, turn: &mut Turn<'_>) {
        if !self.wanted.insert(stream.clone()) {
            return;
        }
        self.streams_changed(turn);
        match (&self.live, self.next_attempt_ms) {
            (Some(link), _) if link.is_open() => turn.tell(stream, SessionStatus::Connected),
            (Some(_), _) => turn.tell(stream, SessionStatus::Connecting),
            (None, None) => self.next_attempt_ms = Some(turn.now_ms.saturating_add(self.timing.gather_ms)),
            (None, Some(at_ms)) => {
                let wait_ms = at_ms.saturating_sub(turn.now_ms);
                if wait_ms > self.timing.gather_ms {
                    let guardrail = self.guardrail.snapshot(turn.now_ms);
                    turn.tell(stream, SessionStatus::Waiting { wait_ms, guardrail });
                }
            }
        }
    }

    /// Gives a stream up. Without streams there is no connection.
    pub(crate) fn release(&mut self, stream: &StreamName, turn: &mut Turn<'_>) {
        if !self.wanted.remove(stream) {
            return;
        }
        self.blamed.remove(stream);
        if !self.wanted.is_empty() {
            return self.streams_changed(turn);
        }
        for link in [self.live.take(), self.successor.take()].into_iter().flatten() {
            turn.push(Action::Close(link.id));
        }
        self.replacing = None;
        self.next_attempt_ms = None;
    }

    /// Serves every deadline at or before the time of the turn.
    pub(crate) fn tick(&mut self, turn: &mut Turn<'_>) {
        if self.next_attempt_ms.is_some_and(|at| at <= turn.now_ms) {
            self.attempt(turn);
        }
        while let Some((socket, due)) = self.overdue(turn.now_ms) {
            self.serve(socket, due, turn);
        }
    }

    /// Takes note of an event of a socket. Sockets that the session no longer knows are ignored.
    pub(crate) fn on(&mut self, socket: SocketId, event: SocketEvent, turn: &mut Turn<'_>) {
        let is_live = self.live() == Some(socket);
        let timing = self.timing;
        // The last words about a stream that was given up.
        if let SocketEvent::Kline(stream) | SocketEvent::Stalled(stream) | SocketEvent::Quiet(stream) = &event
            && !self.wanted.contains(stream)
        {
            return;
        }
        let Some(link) = self.link(socket) else {
            return;
        };
        match event {
            SocketEvent::Opened => {
                link.open(turn.now_ms, &timing);
                if is_live {
                    self.tell_all(&SessionStatus::Connected, turn);
                }
            }
            SocketEvent::Pong => link.pong(),
            SocketEvent::Kline(stream) => {
                let Some(first) = link.heard(&stream, turn.now_ms, &timing) else {
                    return;
                };
                self.blamed.remove(&stream);
                if !is_live {
                    self.promote(turn);
                }
                if first {
                    turn.tell(stream, SessionStatus::Live);
                }
            }
            SocketEvent::Accepted(command) => link.seats.accepted(command, turn.now_ms),
            SocketEvent::Refused { command, body } => self.refused(socket, command, &body, turn),
            SocketEvent::ShutdownNotice => self.replace(socket, turn),
            SocketEvent::Ended(detail) => {
                let reason = if link.is_open() {
                    DisconnectReason::Lost
                } else {
                    DisconnectReason::Connect
                };
                self.end(socket, reason, detail, turn);
            }
            SocketEvent::Quiet(stream) => link.seats.quiet(&stream, turn.now_ms, &timing),
            SocketEvent::Stalled(stream) => self.stalled(socket, stream, turn),
        }
    }

    /// The sockets with what they are for.
    fn links(&self) -> impl Iterator<Item = (&Link, Role)> {
        let role = if self.replacing.is_none() {
            Role::Live
        } else {
            Role::Replaced
        };
        let live = self.live.as_ref().map(|link| (link, role));
        let successor = self.successor.as_ref().map(|link| (link, Role::Successor));
        live.into_iter().chain(successor)
    }

    fn link(&mut self, socket: SocketId) -> Option<&mut Link> {
        [&mut self.live, &mut self.successor]
            .into_iter()
            .flatten()
            .find(|link| link.id == socket)
    }

    fn streams_changed(&mut self, turn: &Turn<'_>) {
        for link in [&mut self.live, &mut self.successor].into_iter().flatten() {
            link.seats.changed(turn.now_ms);
        }
    }

    fn tell_all(&self, status: &SessionStatus, turn: &mut Turn<'_>) {
        for stream in &self.wanted {
            turn.tell(stream.clone(), status.clone());
        }
    }

    /// Opens a socket, unless the guardrail or the limit of connections asks to wait.
    fn attempt(&mut self, turn: &mut Turn<'_>) {
        let mut wait_ms = self.guardrail.before_attempt(turn.now_ms);
        if wait_ms == 0 {
            wait_ms = turn.connects.take(turn.now_ms);
        }
        if wait_ms > 0 {
            return self.wait(wait_ms, turn);
        }
        self.next_attempt_ms = None;
        let id = SocketId::new(self.id, self.next_socket);
        self.next_socket = self.next_socket.wrapping_add(1);
        let link = Link::new(id, turn.now_ms, self.wanted.iter().cloned());
        if self.live.is_none() {
            self.live = Some(link);
            self.tell_all(&SessionStatus::Connecting, turn);
        } else {
            self.successor = Some(link);
            self.tell_all(&SessionStatus::Rotating, turn);
        }
        let streams = self.wanted.iter().cloned().collect();
        turn.push(Action::Open { socket: id, streams });
    }

    fn wait(&mut self, wait_ms: u64, turn: &mut Turn<'_>) {
        self.next_attempt_ms = Some(turn.now_ms.saturating_add(wait_ms));
        let guardrail = self.guardrail.snapshot(turn.now_ms);
        self.tell_all(&SessionStatus::Waiting { wait_ms, guardrail }, turn);
    }

    /// The venue is going to close this socket: get another one, keeping the live one for as long as it lasts.
    fn replace(&mut self, socket: SocketId, turn: &mut Turn<'_>) {
        self.replacing = Some(DisconnectReason::ServerShutdown);
        if self.live() != Some(socket) {
            self.successor = None;
            turn.push(Action::Close(socket));
        }
        // A planned attempt that has to wait is not hurried.
        if self.successor.is_none() && self.next_attempt_ms.is_none() {
            self.attempt(turn);
        }
    }

    /// The successor brought its first candle: the old socket is closed unread.
    fn promote(&mut self, turn: &mut Turn<'_>) {
        let reason = self.replacing.take().unwrap_or(DisconnectReason::Rotation);
        if let Some(old) = std::mem::replace(&mut self.live, self.successor.take()) {
            turn.push(Action::Close(old.id));
            let detail = String::new();
            self.tell_all(&SessionStatus::Disconnected { reason, detail }, turn);
            self.tell_all(&SessionStatus::Connected, turn);
        }
    }

    fn refused(&mut self, socket: SocketId, command: Option<u64>, body: &RefusalBody, turn: &mut Turn<'_>) {
        let status = SessionStatus::Refused {
            code: body.code,
            message: body.message.clone(),
        };
        let Some(command) = command else {
            return self.tell_all(&status, turn);
        };
        let link = self.link(socket);
        if let Some(stream) = link.and_then(|link| link.seats.refused(command, turn.now_ms))
            && self.wanted.contains(&stream)
        {
            turn.tell(stream, status);
        }
    }

    /// The venue has newer data of this stream than the socket brought.
    fn stalled(&mut self, socket: SocketId, stream: StreamName, turn: &mut Turn<'_>) {
        let (timing, now_ms) = (self.timing, turn.now_ms);
        let blamed = self.blamed.contains(&stream);
        let Some(link) = self.link(socket) else { return };
        // A candle that came while the venue was asked has answered the question.
        if !link.seats.is_probing(&stream) {
            return;
        }
        let talks = !link.is_silent(now_ms, &timing);
        if !talks || !link.seats.subscribe_again(&stream, now_ms, blamed) {
            if talks {
                self.blamed.insert(stream);
            }
            return self.give_up(socket, DisconnectReason::Stall, "", turn);
        }
        let (reason, detail) = (DisconnectReason::Stall, "stream is subscribed again".to_owned());
        turn.tell(stream, SessionStatus::Disconnected { reason, detail });
    }

    fn give_up(&mut self, socket: SocketId, reason: DisconnectReason, detail: &str, turn: &mut Turn<'_>) {
        turn.push(Action::Close(socket));
        self.end(socket, reason, detail.to_owned(), turn);
    }

    /// A socket is gone: forget it, and find out what comes next.
    fn end(&mut self, socket: SocketId, reason: DisconnectReason, detail: String, turn: &mut Turn<'_>) {
        if self.live() != Some(socket) {
            self.successor = None;
            self.fail(reason, &detail, turn);
            return;
        }
        // The end of a connection that was to be replaced anyway is part of the plan.
        let reason = self
            .replacing
            .take()
            .filter(|_| reason == DisconnectReason::Lost)
            .unwrap_or(reason);
        let ended = SessionStatus::Disconnected {
            reason,
            detail: detail.clone(),
        };
        self.tell_all(&ended, turn);
        self.live = self.successor.take();
        match &self.live {
            Some(link) if link.is_open() => self.tell_all(&SessionStatus::Connected, turn),
            Some(_) => self.tell_all(&SessionStatus::Connecting, turn),
            None if reason.is_failure() => self.fail(reason, &detail, turn),
            None => self.attempt(turn),
        }
    }

    fn fail(&mut self, reason: DisconnectReason, detail: &str, turn: &mut Turn<'_>) {
        let error = if detail.is_empty() {
            reason.name().to_owned()
        } else {
            format!("{}: {detail}", reason.name())
        };
        let wait_ms = self
            .guardrail
            .failure(turn.now_ms, self.jitter.next_factor(), error);
        self.wait(wait_ms, turn);
    }

    fn overdue(&self, now_ms: u64) -> Option<(SocketId, Due)> {
        self.links().find_map(|(link, role)| {
            let (at_ms, due) = link.next_due(&self.timing, role);
            (at_ms <= now_ms).then_some((link.id, due))
        })
    }

    fn serve(&mut self, socket: SocketId, due: Due, turn: &mut Turn<'_>) {
        let (timing, now_ms) = (self.timing, turn.now_ms);
        let is_live = self.live() == Some(socket);
        let [live, successor] = [&mut self.live, &mut self.successor];
        let Some(link) = [live, successor]
            .into_iter()
            .flatten()
            .find(|link| link.id == socket)
        else {
            return;
        };
        match due {
            Due::Connect => self.give_up(socket, DisconnectReason::Connect, "handshake took too long", turn),
            Due::Pong => self.give_up(socket, DisconnectReason::PongTimeout, "", turn),
            Due::Answer => self.give_up(socket, DisconnectReason::NoAnswer, "", turn),
            Due::Ping => {
                link.pinged(now_ms);
                turn.push(Action::Ping(socket));
            }
            Due::Command => {
                if let Some(command) = link.next_command(&self.wanted, turn.streams_max, now_ms, &timing) {
                    turn.push(Action::Send { socket, command });
                }
            }
            Due::Healthy => {
                link.healthy = true;
                if is_live {
                    self.guardrail.success();
                    self.tell_all(&SessionStatus::Healthy, turn);
                }
            }
            Due::Silence if is_live => {
                for stream in link.seats.silent(now_ms, &timing) {
                    turn.push(Action::ProbeStall { socket, stream });
                }
            }
            Due::Silence => self.give_up(socket, DisconnectReason::Stall, "", turn),
            Due::Rotation => {
                self.replacing = Some(DisconnectReason::Rotation);
                self.attempt(turn);
            }
        }
    }
}
