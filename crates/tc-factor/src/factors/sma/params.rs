//! Parameters of the sma factor.

use crate::{ParamSpec, ParamValue};

/// Length of the fast average, candles.
pub const PERIOD_FAST: ParamSpec = ParamSpec {
    name: "period_fast",
    default: ParamValue::Int(20),
    min: 1.0,
};

/// Length of the slow average, candles.
pub const PERIOD_SLOW: ParamSpec = ParamSpec {
    name: "period_slow",
    default: ParamValue::Int(50),
    min: 1.0,
};
