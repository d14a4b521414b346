//! Answers to questions, each from one consistent snapshot.
//!
//! Functions of [`ReadModel`] take a `&dyn Snapshot` and return values; nothing is ever written, computed for the
//! ledgers or repaired. A read that finds a ledger behind says so. `tc-ingest` is not a dependency: that reads never
//! repair is a fact about the graph.
//!
//! Start reading at [`ReadModel`].
//!
//! Invariants owned here: I7 (slices depend on the past only), I8 (slices and drawings of one answer are of the same
//! candle).

mod cache;
mod candle_health;
mod candles;
mod draw;
mod error;
mod events;
mod facts;
mod features;
mod heads;
mod health;
mod integrity;
mod model;
mod package;
mod playback;
mod position;
mod regularity;
mod slices;
#[cfg(test)]
mod tests;
mod walk;
mod world;

pub use candle_health::{BackfillActivity, CandleHealth};
pub use candles::{CandlePage, CandleQuery, outline, series_list};
pub use draw::{DrawDelta, DrawQuery};
pub use error::{Ledger, ReadError};
pub use events::{EventFields, EventPage, EventPageQuery, Fact, FactContent};
pub use facts::FactsQuery;
pub use features::{FeatureBatch, FeatureColumn, FeatureQuery};
pub use heads::{LedgerHeads, ledger_heads};
pub use health::{FactorHealth, HealthStatus, factor_health};
pub use integrity::{DrawingsCheck, Finding, IntegrityFindings, aligned_time};
pub use model::{ReadModel, ReadOptions};
pub use package::{
    Coverage, PackageError, PackageOutlook, PackageRequest, PackageSink, PackageState, coverage,
};
pub use playback::{
    Direction, FormingBar, Moment, MomentKind, Playback, PlaybackOptions, Played, PlayedDelta, PlayedFrame,
    Sight, UnknownMoment,
};
pub use regularity::{
    BaseBucket, SeriesGaps, SeriesRebuilds, SeriesRegularity, regularity, series_gaps, series_rebuilds,
};
pub use slices::{FactorSlice, FactorSlices, SliceQuery, SliceSelection};
pub use walk::{LedgerPage, LedgerWalk};
pub use world::{FrameQuery, PollQuery, WorldFrame, WorldRecord};
