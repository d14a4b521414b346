//! The built-in factors. A new one is a folder here and a line in [`FACTORS`].

use crate::FactorSpec;

pub mod pen;
pub mod pivot;

/// Every built-in factor, in name order. The graph decides execution order.
pub const FACTORS: &[FactorSpec] = &[pen::SPEC, pivot::SPEC];
