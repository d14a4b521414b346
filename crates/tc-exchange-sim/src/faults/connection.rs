//! What happens to connections.

use serde::{Deserialize, Serialize};

/// A fault of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ConnectionFault {
    /// Broken without a word, at the begin.
    Drop,
    /// Broken after so many more bytes of ours from the begin on, wherever that is inside a frame. A connection that
    /// opens inside the window is counted from its first frame.
    DropAfterBytes {
        /// How many still arrive.
        bytes: u64,
    },
    /// Attempts get no answer: the peer is gone before the handshake.
    Refuse,
    /// The handshake is answered, and the peer is gone.
    AcceptThenClose,
    /// No pings of ours.
    NoPings,
    /// The shutdown notice at the begin, where the market has one, and later a closing handshake.
    AnnounceShutdown {
        /// From the notice to the close, in milliseconds of the exchange.
        close_after_ms: i64,
    },
    /// Candle streams of connections that open inside the window are acknowledged and stay silent, as on a path that
    /// does not carry them.
    Unrouted,
}
