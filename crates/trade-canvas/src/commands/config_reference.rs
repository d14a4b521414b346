//! `trade-canvas config reference`: the source of `docs/reference/config.md`.

use std::process::ExitCode;

use super::config_show::print;
use crate::config::reference_markdown;

/// Prints the reference page of all options on the standard output.
///
/// # Errors
/// When the output cannot be written.
pub fn run() -> anyhow::Result<ExitCode> {
    print(&reference_markdown())
}
