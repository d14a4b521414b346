//! The built-in renderers. A new one is a file or folder here and a line in [`RENDERERS`].

use crate::RendererSpec;

pub mod marker;
pub mod pen;
pub mod sr;
pub mod structure;

/// Every built-in renderer, in the order of rendering.
pub const RENDERERS: &[RendererSpec] = &[marker::SPEC, pen::SPEC, structure::SPEC, sr::SPEC];
