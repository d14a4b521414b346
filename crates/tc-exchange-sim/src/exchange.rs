//! The exchange without sockets and clocks: what it knows, what it puts up with, what goes wrong.
//!
//! Every call takes the time. [`Simulator`](crate::Simulator) puts it behind a port; whoever needs an exchange in
//! virtual time alone calls it directly.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::http::Uri;
use tc_market::{Candle, CandleTime, MarketKind, SeriesId};
use tokio::sync::watch;

use crate::{
    Counters, FaultScript, SampleSet, SimLimits,
    counters::CounterBoard,
    faults::{ConnectionFault, FaultError, FaultPlan, Place},
    feed::{Feed, code_of, stream_of},
    line::{Line, Opening, Route},
    rest::{self, Reply},
    weights::{Admission, Weights},
};

/// Window of the limit of attempts to connect.
const ATTEMPTS_WINDOW_MS: u64 = 300_000;

/// The present, in the two times that matter to an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The exchange's time, Unix milliseconds: candles and faults.
    pub market_ms: i64,
    /// Monotonic milliseconds of real time: pings, rates, the age of connections.
    pub real_ms: u64,
}

/// Why an attempt to connect fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handshake {
    /// Answered with this HTTP status.
    Status(u16),
    /// Not answered: the peer is gone.
    Nothing,
}

/// See the module.
#[derive(Debug)]
pub struct Exchange {
    pub(crate) feed: Feed,
    pub(crate) board: CounterBoard,
    limits: SimLimits,
    seed: u64,
    plan: watch::Sender<Arc<FaultPlan>>,
    desk: Mutex<Desk>,
}

/// What changes with every request and attempt.
#[derive(Debug)]
struct Desk {
    spot: Weights,
    futures: Weights,
    attempts: VecDeque<u64>,
    connections: u64,
    /// By limiting fault of the script and market: until when who comes is banned, and the present wait.
    limited: BTreeMap<(usize, MarketKind), (i64, i64)>,
}

impl Exchange {
    /// An exchange that plays `data`; `seed` chooses the paths inside the minutes and where a share of faults strikes.
    ///
    /// # Errors
    /// [`FaultError`] when the script makes no sense.
    pub fn new(
        data: SampleSet,
        seed: u64,
        limits: SimLimits,
        faults: FaultScript,
    ) -> Result<Self, FaultError> {
        Ok(Self {
            feed: Feed::new(data, seed),
            board: CounterBoard::default(),
            seed,
            plan: watch::Sender::new(Arc::new(FaultPlan::new(faults, seed)?)),
            desk: Mutex::new(Desk {
                spot: Weights::new(limits.refusals_before_ban),
                futures: Weights::new(limits.refusals_before_ban),
                attempts: VecDeque::new(),
                connections: 0,
                limited: BTreeMap::new(),
            }),
            limits,
        })
    }

    /// Another script from now on. Faults of moments that are past do not happen any more.
    ///
    /// # Errors
    /// [`FaultError`] when it makes no sense; the present one stays.
    pub fn set_faults(&self, script: FaultScript) -> Result<(), FaultError> {
        let plan = FaultPlan::new(script, self.seed)?;
        self.desk().limited.clear();
        self.plan.send_replace(Arc::new(plan));
        Ok(())
    }

    /// The present script.
    #[must_use]
    pub fn faults(&self) -> FaultScript {
        self.plan().script().clone()
    }

