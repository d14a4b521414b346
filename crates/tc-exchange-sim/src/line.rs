//! One socket as the exchange sees it, without I/O: streams, commands, heartbeat, limits, faults.
//!
//! The owner tells it what the peer said ([`Line::hear`]) and asks what to say ([`Line::poll`]) whenever something is
//! due ([`Line::wake`]). What it says of candles depends on the exchange's time alone, however the owner's clock steps.

mod commands;
mod frames;
mod outbox;
mod route;
mod subscriptions;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};

use tc_market::MarketKind;

use crate::{
    Exchange, Now, SimLimits,
    faults::{ConnectionFault, FaultPlan, Place},
    schedule::Schedule,
    wire,
};
use outbox::Outbox;
pub(crate) use route::Route;
pub use vocabulary::{Input, Output, Wake};

const POLICY_VIOLATION: u16 = 1008;
const GOING_AWAY: u16 = 1001;
const SECOND_MS: u64 = 1_000;

/// How a socket opens.
pub(crate) struct Opening {
    /// Sockets accepted before it.
    pub(crate) number: u64,
    pub(crate) route: Route,
    pub(crate) combined: bool,
    pub(crate) names: Vec<String>,
    pub(crate) push_ms: i64,
    pub(crate) closes_at_once: bool,
}

/// See the module. Dropping it is the end of the socket for the counters.
#[derive(Debug)]
pub struct Line {
    exchange: Arc<Exchange>,
    number: u64,
    route: Route,
    combined: bool,
    /// Those of the moment at which it opened.
    limits: SimLimits,
    subscriptions: BTreeSet<String>,
    schedule: Schedule,
    outbox: Outbox,
    /// The exchange's time up to which faults of the connection have struck.
    served_ms: i64,
    /// When a shutdown that was announced comes.
    closes_at_ms: Option<i64>,
    /// Bytes that still arrive.
    bytes_left: Option<u64>,
    expires_ms: u64,
    next_ping_ms: u64,
    /// Payload of the ping that waits for its pong, and until when.
    awaited_pong: Option<(String, u64)>,
    /// Arrival of the messages of the last second.
    recent_messages: VecDeque<u64>,
    ended: bool,
}

impl Line {
    pub(crate) fn open(exchange: Arc<Exchange>, opening: Opening, limits: &SimLimits, now: Now) -> Self {
        let market = opening.route.market();
        let ping_ms = millis(limits.market(market).ping_interval);
        let plan = exchange.plan();
        let mut line = Self {
            number: opening.number,
            route: opening.route,
            combined: opening.combined,
            limits: limits.clone(),
            subscriptions: BTreeSet::new(),
            schedule: Schedule::new(market, opening.push_ms),
            outbox: Outbox::default(),
            served_ms: now.market_ms,
            closes_at_ms: None,
            bytes_left: opening.closes_at_once.then_some(0),
            expires_ms: now.real_ms.saturating_add(millis(limits.lifetime)),
            next_ping_ms: now.real_ms.saturating_add(ping_ms),
            awaited_pong: None,
            recent_messages: VecDeque::new(),
            ended: false,
            exchange,
        };
        line.strike_bytes(&plan, now.market_ms, false);
        line.exchange.board.change(|counters| {
            counters.connections += 1;
            counters.open_connections += 1;
            counters.most_open_connections = counters.most_open_connections.max(counters.open_connections);
        });
        line.subscribe(opening.names, now.market_ms);
        line
    }

    /// How many sockets the exchange had accepted before this one.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// When the next output may be due; nothing is once it has ended.
    #[must_use]
    pub fn wake(&self) -> Wake {
        if self.ended {
            return Wake {
                market_ms: None,
                real_ms: None,
            };
        }
        if self.bytes_left == Some(0) {
            return Wake {
                market_ms: Some(self.served_ms),
                real_ms: Some(0),
            };
        }
        let pong_ms = self.awaited_pong.as_ref().map(|(_, until_ms)| *until_ms);
        let real_ms = self.expires_ms.min(self.next_ping_ms);
        Wake {
            market_ms: self.next_market_ms(&self.exchange.plan()),
            real_ms: Some(pong_ms.map_or(real_ms, |pong_ms| real_ms.min(pong_ms))),
        }
    }

