//! What the exchange puts up with.

use std::time::Duration;

use tc_market::MarketKind;

/// Limits of the exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimLimits {
    /// Limits of the spot market.
    pub spot: MarketLimits,
    /// Limits of the futures market.
    pub futures: MarketLimits,
    /// Requests over the weight limit within a minute that are refused before the ban.
    pub refusals_before_ban: u32,
    /// What spot does with a row limit above 1,000.
    pub spot_rows_above_maximum: AboveMaximum,
    /// Streams of one connection.
    pub streams_per_connection: usize,
    /// Attempts to connect within five minutes of real time; more are refused with 429.
    pub attempts_per_five_minutes: usize,
    /// Real time after which a connection is closed.
    pub lifetime: Duration,
}

impl Default for SimLimits {
    fn default() -> Self {
        Self {
            spot: MarketLimits {
                weight_per_minute: 6_000,
                messages_per_second: 5,
                ping_interval: Duration::from_secs(20),
                pong_timeout: Duration::from_secs(60),
            },
            futures: MarketLimits {
                weight_per_minute: 2_400,
                messages_per_second: 10,
                ping_interval: Duration::from_secs(180),
                pong_timeout: Duration::from_secs(600),
            },
            refusals_before_ban: 20,
            spot_rows_above_maximum: AboveMaximum::Cap,
            streams_per_connection: 1_024,
            attempts_per_five_minutes: 300,
            lifetime: Duration::from_secs(86_400),
        }
    }
}

impl SimLimits {
    pub(crate) const fn market(&self, market: MarketKind) -> &MarketLimits {
        match market {
            MarketKind::Spot => &self.spot,
            MarketKind::Futures => &self.futures,
        }
    }

    pub(crate) const fn market_mut(&mut self, market: MarketKind) -> &mut MarketLimits {
        match market {
            MarketKind::Spot => &mut self.spot,
            MarketKind::Futures => &mut self.futures,
        }
    }
}

/// Limits of one market. Durations are real time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarketLimits {
    /// Request weight per minute of virtual time.
    pub weight_per_minute: u32,
    /// Incoming socket messages per real second; more close the connection with 1008.
    pub messages_per_second: usize,
    /// Between two pings of the exchange.
    pub ping_interval: Duration,
    /// Longest wait for a pong.
    pub pong_timeout: Duration,
}

/// What happens to a parameter above its maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AboveMaximum {
    /// Treated as the maximum.
    Cap,
    /// Refused with -1130.
    Refuse,
}
