//! The bounded queue between the hub and one connection.

mod queue;

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub(crate) use queue::Entry;
use queue::Queue;
pub(super) use queue::{Overflow, Purge, QueueLimits, SubscriptionId};

use super::{
    HubOptions,
    delivery::{Kind, Outgoing},
};

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The client closed it or went away.
    Client,
    /// The process stops.
    ServerShutdown,
    /// An inbound frame was too large.
    FrameTooLarge,
    /// Something failed here.
    Internal,
    /// The client does not read fast enough.
    SlowConsumer,
    /// The client does not answer pings.
    Unresponsive,
}

impl CloseReason {
    /// Close code and reason text; `None` when no close code is sent.
    #[must_use]
    pub const fn code(self) -> Option<(u16, &'static str)> {
        match self {
            Self::Client => Some((1000, "")),
            Self::ServerShutdown => Some((1001, "server_shutdown")),
            Self::FrameTooLarge => Some((1009, "frame_too_large")),
            Self::Internal => Some((1011, "internal_error")),
            Self::SlowConsumer => Some((1013, "slow_consumer")),
            Self::Unresponsive => None,
        }
    }
}

/// Queue of one connection, shared by everybody who sends to it. Sending never waits.
#[derive(Debug)]
pub(crate) struct Outbound {
    state: Mutex<State>,
    ready: Notify,
    room: Notify,
    closed: CancellationToken,
}

#[derive(Debug)]
struct State {
    queue: Queue,
    reason: Option<CloseReason>,
}

impl Outbound {
    pub(super) fn new(limits: QueueLimits) -> Self {
        let state = State {
            queue: Queue::new(limits),
            reason: None,
        };
        let closed = CancellationToken::new();
        Self {
            state: Mutex::new(state),
            ready: Notify::new(),
            room: Notify::new(),
            closed,
        }
    }

    /// The queue of a socket with the limits of the hub.
    pub(crate) fn for_socket(options: &HubOptions) -> Self {
        Self::new(QueueLimits {
            frames: options.queue_frames,
            bytes: options.queue_bytes,
        })
    }

    /// Queues a frame that belongs to no subscription.
    pub(crate) fn send(&self, body: Utf8Bytes) {
        let frame = Outgoing {
            gap: None,
            body,
            kind: Kind::System,
        };
        self.push(SubscriptionId(0), &mut vec![frame]);
    }

    /// Queues frames. A queue that cannot take them closes the connection: closed candles are never skipped.
    pub(super) fn push(&self, subscription: SubscriptionId, frames: &mut Vec<Outgoing>) {
        if frames.is_empty() {
            return;
        }
        let mut state = self.lock();
        if state.reason.is_some() {
            frames.clear();
            return;
        }
        for frame in frames.drain(..) {
            if let Err(Overflow) = state.queue.push(subscription, frame) {
                drop(state);
                self.close(CloseReason::SlowConsumer);
                return;
            }
        }
        drop(state);
        self.ready.notify_one();
    }

    /// Queues frames of a catch-up as far as there is room for them, oldest first; the rest stays.
    pub(super) fn push_while_room(
        &self,
        subscription: SubscriptionId,
        frames: &mut std::vec::IntoIter<Outgoing>,
    ) {
        let mut state = self.lock();
        while state.reason.is_none() && state.queue.has_room() {
            let Some(frame) = frames.next() else { break };
            if let Err(Overflow) = state.queue.push(subscription, frame) {
                drop(state);
                self.close(CloseReason::SlowConsumer);
                return;
            }
        }
        drop(state);
        self.ready.notify_one();
    }

    /// Waits until a catch-up may queue more; half of the queue stays free for live frames. `false` when closed.
    pub(super) async fn room(&self) -> bool {
        loop {
            let changed = self.room.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            {
                let state = self.lock();
                if state.reason.is_some() {
                    return false;
                }
                if state.queue.has_room() {
                    return true;
                }
            }
            changed.await;
        }
    }

    /// Waits until fewer than `frames` frames wait for the socket. `false` when closed.
    pub(crate) async fn fewer_than(&self, frames: usize) -> bool {
        loop {
            let changed = self.room.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            {
                let state = self.lock();
                if state.reason.is_some() {
                    return false;
                }
                if state.queue.frames() < frames {
                    return true;
                }
            }
            changed.await;
        }
    }

    /// Drops what waits for a subscription.
    pub(super) fn purge(&self, subscription: SubscriptionId, what: Purge) {
        self.lock().queue.purge(subscription, what);
        self.room.notify_waiters();
    }

    /// The next frame; `None` when the connection is to be closed.
    pub(crate) async fn next(&self) -> Option<Entry> {
        loop {
            match self.try_next() {
                Ok(Some(entry)) => return Some(entry),
                Ok(None) => self.ready.notified().await,
                Err(_) => return None,
            }
        }
    }

    /// The next frame if one waits.
    ///
    /// # Errors
    /// The reason when the connection is to be closed.
    pub(crate) fn try_next(&self) -> Result<Option<Entry>, CloseReason> {
        let mut state = self.lock();
        if let Some(reason) = state.reason {
            return Err(reason);
        }
        let entry = state.queue.pop();
        drop(state);
        if entry.is_some() {
            self.room.notify_waiters();
        }
        Ok(entry)
    }

    /// Ends the connection; the first reason counts.
    pub(crate) fn close(&self, reason: CloseReason) {
        let mut state = self.lock();
        if state.reason.is_some() {
            return;
        }
        if reason == CloseReason::SlowConsumer {
            metrics::counter!("market_ws_slow_disconnects_total").increment(1);
        }
        state.reason = Some(reason);
        state.queue.clear();
        drop(state);
        self.closed.cancel();
        self.ready.notify_one();
        self.room.notify_waiters();
    }

    /// Waits until the connection is to be closed.
    pub(crate) async fn closed(&self) -> CloseReason {
        self.closed.cancelled().await;
        self.reason().unwrap_or(CloseReason::Internal)
    }

    /// Why the connection is to be closed, if it is.
    pub(crate) fn reason(&self) -> Option<CloseReason> {
        self.lock().reason
    }

    /// Largest number of frames that ever waited.
    pub(crate) fn deepest(&self) -> usize {
        self.lock().queue.deepest()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
