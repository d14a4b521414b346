//! `trade-canvas serve`.

use std::process::ExitCode;

use crate::config::Config;

/// Runs the server until it is told to stop.
///
/// # Errors
/// When it cannot start, or fails while running.
pub fn run(config: Config) -> anyhow::Result<ExitCode> {
    let _ = config;
    anyhow::bail!("this build has no server")
}
