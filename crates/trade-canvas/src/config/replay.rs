//! The options of replay.

use std::path::PathBuf;

use super::resolved::Resolved;

/// Replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayConfig {
    /// Whether the stream, packages and coverage are served.
    pub enabled: bool,
    /// Whether coverage jobs may be started.
    pub ensure_coverage: bool,
    /// Whether packages of drawings alone are served.
    pub drawing_packages: bool,
    /// Folder that packages lie in.
    pub artifacts_dir: PathBuf,
    /// Bound of all packages.
    pub cache_max_bytes: u64,
    /// Packages that were not read for longer are dropped, milliseconds.
    pub cache_max_age_ms: i64,
    /// Largest package file that is imported.
    pub import_max_bytes: usize,
}

pub(super) fn read(options: &Resolved) -> ReplayConfig {
    ReplayConfig {
        enabled: options.switch("ENABLE_REPLAY_V1"),
        ensure_coverage: options.switch("ENABLE_REPLAY_ENSURE_COVERAGE"),
        drawing_packages: options.switch("ENABLE_REPLAY_PACKAGE"),
        artifacts_dir: options.text("ARTIFACTS_DIR").into(),
        cache_max_bytes: options.number("REPLAY_CACHE_MAX_MB").saturating_mul(1 << 20),
        cache_max_age_ms: i64::try_from(options.number("REPLAY_CACHE_MAX_AGE_H"))
            .unwrap_or(i64::MAX)
            .saturating_mul(3_600_000),
        import_max_bytes: options.count("REPLAY_IMPORT_MAX_MB").saturating_mul(1 << 20),
    }
}
