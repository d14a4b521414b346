//! The venues, one folder each.

pub(crate) mod binance;
