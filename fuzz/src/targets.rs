//! The targets, by who sends the bytes.

pub(crate) mod fault_scripts;
pub(crate) mod files;
pub(crate) mod packages;
pub(crate) mod series_ids;
pub(crate) mod venue;
pub(crate) mod ws_commands;
