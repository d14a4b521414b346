//! What an operator may set.

/// How the store uses its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqliteOptions {
    /// How long a call waits for a lock or for a free reader before it fails with
    /// [`StoreError::Busy`](tc_store::StoreError::Busy), in milliseconds.
    pub busy_timeout_ms: u32,
    /// Most snapshots open at once, at least 1. Connections are opened when they are first needed and kept.
    pub readers: usize,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            busy_timeout_ms: 5000,
            readers: 4,
        }
    }
}
