//! Any interleaving of wishes and socket events, against a venue that follows the rules of the wire.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::{FleetLimits, GuardrailOptions, StreamCommand, StreamVerb, fleet::Fleet};

const STREAMS: usize = 9;
const LIMITS: FleetLimits = FleetLimits {
    streams_per_connection: 4,
    connects_per_minute: 5,
};

/// What the venue knows of a socket.
#[derive(Default)]
struct Wire {
    carried: BTreeSet<StreamName>,
    open: bool,
    unanswered: Vec<StreamCommand>,
    messages_ms: Vec<u64>,
}

/// The fleet with a venue beside it.
struct World {
    fleet: Fleet,
    now_ms: u64,
    wanted: BTreeSet<StreamName>,
    wires: BTreeMap<SocketId, Wire>,
    opened_ms: Vec<u64>,
    probes: Vec<(SocketId, StreamName)>,
}

fn name(n: usize) -> StreamName {
    StreamName::new(&format!("s{n}@kline_1m"))
}

impl World {
    fn new() -> Self {
        let timing = SessionTiming::default();
        Self {
            fleet: Fleet::new(timing, GuardrailOptions::default(), LIMITS, 7),
            now_ms: 0,
            wanted: BTreeSet::new(),
            wires: BTreeMap::new(),
            opened_ms: Vec::new(),
            probes: Vec::new(),
        }
    }

    fn obey(&mut self, actions: Vec<Action>) -> Result<(), TestCaseError> {
        for action in actions {
            match action {
                Action::Open { socket, streams } => {
                    prop_assert!(!streams.is_empty());
                    self.opened_ms.push(self.now_ms);
                    let wire = Wire {
                        carried: streams.into_iter().collect(),
                        ..Wire::default()
                    };
                    prop_assert!(self.wires.insert(socket, wire).is_none(), "never used twice");
                }
                Action::Close(socket) => {
                    prop_assert!(self.wires.remove(&socket).is_some(), "closed once");
                }
                Action::Ping(socket) => self.message(socket)?,
                Action::Send { socket, command } => {
                    self.message(socket)?;
                    let Some(wire) = self.wires.get_mut(&socket) else {
                        continue;
                    };
                    match command.verb {
                        StreamVerb::Subscribe => wire.carried.extend(command.streams.iter().cloned()),
                        StreamVerb::Unsubscribe => {
                            wire.carried.retain(|stream| !command.streams.contains(stream));
                        }
                    }
                    wire.unanswered.push(command);
                }
                Action::ProbeStall { socket, stream } => self.probes.push((socket, stream)),
                Action::Tell { stream, .. } => prop_assert!(self.wanted.contains(&stream)),
            }
        }
        self.check()
    }

    fn message(&mut self, socket: SocketId) -> Result<(), TestCaseError> {
        let Some(wire) = self.wires.get_mut(&socket).filter(|wire| wire.open) else {
            return Err(TestCaseError::fail("a message on a socket that is not open"));
        };
        wire.messages_ms.push(self.now_ms);
        let recent = |at_ms: &&u64| **at_ms + 1_000 > self.now_ms;
        prop_assert!(wire.messages_ms.iter().rev().take_while(recent).count() <= 4);
        Ok(())
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let recent = |at_ms: &&u64| **at_ms + 60_000 > self.now_ms;
        let connects = self.opened_ms.iter().rev().take_while(recent).count();
        prop_assert!(connects <= LIMITS.connects_per_minute);
        let mut sockets: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
        for (socket, wire) in &self.wires {
            prop_assert!(wire.carried.len() <= LIMITS.streams_per_connection);
            let (all, live) = sockets.entry(socket.session()).or_default();
            *all += 1;
            *live += usize::from(self.fleet.is_live(*socket));
        }
        for (all, live) in sockets.into_values() {
            prop_assert!(all <= 2 && live == 1);
        }
        Ok(())
    }

    fn tick(&mut self) -> Result<(), TestCaseError> {
        while self.fleet.next_deadline_ms().is_some_and(|at| at <= self.now_ms) {
            let actions = self.fleet.tick(self.now_ms);
            self.obey(actions)?;
        }
        Ok(())
    }

    /// Lets time pass deadline by deadline, as a driver does.
    fn pass(&mut self, ms: u64) -> Result<(), TestCaseError> {
        let until_ms = self.now_ms + ms;
        self.tick()?;
        while let Some(at_ms) = self.fleet.next_deadline_ms().filter(|at| *at <= until_ms) {
            self.now_ms = at_ms;
            self.tick()?;
        }
        self.now_ms = until_ms;
        Ok(())
    }

    fn event(&mut self, socket: SocketId, event: SocketEvent) -> Result<(), TestCaseError> {
        if matches!(event, SocketEvent::Ended(_)) {
            self.wires.remove(&socket);
        }
        let actions = self.fleet.on(socket, event, self.now_ms);
        self.obey(actions)
    }

    fn wish(&mut self, stream: StreamName) -> Result<(), TestCaseError> {
        let actions = if self.wanted.remove(&stream) {
            self.fleet.release(&stream, self.now_ms)
        } else {
            self.wanted.insert(stream.clone());
            self.fleet.want(stream, self.now_ms)
        };
        self.obey(actions)
    }

