//! The built-in signals. A new one is a file here and a line in [`SIGNALS`].

use super::SignalSpec;

mod pen_direction;

/// Every built-in signal, in name order. The set decides in which order they run.
pub const SIGNALS: &[SignalSpec] = &[pen_direction::SPEC];
