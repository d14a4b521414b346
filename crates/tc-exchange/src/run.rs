//! Drives a [`Session`]: moves bytes between its sockets and its consumer.

mod socket;

use std::{
    collections::BTreeMap,
    hash::{BuildHasher, Hasher, RandomState},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use tc_market::{CandleTime, SeriesId};
use tokio::{sync::mpsc, task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use socket::{Command, Inbound};

use crate::{
    Action, BadFrame, Bar, Frame, Guardrail, GuardrailOptions, HistoryClient, MarketEvent, Session,
    SessionStatus, SessionTiming, SocketEvent, SocketId, Venue, VenueError,
};

/// Frames that may wait between a socket and the driver; beyond that the socket is not read.
const RECEIVE_QUEUE: usize = 32;
/// Commands that may wait for a socket.
const COMMAND_QUEUE: usize = 4;
/// Longest orderly close of a socket.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// How a session behaves.
#[derive(Debug, Clone, Default)]
pub struct SessionOptions {
    /// Timers.
    pub timing: SessionTiming,
    /// Limits of the back-off.
    pub guardrail: GuardrailOptions,
    /// Asked when the stream is silent; without it a silent stream is reconnected.
    pub probe: Option<HistoryClient>,
}

/// Keeps a live session of `series` until `cancel` fires or the receiver of `events` is gone.
///
/// A full event channel stops the reading of the socket. Connection failures are no errors: they are reported as
/// [`SessionStatus`] and retried for ever, as the guardrail decides. `wss` addresses need a process-wide rustls
/// crypto provider.
///
/// # Errors
/// [`VenueError`] before the first connection, when the venue has no stream for the series.
pub async fn run_session(
    venue: Arc<dyn Venue>,
    series: SeriesId,
    options: SessionOptions,
    events: mpsc::Sender<MarketEvent>,
    cancel: CancellationToken,
) -> Result<(), VenueError> {
    let url = venue.stream_url(&series)?;
    let (inbox_sender, mut inbox) = mpsc::channel(RECEIVE_QUEUE);
    let mut driver = Driver {
        venue,
        url,
        session: Session::new(options.timing, Guardrail::new(options.guardrail), random_seed()),
        probe: options.probe,
        probes: JoinSet::new(),
        sockets: JoinSet::new(),
        commands: BTreeMap::new(),
        inbox: inbox_sender,
        outbox: Outbox {
            series,
            events,
            cancel,
        },
        started: Instant::now(),
        newest: None,
    };
    // The consumer went away or asked to stop: both end the session in the same way.
    let _stopped = driver.run(&mut inbox).await;
    drop(inbox);
    driver.close().await;
    Ok(())
}

/// The consumer wants nothing more.
struct Stopped;

struct Outbox {
    series: SeriesId,
    events: mpsc::Sender<MarketEvent>,
    cancel: CancellationToken,
}

impl Outbox {
    async fn send(&self, event: MarketEvent) -> Result<(), Stopped> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Stopped),
            sent = self.events.send(event) => sent.map_err(|_| Stopped),
        }
    }

    async fn status(&self, status: SessionStatus) -> Result<(), Stopped> {
        tracing::debug!(series = %self.series, ?status, "session");
        self.send(MarketEvent::Status(status)).await
    }

    async fn bar(&self, bar: Bar) -> Result<(), Stopped> {
        let series = self.series.clone();
        self.send(match bar {
            Bar::Forming(candle) => MarketEvent::Forming { series, candle },
            Bar::Closed(candle) => MarketEvent::Closed { series, candle },
        })
        .await
    }
}

struct Driver {
    venue: Arc<dyn Venue>,
    url: String,
    session: Session,
    probe: Option<HistoryClient>,
    probes: JoinSet<(SocketId, SocketEvent)>,
    sockets: JoinSet<()>,
    commands: BTreeMap<SocketId, mpsc::Sender<Command>>,
    inbox: mpsc::Sender<(SocketId, Inbound)>,
    outbox: Outbox,
    started: Instant,
    /// Bucket and trades of the newest candle seen, for the comparison with REST.
    newest: Option<(CandleTime, u64)>,
}

