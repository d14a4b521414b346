//! What happens to answers.

use serde::{Deserialize, Serialize};

/// A fault of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum RestFault {
    /// The answer takes longer.
    Slow {
        /// How much, in milliseconds of the exchange.
        by_ms: i64,
    },
    /// A page of rows has no more than these, whatever was asked for.
    PartialPage {
        /// How many; the oldest ones.
        rows: usize,
    },
    /// The first request is refused with 429 and `Retry-After`; whoever comes back earlier gets 418 and twice as long.
    Limited {
        /// Seconds of the exchange.
        retry_after_s: u32,
    },
    /// Refused as the exchange's own trouble: 403, 408 or 5xx.
    Failure {
        /// The status.
        status: u16,
    },
    /// Rows that are no JSON.
    Garbled,
}

impl RestFault {
    pub(super) const fn objection(self) -> Option<&'static str> {
        match self {
            Self::PartialPage { rows: 0 } => Some("a page without rows is an outage"),
            Self::Failure {
                status: 403 | 408 | 500..=599,
            } => None,
            Self::Failure { .. } => Some("only 403, 408 and 5xx are the exchange's own trouble"),
            Self::Slow { by_ms: ..=0 } => Some("slow by nothing"),
            _ => None,
        }
    }
}
