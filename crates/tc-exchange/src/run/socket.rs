//! One socket: a task that connects, forwards frames and obeys commands.

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::{net::TcpStream, sync::mpsc};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async_with_config,
    tungstenite::{Error, Message, protocol::WebSocketConfig},
};

use super::CLOSE_TIMEOUT;
use crate::SocketId;

/// Longest accepted message; a candle has about 400 bytes.
const MAX_MESSAGE_BYTES: usize = 1 << 20;

/// What the driver wants of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    Ping,
    Close,
}

/// What a socket tells the driver. `Ended` is the last word.
#[derive(Debug)]
pub(super) enum Inbound {
    Opened,
    Frame(Bytes),
    Pong,
    Ended(String),
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Runs until the peer ends, a `Close` comes, or the driver is gone.
pub(super) async fn drive(
    id: SocketId,
    url: String,
    mut commands: mpsc::Receiver<Command>,
    inbox: mpsc::Sender<(SocketId, Inbound)>,
) {
    let connected = tokio::select! {
        biased;
        // The only commands before the handshake are to close, spoken or by dropping the sender.
        _closed = commands.recv() => return,
        connected = connect(&url) => connected,
    };
    let last_word = match connected {
        Ok(mut socket) => {
            if inbox.send((id, Inbound::Opened)).await.is_err() {
                return close(&mut socket).await;
            }
            match forward(id, &mut socket, &mut commands, &inbox).await {
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
    commands: &mut mpsc::Receiver<Command>,
    inbox: &mpsc::Sender<(SocketId, Inbound)>,
) -> Option<String> {
    loop {
        let inbound = tokio::select! {
            biased;
            command = commands.recv() => match command {
                Some(Command::Ping) => match socket.send(Message::Ping(Bytes::new())).await {
                    Ok(()) => continue,
                    Err(error) => return Some(error.to_string()),
                },
                Some(Command::Close) | None => return None,
            },
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => Inbound::Frame(text.into()),
                Some(Ok(Message::Binary(bytes))) => Inbound::Frame(bytes),
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
