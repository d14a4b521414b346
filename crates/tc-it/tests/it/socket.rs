//! A WebSocket client that reads on its own, so that nothing is missed and silence can be told from waiting.

use std::{net::SocketAddr, time::Duration};

use futures_util::{SinkExt, StreamExt, stream::SplitSink};
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::mpsc, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message},
};

/// Longest wait for a frame that must come.
const PATIENCE: Duration = Duration::from_secs(20);

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What a server can send.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Frame {
    /// A text frame with JSON.
    Json(Value),
    /// The end: code and reason of the close frame, if there was one.
    Closed(Option<(u16, String)>),
}

/// An open connection.
pub(crate) struct Socket {
    sink: SplitSink<Stream, Message>,
    frames: mpsc::UnboundedReceiver<Frame>,
}

impl Socket {
    /// Opens `path`.
    ///
    /// # Errors
    /// The HTTP status with which the handshake was refused.
    pub(crate) async fn open(address: SocketAddr, path: &str) -> Result<Self, u16> {
        let (stream, _) = match connect_async(format!("ws://{address}{path}")).await {
            Ok(opened) => opened,
            Err(Error::Http(response)) => return Err(response.status().as_u16()),
            Err(error) => panic!("{path}: {error}"),
        };
        let (sink, mut source) = stream.split();
        let (sender, frames) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut end = None;
            while let Some(Ok(message)) = source.next().await {
                match message {
                    Message::Text(text) => {
                        let value = serde_json::from_str(&text)
                            .unwrap_or_else(|_| json!({ "not JSON": text.as_str() }));
                        let _ = sender.send(Frame::Json(value));
                    }
                    Message::Close(frame) => {
                        end = frame.map(|frame| (u16::from(frame.code), frame.reason.to_string()));
                    }
                    _ => {}
                }
            }
            let _ = sender.send(Frame::Closed(end));
        });
        Ok(Self { sink, frames })
    }

    /// Opens the market socket.
    pub(crate) async fn market(address: SocketAddr) -> Self {
        Self::open(address, "/ws/market").await.unwrap()
    }

    /// Sends JSON.
    pub(crate) async fn send(&mut self, value: &Value) {
        self.send_message(Message::text(value.to_string())).await;
    }

    /// Sends any frame.
    pub(crate) async fn send_message(&mut self, message: Message) {
        self.sink.send(message).await.unwrap();
    }

    /// Says goodbye.
    pub(crate) async fn close(&mut self) {
        let _ = self.sink.close().await;
    }

    /// The next frame, or the end.
    pub(crate) async fn next(&mut self) -> Frame {
        let frame = timeout(PATIENCE, self.frames.recv()).await;
        frame
            .unwrap_or_else(|_| panic!("no frame within {PATIENCE:?}"))
            .unwrap_or(Frame::Closed(None))
    }

    /// The next frame if it comes within `wait`.
    pub(crate) async fn next_within(&mut self, wait: Duration) -> Option<Frame> {
        timeout(wait, self.frames.recv()).await.ok().flatten()
    }

    /// The JSON of the next frame.
    pub(crate) async fn json(&mut self) -> Value {
        match self.next().await {
            Frame::Json(value) => value,
            closed @ Frame::Closed(_) => panic!("{closed:?} instead of a frame"),
        }
    }

    /// Expects exactly these frames next.
    pub(crate) async fn expect(&mut self, frames: &[Value]) {
        for (n, expected) in frames.iter().enumerate() {
            assert_eq!(&self.json().await, expected, "frame {n}");
        }
    }

    /// Returns when everything that was sent before has been handled, and nothing else came meanwhile.
    pub(crate) async fn settle(&mut self) {
        self.send(&json!({ "type": "ping" })).await;
        self.expect(&[error("unknown message type: ping")]).await;
    }

    /// Expects the server to end the connection.
    pub(crate) async fn expect_close(&mut self, code: u16, reason: &str) {
        assert_eq!(self.next().await, Frame::Closed(Some((code, reason.to_owned()))));
    }
}

/// The refusal of a message.
pub(crate) fn error(message: &str) -> Value {
    json!({ "type": "error", "code": "bad_request", "message": message })
}
