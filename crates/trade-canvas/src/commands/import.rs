//! `trade-canvas import`.

use std::process::ExitCode;

use crate::{cli::ImportArguments, config::Config};

/// Reads candle files into the store.
///
/// # Errors
/// When a file cannot be read or the store cannot be written.
pub fn run(config: Config, arguments: ImportArguments) -> anyhow::Result<ExitCode> {
    let _ = (config, arguments);
    anyhow::bail!("this build has no import")
}
