//! One connection of several series: a fleet of one session, and the sockets that it opens.

use std::collections::BTreeMap;

use tc_exchange::{
    Action, Bar, Fleet, FleetLimits, Frame, GuardrailOptions, Kline, KlineQuery, SessionStatus,
    SessionTiming, SocketEvent, SocketId, StreamFrame, StreamName, Venue,
};
use tc_exchange_sim::{Input, Line, Output};
use tc_market::{CandleTime, MarketKind};

use crate::{RunError, Violation, asking::Asking, desk::Desk, dice::Dice};

/// From the first byte of a handshake to its answer.
const HANDSHAKE_MS: i64 = 45;
/// Silence must be found out within two intervals.
const SILENCE_MS: u64 = 120_000;
/// A question about silence that takes longer excuses what is found out late.
const SLOW_ANSWER_MS: i64 = 30_000;
/// One connection in so many that breaks without a word is only found out by a missing pong.
const HALF_OPEN_ONE_IN: i64 = 4;

/// What the session and its sockets brought.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A candle of the series at this place.
    Bar(usize, Bar),
    /// The connection of the series at this place changed.
    Status(usize, SessionStatus),
}

/// See the module.
pub(crate) struct Shard {
    market: MarketKind,
    by_stream: BTreeMap<StreamName, usize>,
    fleet: Fleet,
    sockets: BTreeMap<SocketId, Socket>,
    probes: Vec<Probe>,
    /// Bucket and trades of the newest candle of each series.
    newest: BTreeMap<usize, (CandleTime, u64)>,
    /// When the live socket last brought something, monotonic milliseconds.
    heard_ms: Option<u64>,
    dice: Dice,
}

enum Socket {
    Dialing {
        until_ms: i64,
        path: String,
    },
    Open(Box<Line>),
    /// Broken, and nobody knows.
    Cut,
}

struct Probe {
    socket: SocketId,
    stream: StreamName,
    series: usize,
    asking: Asking,
    since_ms: i64,
}

impl Shard {
    pub(crate) fn new(
        desk: &Desk,
        market: MarketKind,
        series: Vec<usize>,
        seed: u64,
    ) -> Result<Self, RunError> {
        let limits = FleetLimits {
            streams_per_connection: series.len(),
            ..FleetLimits::default()
        };
        let timing = SessionTiming::default();
        let mut fleet = Fleet::new(timing, GuardrailOptions::default(), limits, seed);
        let mut by_stream = BTreeMap::new();
        for index in &series {
            let stream = desk.venue.stream_name(&desk.series[*index].id)?;
            // Nothing is opened before the first step.
            drop(fleet.want(stream.clone(), desk.elapsed_ms()));
            by_stream.insert(stream, *index);
        }
        Ok(Self {
            market,
            by_stream,
            fleet,
            sockets: BTreeMap::new(),
            probes: Vec::new(),
            newest: BTreeMap::new(),
            heard_ms: None,
            dice: Dice::new(seed, 7),
        })
    }

    /// When something is due, Unix milliseconds.
    pub(crate) fn next_ms(&self) -> Option<i64> {
        let sockets = self.sockets.values().filter_map(|socket| match socket {
            Socket::Dialing { until_ms, .. } => Some(*until_ms),
            Socket::Open(line) => {
                let wake = line.wake();
                let real_ms = wake.real_ms.map(Desk::at_ms);
                [wake.market_ms, real_ms].into_iter().flatten().min()
            }
            Socket::Cut => None,
        });
        let session_ms = self.fleet.next_deadline_ms().map(Desk::at_ms);
        let probes = self.probes.iter().map(|probe| probe.asking.next_ms());
        sockets.chain(session_ms).chain(probes).min()
    }

    /// Everything that is due now.
    pub(crate) fn step(&mut self, desk: &mut Desk) -> Result<Vec<Heard>, RunError> {
        let mut heard = Vec::new();
        let open: Vec<SocketId> = self.sockets.keys().copied().collect();
        for id in open {
            self.serve(id, desk, &mut heard)?;
        }
        self.serve_probes(desk, &mut heard)?;
        let actions = self.fleet.tick(desk.elapsed_ms());
        self.perform(actions, desk, &mut heard)?;
        self.check(desk);
        Ok(heard)
    }