impl Driver {
    async fn run(&mut self, inbox: &mut mpsc::Receiver<(SocketId, Inbound)>) -> Result<(), Stopped> {
        loop {
            let deadline = self
                .session
                .next_deadline_ms()
                .map(|at| self.started + Duration::from_millis(at));
            let wake = async {
                match deadline {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = self.outbox.cancel.cancelled() => return Err(Stopped),
                () = self.outbox.events.closed() => return Err(Stopped),
                Some((socket, inbound)) = inbox.recv() => self.on_inbound(socket, inbound).await?,
                Some(probed) = self.probes.join_next(), if !self.probes.is_empty() => {
                    if let Ok((socket, event)) = probed {
                        self.step(socket, event).await?;
                    }
                }
                Some(_ended) = self.sockets.join_next(), if !self.sockets.is_empty() => {}
                () = wake => {
                    let actions = self.session.tick(self.now_ms());
                    self.perform(actions).await?;
                }
            }
        }
    }

    async fn on_inbound(&mut self, socket: SocketId, inbound: Inbound) -> Result<(), Stopped> {
        if !self.session.knows(socket) {
            return Ok(());
        }
        match inbound {
            Inbound::Opened => self.step(socket, SocketEvent::Opened).await,
            Inbound::Pong => self.step(socket, SocketEvent::Pong).await,
            Inbound::Ended(detail) => {
                self.commands.remove(&socket);
                self.step(socket, SocketEvent::Ended(detail)).await
            }
            Inbound::Frame(bytes) => self.on_frame(socket, &bytes).await,
        }
    }

    async fn on_frame(&mut self, socket: SocketId, bytes: &Bytes) -> Result<(), Stopped> {
        match self.venue.parse_frame(bytes) {
            Frame::Kline(kline) if self.venue.belongs_to(&kline, &self.outbox.series) => {
                self.newest = self.newest.max(Some((kline.bar.time(), kline.trades)));
                self.step(socket, SocketEvent::Kline).await?;
                self.outbox.bar(kline.bar).await
            }
            Frame::Kline(_) => {
                self.outbox
                    .status(SessionStatus::BadFrame(BadFrame::WrongSeries))
                    .await
            }
            Frame::Bad(reason) => self.outbox.status(SessionStatus::BadFrame(reason)).await,
            Frame::Refused(body) => {
                let (code, message) = (body.code, body.message);
                self.outbox.status(SessionStatus::Refused { code, message }).await
            }
            Frame::ServerShutdown => self.step(socket, SocketEvent::ShutdownNotice).await,
            Frame::Ack { .. } | Frame::Ignored => Ok(()),
        }
    }

    async fn step(&mut self, socket: SocketId, event: SocketEvent) -> Result<(), Stopped> {
        let actions = self.session.on(socket, event, self.now_ms());
        self.perform(actions).await
    }

    async fn perform(&mut self, actions: Vec<Action>) -> Result<(), Stopped> {
        for action in actions {
            match action {
                Action::Open(socket) => self.open(socket),
                Action::Close(socket) => self.command(socket, Command::Close),
                Action::Ping(socket) => self.command(socket, Command::Ping),
                Action::ProbeStall(socket) => self.ask(socket),
                Action::Report(status) => self.outbox.status(status).await?,
            }
        }
        Ok(())
    }

    fn open(&mut self, socket: SocketId) {
        let (sender, receiver) = mpsc::channel(COMMAND_QUEUE);
        self.commands.insert(socket, sender);
        self.sockets.spawn(socket::drive(
            socket,
            self.url.clone(),
            receiver,
            self.inbox.clone(),
        ));
    }

    /// A socket that takes no more commands is stuck or gone; its timers find out.
    fn command(&mut self, socket: SocketId, command: Command) {
        let Some(sender) = self.commands.get(&socket) else {
            return;
        };
        let _full_or_gone = sender.try_send(command);
        if command == Command::Close {
            self.commands.remove(&socket);
        }
    }

    fn ask(&mut self, socket: SocketId) {
        let (probe, series, newest) = (self.probe.clone(), self.outbox.series.clone(), self.newest);
        self.probes.spawn(async move {
            let Some(probe) = probe else {
                return (socket, SocketEvent::Stalled);
            };
            let verdict = match probe.newest(&series, 2).await {
                Ok(rows) if rows.last().copied() > newest => SocketEvent::Stalled,
                Ok(_) => SocketEvent::Quiet,
                Err(error) => {
                    tracing::debug!(%series, %error, "silence cannot be checked");
                    SocketEvent::Quiet
                }
            };
            (socket, verdict)
        });
    }

    /// Closes every socket in order, but not for long.
    async fn close(mut self) {
        self.commands.clear();
        let all_closed = async { while self.sockets.join_next().await.is_some() {} };
        let _late = tokio::time::timeout(CLOSE_TIMEOUT, all_closed).await;
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// The standard library's per-process hash keys are its only source of randomness; jitter needs no better.
fn random_seed() -> u64 {
    RandomState::new().build_hasher().finish()
}
