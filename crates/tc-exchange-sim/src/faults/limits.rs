//! What the exchange puts up with, for a while.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tc_market::MarketKind;

use crate::SimLimits;

/// A limit that holds for connections that open inside the window, for all of their life; the weight for requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LimitFault {
    /// A connection is closed when it is so old.
    Lifetime {
        /// Real seconds.
        seconds: u64,
    },
    /// Attempts to connect within five minutes of real time; more are refused with 429.
    ConnectionAttempts {
        /// How many.
        attempts: usize,
    },
    /// Incoming messages of a connection; more close it with 1008.
    MessagesPerSecond {
        /// How many.
        messages: usize,
    },
    /// Streams of one connection.
    Streams {
        /// How many.
        streams: usize,
    },
    /// Between two pings of ours.
    PingInterval {
        /// Real milliseconds.
        ms: u64,
    },
    /// Longest wait for a pong; then the connection is closed.
    PongTimeout {
        /// Real milliseconds.
        ms: u64,
    },
    /// Request weight per minute.
    Weight {
        /// How much.
        per_minute: u32,
    },
}

impl LimitFault {
    /// Puts the limit in the place of the usual one.
    pub(super) const fn hold(self, market: MarketKind, limits: &mut SimLimits) {
        match self {
            Self::Lifetime { seconds } => limits.lifetime = Duration::from_secs(seconds),
            Self::ConnectionAttempts { attempts } => limits.attempts_per_five_minutes = attempts,
            Self::MessagesPerSecond { messages } => {
                limits.market_mut(market).messages_per_second = messages;
            }
            Self::Streams { streams } => limits.streams_per_connection = streams,
            Self::PingInterval { ms } => {
                limits.market_mut(market).ping_interval = Duration::from_millis(ms);
            }
            Self::PongTimeout { ms } => {
                limits.market_mut(market).pong_timeout = Duration::from_millis(ms);
            }
            Self::Weight { per_minute } => limits.market_mut(market).weight_per_minute = per_minute,
        }
    }

    /// What is wrong with it.
    pub(super) const fn objection(self) -> Option<&'static str> {
        match self {
            Self::PingInterval { ms: 0 } => Some("pings need a pause"),
            _ => None,
        }
    }
}