    fn serve(&mut self, id: SocketId, desk: &mut Desk, heard: &mut Vec<Heard>) -> Result<(), RunError> {
        match self.sockets.get_mut(&id) {
            Some(Socket::Dialing { until_ms, path }) if *until_ms <= desk.now_ms => {
                let push_ms = desk.options.push_ms;
                match desk.exchange.connect(path, |_| push_ms, desk.now()) {
                    Ok(line) => {
                        self.sockets.insert(id, Socket::Open(Box::new(line)));
                        self.tell(id, SocketEvent::Opened, desk, heard)?;
                    }
                    Err(refused) => {
                        self.sockets.remove(&id);
                        self.tell(id, SocketEvent::Ended(format!("{refused:?}")), desk, heard)?;
                    }
                }
            }
            _ => {}
        }
        while let Some(Socket::Open(line)) = self.sockets.get_mut(&id) {
            let Some(output) = line.poll(desk.now()) else {
                break;
            };
            match output {
                Output::Text(text) => self.on_frame(id, &text, desk, heard)?,
                Output::Ping(payload) => {
                    line.hear(Input::Pong(payload.as_bytes()), desk.now());
                }
                Output::Close { code, .. } => self.lose(id, format!("closed with {code}"), desk, heard)?,
                Output::Torn { .. } => self.lose(id, "broken".to_owned(), desk, heard)?,
                Output::Gone if self.dice.one_in(HALF_OPEN_ONE_IN) => {
                    self.sockets.insert(id, Socket::Cut);
                }
                Output::Gone => self.lose(id, "reset".to_owned(), desk, heard)?,
            }
        }
        Ok(())
    }

    fn lose(
        &mut self,
        id: SocketId,
        detail: String,
        desk: &mut Desk,
        heard: &mut Vec<Heard>,
    ) -> Result<(), RunError> {
        self.sockets.remove(&id);
        self.tell(id, SocketEvent::Ended(detail), desk, heard)
    }

    fn on_frame(
        &mut self,
        id: SocketId,
        text: &str,
        desk: &mut Desk,
        heard: &mut Vec<Heard>,
    ) -> Result<(), RunError> {
        let StreamFrame { stream, frame } = desk.venue.parse_frame(text.as_bytes());
        match frame {
            Frame::Kline(kline) => self.on_kline(id, stream.as_deref(), &kline, desk, heard)?,
            Frame::ServerShutdown => self.tell(id, SocketEvent::ShutdownNotice, desk, heard)?,
            Frame::Bad(_) => desk.report.bad_frames += 1,
            Frame::Refused { id: command, body } => {
                self.tell(id, SocketEvent::Refused { command, body }, desk, heard)?;
            }
            Frame::Ack { id: Some(command) } => {
                self.tell(id, SocketEvent::Accepted(command), desk, heard)?;
            }
            Frame::Ack { id: None } | Frame::Ignored => {}
        }
        Ok(())
    }

    fn on_kline(
        &mut self,
        id: SocketId,
        stream: Option<&str>,
        kline: &Kline,
        desk: &mut Desk,
        heard: &mut Vec<Heard>,
    ) -> Result<(), RunError> {
        let known = stream.and_then(|name| self.by_stream.get_key_value(name));
        let ours = known.filter(|(_, index)| desk.venue.belongs_to(kline, &desk.series[**index].id));
        let Some((stream, series)) = ours.map(|(stream, series)| (stream.clone(), *series)) else {
            desk.report.bad_frames += 1;
            return Ok(());
        };
        let seen = (kline.bar.time(), kline.trades);
        let newest = self.newest.entry(series).or_insert(seen);
        *newest = seen.max(*newest);
        self.tell(id, SocketEvent::Kline(stream), desk, heard)?;
        if !self.fleet.is_live(id) {
            let at_ms = desk.now_ms;
            desk.report.violate(Violation::TwoLive { at_ms });
        }
        self.heard_ms = Some(desk.elapsed_ms());
        desk.report.frames += 1;
        heard.push(Heard::Bar(series, kline.bar));
        Ok(())
    }

    fn serve_probes(&mut self, desk: &mut Desk, heard: &mut Vec<Heard>) -> Result<(), RunError> {
        for mut probe in std::mem::take(&mut self.probes) {
            let Some(answer) = probe.asking.step(desk) else {
                self.probes.push(probe);
                continue;
            };
            let newest = answer.ok().map(|page| {
                let rows = page.rows.iter().flatten();
                rows.map(|(candle, trades)| (candle.time(), *trades)).max()
            });
            let stalled = newest.is_some_and(|rows| rows > self.newest.get(&probe.series).copied());
            if !stalled || desk.now_ms - probe.since_ms > SLOW_ANSWER_MS {
                self.heard_ms = Some(desk.elapsed_ms());
            }
            let event = if stalled {
                SocketEvent::Stalled(probe.stream)
            } else {
                SocketEvent::Quiet(probe.stream)
            };
            self.tell(probe.socket, event, desk, heard)?;
        }
        Ok(())
    }

