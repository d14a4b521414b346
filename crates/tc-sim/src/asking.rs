//! One page of history: budget, tries, pauses.

use std::time::Duration;

use tc_exchange::{KlineQuery, KlineRows, Retry, Venue, VenueError};
use tc_exchange_sim::Reply;
use tc_market::MarketKind;

use crate::desk::Desk;

/// From the request to an answer that nothing slows down.
const LATENCY_MS: i64 = 60;
const TIMEOUT_MS: i64 = 10_000;
const ATTEMPTS: u32 = 4;
const BACKOFF_MS: i64 = 500;
const MAX_WAIT_MS: i64 = 90_000;

/// A request that is made until it succeeds or is given up.
#[derive(Debug)]
pub(crate) struct Asking {
    path: String,
    market: MarketKind,
    weight: u32,
    tries: u32,
    state: State,
}

#[derive(Debug)]
enum State {
    Resting {
        until_ms: i64,
    },
    /// `None`: the answer will not come in time.
    Sent {
        ready_ms: i64,
        reply: Option<Reply>,
    },
}

impl Asking {
    /// Asks for rows of the series at `series` as soon as the budget allows.
    pub(crate) fn new(desk: &Desk, series: usize, query: &KlineQuery) -> Result<Self, VenueError> {
        let tracked = &desk.series[series];
        let url = desk.venue.klines_url(&tracked.id, query)?;
        Ok(Self {
            path: Desk::request_path(&url).to_owned(),
            market: tracked.market,
            weight: desk.venue.klines_weight(tracked.market, query.limit),
            tries: 1,
            state: State::Resting {
                until_ms: desk.now_ms,
            },
        })
    }

    pub(crate) const fn next_ms(&self) -> i64 {
        match self.state {
            State::Resting { until_ms } => until_ms,
            State::Sent { ready_ms, .. } => ready_ms,
        }
    }

    /// Goes as far as it gets now; the end, once it has come.
    pub(crate) fn step(&mut self, desk: &mut Desk) -> Option<Result<KlineRows, VenueError>> {
        while self.next_ms() <= desk.now_ms {
            let before = std::mem::replace(&mut self.state, State::Resting { until_ms: i64::MAX });
            let failed = match before {
                State::Resting { .. } => self.send(desk).err(),
                State::Sent { reply, .. } => match self.read(desk, reply) {
                    Ok(rows) => return Some(Ok(rows)),
                    Err(error) => self.pause(desk, error).err(),
                },
            };
            if let Some(error) = failed {
                return Some(Err(error));
            }
        }
        None
    }

    fn send(&mut self, desk: &mut Desk) -> Result<(), VenueError> {
        let elapsed_ms = desk.elapsed_ms();
        if let Err(wait_ms) = desk.budget(self.market).reserve(self.weight, elapsed_ms) {
            let wait = Duration::from_millis(wait_ms);
            if wait > Duration::from_millis(MAX_WAIT_MS.unsigned_abs()) {
                return Err(VenueError::RateLimited {
                    status: 429,
                    retry_after: wait,
                });
            }
            self.state = State::Resting {
                until_ms: desk.now_ms.saturating_add_unsigned(wait_ms),
            };
            return Ok(());
        }
        let reply = desk.exchange.request(&self.path, desk.now_ms);
        self.state = if reply.delay_ms + LATENCY_MS > TIMEOUT_MS {
            State::Sent {
                ready_ms: desk.now_ms + TIMEOUT_MS,
                reply: None,
            }
        } else {
            State::Sent {
                ready_ms: desk.now_ms + LATENCY_MS + reply.delay_ms,
                reply: Some(reply),
            }
        };
        Ok(())
    }

    fn read(&self, desk: &mut Desk, reply: Option<Reply>) -> Result<KlineRows, VenueError> {
        let Some(reply) = reply else {
            return Err(VenueError::Timeout {
                timeout_ms: TIMEOUT_MS.unsigned_abs(),
            });
        };
        let elapsed_ms = desk.elapsed_ms();
        if let Some(used) = reply.used_weight {
            desk.budget(self.market).report(used, elapsed_ms);
        }
        match reply.status {
            200 => desk.venue.parse_klines(reply.body.as_bytes()),
            status @ (429 | 418) => {
                // `Retry-After` has whole seconds.
                let wait_s = reply
                    .retry_after_ms
                    .unwrap_or(60_000)
                    .unsigned_abs()
                    .div_ceil(1_000);
                desk.budget(self.market).block(wait_s * 1_000, elapsed_ms);
                Err(VenueError::RateLimited {
                    status,
                    retry_after: Duration::from_secs(wait_s),
                })
            }
            status => Err(VenueError::Unavailable {
                status,
                message: reply.body,
            }),
        }
    }

    fn pause(&mut self, desk: &Desk, error: VenueError) -> Result<(), VenueError> {
        let pause_ms = match error.retry() {
            Retry::Never => return Err(error),
            Retry::Now => 0,
            Retry::After(pause) => i64::try_from(pause.as_millis()).unwrap_or(i64::MAX),
        };
        if self.tries >= ATTEMPTS || pause_ms > MAX_WAIT_MS {
            return Err(error);
        }
        let backoff_ms = BACKOFF_MS << (self.tries - 1).min(20);
        self.tries += 1;
        self.state = State::Resting {
            until_ms: desk.now_ms + pause_ms.max(backoff_ms).min(MAX_WAIT_MS),
        };
        Ok(())
    }
}
