//! A Binance on loopback: the real REST and WebSocket protocol over recorded candles and a virtual clock.
//!
//! Serves demo mode and tests. It knows candles and the exchange's wire formats and nothing else of the product;
//! it does not trade, keeps no state on disk and never reaches outside. Start with [`Simulator::start`], then
//! [`SampleSet`] (what is played), [`VirtualClock`] (when) and [`FaultScript`] (what goes wrong). Without sockets the
//! same exchange is an [`Exchange`] with a [`Line`] for each connection.
//!
//! Invariants owned here: REST and WebSocket agree (the row of a closed bucket carries the values of its final
//! frame, the open bucket is the last row); a final frame comes exactly once, at the end of its bucket and before
//! any frame of the next one, unless the fault script says otherwise; the same data, seed and script give the same bytes
//! of every stream, whatever the steps of the clock.

mod clock;
mod control;
mod counters;
mod error;
mod exchange;
mod faults;
mod feed;
mod limits;
mod line;
mod path;
mod rest;
pub mod sample;
mod schedule;
mod set;
mod simulator;
mod tcp;
mod weights;
mod wire;
mod ws;

pub use clock::VirtualClock;
pub use counters::Counters;
pub use error::SimError;
pub use exchange::{Exchange, Handshake, Now};
pub use faults::{
    ConnectionFault, ContentFault, Fault, FaultError, FaultScript, FrameFault, FrameKind, LimitFault,
    MarketFault, RestFault, ScheduledFault, Scope,
};
pub use limits::{AboveMaximum, MarketLimits, SimLimits};
pub use line::{Input, Line, Output, Wake};
pub use rest::Reply;
pub use set::SampleSet;
pub use simulator::{SimConfig, Simulator};
