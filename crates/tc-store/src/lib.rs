//! What storage must do, and the proof that a backend does it.
//!
//! The traits [`Storage`], [`Snapshot`] and [`WriteTxn`] are synchronous and know rows, not rules: what is late, what
//! must be folded again and what is published is decided by the write path. Payloads are opaque bytes with indexed
//! columns, so a new factor needs no migration.
//!
//! [`MemoryStorage`] is the executable model that every other backend is compared with by [`conformance`].
//!
//! Invariants owned here: I2 (strictly ascending candles, equal re-delivery changes nothing), I3 (readers see the
//! state before a unit or after it, never half a step).

pub mod conformance;
mod error;
mod gaps;
mod ledger;
mod memory;
mod port;
mod rows;
mod runs;

pub use error::{Fault, Retry, StoreError};
pub use gaps::{
    CandleStep, CandleSteps, EpochRecord, GapCause, GapQuery, GapRecord, GapState, HealedFrom, MAX_EPOCHS,
    MAX_GAPS, OpenGaps, RebuildReason,
};
pub use ledger::SeriesLedger;
pub use memory::{InjectedFault, MemoryStorage, Operation};
pub use port::{Savepoint, Snapshot, Storage, WriteTxn};
pub use rows::{
    EventQuery, Names, Order, Payloads, PutReport, SeriesKey, SeriesState, SeriesSummary, StoredCheckpoint,
};
pub use runs::{ArchivedRun, MAX_RUNS, RunArchive, RunLabel};
