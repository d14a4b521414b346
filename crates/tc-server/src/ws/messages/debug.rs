//! Messages of the debug stream.

use axum::extract::ws::Utf8Bytes;
use serde::Serialize;
use serde_json::{Value, value::RawValue};
use utoipa::ToSchema;

use crate::debug::{DebugEvent, Level, Pipe};

/// Something that happened in the process.
#[derive(Debug, Serialize, ToSchema)]
pub struct DebugEventV1 {
    /// When, Unix milliseconds of the wall clock.
    pub ts_ms: i64,
    /// Always `backend`.
    pub source: &'static str,
    /// `read` or `write`.
    pub pipe: &'static str,
    /// Stable code, such as `write.factor.ingest_done`.
    pub event: &'static str,
    /// The series, if it is about one.
    #[schema(required)]
    pub series_id: Option<String>,
    /// `info`, `warn` or `error`.
    pub level: &'static str,
    /// One sentence for people.
    pub message: String,
    /// Fields of the event; absent when there are none.
    #[serde(skip_serializing_if = "Value::is_null")]
    #[schema(value_type = Option<Object>)]
    pub data: Value,
}

impl DebugEventV1 {
    pub(crate) fn new(event: DebugEvent, ts_ms: i64) -> Self {
        Self {
            ts_ms,
            source: "backend",
            pipe: match event.pipe {
                Pipe::Read => "read",
                Pipe::Write => "write",
            },
            event: event.event,
            series_id: event.series.map(|series| series.to_string()),
            level: match event.level {
                Level::Info => "info",
                Level::Warn => "warn",
                Level::Error => "error",
            },
            message: event.message,
            data: event.data,
        }
    }
}

/// What the debug stream sends. One text frame each.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DebugMessage<'e> {
    /// What is kept, oldest first: on connect, and whenever the client sends `{"type":"subscribe"}`.
    DebugSnapshot {
        /// The newest 2,000 events.
        #[schema(value_type = Vec<DebugEventV1>)]
        events: Vec<&'e RawValue>,
    },
    /// A new event.
    DebugEvent {
        /// The event.
        #[schema(value_type = DebugEventV1)]
        event: &'e RawValue,
    },
}

impl DebugMessage<'_> {
    /// The frame; encode once and share it.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "string keys and encoded values always serialise"
    )]
    pub fn encode(&self) -> Utf8Bytes {
        serde_json::to_string(self)
            .expect("debug messages serialise")
            .into()
    }
}
