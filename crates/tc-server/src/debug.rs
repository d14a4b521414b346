//! Debug events: what the parts tell of while the debug API is on.
//!
//! A part hands over values; here they become events, get their time, are kept in a bounded ring and are pushed to
//! whoever watches. While the debug API is off nothing is built at all.

mod read;
#[cfg(test)]
mod tests;
mod times;
mod write;

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::extract::ws::Utf8Bytes;
use serde_json::{Value, value::RawValue};
use tc_market::SeriesId;

pub(crate) use read::{
    candle_page, draw_delta, ledger_warm_up, out_of_sync, overlay_repair, replay_prepared, world_frame,
    world_record,
};
pub(crate) use write::{HttpWrite, outcome, sync_done, synced_series};

use crate::{
    clock::unix_ms,
    hub::Outbound,
    ws::messages::{DebugEventV1, DebugMessage},
};

/// Events that are kept; the oldest ones leave.
const KEPT_EVENTS: usize = 2_000;

/// Which way an event speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pipe {
    /// Answers.
    Read,
    /// Facts.
    Write,
}

/// How much an event asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// As expected.
    Info,
    /// Something was replaced, given up or degraded.
    Warn,
    /// Something failed.
    Error,
}

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct DebugEvent {
    /// Which way it speaks of.
    pub pipe: Pipe,
    /// Stable code, such as `write.factor.ingest_done`.
    pub event: &'static str,
    /// The series, if it is about one.
    pub series: Option<SeriesId>,
    /// How much it asks for attention.
    pub level: Level,
    /// One sentence for people.
    pub message: String,
    /// Its fields, an object; null: none.
    pub data: Value,
}

/// The ring and those who watch it. Cheap to clone; all clones are one log.
#[derive(Clone, Default)]
pub struct DebugLog(Option<Arc<Mutex<Log>>>);

#[derive(Default)]
struct Log {
    events: VecDeque<Box<RawValue>>,
    watchers: Vec<Arc<Outbound>>,
}

impl fmt::Debug for DebugLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DebugLog").field(&self.is_on()).finish()
    }
}

impl DebugLog {
    /// A log that keeps events.
    #[must_use]
    pub fn on() -> Self {
        Self(Some(Arc::default()))
    }

    /// A log that keeps nothing.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    /// Whether events are kept.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Keeps an event and pushes it to whoever watches; `make` is called only while events are kept. Never waits for
    /// a watcher.
    pub fn record(&self, make: impl FnOnce() -> DebugEvent) {
        if self.is_on() {
            self.record_all([make()]);
        }
    }

    /// Keeps events in this order, with none of others between them.
    pub(crate) fn record_all(&self, events: impl IntoIterator<Item = DebugEvent>) {
        let Some(log) = &self.0 else { return };
        let mut log = lock(log);
        for event in events {
            log.add(event);
        }
    }

    /// Sends a watcher what is kept, and from now on every new event. Nothing is missed or repeated in between.
    pub(crate) fn watch(&self, watcher: &Arc<Outbound>) {
        let Some(log) = &self.0 else { return };
        let mut log = lock(log);
        watcher.send(log.snapshot());
        log.watchers.push(Arc::clone(watcher));
    }

    /// Sends a watcher again what is kept.
    pub(crate) fn repeat(&self, watcher: &Outbound) {
        let Some(log) = &self.0 else { return };
        watcher.send(lock(log).snapshot());
    }

    /// Sends a watcher nothing more.
    pub(crate) fn forget(&self, watcher: &Arc<Outbound>) {
        let Some(log) = &self.0 else { return };
        lock(log).watchers.retain(|other| !Arc::ptr_eq(other, watcher));
    }
}

impl Log {
    fn add(&mut self, event: DebugEvent) {
        // Stamped under the lock, so that times do not decrease from event to event.
        let Ok(event) = serde_json::value::to_raw_value(&DebugEventV1::new(event, unix_ms())) else {
            return;
        };
        if !self.watchers.is_empty() {
            let frame = DebugMessage::DebugEvent { event: &event }.encode();
            for watcher in &self.watchers {
                watcher.send(frame.clone());
            }
        }
        if self.events.len() == KEPT_EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }

    fn snapshot(&self) -> Utf8Bytes {
        let events = self.events.iter().map(|event| &**event).collect();
        DebugMessage::DebugSnapshot { events }.encode()
    }
}

fn lock(log: &Mutex<Log>) -> MutexGuard<'_, Log> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}
