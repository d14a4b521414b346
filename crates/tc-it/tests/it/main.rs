//! The product from outside: one module per area.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "everything here is a test; a failed step ends it with its place"
)]

mod annotate;
mod backtest;
mod bad_input;
mod browser_rules;
mod candles;
mod datadir;
mod demo;
mod features;
mod frames;
mod history;
mod live;
mod market_list;
mod market_socket;
mod observe;
mod openapi;
mod operator;
mod replay_packages;
mod replay_stream;
mod restart;
mod routing;
mod site;
mod slow_consumer;
mod socket;
mod story;
mod transcripts;
mod upstream;
