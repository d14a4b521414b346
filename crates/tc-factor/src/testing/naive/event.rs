//! Section 1.3.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{DeadZone, Pen, Pivot, Size, Snapshot, Switch};

/// What an event says.
#[derive(Debug, Clone, PartialEq)]
pub enum NaivePayload {
    /// `pivot.major` or `pivot.minor`.
    Pivot(Pivot),
    /// `pen.confirmed`.
    Pen(Pen),
    /// `zhongshu.dead`.
    Dead(DeadZone),
    /// `anchor.switch`.
    Switch(Switch),
    /// `sr.snapshot`.
    Snapshot(Arc<Snapshot>),
}

/// One event of the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct NaiveEvent {
    /// Tick that produced it, seconds.
    pub visible_time: i64,
    /// What it says.
    pub payload: NaivePayload,
}

impl NaiveEvent {
    /// Name of the factor.
    #[must_use]
    pub const fn factor(&self) -> &'static str {
        match self.payload {
            NaivePayload::Pivot(_) => "pivot",
            NaivePayload::Pen(_) => "pen",
            NaivePayload::Dead(_) => "zhongshu",
            NaivePayload::Switch(_) => "anchor",
            NaivePayload::Snapshot(_) => "sr",
        }
    }

    /// Full name of the kind, `factor.kind`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match &self.payload {
            NaivePayload::Pivot(pivot) => match pivot.size {
                Size::Major => "pivot.major",
                Size::Minor => "pivot.minor",
            },
            NaivePayload::Pen(_) => "pen.confirmed",
            NaivePayload::Dead(_) => "zhongshu.dead",
            NaivePayload::Switch(_) => "anchor.switch",
            NaivePayload::Snapshot(_) => "sr.snapshot",
        }
    }

    /// Key of the fact within its factor.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.payload {
            NaivePayload::Pivot(pivot) => pivot.key(),
            NaivePayload::Pen(pen) => pen.key(),
            NaivePayload::Dead(dead) => dead.key(),
            NaivePayload::Switch(switch) => switch.key(),
            NaivePayload::Snapshot(snapshot) => snapshot.key(),
        }
    }

    /// The payload as a JSON object.
    #[must_use]
    pub fn payload_json(&self) -> Value {
        match &self.payload {
            NaivePayload::Pivot(pivot) => pivot.to_json(),
            NaivePayload::Pen(pen) => pen.to_json(),
            NaivePayload::Dead(dead) => dead.to_json(),
            NaivePayload::Switch(switch) => switch.to_json(),
            NaivePayload::Snapshot(snapshot) => snapshot.to_json(),
        }
    }

    /// The record as the golden files have it: factor, tick, kind, key and payload.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "factor_name": self.factor(), "candle_time": self.visible_time, "kind": self.kind(),
            "event_key": self.key(), "payload": self.payload_json(),
        })
    }
}
