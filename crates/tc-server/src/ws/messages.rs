//! Messages of the socket, as they are on the wire.

mod debug;
mod replay;
mod replay_command;
#[cfg(test)]
mod tests;

use axum::extract::ws::Utf8Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tc_market::{CandleTime, SeriesId};
use utoipa::{PartialSchema, ToSchema, openapi::OpenApi};

pub use debug::{DebugEventV1, DebugMessage};
pub(crate) use replay::{ReplayFactorSnapshotV1, ReplayMessage, ReplayStateName, encode_played};
use replay_command::ReplayCommandDocument;
pub use replay_command::{OpenReplay, ReplayCommand, ReplayRefusal};

use crate::resources::market::dto::CandleClosed;

/// What a server sends. One text frame each.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// One closed candle.
    CandleClosed {
        /// The series.
        series_id: String,
        /// The candle.
        candle: CandleClosed,
    },
    /// The open bucket, for display only.
    CandleForming {
        /// The series.
        series_id: String,
        /// The values so far.
        candle: CandleClosed,
    },
    /// Closed candles, ascending, at least one.
    CandlesBatch {
        /// The series.
        series_id: String,
        /// The candles.
        candles: Vec<CandleClosed>,
    },
    /// Candles are missing before the message that follows.
    Gap {
        /// The series.
        series_id: String,
        /// Open time of the first missing candle.
        expected_next_time: i64,
        /// Open time of the first candle that follows.
        actual_time: i64,
    },
    /// Something happened to the series.
    System {
        /// The series.
        series_id: String,
        /// Stable name of the event, for example `factor.rebuild`.
        event: String,
        /// One sentence for people.
        message: String,
        /// Fields of the event.
        #[schema(value_type = Object)]
        data: Value,
    },
    /// Drawings and slices are complete up to a candle.
    DrawHead {
        /// The series.
        series_id: String,
        /// Open time of that candle.
        to_candle_time: i64,
        /// Cursor that a draw delta read now would return.
        version_id: i64,
        /// Epoch of the ledgers.
        epoch: u32,
    },
    /// A message was refused; the connection stays.
    Error {
        /// `bad_request`, `capacity` or `unavailable`.
        code: String,
        /// What is wrong, a fixed text.
        message: String,
        /// The series, where the refusal is about one.
        #[serde(skip_serializing_if = "Option::is_none")]
        series_id: Option<String>,
    },
}

impl ServerMessage {
    /// The frame; encode once and share it.
    #[must_use]
    #[expect(clippy::expect_used, reason = "string keys and plain fields always serialise")]
    pub fn encode(&self) -> Utf8Bytes {
        serde_json::to_string(self)
            .expect("server messages serialise")
            .into()
    }
}

/// A subscription as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscribe {
    /// The series.
    pub series: SeriesId,
    /// Newest candle that the client has; `None`: it wants the newest ones.
    pub since: Since,
    /// Several candles may come in one message.
    pub supports_batch: bool,
    /// The client follows the drawings.
    pub supports_draw_head: bool,
}

/// Where a catch-up begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// With the newest candles.
    Newest,
    /// With the oldest candle.
    Beginning,
    /// After this candle.
    After(CandleTime),
}

impl Since {
    /// The exclusive cursor in seconds, as reads take it.
    #[must_use]
    pub const fn cursor_s(self) -> Option<i64> {
        match self {
            Self::Newest => None,
            Self::Beginning => Some(0),
            Self::After(time) => Some(time.seconds()),
        }
    }
}

/// What a client sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientMessage {
    /// Start or replace a subscription.
    Subscribe(Subscribe),
    /// End a subscription; `None` when the field names none.
    Unsubscribe(Option<SeriesId>),
}

/// A message of a client as it is on the wire.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = ClientMessage)]
#[expect(
    dead_code,
    reason = "documents the message; fields are read one by one, in the order of the checks"
)]
enum ClientMessageDocument {
    /// Starts or replaces a subscription, then catches up.
    Subscribe {
        /// The series.
        series_id: String,
        /// Exclusive cursor, Unix seconds; absent: the newest candles; 0 or less: from the beginning.
        since: Option<i64>,
        /// Several candles may come in one message.
        #[schema(default = false)]
        supports_batch: Option<bool>,
        /// Send `draw_head` too.
        #[schema(default = false)]
        supports_draw_head: Option<bool>,
    },
    /// Ends a subscription, silently.
    Unsubscribe {
        /// The series.
        series_id: String,
    },
}

