//! Replay packages: every frame of a range of closed candles, in windows that need no other window.
//!
//! Making one: a [`ReplayPlan`] says which bars and windows; a [`Recorder`] follows a fold from bar to bar and hands out
//! each [`WindowContent`] when it is full. Reading one: [`rebuild`] gives the frame of a bar from its window alone.
//! Files, jobs and routes are elsewhere; here are only values and bytes.
//!
//! Start reading at [`Recorder`]; the differences between slices are in [`SliceTracker`], those between drawings in
//! [`DrawingTracker`]. The stream that plays without a package uses the same two.
//!
//! Invariant owned here: a frame that is rebuilt from its window equals the one read live at its bar.

mod drawings;
mod key;
mod manifest;
mod packed;
mod plan;
mod rebuild;
mod recorder;
mod slices;
#[cfg(test)]
mod tests;
mod window;

pub use drawings::{DrawingChange, DrawingTracker};
pub use key::{CacheKey, KeyError, KeyPayload};
pub use manifest::{
    FactorSchema, MANIFEST_FILE, Manifest, ManifestError, PackageMetadata, WindowEntry, window_file,
};
pub use packed::{PackedError, pack, sha256_hex, unpack};
pub use plan::{PackageKind, ReplayPlan};
pub use rebuild::{RebuildError, RebuiltFrame, rebuild};
pub use recorder::{RecordError, RecordedWindow, Recorder};
pub use slices::{FactorChange, HistoryChange, SliceChange, SliceMeta, SliceTracker};
pub use window::{ActiveCheckpoint, ActiveDiff, Bar, DrawItem, FactorRow, Window, WindowContent};

/// Version of the manifest and of the encoding of window files.
pub const SCHEMA_VERSION: u32 = 1;
