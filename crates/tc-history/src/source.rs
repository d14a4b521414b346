//! The file that is being decoded: its bytes within limits, and errors that name it.

use std::{
    error::Error,
    fs::File,
    io::{self, Read},
    path::Path,
};

use flate2::read::MultiGzDecoder;

use crate::HistoryError;

/// Ten years of 1m candles are 250 MB in the most wasteful columnar form.
pub(crate) const MAX_FILE_BYTES: u64 = 2 << 30;
/// Twenty years of 1m candles are 650 MB of JSON. A small compressed file must not fill the memory.
pub(crate) const MAX_TEXT_BYTES: u64 = 1 << 30;
/// Ninety-five years of 1m candles.
#[cfg(feature = "columnar")]
pub(crate) const MAX_ROWS: u64 = 50_000_000;

const MAX_QUOTED_CHARS: usize = 40;

/// Names the file in errors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) path: &'a Path,
    pub(crate) layout: &'static str,
}

impl Source<'_> {
    /// The bytes of the file.
    pub(crate) fn read(&self) -> Result<Vec<u8>, HistoryError> {
        let file = File::open(self.path).map_err(|source| self.unreadable(source))?;
        let size = file.metadata().map_err(|source| self.unreadable(source))?.len();
        if size > MAX_FILE_BYTES {
            return Err(self.too_large(MAX_FILE_BYTES));
        }
        self.read_limited(file, usize::try_from(size).unwrap_or(0), MAX_FILE_BYTES)
            .map_err(|error| match error {
                Limited::Io(source) => self.unreadable(source),
                Limited::TooLarge(error) => error,
            })
    }

    /// What the gzip stream `packed` holds.
    pub(crate) fn gunzip(&self, packed: &[u8]) -> Result<Vec<u8>, HistoryError> {
        self.unpack(MultiGzDecoder::new(packed), packed.len().saturating_mul(3))
    }

    /// Everything that a decompressor gives.
    pub(crate) fn unpack(&self, decompressor: impl Read, capacity: usize) -> Result<Vec<u8>, HistoryError> {
        self.read_limited(decompressor, capacity, MAX_TEXT_BYTES)
            .map_err(|error| match error {
                Limited::Io(source) => self.damaged(None, source),
                Limited::TooLarge(error) => error,
            })
    }

    fn read_limited(&self, reader: impl Read, capacity: usize, limit_bytes: u64) -> Result<Vec<u8>, Limited> {
        let mut bytes = Vec::with_capacity(capacity.min(1 << 28));
        reader
            .take(limit_bytes + 1)
            .read_to_end(&mut bytes)
            .map_err(Limited::Io)?;
        if bytes.len() as u64 > limit_bytes {
            return Err(Limited::TooLarge(self.too_large(limit_bytes)));
        }
        Ok(bytes)
    }

    pub(crate) fn damaged(
        &self,
        row: Option<u64>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> HistoryError {
        HistoryError::Damaged {
            path: self.path.into(),
            layout: self.layout,
            row,
            source: source.into(),
        }
    }

    pub(crate) fn missing_column(&self, column: &'static str) -> HistoryError {
        HistoryError::MissingColumn {
            path: self.path.into(),
            column,
        }
    }

    pub(crate) fn bad_value(&self, row: u64, column: &str, found: &str, due: &'static str) -> HistoryError {
        HistoryError::BadValue {
            path: self.path.into(),
            row,
            column: column.to_owned(),
            found: quoted(found),
            due,
        }
    }

    pub(crate) fn row_length(&self, row: u64, found: usize, due: usize) -> HistoryError {
        HistoryError::RowLength {
            path: self.path.into(),
            row,
            found,
            due,
        }
    }

    #[cfg(feature = "columnar")]
    pub(crate) fn too_many_rows(&self) -> HistoryError {
        HistoryError::TooManyRows {
            path: self.path.into(),
            limit: MAX_ROWS,
        }
    }

    fn unreadable(&self, source: io::Error) -> HistoryError {
        HistoryError::Read {
            path: self.path.into(),
            source,
        }
    }

    fn too_large(&self, limit_bytes: u64) -> HistoryError {
        HistoryError::TooLarge {
            path: self.path.into(),
            limit_bytes,
        }
    }
}

enum Limited {
    Io(io::Error),
    TooLarge(HistoryError),
}

/// `text` in quotes, short enough for one line of an error.
fn quoted(text: &str) -> String {
    let mut start: String = text.chars().take(MAX_QUOTED_CHARS).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    format!("{start:?}")
}
