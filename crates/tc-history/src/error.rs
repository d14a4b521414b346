//! What can go wrong between a path and its candles.

use std::{error::Error, io, path::PathBuf, time::Duration};

use tc_market::SeriesIdError;

use crate::{LAYOUTS, SkipReason};

/// Why a file or directory gave no candles. Nothing of the file that the error names has been handed out.
///
/// Rows are data rows counted from 1: a CSV header is not counted.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The operating system refused.
    #[error("read {path}")]
    Read {
        /// What was read.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
    /// The file, or what it unpacks to, is larger than any candle file has reason to be.
    #[error("read {path}: larger than {limit_bytes} bytes")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit that it exceeds, in bytes.
        limit_bytes: u64,
    },
    /// The directory tree holds more entries than a data directory has reason to.
    #[error("search {path}: more than {limit} entries; name a folder further down")]
    TooManyEntries {
        /// Where the search began.
        path: PathBuf,
        /// The limit that the tree exceeds.
        limit: usize,
    },
    /// The file name has the extension of no known layout.
    #[error("import {path}: its name ends in none of {}", extensions())]
    UnknownLayout {
        /// The file.
        path: PathBuf,
    },
    /// The file is of a known layout, but not one whose candles are imported.
    #[error("import {path}: {reason}")]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: SkipReason,
    },
    /// Name and hints together make no series id.
    #[error("name the series of {path}")]
    Series {
        /// The file.
        path: PathBuf,
        /// The rule of series ids that is broken.
        source: SeriesIdError,
    },
    /// The bytes are not of the layout that the name promises: another format, cut short or altered.
    #[error("decode {path}: not a readable {layout} file{}", after(*row))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Name of the layout.
        layout: &'static str,
        /// The row in which the damage shows, where rows can be told apart.
        row: Option<u64>,
        /// What the decoder found.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A needed column is absent.
    #[error("decode {path}: column {column} is missing")]
    MissingColumn {
        /// The file.
        path: PathBuf,
        /// Name of the column.
        column: &'static str,
    },
    /// A column is of a type that holds neither numbers nor times.
    #[error("decode {path}: column {column} is of type {found} where {due} is due")]
    ColumnType {
        /// The file.
        path: PathBuf,
        /// Name of the column.
        column: String,
        /// Its type in the terms of the file format.
        found: String,
        /// What it should hold.
        due: &'static str,
    },
    /// A value is not of the kind that its column holds.
    #[error("decode {path}: row {row}, column {column}: found {found} where {due} is due")]
    BadValue {
        /// The file.
        path: PathBuf,
        /// The row, from 1.
        row: u64,
        /// Name of the column.
        column: String,
        /// The value, shortened.
        found: String,
        /// What it should be.
        due: &'static str,
    },
    /// A row has too few or too many values.
    #[error("decode {path}: row {row} has {found} values where {due} are due")]
    RowLength {
        /// The file.
        path: PathBuf,
        /// The row, from 1.
        row: u64,
        /// Number of its values.
        found: usize,
        /// Number of values of a row of this layout.
        due: usize,
    },
    /// The file declares more rows than a candle file has reason to.
    #[error("decode {path}: more than {limit} rows")]
    TooManyRows {
        /// The file.
        path: PathBuf,
        /// The limit that it exceeds.
        limit: u64,
    },
    /// An archive holds no CSV file, or several.
    #[error("decode {path}: the archive holds {found} CSV files where one is due")]
    ArchiveContent {
        /// The archive.
        path: PathBuf,
        /// Number of CSV files in it.
        found: usize,
    },
}

/// Whether reading the same path again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The same bytes fail again.
    Never,
    /// After a pause.
    After(Duration),
}

/// Who must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Whoever named the path or made the file.
    Caller,
    /// The device or file system below the path.
    Storage,
}

impl HistoryError {
    /// Whether reading the same path again can help: only where a device, such as a network drive, was busy.
    #[must_use]
    pub fn retry(&self) -> Retry {
        use io::ErrorKind::{ResourceBusy, TimedOut, WouldBlock};
        match self {
            Self::Read { source, .. } if matches!(source.kind(), ResourceBusy | TimedOut | WouldBlock) => {
                Retry::After(Duration::from_secs(1))
            }
            _ => Retry::Never,
        }
    }

    /// Who must act.
    #[must_use]
    pub fn fault(&self) -> Fault {
        use io::ErrorKind::{InvalidInput, IsADirectory, NotADirectory, NotFound, PermissionDenied};
        match self {
            Self::Read { source, .. } => match source.kind() {
                NotFound | PermissionDenied | IsADirectory | NotADirectory | InvalidInput => Fault::Caller,
                _ => Fault::Storage,
            },
            _ => Fault::Caller,
        }
    }
}

fn extensions() -> String {
    let all: Vec<String> = LAYOUTS
        .iter()
        .flat_map(|layout| layout.extensions)
        .map(|extension| format!(".{extension}"))
        .collect();
    all.join(", ")
}

fn after(row: Option<u64>) -> String {
    row.map(|row| format!(" at row {row}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_busy_device_is_worth_another_try() {
        let read = |kind: io::ErrorKind| HistoryError::Read {
            path: "a".into(),
            source: kind.into(),
        };
        let answers = |error: HistoryError| (error.retry(), error.fault());
        assert_eq!(
            answers(read(io::ErrorKind::NotFound)),
            (Retry::Never, Fault::Caller)
        );
        assert_eq!(
            answers(read(io::ErrorKind::Other)),
            (Retry::Never, Fault::Storage)
        );
        let pause = Retry::After(Duration::from_secs(1));
        assert_eq!(answers(read(io::ErrorKind::TimedOut)), (pause, Fault::Storage));
        let missing = HistoryError::MissingColumn {
            path: "a".into(),
            column: "open",
        };
        assert_eq!(answers(missing), (Retry::Never, Fault::Caller));
    }
}
