//! Factor facts at a time to drawings at that time.
//!
//! D(t), the drawing at candle t, is a pure function of the factor ledger, the candles and the overlay window. This
//! crate computes it incrementally and tells since when each drawing has looked the way it does. It reads no store
//! and knows no client.
//!
//! Start reading at [`SeriesFold`]: factor engine and drawings of one series after one candle, the one
//! implementation of "move forward by a candle". A renderer is one file or folder in [`renderers`] and one
//! line in its list.
//!
//! Invariants owned here: drawings never depend on batches or restarts; no drawing claims to have been visible
//! before it was known.

mod change_log;
mod dated;
mod engine;
mod fold;
mod graph;
mod instruction;
mod patch;
mod renderer;
pub mod renderers;
mod resume;
mod settled;
#[cfg(test)]
mod tests;
mod versions;
mod window_pens;

pub use engine::OverlayEngine;
pub use fold::{FactorTail, FoldError, FoldOutput, FoldSetup, SeriesFold};
pub use graph::{OverlayGraph, OverlayGraphError, OverlaySettings, RenderKey};
pub use instruction::{
    Definition, Instruction, InstructionKind, LineStyle, Marker, MarkerPosition, MarkerShape, Point, Polyline,
};
pub use patch::patch;
pub use renderer::{DrawingSpec, RenderTick, Renderer, RendererSpec};
pub use resume::{LedgerSource, ResumeError, Resumed};
pub use settled::{DrawingId, SettledRow, Settler};
pub use versions::Versions;
