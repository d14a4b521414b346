//! `/ws/replay`: playing the stored history over a socket. Replay contract, section 15.
//!
//! One playback per connection. A task of the connection owns it: commands and the clock move it on a reader thread, and
//! what comes of it is queued for the socket. The task waits for the socket before it moves on, so bars are never skipped
//! and the queue never grows: a slow socket gets fewer, larger deltas.

mod pace;
mod player;
mod waiting;

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use self::player::Player;
use crate::{
    AppState,
    hub::{Hub, HubOptions, Outbound},
    ws::messages::ReplayCommand,
};

/// Commands of a client that wait while the one before is carried out; further frames stay in the socket.
const WAITING_COMMANDS: usize = 64;

/// A client that plays. Counts as a socket of the hub. Dropping it ends the playback.
#[derive(Debug)]
pub(crate) struct Playing {
    hub: Arc<Hub>,
    outbound: Arc<Outbound>,
    commands: mpsc::Sender<ReplayCommand>,
}

impl Playing {
    /// A client without a playback; `None` when there are too many sockets already or the hub is closing.
    pub(crate) fn open(state: &AppState) -> Option<Self> {
        let hub = Arc::clone(&state.parts().hub);
        if !hub.is_open() || !hub.admit() {
            return None;
        }
        let outbound = Arc::new(Outbound::for_socket(hub.options()));
        let (commands, waiting) = mpsc::channel(WAITING_COMMANDS);
        let player = Player::new(state.clone(), Arc::clone(&outbound));
        hub.tasks().spawn(player.run(waiting));
        Some(Self {
            hub,
            outbound,
            commands,
        })
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

    /// Takes a text frame of the client; waits while too many are not carried out yet.
    pub(crate) async fn obey(&self, text: Option<&str>) {
        let command = ReplayCommand::parse(text);
        // The task ends only with the connection.
        let _ended = self.commands.send(command).await;
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        self.hub.leave(self.outbound.deepest());
    }
}
