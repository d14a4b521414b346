//! The script as it is written down.

use serde::{Deserialize, Serialize};
use tc_market::MarketKind;

use super::{ConnectionFault, ContentFault, FrameFault, LimitFault, MarketFault, RestFault};

/// Everything that goes wrong.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultScript {
    /// In any order. Of several limits for the same thing the last one holds.
    pub faults: Vec<ScheduledFault>,
}

/// One fault and its window. Times are the exchange's, Unix milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduledFault {
    /// When it begins; what happens at one moment happens then.
    pub from_ms: i64,
    /// When it is over; the moment itself no longer belongs to it. Absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<i64>,
    /// What it strikes.
    #[serde(default, skip_serializing_if = "Scope::is_everything")]
    pub scope: Scope,
    /// What happens.
    pub fault: Fault,
}

/// What a fault strikes; the default is everything.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Only this market.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "market_name")]
    pub market: Option<MarketKind>,
    /// Only this stream, such as `btcusdt@kline_1m`; of requests those for its symbol and interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// Only the connection with this number, counted from 0 since the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<u64>,
    /// Only frames of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frames: Option<FrameKind>,
    /// Only this part (0 to 1) of what it would strike, chosen by the seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
}

/// Whether a frame is the last one of its bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FrameKind {
    /// Of an open bucket.
    Forming,
    /// The final one.
    Closed,
}

/// What happens, by what it happens to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// To connections.
    Connection(ConnectionFault),
    /// To what the exchange puts up with.
    Limit(LimitFault),
    /// To whether, when and how often a frame comes.
    Frame(FrameFault),
    /// To what is in a frame.
    Content(ContentFault),
    /// To what the exchange knows.
    Market(MarketFault),
    /// To answers.
    Rest(RestFault),
}

/// A script that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// The window is empty.
    #[error("fault {index} ends at {until_ms}, not after its begin at {from_ms}")]
    Window {
        /// Position in the script, from 0.
        index: usize,
        /// Its begin.
        from_ms: i64,
        /// Its end.
        until_ms: i64,
    },
    /// The share is no part of a whole.
    #[error("the share of fault {index} is outside 0 .. 1")]
    Share {
        /// Position in the script, from 0.
        index: usize,
    },
    /// A parameter that would do nothing, or that cannot be done.
    #[error("fault {index}: {reason}")]
    Parameter {
        /// Position in the script, from 0.
        index: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// The text is no script.
    #[error("not a fault script: {0}")]
    Syntax(String),
}

impl FaultScript {
    /// Reads JSON. Unknown names are refused.
    ///
    /// # Errors
    /// [`FaultError::Syntax`].
    pub fn parse(text: &str) -> Result<Self, FaultError> {
        serde_json::from_str(text).map_err(|error| FaultError::Syntax(error.to_string()))
    }
}

impl From<Vec<ScheduledFault>> for FaultScript {
    fn from(faults: Vec<ScheduledFault>) -> Self {
        Self { faults }
    }
}

impl ScheduledFault {
    /// At `at_ms`, or from then on.
    #[must_use]
    pub fn at(at_ms: i64, fault: impl Into<Fault>) -> Self {
        Self {
            from_ms: at_ms,
            until_ms: None,
            scope: Scope::default(),
            fault: fault.into(),
        }
    }

    /// From `from_ms` on, and no longer at `until_ms`.
    #[must_use]
    pub fn between(from_ms: i64, until_ms: i64, fault: impl Into<Fault>) -> Self {
        Self {
            until_ms: Some(until_ms),
            ..Self::at(from_ms, fault)
        }
    }

    /// Only on this stream.
    #[must_use]
    pub fn on_stream(mut self, stream: impl Into<String>) -> Self {
        self.scope.stream = Some(stream.into());
        self
    }

    /// Only in this market.
    #[must_use]
    pub const fn on_market(mut self, market: MarketKind) -> Self {
        self.scope.market = Some(market);
        self
    }

    /// Only on the connection with this number.
    #[must_use]
    pub const fn on_connection(mut self, connection: u64) -> Self {
        self.scope.connection = Some(connection);
        self
    }

    /// Only frames of this kind.
    #[must_use]
    pub const fn on_frames(mut self, kind: FrameKind) -> Self {
        self.scope.frames = Some(kind);
        self
    }

    /// Only this part (0 to 1) of what it would strike.
    #[must_use]
    pub const fn share(mut self, share: f64) -> Self {
        self.scope.share = Some(share);
        self
    }
}

impl Scope {
    fn is_everything(&self) -> bool {
        *self == Self::default()
    }
}

macro_rules! group {
    ($($group:ident($fault:ident)),+) => {$(
        impl From<$fault> for Fault {
            fn from(fault: $fault) -> Self {
                Self::$group(fault)
            }
        }
    )+};
}
group!(
    Connection(ConnectionFault),
    Limit(LimitFault),
    Frame(FrameFault),
    Content(ContentFault),
    Market(MarketFault),
    Rest(RestFault)
);

/// Markets by their names in series ids.
mod market_name {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};
    use tc_market::MarketKind;

    #[expect(clippy::ref_option, reason = "the signature that serde calls")]
    pub(super) fn serialize<S: Serializer>(market: &Option<MarketKind>, to: S) -> Result<S::Ok, S::Error> {
        match market {
            Some(market) => to.serialize_str(market.name()),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<MarketKind>, D::Error> {
        let Some(name) = Option::<String>::deserialize(from)? else {
            return Ok(None);
        };
        let known = MarketKind::ALL.into_iter().find(|market| market.name() == name);
        known
            .map(Some)
            .ok_or_else(|| D::Error::custom(format!("there is no market {name:?}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_value_are_the_same() {
        let text = r#"{"faults":[
            {"from_ms":1,"until_ms":9,"scope":{"market":"spot","stream":"a@kline_1m","share":0.5},"fault":{"frame":{"stall":{"burst":2}}}},
            {"from_ms":5,"scope":{"connection":1,"frames":"closed"},"fault":{"connection":{"drop_after_bytes":{"bytes":7}}}},
            {"from_ms":6,"fault":{"rest":{"limited":{"retry_after_s":3}}}}
        ]}"#;
        let script = FaultScript::from(vec![
            ScheduledFault::between(1, 9, FrameFault::Stall { burst: 2 })
                .on_market(MarketKind::Spot)
                .on_stream("a@kline_1m")
                .share(0.5),
            ScheduledFault::at(5, ConnectionFault::DropAfterBytes { bytes: 7 })
                .on_connection(1)
                .on_frames(FrameKind::Closed),
            ScheduledFault::at(6, RestFault::Limited { retry_after_s: 3 }),
        ]);
        assert_eq!(FaultScript::parse(text), Ok(script.clone()));
        let again = serde_json::to_string(&script).unwrap();
        assert_eq!(FaultScript::parse(&again), Ok(script));
    }

    #[test]
    fn unknown_words_are_refused() {
        for text in [
            "[]",
            r#"{"faults":[{"from_ms":1,"fault":{"frame":"vanish"}}]}"#,
            r#"{"faults":[{"from_ms":1,"fault":{"frame":"skip"},"until":5}]}"#,
            r#"{"faults":[{"from_ms":1,"fault":{"frame":"skip"},"scope":{"market":"options"}}]}"#,
            r#"{"faults":[{"from_ms":1,"fault":{"rest":{"slow":{"by_ms":1,"more":2}}}}]}"#,
        ] {
            assert!(
                matches!(FaultScript::parse(text), Err(FaultError::Syntax(_))),
                "{text}"
            );
        }
    }
}
