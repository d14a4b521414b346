//! One socket: a reader and a writer over a hub connection.

use std::{sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::{
    Sink, SinkExt, Stream, StreamExt,
    stream::{SplitSink, SplitStream},
};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Error as ProtocolError;
use tokio_util::sync::CancellationToken;

use super::messages::{BadMessage, ClientMessage};
use crate::{
    hub::{CloseReason, Connection, Entry, HubOptions, Outbound, Watcher},
    playback::Playing,
};

/// Larger frames of a client close its connection.
pub(crate) const INBOUND_LIMIT_BYTES: usize = 64 << 10;
/// Frames up to this size are read to their end, so that the close frame reaches a client that is still sending.
pub(crate) const READ_LIMIT_BYTES: usize = 1 << 20;
/// Longest wait for the closing handshake to reach a client that reads.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

type Reader = SplitStream<WebSocket>;
type Writer = SplitSink<WebSocket, Message>;

/// A data frame of a client.
pub(super) enum Inbound<'f> {
    Text(&'f str),
    Binary,
}

/// What stands behind a socket.
pub(super) trait Client: Send {
    fn options(&self) -> &HubOptions;

    /// The queue towards the client.
    fn outbound(&self) -> &Arc<Outbound>;

    /// Fires when the socket is to be closed with the process.
    fn stopping(&self) -> CancellationToken;

    /// Does what a frame of the client asks for.
    fn obey(&mut self, frame: Inbound<'_>) -> impl Future<Output = ()> + Send;
}

/// Serves one client until it leaves or has to.
pub(super) async fn serve(socket: WebSocket, mut connection: impl Client) {
    let options = *connection.options();
    let outbound = Arc::clone(connection.outbound());
    let stopping = connection.stopping();
    let (mut writer, mut reader) = socket.split();
    let writing = write_all(&mut writer, &outbound, &options);
    let reading = read_all(&mut reader, &mut connection, &options);
    tokio::select! {
        biased;
        () = stopping.cancelled() => outbound.close(CloseReason::ServerShutdown),
        reason = reading => outbound.close(reason),
        () = writing => {}
    }
    let reason = outbound.reason().unwrap_or(CloseReason::Internal);
    // Nothing is held for a client that is only being told that it is over.
    drop(connection);
    tracing::debug!(?reason, "socket closes");
    close(writer, reader, reason, &options).await;
}

/// Ends with the reason for which the connection is over.
async fn read_all(reader: &mut Reader, client: &mut impl Client, options: &HubOptions) -> CloseReason {
    let patience = Duration::from_millis(options.pong_timeout_ms);
    let mut last_pong = Instant::now();
    loop {
        let message = tokio::select! {
            biased;
            message = reader.next() => message,
            () = tokio::time::sleep_until(last_pong + patience) => return CloseReason::Unresponsive,
        };
        match message {
            Some(Ok(Message::Text(text))) if text.len() > INBOUND_LIMIT_BYTES => {
                return CloseReason::FrameTooLarge;
            }
            Some(Ok(Message::Binary(bytes))) if bytes.len() > INBOUND_LIMIT_BYTES => {
                return CloseReason::FrameTooLarge;
            }
            Some(Ok(Message::Text(text))) => client.obey(Inbound::Text(&text)).await,
            Some(Ok(Message::Binary(_))) => client.obey(Inbound::Binary).await,
            Some(Ok(Message::Pong(_))) => last_pong = Instant::now(),
            // The library answers pings itself.
            Some(Ok(Message::Ping(_))) => {}
            Some(Ok(Message::Close(_))) | None => return CloseReason::Client,
            Some(Err(error)) if is_too_large(&error) => return CloseReason::FrameTooLarge,
            Some(Err(_broken)) => return CloseReason::Client,
        }
    }
}

impl Client for Connection {
    fn options(&self) -> &HubOptions {
        self.options()
    }

    fn outbound(&self) -> &Arc<Outbound> {
        self.outbound()
    }

    fn stopping(&self) -> CancellationToken {
        self.stopping()
    }

    async fn obey(&mut self, frame: Inbound<'_>) {
        let message = match frame {
            Inbound::Text(text) => ClientMessage::parse(text),
            Inbound::Binary => Err(BadMessage::Envelope),
        };
        match message {
            Ok(ClientMessage::Subscribe(wanted)) => {
                let series = wanted.series.clone();
                if let Err(refusal) = self.subscribe(wanted).await {
                    self.send(&refusal.to_message(&series));
                }
            }
            Ok(ClientMessage::Unsubscribe(Some(series))) => self.unsubscribe(&series),
            Ok(ClientMessage::Unsubscribe(None)) => {}
            Err(bad) => self.send(&bad.to_message()),
        }
    }
}

impl Client for Watcher {
    fn options(&self) -> &HubOptions {
        self.options()
    }

    fn outbound(&self) -> &Arc<Outbound> {
        self.outbound()
    }

    fn stopping(&self) -> CancellationToken {
        self.stopping()
    }

    async fn obey(&mut self, frame: Inbound<'_>) {
        if let Inbound::Text(text) = frame {
            Self::obey(self, text);
        }
    }
}

impl Client for Playing {
    fn options(&self) -> &HubOptions {
        self.options()
    }

    fn outbound(&self) -> &Arc<Outbound> {
        self.outbound()
    }

    fn stopping(&self) -> CancellationToken {
        self.stopping()
    }

    async fn obey(&mut self, frame: Inbound<'_>) {
        let text = match frame {
            Inbound::Text(text) => Some(text),
            Inbound::Binary => None,
        };
        Self::obey(self, text).await;
    }
}

fn is_too_large(error: &axum::Error) -> bool {
    let source = std::error::Error::source(error);
    source
        .and_then(|source| source.downcast_ref())
        .is_some_and(|error| matches!(error, ProtocolError::Capacity(_)))
}

/// Sends what the hub queues, and a ping now and then, until the connection is over.
async fn write_all(writer: &mut Writer, outbound: &Outbound, options: &HubOptions) {
    let patience = Duration::from_millis(options.write_timeout_ms);
    let mut pings = tokio::time::interval(Duration::from_millis(options.ping_interval_ms.max(1)));
    pings.reset();
    loop {
        let write = tokio::select! {
            biased;
            _ = pings.tick() => Write::Ping,
            entry = outbound.next() => match entry {
                Some(entry) => Write::Frames(entry),
                None => return,
            },
        };
        let sent = tokio::select! {
            biased;
            _over = outbound.closed() => return,
            sent = tokio::time::timeout(patience, send(writer, outbound, write)) => sent,
        };
        match sent {
            Ok(Ok(())) => {}
            Ok(Err(_broken)) => return outbound.close(CloseReason::Client),
            Err(_elapsed) => return outbound.close(CloseReason::SlowConsumer),
        }
    }
}

enum Write {
    Frames(Entry),
    Ping,
}

/// Sends one write, and whatever else waits already, with one flush.
async fn send(writer: &mut Writer, outbound: &Outbound, write: Write) -> Result<(), axum::Error> {
    match write {
        Write::Ping => writer.feed(Message::Ping(bytes::Bytes::new())).await?,
        Write::Frames(entry) => {
            feed(writer, entry).await?;
            for _ in 0..FRAMES_PER_FLUSH {
                match outbound.try_next() {
                    Ok(Some(entry)) => feed(writer, entry).await?,
                    Ok(None) | Err(_) => break,
                }
            }
        }
    }
    writer.flush().await
}

/// Frames that leave the queue for one flush: the timeout of a write covers at most these.
const FRAMES_PER_FLUSH: usize = 64;

async fn feed(writer: &mut Writer, Entry { gap, body }: Entry) -> Result<(), axum::Error> {
    if let Some(gap) = gap {
        writer.feed(Message::Text(gap)).await?;
    }
    writer.feed(Message::Text(body)).await
}

/// The closing handshake, as far as the client takes part in it.
async fn close(mut writer: Writer, mut reader: Reader, reason: CloseReason, options: &HubOptions) {
    let frame = reason.code().map(|(code, reason)| CloseFrame {
        code,
        reason: Utf8Bytes::from_static(reason),
    });
    let farewell = async {
        send_close(&mut writer, frame).await;
        drain(&mut reader).await;
    };
    // A slow client may still read up to the close frame, if it is given the time of one write.
    let patience = match reason {
        CloseReason::SlowConsumer => Duration::from_millis(options.write_timeout_ms),
        _ => CLOSE_TIMEOUT,
    };
    // A client that takes no part is dropped.
    let _late = tokio::time::timeout(patience, farewell).await;
}

async fn send_close(
    writer: &mut (impl Sink<Message, Error = axum::Error> + Unpin),
    frame: Option<CloseFrame>,
) {
    // A client that has closed already needs no close frame.
    let _closed = writer.send(Message::Close(frame)).await;
}

/// Reads on until the client has closed, so that its last frames do not reset the connection.
async fn drain(reader: &mut (impl Stream<Item = Result<Message, axum::Error>> + Unpin)) {
    while let Some(Ok(_)) = reader.next().await {}
}
