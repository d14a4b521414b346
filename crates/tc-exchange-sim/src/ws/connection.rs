//! One connection.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use tokio::{
    sync::broadcast,
    time::{Instant, MissedTickBehavior, sleep_until, timeout},
};
use tracing::debug;

use super::{
    Route,
    commands::{self, Command, Property},
};
use crate::{
    schedule::{Schedule, StreamFrame, push_period_ms},
    simulator::{Control, Shared},
    wire,
};

const POLICY_VIOLATION: u16 = 1008;
const GOING_AWAY: u16 = 1001;
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
const SECOND: Duration = Duration::from_secs(1);

/// State of an open socket.
pub(super) struct Connection {
    shared: Arc<Shared>,
    route: Route,
    combined: bool,
    subscriptions: BTreeSet<String>,
    schedule: Schedule,
    controls: broadcast::Receiver<Control>,
    /// Arrival of the messages of the last second.
    recent_messages: VecDeque<Instant>,
    /// Payload of the ping that waits for its pong, and until when.
    awaited_pong: Option<(String, Instant)>,
}

/// Why a connection ends.
enum End {
    /// Without a word.
    Abrupt,
    /// With a close frame.
    Close(u16, &'static str),
}

impl Connection {
    pub(super) fn new(shared: Arc<Shared>, route: Route, combined: bool, names: Vec<String>) -> Self {
        let push_ms = push_period_ms(route.market(), &shared.clock, shared.push_floor_ms);
        let controls = shared.controls.subscribe();
        let mut connection = Self {
            schedule: Schedule::new(route.market(), push_ms),
            shared,
            route,
            combined,
            subscriptions: BTreeSet::new(),
            controls,
            recent_messages: VecDeque::new(),
            awaited_pong: None,
        };
        connection.shared.board.change(|counters| {
            counters.connections += 1;
            counters.open_connections += 1;
        });
        connection.subscribe(names);
        connection
    }

    /// Serves the socket until either side ends it.
    pub(super) async fn run(mut self, mut socket: WebSocket) {
        let end = self.serve(&mut socket).await;
        if let End::Close(code, reason) = end {
            let frame = CloseFrame {
                code,
                reason: reason.into(),
            };
            // A peer that does not read must not hold up a shutdown.
            let sent = timeout(CLOSE_TIMEOUT, socket.send(Message::Close(Some(frame)))).await;
            debug!(
                code,
                delivered = matches!(sent, Ok(Ok(()))),
                "connection is closed"
            );
        }
    }

