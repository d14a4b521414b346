//! The binary's own library: configuration, command line, composition, commands.
//!
//! Decides nothing about markets: it reads the options, picks the implementations, and starts and stops them.
//! Read [`config`] first for what can be set, then [`commands`] for what runs.
//!
//! Invariants owned here: every bound that I12 speaks of is an option with a minimum or a constant of its
//! crate, and every option is read once, at start.

pub mod cli;
pub mod commands;
pub mod compose;
pub mod config;
