//! Incremental factor engine and the factors: closed candles in, ledger events out.
//!
//! Deliberately absent: I/O, clocks, threads, randomness, storage. The engine is a fold; the same candles give the
//! same bytes whether they come one by one, in batches or after a restart.
//!
//! Start reading at [`FactorEngine`], then [`FactorSpec`] (what a factor declares) and one of [`factors`].
//!
//! Invariants owned here: I6 (prefix stability), I7 (a slice depends on the past only), I9 (bit-identical results),
//! I11 (a factor that changes what it emits raises its logic version).

mod candles;
mod catalog;
mod chain;
mod checkpoint;
mod codec;
mod engine;
mod event;
pub mod factors;
mod feature;
mod fingerprint;
mod graph;
mod history;
mod params;
mod slice;
mod spec;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;

pub use candles::CandleWindow;
pub use catalog::{CatalogEntry, CatalogFeature, catalog};
pub use chain::{ChainError, Completer};
pub use checkpoint::{CHECKPOINT_EVERY, Checkpoint, CheckpointError, FactorState};
pub use codec::{CodecError, Reader, Writer};
pub use engine::{EngineError, FactorEngine, FoldMode, Tick};
pub use event::{EventSink, KindId, LedgerEvent, Payload, StoredEvents};
pub use feature::{FeatureColumns, FeatureRow, FeatureType, FeatureValue, source_factor};
pub use fingerprint::Fingerprint;
pub use graph::{FactorGraph, GraphError};
pub use history::{HistoryList, HistoryRule, WriteEntry};
pub use params::{FactorSettings, ParamError, ParamSpec, ParamValue, Params};
pub use slice::{Slice, SliceInput, SlicePart, WindowEvents, sorted_bucket, write_list};
pub use spec::{
    ChainSpec, EventKindSpec, Factor, FactorSpec, FeatureSpec, HeadRule, Mark, MomentSpec, ReadDirection,
    SortKey, StoredTail,
};
