//! Drives the fleet of one market.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tc_market::{CandleTime, MarketKind, SeriesId};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::Instant,
};

use super::{
    SessionOptions,
    queue::EventQueue,
    socket::{self, CLOSE_TIMEOUT, Command, Inbound},
};
use crate::{
    BadFrame, Bar, Frame, HistoryClient, Kline, MarketEvent, SessionStatus, StreamFrame, StreamName, Venue,
    fleet::Fleet,
    session::{Action, SocketEvent, SocketId},
};

/// Messages that may wait between the sockets and the driver; beyond that the sockets are not read.
const RECEIVE_QUEUE: usize = 32;
/// Commands that may wait for a socket.
const COMMAND_QUEUE: usize = 8;

/// What a follower wants.
#[derive(Debug)]
pub(super) enum Order {
    Follow {
        stream: StreamName,
        series: SeriesId,
        id: u64,
        queue: Arc<EventQueue>,
    },
    Leave {
        stream: StreamName,
        id: u64,
        /// Answered when no socket is being closed.
        done: Option<oneshot::Sender<()>>,
    },
}

/// A stream with everybody who follows it: series ids that differ may mean the same stream.
struct Followed {
    followers: Vec<Follower>,
    /// Bucket and trades of the newest candle seen, for the comparison with REST.
    newest: Option<(CandleTime, u64)>,
    /// What was said last of the connection: who comes later has to know.
    state: Option<SessionStatus>,
}

struct Follower {
    id: u64,
    series: SeriesId,
    queue: Arc<EventQueue>,
}

impl Followed {
    /// Tells of the connection; what lasts is kept for those who come later.
    fn change(&mut self, status: &SessionStatus) {
        use SessionStatus::{Connected, Connecting, Disconnected, Live, Waiting};
        if matches!(
            status,
            Connecting | Connected | Live | Disconnected { .. } | Waiting { .. }
        ) {
            self.state = Some(status.clone());
        }
        self.tell(status);
    }

    fn tell(&self, status: &SessionStatus) {
        for follower in &self.followers {
            tracing::debug!(series = %follower.series, ?status, "live stream");
            follower.queue.push(MarketEvent::Status(status.clone()));
        }
    }

    fn deliver(&self, bar: Bar) {
        for follower in &self.followers {
            let series = follower.series.clone();
            follower.queue.push(match bar {
                Bar::Forming(candle) => MarketEvent::Forming { series, candle },
                Bar::Closed(candle) => MarketEvent::Closed { series, candle },
            });
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.queue.close();
    }
}

pub(super) struct Driver {
    market: MarketKind,
    venue: Arc<dyn Venue>,
    fleet: Fleet,
    followed: BTreeMap<StreamName, Followed>,
    probe: Option<HistoryClient>,
    probes: JoinSet<(SocketId, SocketEvent)>,
    sockets: JoinSet<()>,
    /// The sockets that are not being closed.
    commands: BTreeMap<SocketId, mpsc::Sender<Command>>,
    leavers: Vec<oneshot::Sender<()>>,
    inbox: mpsc::Sender<(SocketId, Inbound)>,
    arrivals: mpsc::Receiver<(SocketId, Inbound)>,
    started: Instant,
}

impl Driver {
    pub(super) fn new(
        market: MarketKind,
        venue: Arc<dyn Venue>,
        options: &SessionOptions,
        jitter_seed: u64,
    ) -> Self {
        let (inbox, arrivals) = mpsc::channel(RECEIVE_QUEUE);
        Self {
            market,
            venue,
            fleet: Fleet::new(options.timing, options.guardrail, options.limits, jitter_seed),
            followed: BTreeMap::new(),
            probe: options.probe.clone(),
            probes: JoinSet::new(),
            sockets: JoinSet::new(),
            commands: BTreeMap::new(),
            leavers: Vec::new(),
            inbox,
            arrivals,
            started: Instant::now(),
        }
    }