    /// What happened so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.board.copy()
    }

    /// The candle that the exchange's rows have for a closed bucket; `None` where there is none.
    #[must_use]
    pub fn closed(&self, series: &SeriesId, open: CandleTime) -> Option<Candle> {
        let (market, timeframe) = (series.market_kind()?, series.timeframe());
        let code = code_of(series.symbol());
        let stream = stream_of(&code, timeframe);
        let instrument = self.feed.find(market, &code)?;
        if self.plan().is_outage(market, &stream, timeframe, open.seconds()) {
            return None;
        }
        instrument.closed(timeframe, open.seconds())
    }

    /// Opens a socket for a path such as `/stream?streams=btcusdt@kline_1m`; `push_ms` says the pause between two frames
    /// of an open bucket in a market, in milliseconds of the exchange.
    ///
    /// # Errors
    /// [`Handshake`] when it does not open.
    pub fn connect(
        self: &Arc<Self>,
        path_and_query: &str,
        push_ms: impl Fn(MarketKind) -> i64,
        now: Now,
    ) -> Result<Line, Handshake> {
        let opened = self.try_connect(path_and_query, push_ms, now);
        if opened.is_err() {
            self.board.change(|counters| counters.refused_connections += 1);
        }
        opened
    }

    fn try_connect(
        self: &Arc<Self>,
        path_and_query: &str,
        push_ms: impl Fn(MarketKind) -> i64,
        now: Now,
    ) -> Result<Line, Handshake> {
        let uri: Uri = path_and_query.parse().map_err(|_| Handshake::Status(400))?;
        let (route, combined, names) = Route::of(&uri).ok_or(Handshake::Status(404))?;
        let market = route.market();
        let plan = self.plan();
        let mut desk = self.desk();
        let number = desk.connections;
        let place = Place {
            connection: Some(number),
            ..Place::market(market, now.market_ms)
        };
        let limits = plan.limits(&self.limits, &place);
        if desk
            .attempt(limits.attempts_per_five_minutes, now.real_ms)
            .is_err()
        {
            return Err(Handshake::Status(429));
        }
        let strikes = |wanted: ConnectionFault| {
            plan.connection
                .striking(&place)
                .any(|entry| entry.fault == wanted)
        };
        if strikes(ConnectionFault::Refuse) {
            return Err(Handshake::Nothing);
        }
        if names.len() > limits.streams_per_connection {
            return Err(Handshake::Status(400));
        }
        desk.connections += 1;
        drop(desk);
        let route = if strikes(ConnectionFault::Unrouted) {
            Route::Silent(market)
        } else {
            route
        };
        let opening = Opening {
            number,
            route,
            combined,
            names,
            push_ms: push_ms(market),
            closes_at_once: strikes(ConnectionFault::AcceptThenClose),
        };
        Ok(Line::open(Arc::clone(self), opening, &limits, now))
    }

    /// Answers a request such as `/api/v3/klines?symbol=BTCUSDT&interval=1m` that comes at `now_ms` (the exchange's
    /// Unix milliseconds).
    #[must_use]
    pub fn request(&self, path_and_query: &str, now_ms: i64) -> Reply {
        let uri: Uri = path_and_query.parse().unwrap_or_default();
        rest::reply(self, &uri, now_ms)
    }

    pub(crate) fn plan(&self) -> Arc<FaultPlan> {
        Arc::clone(&self.plan.borrow())
    }

    /// Tells of every new script.
    pub(crate) fn plans(&self) -> watch::Receiver<Arc<FaultPlan>> {
        self.plan.subscribe()
    }

    pub(crate) fn limits(&self, market: MarketKind, now_ms: i64) -> SimLimits {
        self.plan().limits(&self.limits, &Place::market(market, now_ms))
    }

    pub(crate) fn charge(&self, market: MarketKind, weight: u32, now_ms: i64) -> Admission {
        let per_minute = self.limits(market, now_ms).market(market).weight_per_minute;
        let mut desk = self.desk();
        let weights = match market {
            MarketKind::Spot => &mut desk.spot,
            MarketKind::Futures => &mut desk.futures,
        };
        weights.charge(weight, per_minute, now_ms)
    }

    /// Counts a request against a limiting fault: whether it is banned already, and the wait in milliseconds.
    pub(crate) fn limit(
        &self,
        fault: usize,
        market: MarketKind,
        wait_ms: i64,
        now_ms: i64,
    ) -> Option<(bool, i64)> {
        let mut desk = self.desk();
        match desk.limited.get_mut(&(fault, market)) {
            None => {
                desk.limited.insert((fault, market), (now_ms + wait_ms, wait_ms));
                Some((false, wait_ms))
            }
            Some((until_ms, wait_ms)) if now_ms < *until_ms => {
                *wait_ms = wait_ms.saturating_mul(2);
                *until_ms = now_ms + *wait_ms;
                Some((true, *wait_ms))
            }
            Some(_) => None,
        }
    }

    /// Plain numbers: a panic elsewhere cannot leave them half changed.
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// Counts an attempt to connect; refused ones count as well.
    fn attempt(&mut self, most: usize, now_ms: u64) -> Result<(), ()> {
        while self
            .attempts
            .front()
            .is_some_and(|at_ms| at_ms + ATTEMPTS_WINDOW_MS <= now_ms)
        {
            self.attempts.pop_front();
        }
        self.attempts.push_back(now_ms);
        // More entries than the limit can never change the verdict.
        while self.attempts.len() > most + 1 {
            self.attempts.pop_front();
        }
        if self.attempts.len() > most {
            Err(())
        } else {
            Ok(())
        }
    }
}