    /// The next thing to say or to do at `now`.
    pub fn poll(&mut self, now: Now) -> Option<Output> {
        if self.ended {
            return None;
        }
        if self.bytes_left == Some(0) {
            return Some(self.end(Output::Gone));
        }
        if let Some(output) = self.serve_timers(now) {
            return Some(output);
        }
        let plan = self.exchange.plan();
        while let Some(at_ms) = self.next_market_ms(&plan).filter(|at_ms| *at_ms <= now.market_ms) {
            if self.next_fault_ms(&plan) == Some(at_ms) {
                self.served_ms = at_ms;
                if let Some(output) = self.strike(&plan, at_ms) {
                    return Some(output);
                }
            } else if self.outbox.next_ms() == Some(at_ms) {
                if let Some(waiting) = self.outbox.take() {
                    return Some(self.say_frame(waiting));
                }
            } else if let Some(frame) = self.schedule.next_frame(&self.exchange.feed, at_ms) {
                self.take(&plan, &frame);
            }
        }
        None
    }

    /// What to say at once to what the peer said.
    pub fn hear(&mut self, input: Input<'_>, now: Now) -> Option<Output> {
        if self.ended {
            return None;
        }
        let per_second = self.limits.market(self.route.market()).messages_per_second;
        self.recent_messages
            .retain(|at_ms| now.real_ms.saturating_sub(*at_ms) < SECOND_MS);
        self.recent_messages.push_back(now.real_ms);
        if self.recent_messages.len() > per_second {
            return Some(self.close(POLICY_VIOLATION, "Too many requests"));
        }
        match input {
            Input::Text(text) => {
                let answer = self.execute(text, now.market_ms);
                Some(self.say(answer))
            }
            Input::Pong(payload) => {
                self.awaited_pong.take_if(|(sent, _)| sent.as_bytes() == payload);
                None
            }
            Input::Other => None,
        }
    }

