//! The command line: commands, and one flag for every option of the table.
//!
//! Reads words only; what an option accepts is decided by [`config`](crate::config).

mod arguments;
mod refusal;

#[cfg(test)]
mod tests;

use std::{ffi::OsString, path::PathBuf};

use clap::error::ErrorKind;
use tc_market::{MarketKind, SeriesId, Timeframe};
use tc_server::{annotate::AnnotateOrder, tasks::RebuildSource};

use crate::config::CliValues;

/// What the user asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// The command.
    pub command: Command,
    /// The options that were given.
    pub values: CliValues,
}

/// A command with what it alone takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Runs the server.
    Serve,
    /// Reads candle files into the store.
    Import(ImportArguments),
    /// Folds a stored series again.
    Rebuild(RebuildArguments),
    /// Writes a stretch of the past into a file.
    ReplayExport(ReplayExportArguments),
    /// Says what is in such a file.
    ReplayInspect(ReplayInspectArguments),
    /// Answers a frame of candles with signals.
    Annotate(AnnotateArguments),
    /// Prints every option.
    ConfigShow(ShowFormat),
    /// Prints a page of the generated reference.
    Reference(ReferencePage),
}

/// A page that is generated from the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferencePage {
    /// All options.
    Options,
    /// All error codes.
    ErrorCodes,
    /// The OpenAPI document.
    Interface,
}

impl Command {
    /// Whether demo mode means anything to the command.
    #[must_use]
    pub const fn offers_demo(&self) -> bool {
        matches!(self, Self::Serve | Self::ConfigShow(_))
    }
}

/// What to import, and what the names of the files do not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportArguments {
    /// A file or a folder.
    pub path: PathBuf,
    /// Exchange of the series.
    pub exchange: Option<String>,
    /// Market of the series.
    pub market: Option<MarketKind>,
    /// Symbol of the series, such as `BTC/USDT`.
    pub symbol: Option<String>,
    /// Timeframe of the series.
    pub timeframe: Option<Timeframe>,
}

/// What to rebuild, and with which candles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RebuildArguments {
    /// The series.
    pub series: SeriesId,
    /// Whose candles replace and complete the stored ones first.
    pub source: RebuildSource,
}

/// What to write into a package file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayExportArguments {
    /// The series.
    pub series: SeriesId,
    /// Last instant, Unix seconds; `None`: the newest candle.
    pub to_time: Option<i64>,
    /// Bars; 1 to 20,000.
    pub candles: u32,
    /// The file; `None`: one named after the series in the working directory.
    pub out: Option<PathBuf>,
}

/// Which package file to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayInspectArguments {
    /// The file.
    pub file: PathBuf,
    /// Bar whose frame is wanted, counted from 0.
    pub frame: Option<usize>,
}

/// Which signals to put beside the candles.
#[derive(Debug, Clone, PartialEq)]
pub struct AnnotateArguments {
    /// What is asked for.
    pub order: AnnotateOrder,
    /// The timeframe, which must be that of the series.
    pub timeframe: Timeframe,
}

/// Form of `config show`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShowFormat {
    /// Aligned columns.
    Table,
    /// One JSON document.
    Json,
}

/// Why there is no invocation to run.
#[derive(Debug)]
pub enum Exit {
    /// Help or version was asked for, or no command was given; prints itself.
    Help(Box<clap::Error>),
    /// The command line is wrong; one sentence says what to do.
    Refused(String),
}

/// Reads the words of the command line, the program's own name first.
///
/// # Errors
/// [`Exit`] when there is nothing to run.
pub fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Invocation, Exit> {
    let words: Vec<OsString> = words.into_iter().collect();
    let mut program = arguments::program();
    match program.try_get_matches_from_mut(&words) {
        Ok(matches) => Ok(arguments::invocation(&matches)),
        Err(error) => Err(match error.kind() {
            ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Exit::Help(Box::new(error)),
            _ => Exit::Refused(refusal::sentence(&error, &program, &words)),
        }),
    }
}