    fn tell(
        &mut self,
        id: SocketId,
        event: SocketEvent,
        desk: &mut Desk,
        heard: &mut Vec<Heard>,
    ) -> Result<(), RunError> {
        let actions = self.fleet.on(id, event, desk.elapsed_ms());
        self.perform(actions, desk, heard)
    }

    fn perform(
        &mut self,
        actions: Vec<Action>,
        desk: &mut Desk,
        heard: &mut Vec<Heard>,
    ) -> Result<(), RunError> {
        for action in actions {
            match action {
                Action::Open { socket, streams } => {
                    let url = desk.venue.streams_url(self.market, &streams);
                    let dialing = Socket::Dialing {
                        until_ms: desk.now_ms + HANDSHAKE_MS,
                        path: Desk::socket_path(&url).to_owned(),
                    };
                    self.sockets.insert(socket, dialing);
                }
                Action::Close(id) => {
                    self.sockets.remove(&id);
                }
                Action::Ping(id) => self.ping(id, desk, heard)?,
                Action::Send { socket, command } => {
                    let text = desk.venue.write_command(&command);
                    self.say(socket, &text, desk, heard)?;
                }
                Action::ProbeStall { socket, stream } => self.ask(socket, stream, desk)?,
                Action::Tell { stream, status } => self.note(&stream, status, desk, heard),
            }
        }
        Ok(())
    }

    /// The exchange answers a command at once, unless the connection is broken.
    fn say(
        &mut self,
        id: SocketId,
        text: &str,
        desk: &mut Desk,
        heard: &mut Vec<Heard>,
    ) -> Result<(), RunError> {
        let Some(Socket::Open(line)) = self.sockets.get_mut(&id) else {
            return Ok(());
        };
        match line.hear(Input::Text(text), desk.now()) {
            Some(Output::Text(answer)) => self.on_frame(id, &answer, desk, heard),
            Some(_) => self.lose(id, "broken by a command".to_owned(), desk, heard),
            None => Ok(()),
        }
    }

    /// The exchange answers a ping at once, unless the connection is broken.
    fn ping(&mut self, id: SocketId, desk: &mut Desk, heard: &mut Vec<Heard>) -> Result<(), RunError> {
        let Some(Socket::Open(line)) = self.sockets.get_mut(&id) else {
            return Ok(());
        };
        if line.hear(Input::Other, desk.now()).is_some() {
            return self.lose(id, "too many messages".to_owned(), desk, heard);
        }
        self.tell(id, SocketEvent::Pong, desk, heard)
    }

    fn ask(&mut self, id: SocketId, stream: StreamName, desk: &Desk) -> Result<(), RunError> {
        let Some(series) = self.by_stream.get(&stream).copied() else {
            return Ok(());
        };
        let query = KlineQuery {
            from: None,
            to: None,
            limit: 2,
        };
        self.probes.push(Probe {
            socket: id,
            stream,
            series,
            asking: Asking::new(desk, series, &query)?,
            since_ms: desk.now_ms,
        });
        Ok(())
    }

    fn note(&mut self, stream: &StreamName, status: SessionStatus, desk: &mut Desk, heard: &mut Vec<Heard>) {
        let Some(series) = self.by_stream.get(stream).copied() else {
            return;
        };
        // What happens to the connection is told to every stream; once is enough for the report.
        let first = self.by_stream.keys().next() == Some(stream);
        match &status {
            SessionStatus::Connected => self.heard_ms = Some(desk.elapsed_ms()),
            SessionStatus::Disconnected { reason, .. } if first => {
                *desk.report.disconnects.entry(reason.name()).or_default() += 1;
                if *reason == tc_exchange::DisconnectReason::Stall {
                    self.measure_silence(desk);
                }
                self.heard_ms = None;
            }
            _ => {}
        }
        heard.push(Heard::Status(series, status));
    }

    fn measure_silence(&mut self, desk: &mut Desk) {
        let Some(heard_ms) = self.heard_ms.take() else {
            return;
        };
        let silent_ms = desk.elapsed_ms().saturating_sub(heard_ms);
        desk.report.longest_silence_ms = desk.report.longest_silence_ms.max(silent_ms);
        if silent_ms > SILENCE_MS {
            let at_ms = desk.now_ms;
            desk.report.violate(Violation::Silence { at_ms, silent_ms });
        }
    }

    /// What must hold between two steps.
    fn check(&mut self, desk: &mut Desk) {
        let at_ms = desk.now_ms;
        if self.sockets.len() > 2 {
            desk.report.violate(Violation::TwoLive { at_ms });
        }
        let silent_ms = self
            .heard_ms
            .map_or(0, |heard_ms| desk.elapsed_ms().saturating_sub(heard_ms));
        if silent_ms > SILENCE_MS && self.probes.is_empty() {
            self.measure_silence(desk);
        }
    }
}
