//! The streams of one socket: carried, asked for, given up, silent.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::SessionTiming;
use crate::{StreamCommand, StreamName, StreamVerb};

/// Streams of one socket about which the venue is asked at the same time.
const PROBES_MAX: usize = 4;
/// Pause before the streams that had to wait for that are looked at again, in milliseconds.
const PROBE_PAUSE_MS: u64 = 1_000;

/// See the module. Times are monotonic milliseconds.
#[derive(Debug)]
pub(super) struct Seats {
    seats: BTreeMap<StreamName, Seat>,
    /// Commands without an answer, and when they were sent.
    asked: BTreeMap<u64, (StreamCommand, u64)>,
    /// Parts of refused commands, which are tried by themselves until the stream at fault is found.
    suspects: VecDeque<Vec<StreamName>>,
    /// Silent streams that were subscribed again and have brought nothing since.
    revived: BTreeSet<StreamName>,
    /// Since when a command may be due.
    changed_ms: Option<u64>,
    /// No stream is silent for too long before this.
    silence_ms: Option<u64>,
    commands: u64,
}

#[derive(Debug)]
struct Seat {
    stage: Stage,
    /// When it brought something last, or was asked for.
    heard_ms: u64,
    brought: bool,
    /// The venue is being asked whether the silence is real.
    probing: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Taken,
    /// To be given up although it is wanted: it is silent.
    Stale,
    /// Given up; the answer has not come.
    Leaving,
    Refused,
}

impl Seat {
    const fn taken(now_ms: u64) -> Self {
        Self {
            stage: Stage::Taken,
            heard_ms: now_ms,
            brought: false,
            probing: false,
        }
    }
}

impl Seats {
    /// Streams that are in the address of the socket.
    pub(super) fn of(streams: impl Iterator<Item = StreamName>, now_ms: u64) -> Self {
        Self {
            seats: streams.map(|stream| (stream, Seat::taken(now_ms))).collect(),
            asked: BTreeMap::new(),
            suspects: VecDeque::new(),
            revived: BTreeSet::new(),
            changed_ms: None,
            silence_ms: None,
            commands: 0,
        }
    }

    /// The handshake is done: silence counts from here.
    pub(super) fn opened(&mut self, now_ms: u64, timing: &SessionTiming) {
        for seat in self.seats.values_mut() {
            seat.heard_ms = now_ms;
        }
        self.watch_from(now_ms, timing);
    }

    /// The wanted streams may differ from the carried ones.
    pub(super) fn changed(&mut self, now_ms: u64) {
        self.changed_ms.get_or_insert(now_ms);
    }

    pub(super) const fn changed_since_ms(&self) -> Option<u64> {
        self.changed_ms
    }

    /// When the oldest command without an answer was sent.
    pub(super) fn asked_since_ms(&self) -> Option<u64> {
        self.asked.values().next().map(|(_, at_ms)| *at_ms)
    }

    pub(super) const fn silence_due_ms(&self) -> Option<u64> {
        self.silence_ms
    }

    /// Whether this was the first candle of the stream; `None` when the stream is not carried.
    pub(super) fn heard(&mut self, stream: &StreamName, now_ms: u64, timing: &SessionTiming) -> Option<bool> {
        let seat = self
            .seats
            .get_mut(stream)
            .filter(|seat| matches!(seat.stage, Stage::Taken | Stage::Refused))?;
        let (first, probed) = (!seat.brought, seat.probing);
        *seat = Seat {
            brought: true,
            ..Seat::taken(now_ms)
        };
        if first {
            self.revived.remove(stream);
        }
        if probed {
            self.watch_from(now_ms, timing);
        }
        Some(first)
    }

    /// Changes what the socket carries towards what is wanted, one command at a time.
    ///
    /// What is given up goes first: it makes room.
    pub(super) fn next_command(
        &mut self,
        wanted: &BTreeSet<StreamName>,
        streams_max: usize,
        now_ms: u64,
        timing: &SessionTiming,
    ) -> Option<StreamCommand> {
        self.seats
            .retain(|stream, seat| seat.stage != Stage::Refused || wanted.contains(stream));
        self.revived.retain(|stream| wanted.contains(stream));
        let given_up: Vec<_> = self
            .seats
            .iter()
            .filter(|(stream, seat)| match seat.stage {
                Stage::Stale => true,
                Stage::Taken => !wanted.contains(*stream),
                Stage::Leaving | Stage::Refused => false,
            })
            .map(|(stream, _)| stream.clone())
            .collect();
        if !given_up.is_empty() {
            for stream in &given_up {
                if let Some(seat) = self.seats.get_mut(stream) {
                    seat.stage = Stage::Leaving;
                }
            }
            return Some(self.ask(StreamVerb::Unsubscribe, given_up, now_ms));
        }
        let streams = self.missing(wanted, streams_max);
        if streams.is_empty() {
            self.changed_ms = None;
            return None;
        }
        for stream in &streams {
            self.seats.insert(stream.clone(), Seat::taken(now_ms));
        }
        self.watch_from(now_ms, timing);
        Some(self.ask(StreamVerb::Subscribe, streams, now_ms))
    }

