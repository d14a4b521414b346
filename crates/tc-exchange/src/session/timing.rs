//! The timers of a connection.

/// When things are due. All in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionTiming {
    /// Longest handshake.
    pub connect_timeout_ms: u64,
    /// Between two pings of ours.
    pub ping_interval_ms: u64,
    /// Longest wait for the pong to a ping.
    pub pong_timeout_ms: u64,
    /// A connection that has lasted so long and brought a candle clears the guardrail.
    pub healthy_after_ms: u64,
    /// Silence of a stream after which the venue is asked whether there is something to say.
    pub stall_timeout_ms: u64,
    /// Age at which a connection is replaced, below the venue's limit.
    pub rotate_after_ms: u64,
    /// How long changes of the wanted streams are collected before they lead to a connection or a command.
    pub gather_ms: u64,
    /// Between two messages of ours on a socket, pings included.
    pub control_interval_ms: u64,
    /// Longest wait for the answer to a command.
    pub answer_timeout_ms: u64,
}

impl Default for SessionTiming {
    fn default() -> Self {
        Self {
            connect_timeout_ms: 10_000,
            ping_interval_ms: 20_000,
            pong_timeout_ms: 20_000,
            healthy_after_ms: 10_000,
            stall_timeout_ms: 60_000,
            rotate_after_ms: (23 * 60 + 50) * 60_000,
            gather_ms: 25,
            // Four per second, evenly spread: the strictest venue takes five, and delays on the way bunch messages.
            control_interval_ms: 250,
            answer_timeout_ms: 10_000,
        }
    }
}
