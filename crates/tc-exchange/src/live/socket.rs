//! One socket: a task that connects, forwards frames and obeys commands.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::{net::TcpStream, sync::mpsc};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async_with_config,
    tungstenite::{Error, Message, protocol::WebSocketConfig},
};

use crate::{StreamFrame, Venue, session::SocketId};

/// Longest orderly close of a socket.
pub(super) const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Longest accepted message; a candle has about 400 bytes.
const MAX_MESSAGE_BYTES: usize = 1 << 20;

/// What the driver wants of a socket. The end of the commands is the order to close it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    Ping,
    Send(String),
}

/// What a socket tells the driver. `Ended` is the last word.
#[derive(Debug)]
pub(super) enum Inbound {
    Opened,
    Frame(StreamFrame),
    Pong,
    Ended(String),
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Runs until the peer ends, or the driver wants it to, or is gone.
pub(super) async fn drive(
    id: SocketId,
    url: String,
    venue: Arc<dyn Venue>,
    mut commands: mpsc::Receiver<Command>,
    inbox: mpsc::Sender<(SocketId, Inbound)>,
) {
    let connected = tokio::select! {
        biased;
        // Nothing is sent before the handshake: this is the order to close.
        _closed = commands.recv() => return,
        connected = connect(&url) => connected,
    };
    let last_word = match connected {
        Ok(mut socket) => {
            if inbox.send((id, Inbound::Opened)).await.is_err() {
                return close(&mut socket).await;
            }
            match forward(id, &mut socket, &*venue, &mut commands, &inbox).await {
                Some(detail) => detail,
                None => return close(&mut socket).await,
            }
        }
        Err(error) => error.to_string(),
    };
    // A driver that is gone needs no last word.
    let _ = inbox.send((id, Inbound::Ended(last_word))).await;
}

async fn connect(url: &str) -> Result<Socket, Box<Error>> {
    let config = WebSocketConfig::default()
        .max_message_size(Some(MAX_MESSAGE_BYTES))
        .max_frame_size(Some(MAX_MESSAGE_BYTES));
    let (socket, _response) = connect_async_with_config(url, Some(config), true).await?;
    Ok(socket)
}

/// `Some(cause)` when the peer ended, `None` when the driver wants to.
async fn forward(
    id: SocketId,
    socket: &mut Socket,
    venue: &dyn Venue,
    commands: &mut mpsc::Receiver<Command>,
    inbox: &mpsc::Sender<(SocketId, Inbound)>,
) -> Option<String> {
    loop {
        let inbound = tokio::select! {
            biased;
            command = commands.recv() => {
                let message = match command? {
                    Command::Ping => Message::Ping(Bytes::new()),
                    Command::Send(text) => Message::text(text),
                };
                match socket.send(message).await {
                    Ok(()) => continue,
                    Err(error) => return Some(error.to_string()),
                }
            },
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => Inbound::Frame(venue.parse_frame(text.as_bytes())),
                Some(Ok(Message::Binary(bytes))) => Inbound::Frame(venue.parse_frame(&bytes)),
                Some(Ok(Message::Pong(_))) => Inbound::Pong,
                // The reply to a ping is queued by the library and flushed with the next read.
                Some(Ok(Message::Ping(_) | Message::Frame(_))) => continue,
                Some(Ok(Message::Close(frame))) => return Some(frame.map_or_else(
                    || "closed by the venue".to_owned(),
                    |frame| format!("closed by the venue with {} {}", u16::from(frame.code), frame.reason),
                )),
                Some(Err(error)) => return Some(error.to_string()),
                None => return Some("closed by the venue".to_owned()),
            },
        };
        inbox.send((id, inbound)).await.ok()?;
    }
}

/// Says goodbye and waits for the answer, within the close timeout.
async fn close(socket: &mut Socket) {
    let goodbye = async {
        if socket.close(None).await.is_ok() {
            while let Some(Ok(_)) = socket.next().await {}
        }
    };
    let _late = tokio::time::timeout(CLOSE_TIMEOUT, goodbye).await;
}