    fn apply(&mut self, step: Step) -> Result<(), TestCaseError> {
        let pick = |n: usize, sockets: &BTreeMap<SocketId, Wire>| sockets.keys().nth(n).copied();
        match step {
            Step::Pass(ms) => self.pass(ms),
            Step::Wish(n) => self.wish(name(n)),
            Step::Open(n) => match pick(n, &self.wires) {
                Some(socket) if !self.wires[&socket].open => self.open(socket),
                _ => Ok(()),
            },
            Step::End(n) => match pick(n, &self.wires) {
                Some(socket) => self.event(socket, SocketEvent::Ended("x".to_owned())),
                None => Ok(()),
            },
            Step::Notice(n) => match pick(n, &self.wires).filter(|socket| self.wires[socket].open) {
                Some(socket) => self.event(socket, SocketEvent::ShutdownNotice),
                None => Ok(()),
            },
            Step::Kline(n, stream) => match pick(n, &self.wires).filter(|socket| self.wires[socket].open) {
                Some(socket) => self.event(socket, SocketEvent::Kline(name(stream))),
                None => Ok(()),
            },
            Step::Answer(n, verdict) => match pick(n, &self.wires) {
                Some(socket) => self.answer(socket, verdict),
                None => Ok(()),
            },
            Step::Verdict(verdict) => match self.probes.pop() {
                Some((socket, stream)) => self.event(
                    socket,
                    if verdict {
                        SocketEvent::Stalled(stream)
                    } else {
                        SocketEvent::Quiet(stream)
                    },
                ),
                None => Ok(()),
            },
        }
    }

    fn open(&mut self, socket: SocketId) -> Result<(), TestCaseError> {
        if let Some(wire) = self.wires.get_mut(&socket) {
            wire.open = true;
        }
        self.event(socket, SocketEvent::Opened)
    }

    fn answer(&mut self, socket: SocketId, accepted: bool) -> Result<(), TestCaseError> {
        let Some(wire) = self
            .wires
            .get_mut(&socket)
            .filter(|wire| !wire.unanswered.is_empty())
        else {
            return Ok(());
        };
        let command = wire.unanswered.remove(0);
        if accepted {
            return self.event(socket, SocketEvent::Accepted(command.id));
        }
        if command.verb == StreamVerb::Subscribe {
            wire.carried.retain(|stream| !command.streams.contains(stream));
        }
        let body = RefusalBody {
            code: 2,
            message: String::new(),
        };
        let command = Some(command.id);
        self.event(socket, SocketEvent::Refused { command, body })
    }

    /// A venue that behaves, for long enough.
    fn behave(&mut self) -> Result<(), TestCaseError> {
        for _ in 0..600 {
            self.pass(500)?;
            // It has newer data of whatever it was not asked to carry.
            for (socket, stream) in std::mem::take(&mut self.probes) {
                let carries = |wire: &Wire| wire.carried.contains(&stream);
                let event = if self.wires.get(&socket).is_some_and(carries) {
                    SocketEvent::Quiet(stream)
                } else {
                    SocketEvent::Stalled(stream)
                };
                self.event(socket, event)?;
            }
            for socket in self.wires.keys().copied().collect::<Vec<_>>() {
                if self.wires.get(&socket).is_some_and(|wire| !wire.open) {
                    self.open(socket)?;
                }
                while self
                    .wires
                    .get(&socket)
                    .is_some_and(|wire| !wire.unanswered.is_empty())
                {
                    self.answer(socket, true)?;
                }
                self.event(socket, SocketEvent::Pong)?;
                let carried = self.wires.get(&socket).map(|wire| wire.carried.clone());
                for stream in carried.into_iter().flatten() {
                    self.event(socket, SocketEvent::Kline(stream))?;
                }
            }
        }
        Ok(())
    }
}

#[derive(Debug, Clone)]
enum Step {
    Pass(u64),
    Wish(usize),
    Open(usize),
    End(usize),
    Notice(usize),
    Kline(usize, usize),
    Answer(usize, bool),
    Verdict(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0u64..2_000).prop_map(Step::Pass),
        1 => (0u64..200_000).prop_map(Step::Pass),
        4 => (0..STREAMS).prop_map(Step::Wish),
        3 => (0usize..4).prop_map(Step::Open),
        1 => (0usize..4).prop_map(Step::End),
        1 => (0usize..4).prop_map(Step::Notice),
        3 => (0usize..4, 0..STREAMS).prop_map(|(n, stream)| Step::Kline(n, stream)),
        3 => (0usize..4, any::<bool>()).prop_map(|(n, yes)| Step::Answer(n, yes)),
        2 => any::<bool>().prop_map(Step::Verdict),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever happens: one live socket per session, no limit is passed, no deadline stays behind; and when the venue
    /// behaves again every wanted stream is carried by a live socket, and no other.
    #[test]
    fn every_wanted_stream_ends_up_on_a_live_socket(steps in prop::collection::vec(step(), 1..120)) {
        let mut world = World::new();
        for step in steps {
            world.apply(step)?;
            world.tick()?;
            prop_assert!(world.fleet.next_deadline_ms().is_none_or(|at| at > world.now_ms));
        }
        world.behave()?;
        let live = world.wires.iter().filter(|(socket, _)| world.fleet.is_live(**socket));
        let carried: Vec<_> = live.flat_map(|(_, wire)| wire.carried.iter().cloned()).collect();
        let once: BTreeSet<_> = carried.iter().cloned().collect();
        prop_assert_eq!(carried.len(), once.len());
        prop_assert_eq!(once, world.wanted);
    }
}