    async fn serve(&mut self, socket: &mut WebSocket) -> End {
        let limits = self.shared.limits.market(self.route.market()).clone();
        let expires = Instant::now() + self.shared.limits.lifetime;
        let mut pings = tokio::time::interval_at(Instant::now() + limits.ping_interval, limits.ping_interval);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let shared = Arc::clone(&self.shared);
        loop {
            let next_due_ms = self.schedule.next_due_ms();
            let pong_due = self.awaited_pong.as_ref().map(|(_, until)| *until);
            let step = tokio::select! {
                biased;
                () = shared.cancel.cancelled() => Err(End::Close(GOING_AWAY, "")),
                control = self.controls.recv() => self.obey(control, socket).await,
                message = socket.recv() => match message {
                    Some(Ok(message)) => self.on_message(message, limits.messages_per_second, socket).await,
                    Some(Err(_)) | None => Err(End::Abrupt),
                },
                () = sleep_until(expires) => Err(End::Close(GOING_AWAY, "")),
                () = maybe(pong_due.map(sleep_until)) => {
                    self.shared.board.change(|counters| counters.pongs_missed += 1);
                    Err(End::Close(POLICY_VIOLATION, "Pong timeout"))
                }
                _ = pings.tick() => self.ping(limits.pong_timeout, socket).await,
                () = maybe(next_due_ms.map(|at_ms| shared.clock.wait_until(at_ms))) => self.push(socket).await,
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    /// Sends the earliest frame that is due. One at a time, so that commands and pings are served in between.
    async fn push(&mut self, socket: &mut WebSocket) -> Result<(), End> {
        let now_ms = self.shared.clock.now_ms();
        let Some(StreamFrame { stream, event }) = self.schedule.next_frame(&self.shared.feed, now_ms) else {
            return Ok(());
        };
        let text = if self.combined {
            wire::envelope(&stream, &event)
        } else {
            event
        };
        self.shared.board.change(|counters| counters.frames += 1);
        send(socket, Message::Text(text.into())).await
    }

    async fn ping(&mut self, pong_timeout: Duration, socket: &mut WebSocket) -> Result<(), End> {
        let payload = self.shared.clock.now_ms().to_string();
        if self.awaited_pong.is_none() {
            self.awaited_pong = Some((payload.clone(), Instant::now() + pong_timeout));
        }
        send(socket, Message::Ping(payload.into_bytes().into())).await
    }

    async fn obey(
        &mut self,
        control: Result<Control, broadcast::error::RecvError>,
        socket: &mut WebSocket,
    ) -> Result<(), End> {
        match control {
            Ok(Control::Drop) => Err(End::Abrupt),
            Ok(Control::AnnounceShutdown)
                if matches!(self.route, Route::Candles(tc_market::MarketKind::Spot)) =>
            {
                let event = format!(r#"{{"e":"serverShutdown","E":{}}}"#, self.shared.clock.now_ms());
                let text = if self.combined {
                    wire::envelope("!serverShutdown", &event)
                } else {
                    event
                };
                send(socket, Message::Text(text.into())).await
            }
            Ok(Control::AnnounceShutdown) | Err(_) => Ok(()),
        }
    }

    async fn on_message(
        &mut self,
        message: Message,
        per_second: usize,
        socket: &mut WebSocket,
    ) -> Result<(), End> {
        let now = Instant::now();
        self.recent_messages.retain(|at| now.duration_since(*at) < SECOND);
        self.recent_messages.push_back(now);
        if self.recent_messages.len() > per_second {
            return Err(End::Close(POLICY_VIOLATION, "Too many requests"));
        }
        match message {
            Message::Text(text) => {
                let answer = self.execute(text.as_str());
                send(socket, Message::Text(answer.into())).await
            }
            Message::Pong(payload) => {
                let answered = self
                    .awaited_pong
                    .take_if(|(sent, _)| sent.as_bytes() == &payload[..]);
                debug!(answered = answered.is_some(), "pong");
                Ok(())
            }
            Message::Close(_) => Err(End::Abrupt),
            Message::Binary(_) | Message::Ping(_) => Ok(()),
        }
    }

    fn execute(&mut self, text: &str) -> String {
        let request = match commands::parse(text, self.route.market()) {
            Ok(request) => request,
            Err(refusal) => return refusal.body(),
        };
        let result = match request.command {
            Command::Subscribe(names) => {
                let known = names
                    .iter()
                    .filter(|name| self.subscriptions.contains(*name))
                    .count();
                if self.subscriptions.len() + names.len() - known > self.shared.limits.streams_per_connection
                {
                    return commands::too_many(request.id).body();
                }
                self.subscribe(names);
                serde_json::Value::Null
            }
            Command::Unsubscribe(names) => {
                for name in names {
                    if self.subscriptions.remove(&name) {
                        self.schedule.remove(&name);
                        self.shared.board.change(|counters| counters.subscriptions -= 1);
                    }
                }
                serde_json::Value::Null
            }
            Command::ListSubscriptions => self.subscriptions.iter().map(String::as_str).collect(),
            Command::Set(Property::Combined, combined) => {
                self.combined = combined;
                serde_json::Value::Null
            }
            Command::Get(Property::Combined) => self.combined.into(),
        };
        serde_json::json!({ "result": result, "id": request.id }).to_string()
    }

    fn subscribe(&mut self, names: Vec<String>) {
        let now_ms = self.shared.clock.now_ms();
        for name in names {
            if let Route::Candles(_) = self.route {
                self.schedule.add(&self.shared.feed, &name, now_ms);
            }
            if self.subscriptions.insert(name) {
                self.shared.board.change(|counters| counters.subscriptions += 1);
            }
        }
    }
}

impl Drop for Connection {
    /// Also counts connections whose handshake was never finished.
    fn drop(&mut self) {
        let streams = u64::try_from(self.subscriptions.len()).unwrap_or_default();
        self.shared.board.change(|counters| {
            counters.open_connections -= 1;
            counters.subscriptions -= streams;
        });
    }
}

async fn send(socket: &mut WebSocket, message: Message) -> Result<(), End> {
    socket.send(message).await.map_err(|_| End::Abrupt)
}

/// Waits for the future, or for ever when there is none.
async fn maybe(future: Option<impl Future<Output = ()>>) {
    match future {
        Some(future) => future.await,
        None => std::future::pending().await,
    }
}
