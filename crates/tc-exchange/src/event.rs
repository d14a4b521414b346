//! What a live stream tells its owner.

use tc_market::{Candle, FormingCandle, SeriesId};

use crate::{BadFrame, GuardrailSnapshot};

/// One thing that happened to a live stream, in the order in which it happened.
#[derive(Debug, Clone, PartialEq)]
pub enum MarketEvent {
    /// The open bucket moved. For the eye only.
    Forming {
        /// The series.
        series: SeriesId,
        /// Its open bucket.
        candle: FormingCandle,
    },
    /// A bucket is final.
    Closed {
        /// The series.
        series: SeriesId,
        /// The final candle.
        candle: Candle,
    },
    /// The connection changed, or a frame was dropped.
    Status(SessionStatus),
}

/// State of a stream and of the connection that carries it.
#[derive(Debug, Clone, PartialEq)]
pub enum SessionStatus {
    /// An attempt to connect begins.
    Connecting,
    /// The handshake is done; no candle has come yet.
    Connected,
    /// The first valid candle of the stream came since it was subscribed to on the connection that is now used.
    Live,
    /// A candle came and the connection has lasted: the guardrail is reset.
    Healthy,
    /// A successor is being opened while the present connection goes on.
    Rotating,
    /// The connection that was used is gone, or the stream on it.
    Disconnected {
        /// Why.
        reason: DisconnectReason,
        /// The cause in words, for logs; may be empty.
        detail: String,
    },
    /// Nothing happens until the next attempt.
    Waiting {
        /// Milliseconds until then.
        wait_ms: u64,
        /// The state that decided it.
        guardrail: GuardrailSnapshot,
    },
    /// A frame was dropped.
    BadFrame(BadFrame),
    /// More came than was taken: the oldest events were dropped.
    Missed {
        /// Closed candles among them.
        closed: u64,
    },
    /// The venue refused to carry the stream.
    Refused {
        /// The venue's code.
        code: i64,
        /// The venue's words.
        message: String,
    },
}

/// Why a connection ended. Planned ends are no failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DisconnectReason {
    /// The handshake failed or took too long.
    Connect,
    /// The peer closed the connection or it broke.
    Lost,
    /// No pong came in time.
    PongTimeout,
    /// Connected, but the candles that the venue has did not come.
    Stall,
    /// A command was not answered in time.
    NoAnswer,
    /// The venue announced its shutdown.
    ServerShutdown,
    /// The connection was old enough to be replaced.
    Rotation,
}

impl DisconnectReason {
    /// A short stable name, fit for a metric label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Lost => "lost",
            Self::PongTimeout => "pong_timeout",
            Self::Stall => "stall",
            Self::NoAnswer => "no_answer",
            Self::ServerShutdown => "server_shutdown",
            Self::Rotation => "rotation",
        }
    }

    /// Whether the guardrail counts it.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        !matches!(self, Self::ServerShutdown | Self::Rotation)
    }
}
