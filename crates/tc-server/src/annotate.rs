//! Signals beside the candles of strategies of other programs: a port that the binary fills in.

use std::{fmt, sync::Arc};

use serde_json::{Map, Value};
use tc_market::SeriesId;
use tokio::sync::Semaphore;

/// Largest frame, bytes: a year of minutes takes 25 MB.
pub const MAX_FRAME_BYTES: usize = 128 << 20;

/// Frames that are in memory at a time; others wait before they are read.
const AT_ONCE: usize = 2;

/// Where facts come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnnotateMode {
    /// The candles of the frame are folded from nothing; no store is looked at.
    Stateless,
    /// The ledger of the series is read.
    Ledger,
}

impl AnnotateMode {
    /// Every mode, the default one first.
    pub const ALL: [Self; 2] = [Self::Stateless, Self::Ledger];

    /// As clients write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stateless => "stateless",
            Self::Ledger => "ledger",
        }
    }
}

/// What a client asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct AnnotateOrder {
    /// The series that the candles are of.
    pub series: SeriesId,
    /// Where facts come from.
    pub mode: AnnotateMode,
    /// Factors that may run, with those they depend on; `None`: all that signals need.
    pub factors: Option<Vec<String>>,
    /// `factor.parameter` to value, over what is configured.
    pub params: Map<String, Value>,
}

/// Why there is no frame to answer with.
#[derive(Debug, thiserror::Error)]
pub enum AnnotateRefusal {
    /// The bytes are no frame of candles.
    #[error("{0}")]
    Frame(String),
    /// A factor or parameter cannot be as it was asked for.
    #[error("{setting}: {reason}")]
    Setting {
        /// `factors` or `params`.
        setting: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The store does not answer.
    #[error("the store does not answer: {0}")]
    Store(String),
    /// A bug.
    #[error("the answer cannot be made: {0}")]
    Internal(String),
}

/// See the module.
pub trait Annotator: Send + Sync {
    /// Answers a frame, an Arrow stream, with another one. Takes as long as it takes: not for an async thread.
    ///
    /// # Errors
    /// [`AnnotateRefusal`]. What a strategy has to be told is in the answer instead.
    fn annotate(&self, order: &AnnotateOrder, frame: Vec<u8>) -> Result<Vec<u8>, AnnotateRefusal>;
}

/// The annotator and how many frames it has at a time.
#[derive(Clone)]
pub struct Annotations {
    annotator: Arc<dyn Annotator>,
    places: Arc<Semaphore>,
}

impl fmt::Debug for Annotations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Annotations")
            .field("places", &self.places)
            .finish_non_exhaustive()
    }
}

impl Annotations {
    /// Frames for `annotator`.
    #[must_use]
    pub fn new(annotator: Arc<dyn Annotator>) -> Self {
        Self {
            annotator,
            places: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    pub(crate) fn annotator(&self) -> Arc<dyn Annotator> {
        Arc::clone(&self.annotator)
    }

    pub(crate) const fn places(&self) -> &Arc<Semaphore> {
        &self.places
    }
}
