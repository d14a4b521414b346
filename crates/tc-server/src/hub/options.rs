//! Limits of the hub and of its connections.

/// Limits of the hub and of its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HubOptions {
    /// Candles per catch-up page, and of a catch-up without a cursor; at least 1.
    pub catchup_limit: usize,
    /// Frames that may wait for one connection; at least 4.
    pub queue_frames: usize,
    /// Bytes that may wait for one connection; a single larger frame may wait alone.
    pub queue_bytes: usize,
    /// Sockets of the process.
    pub max_connections: usize,
    /// Series that one connection may follow.
    pub max_subscriptions: usize,
    /// Longest wait of one write, in milliseconds.
    pub write_timeout_ms: u64,
    /// Between two pings, in milliseconds.
    pub ping_interval_ms: u64,
    /// Longest time without a pong, in milliseconds.
    pub pong_timeout_ms: u64,
}

impl Default for HubOptions {
    fn default() -> Self {
        Self {
            catchup_limit: 5_000,
            queue_frames: 1_024,
            queue_bytes: 8 << 20,
            max_connections: 4_096,
            max_subscriptions: 1_000,
            write_timeout_ms: 10_000,
            ping_interval_ms: 20_000,
            pong_timeout_ms: 40_000,
        }
    }
}