    fn missing(&mut self, wanted: &BTreeSet<StreamName>, streams_max: usize) -> Vec<StreamName> {
        let room = streams_max.saturating_sub(self.seats.len());
        while let Some(mut part) = self.suspects.pop_front() {
            part.retain(|stream| wanted.contains(stream) && !self.seats.contains_key(stream));
            part.truncate(room);
            if !part.is_empty() {
                return part;
            }
        }
        wanted
            .iter()
            .filter(|stream| !self.seats.contains_key(*stream))
            .take(room)
            .cloned()
            .collect()
    }

    fn ask(&mut self, verb: StreamVerb, streams: Vec<StreamName>, now_ms: u64) -> StreamCommand {
        self.commands += 1;
        let command = StreamCommand {
            id: self.commands,
            verb,
            streams,
        };
        self.asked.insert(self.commands, (command.clone(), now_ms));
        command
    }

    pub(super) fn accepted(&mut self, command: u64, now_ms: u64) {
        if let Some((command, _)) = self.asked.remove(&command)
            && command.verb == StreamVerb::Unsubscribe
        {
            self.left(&command.streams, now_ms);
        }
    }

    /// The one stream that was refused, when it is known which.
    pub(super) fn refused(&mut self, command: u64, now_ms: u64) -> Option<StreamName> {
        let (mut command, _) = self.asked.remove(&command)?;
        match command.verb {
            // A stream that the venue does not want to give up is not read.
            StreamVerb::Unsubscribe => {
                self.left(&command.streams, now_ms);
                None
            }
            StreamVerb::Subscribe if command.streams.len() == 1 => {
                let stream = command.streams.pop()?;
                if let Some(seat) = self.seats.get_mut(&stream) {
                    seat.stage = Stage::Refused;
                }
                Some(stream)
            }
            StreamVerb::Subscribe => {
                for stream in &command.streams {
                    self.seats.remove(stream);
                }
                let second = command.streams.split_off(command.streams.len() / 2);
                self.suspects.extend([command.streams, second]);
                self.changed(now_ms);
                None
            }
        }
    }

    fn left(&mut self, streams: &[StreamName], now_ms: u64) {
        for stream in streams {
            self.seats.remove(stream);
        }
        self.changed(now_ms);
    }

    /// The streams that have been silent for too long and are to be asked about.
    pub(super) fn silent(&mut self, now_ms: u64, timing: &SessionTiming) -> Vec<StreamName> {
        let mut room = PROBES_MAX.saturating_sub(self.seats.values().filter(|seat| seat.probing).count());
        let (mut silent, mut next_ms) = (Vec::new(), None::<u64>);
        for (stream, seat) in &mut self.seats {
            if seat.probing || !matches!(seat.stage, Stage::Taken | Stage::Refused) {
                continue;
            }
            let mut due_ms = seat.heard_ms.saturating_add(timing.stall_timeout_ms);
            if due_ms <= now_ms {
                if room > 0 {
                    room -= 1;
                    seat.probing = true;
                    silent.push(stream.clone());
                    continue;
                }
                due_ms = now_ms.saturating_add(PROBE_PAUSE_MS);
            }
            next_ms = Some(next_ms.map_or(due_ms, |at_ms| at_ms.min(due_ms)));
        }
        self.silence_ms = next_ms;
        silent
    }

    pub(super) fn is_probing(&self, stream: &StreamName) -> bool {
        self.seats.get(stream).is_some_and(|seat| seat.probing)
    }

    /// The venue has nothing newer: the silence counts from here.
    pub(super) fn quiet(&mut self, stream: &StreamName, now_ms: u64, timing: &SessionTiming) {
        if let Some(seat) = self.seats.get_mut(stream).filter(|seat| seat.probing) {
            seat.probing = false;
            seat.heard_ms = now_ms;
            self.watch_from(now_ms, timing);
        }
    }

    /// Asks for a silent stream once more; `false` when that was done already and does not count as `hopeless`.
    pub(super) fn subscribe_again(&mut self, stream: &StreamName, now_ms: u64, hopeless: bool) -> bool {
        if !self.revived.insert(stream.clone()) && !hopeless {
            return false;
        }
        let refused = self.seats.get_mut(stream).is_some_and(|seat| {
            seat.probing = false;
            std::mem::replace(&mut seat.stage, Stage::Stale) == Stage::Refused
        });
        if refused {
            self.seats.remove(stream);
        }
        self.changed(now_ms);
        true
    }

    fn watch_from(&mut self, now_ms: u64, timing: &SessionTiming) {
        let due_ms = now_ms.saturating_add(timing.stall_timeout_ms);
        self.silence_ms = Some(self.silence_ms.map_or(due_ms, |at_ms| at_ms.min(due_ms)));
    }
}