/// Adds the messages of the socket to the components of the interface description.
pub(crate) fn add_schemas(document: &mut OpenApi) {
    let mut schemas = vec![
        (ServerMessage::name().into_owned(), ServerMessage::schema()),
        (
            ClientMessageDocument::name().into_owned(),
            ClientMessageDocument::schema(),
        ),
        (DebugMessage::name().into_owned(), DebugMessage::schema()),
        (ReplayMessage::name().into_owned(), ReplayMessage::schema()),
        (
            ReplayCommandDocument::name().into_owned(),
            ReplayCommandDocument::schema(),
        ),
    ];
    ServerMessage::schemas(&mut schemas);
    ClientMessageDocument::schemas(&mut schemas);
    DebugMessage::schemas(&mut schemas);
    ReplayMessage::schemas(&mut schemas);
    ReplayCommandDocument::schemas(&mut schemas);
    document
        .components
        .get_or_insert_default()
        .schemas
        .extend(schemas);
}

/// A refused message. The text is exact; clients match on it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadMessage {
    /// Not JSON, a binary frame, or a JSON value that is no object.
    #[error("invalid message envelope")]
    Envelope,
    /// No `type`, not a string, or empty.
    #[error("missing message type")]
    MissingType,
    /// A type that is not known.
    #[error("unknown message type: {0}")]
    UnknownType(String),
    /// Subscribe without a non-empty series id.
    #[error("missing series_id")]
    MissingSeries,
    /// A field of another type.
    #[error("invalid {0}")]
    Field(&'static str),
    /// A series id that breaks the grammar.
    #[error("invalid series_id")]
    Series,
}

impl BadMessage {
    /// The answer to it.
    #[must_use]
    pub fn to_message(&self) -> ServerMessage {
        ServerMessage::Error {
            code: "bad_request".to_owned(),
            message: self.to_string(),
            series_id: None,
        }
    }
}

impl ClientMessage {
    /// Reads one text frame. The checks run in the order of the contract; the first failure is returned.
    ///
    /// # Errors
    /// [`BadMessage`].
    pub fn parse(text: &str) -> Result<Self, BadMessage> {
        let Ok(Value::Object(fields)) = serde_json::from_str(text) else {
            return Err(BadMessage::Envelope);
        };
        let kind = fields
            .get("type")
            .and_then(Value::as_str)
            .filter(|kind| !kind.is_empty());
        match kind.ok_or(BadMessage::MissingType)? {
            "subscribe" => subscribe(&fields).map(Self::Subscribe),
            "unsubscribe" => {
                let id = fields.get("series_id").and_then(Value::as_str);
                Ok(Self::Unsubscribe(id.and_then(|id| id.parse().ok())))
            }
            other => Err(BadMessage::UnknownType(other.to_owned())),
        }
    }
}

fn subscribe(fields: &serde_json::Map<String, Value>) -> Result<Subscribe, BadMessage> {
    let id = fields
        .get("series_id")
        .and_then(Value::as_str)
        .filter(|id| !id.is_empty());
    let id = id.ok_or(BadMessage::MissingSeries)?;
    let since = since(fields.get("since"))?;
    let supports_batch = flag(fields, "supports_batch")?;
    let supports_draw_head = flag(fields, "supports_draw_head")?;
    let series = id.parse().map_err(|_| BadMessage::Series)?;
    Ok(Subscribe {
        series,
        since,
        supports_batch,
        supports_draw_head,
    })
}

fn since(value: Option<&Value>) -> Result<Since, BadMessage> {
    let number = match value {
        None | Some(Value::Null) => return Ok(Since::Newest),
        Some(Value::Number(number)) => number,
        Some(_) => return Err(BadMessage::Field("since")),
    };
    // Beyond the range of an i64 only a positive integer is an integer still.
    let seconds = number
        .as_i64()
        .or_else(|| number.as_u64().map(|_| i64::MAX))
        .ok_or(BadMessage::Field("since"))?;
    Ok(if seconds <= 0 {
        Since::Beginning
    } else {
        Since::After(CandleTime::clamped(seconds))
    })
}

fn flag(fields: &serde_json::Map<String, Value>, name: &'static str) -> Result<bool, BadMessage> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(value)) => Ok(*value),
        Some(_) => Err(BadMessage::Field(name)),
    }
}
