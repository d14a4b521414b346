//! What goes into a session and what comes out of it.

use crate::{RefusalBody, SessionStatus, StreamCommand, StreamName, fleet::ConnectBudget};

/// Names one socket of a fleet; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId {
    session: u32,
    number: u32,
}

impl SocketId {
    pub(crate) const fn new(session: u32, number: u32) -> Self {
        Self { session, number }
    }

    /// The session that it belongs to.
    pub(crate) const fn session(self) -> u32 {
        self.session
    }
}

/// What the owner of a session reports about a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketEvent {
    /// The handshake is done.
    Opened,
    /// The socket could not be opened, or ended; with the cause.
    Ended(String),
    /// A valid candle of this stream came.
    Kline(StreamName),
    /// A pong came.
    Pong,
    /// The venue announced that it closes the connection.
    ShutdownNotice,
    /// The command with this number was accepted.
    Accepted(u64),
    /// A command was refused.
    Refused {
        /// Its number, when the venue says which.
        command: Option<u64>,
        /// The venue's words.
        body: RefusalBody,
    },
    /// The venue has newer data of the stream than the socket brought.
    Stalled(StreamName),
    /// The venue has nothing newer either.
    Quiet(StreamName),
}

/// What a session wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Open a socket under this name, with these streams in its address.
    Open {
        /// Its name.
        socket: SocketId,
        /// At least one, ascending.
        streams: Vec<StreamName>,
    },
    /// Close it; nothing that it still reports counts.
    Close(SocketId),
    /// Send a ping on it.
    Ping(SocketId),
    /// Send a command on it.
    Send {
        /// The socket.
        socket: SocketId,
        /// The command.
        command: StreamCommand,
    },
    /// Ask the venue by other means whether the silence is real; answer with `Stalled` or `Quiet`.
    ProbeStall {
        /// The socket that is silent.
        socket: SocketId,
        /// The stream to ask about.
        stream: StreamName,
    },
    /// Tell those who follow a stream.
    Tell {
        /// The stream.
        stream: StreamName,
        /// What happened.
        status: SessionStatus,
    },
}

/// One call of a session: when it happens, what is shared with other sessions, and what is to be done.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    /// Monotonic milliseconds.
    pub(crate) now_ms: u64,
    /// Streams that one socket may carry.
    pub(crate) streams_max: usize,
    /// The limit of new connections.
    pub(crate) connects: &'a mut ConnectBudget,
    /// What to do, in order.
    pub(crate) actions: Vec<Action>,
}

impl Turn<'_> {
    pub(super) fn push(&mut self, action: Action) {
        self.actions.push(action);
    }

    pub(super) fn tell(&mut self, stream: StreamName, status: SessionStatus) {
        self.actions.push(Action::Tell { stream, status });
    }
}
