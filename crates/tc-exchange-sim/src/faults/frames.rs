//! Whether, when and how often a frame comes.

use serde::{Deserialize, Serialize};

/// A fault of frames. Several may strike the same frame; one that is lost stays lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FrameFault {
    /// No frames, while commands and pings are answered as ever.
    Stall {
        /// So many of the newest final frames are sent at once when the window is over.
        burst: usize,
    },
    /// Final frames are not sent.
    Skip,
    /// Sent more than once.
    Duplicate {
        /// How many more.
        copies: u32,
    },
    /// Sent after the next frame of its stream.
    Reorder,
    /// Final frames are sent later.
    Late {
        /// How much, in milliseconds of the exchange.
        by_ms: i64,
    },
}

impl FrameFault {
    pub(super) const fn objection(self) -> Option<&'static str> {
        match self {
            Self::Late { by_ms: ..=0 } => Some("late by nothing"),
            Self::Duplicate { copies: 0 } => Some("no more copies"),
            _ => None,
        }
    }
}

/// What becomes of one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is sent.
    Sent {
        /// When, in milliseconds of the exchange.
        at_ms: i64,
        /// How many times.
        times: u32,
        /// Only once another frame of the stream has been sent.
        after_next: bool,
    },
    /// It is sent with the last `keep` ones of the same stall, when that is over.
    Kept {
        /// Names the stall.
        stall: usize,
        /// When it is over.
        until_ms: i64,
        /// How many are kept.
        keep: usize,
    },
    /// It never comes.
    Lost,
}

impl Fate {
    /// A frame that nothing strikes.
    pub(crate) const fn usual(at_ms: i64) -> Self {
        Self::Sent {
            at_ms,
            times: 1,
            after_next: false,
        }
    }

    /// Lets one more fault strike; `stall` is its place in the script and its end.
    pub(super) fn struck(self, fault: FrameFault, closed: bool, stall: (usize, i64)) -> Self {
        let Self::Sent {
            at_ms,
            times,
            after_next,
        } = self
        else {
            return self;
        };
        match fault {
            FrameFault::Stall { burst } if closed && burst > 0 && stall.1 < i64::MAX => Self::Kept {
                stall: stall.0,
                until_ms: stall.1,
                keep: burst,
            },
            FrameFault::Stall { .. } => Self::Lost,
            FrameFault::Skip if closed => Self::Lost,
            FrameFault::Late { by_ms } if closed => Self::Sent {
                at_ms: at_ms + by_ms,
                times,
                after_next,
            },
            FrameFault::Skip | FrameFault::Late { .. } => self,
            FrameFault::Duplicate { copies } => Self::Sent {
                at_ms,
                times: times.saturating_add(copies),
                after_next,
            },
            FrameFault::Reorder => Self::Sent {
                at_ms,
                times,
                after_next: true,
            },
        }
    }
}
