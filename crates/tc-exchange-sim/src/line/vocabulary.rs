//! What a line and its owner say to each other.

/// What is said, or done to the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// A text frame.
    Text(String),
    /// A ping with this payload.
    Ping(String),
    /// A text frame of which only the first bytes arrive, header included; then the connection is broken.
    Torn {
        /// The whole text.
        text: String,
        /// How many bytes arrive.
        bytes: u64,
    },
    /// A close frame, and the end.
    Close {
        /// Its code.
        code: u16,
        /// Its words.
        reason: &'static str,
    },
    /// Broken without a word.
    Gone,
}

/// What the peer said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input<'a> {
    /// A text frame.
    Text(&'a str),
    /// A pong with this payload.
    Pong(&'a [u8]),
    /// Anything else that counts as a message.
    Other,
}

/// When [`Line::poll`](super::Line::poll) is next worth asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wake {
    /// In the exchange's time, Unix milliseconds.
    pub market_ms: Option<i64>,
    /// In monotonic real milliseconds.
    pub real_ms: Option<u64>,
}
