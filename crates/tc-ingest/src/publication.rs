//! Publications: what is told after a commit.

use tc_market::{Candle, CandleTime, SeriesId};

/// Which publications a job asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublishPolicy {
    /// Candles, rebuilds and draw heads: live candles and single ingest.
    Everything,
    /// Rebuilds and draw heads: history, import, refresh.
    Derived,
    /// Rebuilds, and the draw head that belongs to one: silent batch ingest.
    RebuildsOnly,
}

/// Something committed that others may want to know.
#[derive(Debug, Clone, PartialEq)]
pub enum Publication {
    /// Closed candles, ascending. Exactly one stands for itself, more are a batch.
    Candles {
        /// The series.
        series: SeriesId,
        /// At least one.
        candles: Vec<Candle>,
    },
    /// Existing ledgers of the series were folded again.
    Rebuilt {
        /// The series.
        series: SeriesId,
        /// One sentence for people.
        message: String,
    },
    /// Drawings and slices are complete up to a candle.
    DrawHead {
        /// The series.
        series: SeriesId,
        /// Newest candle that is drawn.
        to: CandleTime,
        /// Epoch of the ledgers.
        epoch: u32,
    },
}

impl Publication {
    /// The series that it speaks of.
    #[must_use]
    pub const fn series(&self) -> &SeriesId {
        match self {
            Self::Candles { series, .. } | Self::Rebuilt { series, .. } | Self::DrawHead { series, .. } => {
                series
            }
        }
    }
}

/// A publication that could not be handed on. The data is stored all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("publication failed: {0}")]
pub struct PublishError(pub String);

/// Hands committed publications to whoever listens. Never blocks: listeners catch up from a cursor.
pub trait Publisher: Send + Sync {
    /// Hands one publication on.
    ///
    /// # Errors
    /// [`PublishError`] when nobody can be told.
    fn publish(&self, publication: &Publication) -> Result<(), PublishError>;
}
