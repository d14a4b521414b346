//! What can go wrong with a venue, and what to do about it.

use std::time::Duration;

use crate::BadFrame;

/// A failed operation against a venue.
#[derive(Debug, thiserror::Error)]
pub enum VenueError {
    /// No venue with this name is spoken to.
    #[error("exchange {exchange:?} has no live source")]
    UnsupportedExchange {
        /// First part of the series id.
        exchange: String,
    },
    /// The venue has no such market.
    #[error("market {market:?} has no live source")]
    UnsupportedMarket {
        /// Second part of the series id.
        market: String,
    },
    /// The symbol cannot be written in the venue's form.
    #[error("symbol {symbol:?} has no base and quote separated by a slash")]
    UnsupportedSymbol {
        /// Symbol part of the series id.
        symbol: String,
    },
    /// A configured address cannot be used.
    #[error("{name} address {url:?} is not a {schemes} URL")]
    Endpoint {
        /// Which address, for example `spot websocket`.
        name: &'static str,
        /// The configured text.
        url: String,
        /// The accepted schemes.
        schemes: &'static str,
    },
    /// The venue refused the request as wrong.
    #[error("venue refused the request with status {status}: {message} ({code})")]
    Refused {
        /// HTTP status, or 0 on a socket.
        status: u16,
        /// The venue's own code.
        code: i64,
        /// The venue's own words.
        message: String,
    },
    /// Too many requests, or banned for having sent too many.
    #[error("venue limits the rate (status {status}) for {} s", retry_after.as_secs())]
    RateLimited {
        /// 429, or 418 when banned.
        status: u16,
        /// How long to stay away.
        retry_after: Duration,
    },
    /// The venue has trouble of its own.
    #[error("venue is unavailable with status {status}: {message}")]
    Unavailable {
        /// HTTP status.
        status: u16,
        /// The venue's own words, possibly empty.
        message: String,
    },
    /// No answer in time.
    #[error("venue did not answer within {timeout_ms} ms")]
    Timeout {
        /// The limit that passed.
        timeout_ms: u64,
    },
    /// The HTTP exchange failed below the level of answers.
    #[error("venue request failed")]
    Transport(#[source] reqwest::Error),
    /// The HTTP client could not be set up.
    #[error("http client cannot be built")]
    Client(#[source] reqwest::Error),
    /// The body is not JSON.
    #[error("venue sent a body that is not JSON")]
    Json(#[source] serde_json::Error),
    /// The body is JSON of another shape.
    #[error("venue sent {what} of an unexpected shape")]
    Shape {
        /// What was expected.
        what: &'static str,
        /// The first thing that did not fit.
        #[source]
        reason: BadFrame,
    },
}

/// Whether trying again makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The same request fails again.
    Never,
    /// As soon as the caller's own back-off allows.
    Now,
    /// After this time.
    After(Duration),
}

/// Who has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Whoever asked.
    Caller,
    /// The venue or the way to it.
    Venue,
    /// Our storage.
    Storage,
    /// Whoever wrote this program.
    Bug,
}

impl VenueError {
    /// Whether and when the same request may be sent again.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        match self {
            Self::UnsupportedExchange { .. }
            | Self::UnsupportedMarket { .. }
            | Self::UnsupportedSymbol { .. }
            | Self::Endpoint { .. }
            | Self::Refused { .. }
            | Self::Client(_) => Retry::Never,
            Self::RateLimited { retry_after, .. } => Retry::After(*retry_after),
            Self::Timeout { .. }
            | Self::Unavailable { .. }
            | Self::Transport(_)
            | Self::Json(_)
            | Self::Shape { .. } => Retry::Now,
        }
    }

    /// Whose fault it is.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        match self {
            Self::UnsupportedExchange { .. }
            | Self::UnsupportedMarket { .. }
            | Self::UnsupportedSymbol { .. }
            | Self::Endpoint { .. } => Fault::Caller,
            // 403 is the venue's firewall, no judgement of the request.
            Self::Refused { status: 403, .. } => Fault::Venue,
            Self::Refused { .. } => Fault::Caller,
            Self::RateLimited { .. }
            | Self::Unavailable { .. }
            | Self::Timeout { .. }
            | Self::Transport(_)
            | Self::Json(_)
            | Self::Shape { .. } => Fault::Venue,
            Self::Client(_) => Fault::Bug,
        }
    }
}
