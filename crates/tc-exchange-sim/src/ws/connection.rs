//! Drives one [`Line`]: moves its words to a socket and what the peer says back.

use std::{sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use tokio::{
    sync::broadcast,
    time::{sleep_until, timeout},
};
use tracing::debug;

use crate::{
    line::{Input, Line, Output, Wake},
    simulator::{Control, Shared},
    tcp::Cable,
};

const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// An open socket.
pub(super) struct Connection {
    shared: Arc<Shared>,
    line: Line,
    cable: Cable,
    controls: broadcast::Receiver<Control>,
}

/// Why a connection ends.
enum End {
    /// Without a word.
    Abrupt,
    /// With a close frame.
    Close(u16, &'static str),
}

impl Connection {
    pub(super) fn new(shared: Arc<Shared>, line: Line, cable: Cable) -> Self {
        let controls = shared.controls.subscribe();
        Self {
            shared,
            line,
            cable,
            controls,
        }
    }

    /// Serves the socket until either side ends it.
    pub(super) async fn run(mut self, mut socket: WebSocket) {
        let end = self.serve(&mut socket).await;
        if let End::Close(code, reason) = end {
            let frame = CloseFrame {
                code,
                reason: reason.into(),
            };
            // A peer that does not read must not hold up a shutdown.
            let sent = timeout(CLOSE_TIMEOUT, socket.send(Message::Close(Some(frame)))).await;
            debug!(
                code,
                delivered = matches!(sent, Ok(Ok(()))),
                "connection is closed"
            );
        }
    }

    async fn serve(&mut self, socket: &mut WebSocket) -> End {
        let shared = Arc::clone(&self.shared);
        let mut plans = shared.exchange.plans();
        loop {
            let Wake { market_ms, real_ms } = self.line.wake();
            // One output at a time, so that commands and pings are served in between.
            let output = tokio::select! {
                biased;
                () = shared.cancel.cancelled() => Some(self.line.go_away()),
                control = self.controls.recv() => match control {
                    Ok(Control::Drop) => return End::Abrupt,
                    Ok(Control::AnnounceShutdown) => self.line.announce_shutdown(shared.now().market_ms),
                    Err(_) => None,
                },
                message = socket.recv() => match message {
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return End::Abrupt,
                    Some(Ok(message)) => self.hear(&message),
                },
                // A new script may have something earlier; it lives as long as the exchange.
                _changed = plans.changed() => None,
                () = maybe(real_ms.map(|at_ms| sleep_until(shared.instant(at_ms)))) => self.line.poll(shared.now()),
                () = maybe(market_ms.map(|at_ms| shared.clock.wait_until(at_ms))) => self.line.poll(shared.now()),
            };
            if let Some(output) = output
                && let Err(end) = self.perform(output, socket).await
            {
                return end;
            }
        }
    }

    fn hear(&mut self, message: &Message) -> Option<Output> {
        let input = match message {
            Message::Text(text) => Input::Text(text.as_str()),
            Message::Pong(payload) => Input::Pong(payload),
            Message::Binary(_) | Message::Ping(_) | Message::Close(_) => Input::Other,
        };
        self.line.hear(input, self.shared.now())
    }

    async fn perform(&self, output: Output, socket: &mut WebSocket) -> Result<(), End> {
        let message = match output {
            Output::Text(text) => Message::Text(text.into()),
            Output::Ping(payload) => Message::Ping(payload.into_bytes().into()),
            Output::Torn { text, bytes } => {
                self.cable.cut_after(bytes);
                let _torn = socket.send(Message::Text(text.into())).await;
                return Err(End::Abrupt);
            }
            Output::Close { code, reason } => return Err(End::Close(code, reason)),
            Output::Gone => return Err(End::Abrupt),
        };
        socket.send(message).await.map_err(|_| End::Abrupt)
    }
}

/// Waits for the future, or for ever when there is none.
async fn maybe(future: Option<impl Future<Output = ()>>) {
    match future {
        Some(future) => future.await,
        None => std::future::pending().await,
    }
}
