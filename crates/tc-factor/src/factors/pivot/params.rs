//! Parameters of the pivot factor.

use crate::{ParamSpec, ParamValue};

/// Half width W of the major window, candles.
pub const WINDOW_MAJOR: ParamSpec = ParamSpec {
    name: "window_major",
    default: ParamValue::Int(50),
    min: 1.0,
};

/// Half width w of the minor window, candles.
pub const WINDOW_MINOR: ParamSpec = ParamSpec {
    name: "window_minor",
    default: ParamValue::Int(5),
    min: 1.0,
};
