//! A Binance on loopback: the real REST and WebSocket protocol over recorded candles and a virtual clock.
//!
//! Serves demo mode and tests. It knows candles and the exchange's wire formats and nothing else of the product;
//! it does not trade, keeps no state on disk and never reaches outside. Start with [`Simulator::start`], then
//! [`SampleSet`] (what is played) and [`VirtualClock`] (when).
//!
//! Invariants owned here: REST and WebSocket agree (the row of a closed bucket carries the values of its final
//! frame, the open bucket is the last row); a final frame comes exactly once, at the end of its bucket and before
//! any frame of the next one; the same data, seed and clock steps give the same frames.

mod clock;
mod counters;
mod error;
mod feed;
mod path;
mod rest;
pub mod sample;
mod schedule;
mod set;
mod simulator;
mod weights;
mod wire;
mod ws;

pub use clock::VirtualClock;
pub use counters::Counters;
pub use error::SimError;
pub use set::SampleSet;
pub use simulator::{AboveMaximum, MarketLimits, SimConfig, SimLimits, Simulator};
