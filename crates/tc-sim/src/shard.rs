//! One connection of several series: the session, and the sockets that it opens.

use std::collections::BTreeMap;

use tc_exchange::{
    Action, Bar, Frame, Guardrail, GuardrailOptions, KlineQuery, Session, SessionStatus, SessionTiming,
    SocketEvent, SocketId, Venue,
};
use tc_exchange_sim::{Input, Line, Output};
use tc_market::{CandleTime, MarketKind, SeriesId};

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
    /// The connection changed, or a frame was dropped.
    Status(SessionStatus),
}

/// See the module.
pub(crate) struct Shard {
    pub(crate) series: Vec<usize>,
    path: String,
    /// By the exchange's symbol.
    by_symbol: BTreeMap<String, usize>,
    session: Session,
    sockets: BTreeMap<SocketId, Socket>,
    probe: Option<Probe>,
    /// Bucket and trades of the newest candle of the first series.
    newest: Option<(CandleTime, u64)>,
    /// When the live socket last brought something, monotonic milliseconds.
    heard_ms: Option<u64>,
    dice: Dice,
}

enum Socket {
    Dialing {
        until_ms: i64,
    },
    Open(Box<Line>),
    /// Broken, and nobody knows.
    Cut,
}

struct Probe {
    socket: SocketId,
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
        let ids: Vec<SeriesId> = series
            .iter()
            .map(|index| desk.series[*index].id.clone())
            .collect();
        let url = desk.venue.combined_url(market, &ids)?;
        let mut by_symbol = BTreeMap::new();
        for (index, id) in series.iter().zip(&ids) {
            let stream = desk.venue.stream_name(id)?;
            let symbol = stream.split('@').next().unwrap_or_default().to_ascii_uppercase();
            by_symbol.insert(symbol, *index);
        }
        let guardrail = Guardrail::new(GuardrailOptions::default());
        let session = Session::new(SessionTiming::default(), guardrail, seed);
        Ok(Self {
            series,
            path: Desk::socket_path(&url).to_owned(),
            by_symbol,
            session,
            sockets: BTreeMap::new(),
            probe: None,
            newest: None,
            heard_ms: None,
            dice: Dice::new(seed, 7),
        })
    }

    /// When something is due, Unix milliseconds.
    pub(crate) fn next_ms(&self) -> Option<i64> {
        let sockets = self.sockets.values().filter_map(|socket| match socket {
            Socket::Dialing { until_ms } => Some(*until_ms),
            Socket::Open(line) => {
                let wake = line.wake();
                let real_ms = wake.real_ms.map(Desk::at_ms);
                [wake.market_ms, real_ms].into_iter().flatten().min()
            }
            Socket::Cut => None,
        });
        let session_ms = self.session.next_deadline_ms().map(Desk::at_ms);
        let probe_ms = self.probe.as_ref().map(|probe| probe.asking.next_ms());
        sockets.chain(session_ms).chain(probe_ms).min()
    }

    /// Everything that is due now.
    pub(crate) fn step(&mut self, desk: &mut Desk) -> Result<Vec<Heard>, RunError> {
        let mut heard = Vec::new();
        let open: Vec<SocketId> = self.sockets.keys().copied().collect();
        for id in open {
            self.serve(id, desk, &mut heard)?;
        }
        self.serve_probe(desk, &mut heard)?;
        let actions = self.session.tick(desk.elapsed_ms());
        self.perform(actions, desk, &mut heard)?;
        self.check(desk);
        Ok(heard)
    }

    fn serve(&mut self, id: SocketId, desk: &mut Desk, heard: &mut Vec<Heard>) -> Result<(), RunError> {
        match self.sockets.get_mut(&id) {
            Some(Socket::Dialing { until_ms }) if *until_ms <= desk.now_ms => {
                let push_ms = desk.options.push_ms;
                match desk.exchange.connect(&self.path, |_| push_ms, desk.now()) {
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
        match desk.venue.parse_frame(text.as_bytes()) {
            Frame::Kline(kline) => {
                let series = self.by_symbol.get(&kline.symbol).copied();
                let ours = series.filter(|index| desk.venue.belongs_to(&kline, &desk.series[*index].id));
                let Some(series) = ours else {
                    desk.report.bad_frames += 1;
                    return Ok(());
                };
                if self.series.first() == Some(&series) {
                    self.newest = self.newest.max(Some((kline.bar.time(), kline.trades)));
                }
                self.tell(id, SocketEvent::Kline, desk, heard)?;
                if self.session.live() != Some(id) {
                    let at_ms = desk.now_ms;
                    desk.report.violate(Violation::TwoLive { at_ms });
                }
                self.heard_ms = Some(desk.elapsed_ms());
                desk.report.frames += 1;
                heard.push(Heard::Bar(series, kline.bar));
            }
            Frame::ServerShutdown => self.tell(id, SocketEvent::ShutdownNotice, desk, heard)?,
            Frame::Bad(_) | Frame::Refused(_) => desk.report.bad_frames += 1,
            Frame::Ack { .. } | Frame::Ignored => {}
        }
        Ok(())
    }

    fn serve_probe(&mut self, desk: &mut Desk, heard: &mut Vec<Heard>) -> Result<(), RunError> {
        let Some(mut probe) = self.probe.take() else {
            return Ok(());
        };
        let Some(answer) = probe.asking.step(desk) else {
            self.probe = Some(probe);
            return Ok(());
        };
        let newest = answer.ok().map(|page| {
            let rows = page.rows.iter().flatten();
            rows.map(|(candle, trades)| (candle.time(), *trades)).max()
        });
        let event = match newest {
            Some(rows) if rows > self.newest => SocketEvent::Stalled,
            _ => SocketEvent::Quiet,
        };
        if event == SocketEvent::Quiet || desk.now_ms - probe.since_ms > SLOW_ANSWER_MS {
            self.heard_ms = Some(desk.elapsed_ms());
        }
        self.tell(probe.socket, event, desk, heard)
    }

    fn tell(
        &mut self,
        id: SocketId,
        event: SocketEvent,
        desk: &mut Desk,
        heard: &mut Vec<Heard>,
    ) -> Result<(), RunError> {
        let actions = self.session.on(id, event, desk.elapsed_ms());
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
                Action::Open(id) => {
                    let until_ms = desk.now_ms + HANDSHAKE_MS;
                    self.sockets.insert(id, Socket::Dialing { until_ms });
                }
                Action::Close(id) => {
                    self.sockets.remove(&id);
                }
                Action::Ping(id) => self.ping(id, desk, heard)?,
                Action::ProbeStall(id) => self.ask(id, desk)?,
                Action::Report(status) => self.note(status, desk, heard),
            }
        }
        Ok(())
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

    fn ask(&mut self, id: SocketId, desk: &Desk) -> Result<(), RunError> {
        let Some(series) = self.series.first() else {
            return Ok(());
        };
        let query = KlineQuery {
            from: None,
            to: None,
            limit: 2,
        };
        self.probe = Some(Probe {
            socket: id,
            asking: Asking::new(desk, *series, &query)?,
            since_ms: desk.now_ms,
        });
        Ok(())
    }

    fn note(&mut self, status: SessionStatus, desk: &mut Desk, heard: &mut Vec<Heard>) {
        match &status {
            SessionStatus::Connected => self.heard_ms = Some(desk.elapsed_ms()),
            SessionStatus::Disconnected { reason, .. } => {
                *desk.report.disconnects.entry(reason.name()).or_default() += 1;
                if *reason == tc_exchange::DisconnectReason::Stall {
                    self.measure_silence(desk);
                }
                self.heard_ms = None;
            }
            _ => {}
        }
        heard.push(Heard::Status(status));
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
        if silent_ms > SILENCE_MS && self.probe.is_none() {
            self.measure_silence(desk);
        }
    }
}