    /// Ends when nobody can order anything any more.
    pub(super) async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        loop {
            let deadline_ms = self.fleet.next_deadline_ms();
            // Served here as well: a busy inbox must not hold up what is due.
            if deadline_ms.is_some_and(|at_ms| at_ms <= self.now_ms()) {
                let actions = self.fleet.tick(self.now_ms());
                self.perform(actions);
                continue;
            }
            let wake = async {
                match deadline_ms {
                    Some(at_ms) => {
                        tokio::time::sleep_until(self.started + Duration::from_millis(at_ms)).await;
                    }
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    Some(order) => self.obey(order),
                    None => break,
                },
                Some((socket, inbound)) = self.arrivals.recv() => {
                    self.on_inbound(socket, inbound);
                    self.take_along();
                }
                Some(probed) = self.probes.join_next(), if !self.probes.is_empty() => {
                    if let Ok((socket, event)) = probed {
                        self.step(socket, event);
                    }
                }
                Some(_ended) = self.sockets.join_next(), if !self.sockets.is_empty() => self.dismiss(),
                () = wake => {}
            }
        }
        self.close().await;
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Follow {
                stream,
                series,
                id,
                queue,
            } => {
                let followed = self.followed.entry(stream.clone()).or_insert_with(|| Followed {
                    followers: Vec::new(),
                    newest: None,
                    state: None,
                });
                if let Some(state) = followed.state.clone() {
                    queue.push(MarketEvent::Status(state));
                }
                followed.followers.push(Follower { id, series, queue });
                let actions = self.fleet.want(stream, self.now_ms());
                self.perform(actions);
            }
            Order::Leave { stream, id, done } => {
                self.leave(&stream, id);
                self.leavers.extend(done);
                self.dismiss();
            }
        }
    }

    fn leave(&mut self, stream: &StreamName, id: u64) {
        let Some(followed) = self.followed.get_mut(stream) else {
            return;
        };
        followed.followers.retain(|follower| follower.id != id);
        if followed.followers.is_empty() {
            self.followed.remove(stream);
            let actions = self.fleet.release(stream, self.now_ms());
            self.perform(actions);
        }
    }

    /// Lets those go who wait for the end of sockets, when no socket is ending.
    fn dismiss(&mut self) {
        if self.sockets.len() <= self.commands.len() {
            for leaver in self.leavers.drain(..) {
                // Whoever stopped waiting needs no answer.
                let _gone = leaver.send(());
            }
        }
    }

    /// Takes what waits already: to wait again costs more than to read.
    fn take_along(&mut self) {
        for _ in 1..RECEIVE_QUEUE {
            let Ok((socket, inbound)) = self.arrivals.try_recv() else {
                return;
            };
            self.on_inbound(socket, inbound);
        }
    }

    fn on_inbound(&mut self, socket: SocketId, inbound: Inbound) {
        match inbound {
            Inbound::Opened => self.step(socket, SocketEvent::Opened),
            Inbound::Pong => self.step(socket, SocketEvent::Pong),
            Inbound::Ended(detail) => {
                self.commands.remove(&socket);
                self.step(socket, SocketEvent::Ended(detail));
            }
            // Nothing is read of a socket that is being closed.
            Inbound::Frame(frame) if self.commands.contains_key(&socket) => self.on_frame(socket, frame),
            Inbound::Frame(_) => {}
        }
    }

    fn on_frame(&mut self, socket: SocketId, StreamFrame { stream, frame }: StreamFrame) {
        let dropped = match frame {
            Frame::Kline(kline) => match stream {
                Some(name) => return self.on_kline(socket, &name, kline),
                None => BadFrame::WrongSeries,
            },
            Frame::Bad(reason) => reason,
            Frame::Refused { id, body } => {
                return self.step(socket, SocketEvent::Refused { command: id, body });
            }
            Frame::Ack { id: Some(id) } => return self.step(socket, SocketEvent::Accepted(id)),
            Frame::ServerShutdown => return self.step(socket, SocketEvent::ShutdownNotice),
            Frame::Ack { id: None } | Frame::Ignored => return,
        };
        let status = SessionStatus::BadFrame(dropped);
        match stream.and_then(|name| self.followed.get(name.as_str())) {
            Some(followed) => followed.tell(&status),
            // It may have been of any stream of the connection.
            None => {
                for followed in self
                    .fleet
                    .streams_of(socket)
                    .filter_map(|stream| self.followed.get(stream))
                {
                    followed.tell(&status);
                }
            }
        }
    }

    fn on_kline(&mut self, socket: SocketId, name: &str, kline: Kline) {
        let Some((stream, _)) = self.followed.get_key_value(name) else {
            return;
        };
        let stream = stream.clone();
        let Some(followed) = self.followed.get_mut(&stream) else {
            return;
        };
        let belongs = |follower: &Follower| self.venue.belongs_to(&kline, &follower.series);
        if !followed.followers.first().is_some_and(belongs) {
            return followed.tell(&SessionStatus::BadFrame(BadFrame::WrongSeries));
        }
        followed.newest = followed.newest.max(Some((kline.bar.time(), kline.trades)));
        self.step(socket, SocketEvent::Kline(stream.clone()));
        if self.fleet.is_live(socket)
            && let Some(followed) = self.followed.get(&stream)
        {
            followed.deliver(kline.bar);
        }
    }

    fn step(&mut self, socket: SocketId, event: SocketEvent) {
        let actions = self.fleet.on(socket, event, self.now_ms());
        self.perform(actions);
    }

    fn perform(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Open { socket, streams } => self.open(socket, &streams),
                Action::Close(socket) => {
                    // The end of the channel is the command to close.
                    self.commands.remove(&socket);
                }
                Action::Ping(socket) => self.command(socket, Command::Ping),
                Action::Send { socket, command } => {
                    let text = self.venue.write_command(&command);
                    self.command(socket, Command::Send(text));
                }
                Action::ProbeStall { socket, stream } => self.ask(socket, stream),
                Action::Tell { stream, status } => {
                    if let Some(followed) = self.followed.get_mut(&stream) {
                        followed.change(&status);
                    }
                }
            }
        }
    }

    fn open(&mut self, socket: SocketId, streams: &[StreamName]) {
        let url = self.venue.streams_url(self.market, streams);
        let (sender, receiver) = mpsc::channel(COMMAND_QUEUE);
        self.commands.insert(socket, sender);
        let (venue, inbox) = (Arc::clone(&self.venue), self.inbox.clone());
        self.sockets
            .spawn(socket::drive(socket, url, venue, receiver, inbox));
    }

    /// A socket that takes no more commands is stuck or gone; its timers find out.
    fn command(&mut self, socket: SocketId, command: Command) {
        if let Some(sender) = self.commands.get(&socket) {
            let _full_or_gone = sender.try_send(command);
        }
    }

    fn ask(&mut self, socket: SocketId, stream: StreamName) {
        let Some(followed) = self.followed.get(&stream) else {
            return;
        };
        let Some(series) = followed.followers.first().map(|follower| follower.series.clone()) else {
            return;
        };
        let (probe, newest) = (self.probe.clone(), followed.newest);
        self.probes.spawn(async move {
            let Some(probe) = probe else {
                return (socket, SocketEvent::Stalled(stream));
            };
            let verdict = match probe.newest(&series, 2).await {
                Ok(rows) if rows.last().copied() > newest => SocketEvent::Stalled(stream),
                Ok(_) => SocketEvent::Quiet(stream),
                Err(error) => {
                    tracing::debug!(%series, %error, "silence cannot be checked");
                    SocketEvent::Quiet(stream)
                }
            };
            (socket, verdict)
        });
    }

    /// Closes every socket in order, but not for long.
    async fn close(mut self) {
        self.commands.clear();
        drop(self.arrivals);
        let all_closed = async { while self.sockets.join_next().await.is_some() {} };
        let _late = tokio::time::timeout(CLOSE_TIMEOUT, all_closed).await;
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
