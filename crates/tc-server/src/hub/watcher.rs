//! One client of the debug stream.

use std::{fmt, sync::Arc};

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{Hub, HubOptions, Outbound};
use crate::debug::DebugLog;

/// Shows a client what is kept of the debug events, then every new one. Counts as a socket of the hub and has the
/// queue of one. Dropping it ends that.
pub(crate) struct Watcher {
    hub: Arc<Hub>,
    log: DebugLog,
    outbound: Arc<Outbound>,
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher")
            .field("log", &self.log)
            .finish_non_exhaustive()
    }
}

impl Watcher {
    /// Begins to watch; `None` when there are too many sockets already or the hub is closing.
    #[must_use]
    pub(crate) fn open(hub: Arc<Hub>, log: DebugLog) -> Option<Self> {
        if !hub.is_open() || !hub.admit() {
            return None;
        }
        let outbound = Arc::new(Outbound::for_socket(&hub.options));
        log.watch(&outbound);
        Some(Self { hub, log, outbound })
    }

    /// The queue towards the client.
    pub(crate) const fn outbound(&self) -> &Arc<Outbound> {
        &self.outbound
    }

    /// Limits of the hub.
    pub(crate) fn options(&self) -> &HubOptions {
        self.hub.options()
    }

    /// Fires when the client is to be closed with the hub.
    pub(crate) fn stopping(&self) -> CancellationToken {
        self.hub.stopping().clone()
    }

    /// Reads a text frame of the client: the one that asks for what is kept is answered, any other is ignored.
    pub(crate) fn obey(&self, text: &str) {
        let wanted = serde_json::from_str::<Value>(text)
            .is_ok_and(|message| message.get("type").and_then(Value::as_str) == Some("subscribe"));
        if wanted {
            self.log.repeat(&self.outbound);
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.log.forget(&self.outbound);
        self.hub.leave(self.outbound.deepest());
    }
}
