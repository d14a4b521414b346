//! Connections that can be cut at any byte.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

const WHOLE: u64 = u64::MAX;

/// A hand on one connection. Clones hold the same one.
#[derive(Debug, Clone)]
pub(crate) struct Cable {
    left: Arc<AtomicU64>,
}

impl Cable {
    /// Lets `bytes` more bytes through to the peer; then the connection is broken in both directions.
    pub(crate) fn cut_after(&self, bytes: u64) {
        self.left.store(bytes, Ordering::SeqCst);
    }

    fn broken() -> io::Error {
        io::Error::new(io::ErrorKind::ConnectionReset, "cut by the fault script")
    }
}

impl Connected<IncomingStream<'_, CutListener>> for Cable {
    fn connect_info(stream: IncomingStream<'_, CutListener>) -> Self {
        stream.remote_addr().clone()
    }
}

/// Accepts connections together with a hand on each.
#[derive(Debug)]
pub(crate) struct CutListener(TcpListener);

impl CutListener {
    /// # Errors
    /// When the address is taken.
    pub(crate) async fn bind(address: SocketAddr) -> io::Result<Self> {
        TcpListener::bind(address).await.map(Self)
    }

    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Listener for CutListener {
    type Io = CutStream;
    type Addr = Cable;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, _address) = Listener::accept(&mut self.0).await;
        // Frames are small and late ones look like a slow exchange; without it they still arrive.
        let _ = stream.set_nodelay(true);
        let cable = Cable {
            left: Arc::new(AtomicU64::new(WHOLE)),
        };
        let stream = CutStream {
            stream,
            cable: cable.clone(),
        };
        (stream, cable)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(Cable {
            left: Arc::new(AtomicU64::new(WHOLE)),
        })
    }
}

/// A stream that ends when its cable is cut.
#[derive(Debug)]
pub(crate) struct CutStream {
    stream: TcpStream,
    cable: Cable,
}

impl AsyncRead for CutStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.cable.left.load(Ordering::SeqCst) == 0 {
            return Poll::Ready(Err(Cable::broken()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for CutStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let left = self.cable.left.load(Ordering::SeqCst);
        if left == 0 {
            return Poll::Ready(Err(Cable::broken()));
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &buf[..most]))?;
        if left != WHOLE {
            let rest = left.saturating_sub(u64::try_from(written).unwrap_or(u64::MAX));
            self.cable.left.store(rest, Ordering::SeqCst);
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
