//! The live path in virtual time: months of market in seconds, decided by a seed alone.
//!
//! The machines that do no I/O are the product's own: [`tc_exchange::Fleet`] with its sessions and guardrails, the venue's
//! decoders, the weight budget, [`tc_ingest::Supervisor`], the batcher, the backfill plan and the pipeline, over the
//! store in memory. Around them is the simulated exchange without sockets, a script of faults made of the seed, and one
//! clock that jumps from one thing that is due to the next. What an edge crate does between the machines (dial, ask a
//! page again, hold candles back while a hole is filled) is done here the same way, in virtual time.
//!
//! Deliberately absent: sockets, threads, real time. Start with [`run`], then `world.rs`.
//!
//! A run holds what is stored against what the exchange knows, so a violation is a defect and the seed repeats it.

mod asking;
mod audit;
mod desk;
mod dice;
mod fill;
mod follower;
mod options;
mod report;
mod shard;
mod tape;
mod weather;
mod world;
mod writer;

pub use options::RunOptions;
pub use report::{RunError, RunReport, Violation};
pub use world::run;