    /// Says that the exchange is about to shut down; futures have no words for it.
    pub fn announce_shutdown(&mut self, now_ms: i64) -> Option<Output> {
        if self.ended || self.route != Route::Candles(MarketKind::Spot) {
            return None;
        }
        let event = format!(r#"{{"e":"serverShutdown","E":{now_ms}}}"#);
        let text = self.enveloped("!serverShutdown", event);
        Some(self.say(text))
    }

    /// Closes the connection because the exchange goes away.
    pub fn go_away(&mut self) -> Output {
        self.close(GOING_AWAY, "")
    }

    fn next_market_ms(&self, plan: &FaultPlan) -> Option<i64> {
        [
            self.next_fault_ms(plan),
            self.outbox.next_ms(),
            self.schedule.next_due_ms(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn next_fault_ms(&self, plan: &FaultPlan) -> Option<i64> {
        let cut_ms = plan.connection.next_cut_ms(self.served_ms);
        [cut_ms, self.closes_at_ms].into_iter().flatten().min()
    }

    /// Age, pongs and pings.
    fn serve_timers(&mut self, now: Now) -> Option<Output> {
        if now.real_ms >= self.expires_ms {
            return Some(self.close(GOING_AWAY, ""));
        }
        if self
            .awaited_pong
            .as_ref()
            .is_some_and(|(_, until_ms)| *until_ms <= now.real_ms)
        {
            self.exchange.board.change(|counters| counters.pongs_missed += 1);
            return Some(self.close(POLICY_VIOLATION, "Pong timeout"));
        }
        if now.real_ms < self.next_ping_ms {
            return None;
        }
        let market = self.limits.market(self.route.market());
        let (interval_ms, timeout_ms) = (millis(market.ping_interval), millis(market.pong_timeout));
        self.next_ping_ms = now.real_ms + interval_ms.max(1);
        let place = self.place(now.market_ms);
        let plan = self.exchange.plan();
        if plan
            .connection
            .striking(&place)
            .any(|entry| entry.fault == ConnectionFault::NoPings)
        {
            return None;
        }
        let payload = now.market_ms.to_string();
        if self.awaited_pong.is_none() {
            self.awaited_pong = Some((payload.clone(), now.real_ms + timeout_ms));
        }
        match self.spend(payload.len()) {
            Ok(()) => Some(Output::Ping(payload)),
            Err(_) => Some(self.end(Output::Gone)),
        }
    }

    /// What begins to go wrong with the connection at `at_ms`.
    fn strike(&mut self, plan: &FaultPlan, at_ms: i64) -> Option<Output> {
        if self.closes_at_ms.is_some_and(|closes_ms| closes_ms <= at_ms) {
            return Some(self.close(GOING_AWAY, ""));
        }
        self.strike_bytes(plan, at_ms, true);
        let place = self.place(at_ms);
        let mut notice = None;
        for entry in plan.connection.beginning(&place) {
            match entry.fault {
                ConnectionFault::Drop => return Some(self.end(Output::Gone)),
                ConnectionFault::AnnounceShutdown { close_after_ms } => notice = Some(at_ms + close_after_ms),
                ConnectionFault::DropAfterBytes { .. }
                | ConnectionFault::Refuse
                | ConnectionFault::AcceptThenClose
                | ConnectionFault::NoPings
                | ConnectionFault::Unrouted => {}
            }
        }
        self.closes_at_ms = notice.or(self.closes_at_ms);
        notice.and_then(|_| self.announce_shutdown(at_ms))
    }

    fn strike_bytes(&mut self, plan: &FaultPlan, at_ms: i64, only_beginning: bool) {
        let place = self.place(at_ms);
        for entry in plan.connection.striking(&place) {
            if let ConnectionFault::DropAfterBytes { bytes } = entry.fault
                && (!only_beginning || entry.from_ms == at_ms)
            {
                self.bytes_left = Some(self.bytes_left.map_or(bytes, |left| left.min(bytes)));
            }
        }
    }

    fn enveloped(&self, stream: &str, event: String) -> String {
        if self.combined {
            wire::envelope(stream, &event)
        } else {
            event
        }
    }

    fn say(&mut self, text: String) -> Output {
        match self.spend(text.len()) {
            Ok(()) => Output::Text(text),
            Err(bytes) => self.end(Output::Torn { text, bytes }),
        }
    }

    /// Takes a frame out of what still arrives, or says how much of it does.
    fn spend(&mut self, payload: usize) -> Result<(), u64> {
        let Some(left) = self.bytes_left else {
            return Ok(());
        };
        let length = frame_length(payload);
        if length >= left {
            return Err(left);
        }
        self.bytes_left = Some(left - length);
        Ok(())
    }

    fn close(&mut self, code: u16, reason: &'static str) -> Output {
        self.end(Output::Close { code, reason })
    }

    const fn end(&mut self, output: Output) -> Output {
        self.ended = true;
        output
    }

    const fn place(&self, at_ms: i64) -> Place<'static> {
        Place {
            at_ms,
            market: self.route.market(),
            stream: None,
            connection: Some(self.number),
            frames: None,
        }
    }
}

impl Drop for Line {
    /// Also counts connections whose handshake was never finished.
    fn drop(&mut self) {
        let streams = u64::try_from(self.subscriptions.len()).unwrap_or_default();
        self.exchange.board.change(|counters| {
            counters.open_connections -= 1;
            counters.subscriptions -= streams;
        });
    }
}

/// Bytes of an unmasked WebSocket frame with a payload of this length.
fn frame_length(payload: usize) -> u64 {
    let header = match payload {
        0..126 => 2,
        126..0x1_0000 => 4,
        _ => 10,
    };
    u64::try_from(payload).unwrap_or(u64::MAX).saturating_add(header)
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
