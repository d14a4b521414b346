//! Fault scripts of the simulator.

use tc_exchange_sim::FaultScript;

/// A script is read or refused.
pub(crate) fn run(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let _read = FaultScript::parse(text);
    }
}
