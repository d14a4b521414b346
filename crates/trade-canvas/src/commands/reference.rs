//! Pages of the reference that are generated from the program.

use std::process::ExitCode;

use super::config_show::print;
use crate::{cli::ReferencePage, config::reference_markdown};

/// Prints a page on the standard output.
///
/// # Errors
/// When the output cannot be written.
pub fn run(page: ReferencePage) -> anyhow::Result<ExitCode> {
    match page {
        ReferencePage::Options => print(&reference_markdown()),
        ReferencePage::ErrorCodes => print(&tc_server::error_codes_markdown()),
        ReferencePage::Interface => print(&(tc_server::openapi_document().to_pretty_json()? + "\n")),
    }
}
