//! The shared connections to one market as a state machine: which stream goes where, and how often to connect.

mod connects;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub(crate) use connects::ConnectBudget;

use crate::{
    Guardrail, GuardrailOptions, SessionTiming, StreamName,
    session::{Action, Session, SocketEvent, SocketId, Turn},
};

/// What the venue takes from one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FleetLimits {
    /// Streams on one connection; at least 1.
    pub streams_per_connection: usize,
    /// New connections within a minute; at least 1.
    pub connects_per_minute: usize,
}

impl Default for FleetLimits {
    fn default() -> Self {
        Self {
            streams_per_connection: 200,
            connects_per_minute: 20,
        }
    }
}

/// See the module. Times are monotonic milliseconds.
#[derive(Debug)]
pub struct Fleet {
    timing: SessionTiming,
    guardrail: GuardrailOptions,
    streams_max: usize,
    connects: ConnectBudget,
    jitter_seed: u64,
    /// By position. A session without streams has no connection and is used again.
    sessions: Vec<Session>,
    homes: BTreeMap<StreamName, u32>,
}

impl Fleet {
    /// A fleet that carries nothing yet. Each of its sessions spreads its back-off by a seed of its own.
    #[must_use]
    pub fn new(
        timing: SessionTiming,
        guardrail: GuardrailOptions,
        limits: FleetLimits,
        jitter_seed: u64,
    ) -> Self {
        Self {
            timing,
            guardrail,
            streams_max: limits.streams_per_connection.max(1),
            connects: ConnectBudget::new(limits.connects_per_minute.max(1)),
            jitter_seed,
            sessions: Vec::new(),
            homes: BTreeMap::new(),
        }
    }

    /// Carries a stream from now on: on the first connection with room, or on one more.
    pub fn want(&mut self, stream: StreamName, now_ms: u64) -> Vec<Action> {
        if self.homes.contains_key(&stream) {
            return Vec::new();
        }
        let home = self.home_with_room();
        self.homes.insert(stream.clone(), home);
        self.turn(home, now_ms, |session, turn| session.want(stream, turn))
    }

    /// Carries a stream no longer.
    pub fn release(&mut self, stream: &StreamName, now_ms: u64) -> Vec<Action> {
        let Some(home) = self.homes.remove(stream) else {
            return Vec::new();
        };
        self.turn(home, now_ms, |session, turn| session.release(stream, turn))
    }

    /// Takes note of an event of a socket.
    pub fn on(&mut self, socket: SocketId, event: SocketEvent, now_ms: u64) -> Vec<Action> {
        self.turn(socket.session(), now_ms, |session, turn| {
            session.on(socket, event, turn);
        })
    }

    /// Serves every deadline at or before `now_ms`.
    pub fn tick(&mut self, now_ms: u64) -> Vec<Action> {
        let mut actions = Vec::new();
        for session in &mut self.sessions {
            if session.next_deadline_ms().is_some_and(|at_ms| at_ms <= now_ms) {
                let mut turn = Turn {
                    now_ms,
                    streams_max: self.streams_max,
                    connects: &mut self.connects,
                    actions,
                };
                session.tick(&mut turn);
                actions = turn.actions;
            }
        }
        actions
    }

    /// When [`Fleet::tick`] wants to be called; `None` when only an event can change something.
    #[must_use]
    pub fn next_deadline_ms(&self) -> Option<u64> {
        self.sessions.iter().filter_map(Session::next_deadline_ms).min()
    }

    /// Whether the candles of this socket count.
    #[must_use]
    pub fn is_live(&self, socket: SocketId) -> bool {
        self.session(socket.session())
            .is_some_and(|session| session.live() == Some(socket))
    }

    /// The streams of the session that a socket belongs to.
    pub(crate) fn streams_of(&self, socket: SocketId) -> impl Iterator<Item = &StreamName> {
        let session = self.session(socket.session());
        session.into_iter().flat_map(|session| session.wanted().iter())
    }

    fn session(&self, id: u32) -> Option<&Session> {
        self.sessions.get(usize::try_from(id).ok()?)
    }

    fn home_with_room(&mut self) -> u32 {
        let with_room = self
            .sessions
            .iter()
            .position(|session| session.wanted().len() < self.streams_max);
        let position = with_room.unwrap_or(self.sessions.len());
        // There are fewer sessions than streams, and memory ends before either reaches the limit of the type.
        let id = u32::try_from(position).unwrap_or(u32::MAX);
        if with_room.is_none() {
            self.sessions.push(Session::new(
                id,
                self.timing,
                Guardrail::new(self.guardrail),
                self.jitter_seed.wrapping_add(u64::from(id)),
            ));
        }
        id
    }

    fn turn(
        &mut self,
        session: u32,
        now_ms: u64,
        act: impl FnOnce(&mut Session, &mut Turn<'_>),
    ) -> Vec<Action> {
        let mut turn = Turn {
            now_ms,
            streams_max: self.streams_max,
            connects: &mut self.connects,
            actions: Vec::new(),
        };
        let position = usize::try_from(session).unwrap_or(usize::MAX);
        if let Some(session) = self.sessions.get_mut(position) {
            act(session, &mut turn);
        }
        turn.actions
    }
}
