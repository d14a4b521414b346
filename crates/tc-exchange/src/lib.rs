//! Speaks to venues: wire formats, live sessions, REST history.
//!
//! Deliberately knows nothing of storage, of the write path or of clients: it turns a venue's bytes into candles
//! and says what went wrong. It keeps no addresses of its own: every URL is handed in. What decides
//! ([`Fleet`] with its sessions, [`Guardrail`], [`WeightBudget`], [`FormingThrottle`]) takes the time as an argument;
//! only [`LiveStreams`] and [`HistoryClient`] move bytes. Read [`Venue`] first, then [`Fleet`] and `session.rs`.
//!
//! Invariants owned here: a closed candle leaves this crate only when the venue called it final (I1); decoders
//! return a reason and never panic, whatever the bytes; a history page never reaches past the latest closed time.

mod budget;
mod error;
mod event;
mod fleet;
mod forming;
mod guardrail;
mod history;
mod live;
mod session;
mod venue;
mod venues;

pub use budget::WeightBudget;
pub use error::{Fault, Retry, VenueError};
pub use event::{DisconnectReason, MarketEvent, SessionStatus};
pub use fleet::{Fleet, FleetLimits};
pub use forming::FormingThrottle;
pub use guardrail::{Guardrail, GuardrailOptions, GuardrailSnapshot, GuardrailState};
pub use history::{DroppedRows, HistoryClient, HistoryOptions, HistoryPages};
pub use live::{LiveStream, LiveStreams, SessionOptions};
pub use session::{Action, SessionTiming, SocketEvent, SocketId};
pub use venue::{
    BadFrame, Bar, Frame, Instrument, Kline, KlineQuery, KlineRows, RefusalBody, RestLimits, StreamCommand,
    StreamFrame, StreamName, StreamVerb, Ticker, Venue,
};
pub use venues::binance::{Binance, BinanceEndpoints};
