//! The built-in factors. A new one is a folder here and a line in [`FACTORS`].

use crate::FactorSpec;

pub mod anchor;
pub mod pen;
pub mod pivot;
pub mod sma;
pub mod sr;
pub mod zhongshu;

/// Every built-in factor, in name order. The graph decides execution order.
pub const FACTORS: &[FactorSpec] = &[
    anchor::SPEC,
    pen::SPEC,
    pivot::SPEC,
    sma::SPEC,
    sr::SPEC,
    zhongshu::SPEC,
];
