//! `trade-canvas config show`.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use crate::{
    cli::ShowFormat,
    config::{Loaded, show_json, show_table},
};

/// Prints every option with value and origin on the standard output.
///
/// # Errors
/// When the output cannot be written; a reader that went away is no error.
pub fn run(loaded: &Loaded, format: ShowFormat) -> anyhow::Result<ExitCode> {
    let text = match format {
        ShowFormat::Table => show_table(&loaded.options),
        ShowFormat::Json => format!("{:#}\n", show_json(&loaded.options)),
    };
    print(&text)
}

/// Writes a whole text to the standard output.
pub(super) fn print(text: &str) -> anyhow::Result<ExitCode> {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}
