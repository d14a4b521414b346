//! The options of replay.

use super::resolved::Resolved;

/// Replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayConfig {
    /// Whether it is served.
    pub enabled: bool,
}

pub(super) fn read(options: &Resolved) -> ReplayConfig {
    ReplayConfig {
        enabled: options.switch("ENABLE_REPLAY_V1"),
    }
}
