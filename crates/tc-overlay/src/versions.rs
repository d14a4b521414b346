//! Since when restored drawings have looked the way they do.

use tc_factor::{CodecError, Reader};
use tc_market::CandleTime;

/// Versions of the head drawings of one candle, in the order in which the renderers saved them.
#[derive(Debug)]
pub enum Versions<'a> {
    /// As a checkpoint holds them.
    Saved(Reader<'a>),
    /// The checkpoint is of other renderers or of another window: what is drawn is known, since when is not.
    Unknown,
}

impl Versions<'_> {
    /// Stands for a version that is not known: at or before the candle that was restored.
    pub const UNKNOWN: CandleTime = CandleTime::MIN;

    /// The version of the next drawing at the candle `now`.
    ///
    /// # Errors
    /// [`CodecError`] when it cannot be read.
    pub fn next_at(&mut self, now: CandleTime) -> Result<CandleTime, CodecError> {
        match self {
            Self::Saved(reader) => reader.time(now),
            Self::Unknown => Ok(Self::UNKNOWN),
        }
    }

    /// # Errors
    /// [`CodecError`] when more was saved than was taken.
    pub(crate) fn finish(self) -> Result<(), CodecError> {
        match self {
            Self::Saved(reader) => reader.finish(),
            Self::Unknown => Ok(()),
        }
    }
}
