//! The least HTTP/1.1 client that can keep a connection and read answers: its own cost must not hide the server's.

use anyhow::Context;
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A kept connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(1 << 20),
        })
    }

    /// Sends a GET request and reads the whole answer; returns status and body length.
    pub(crate) async fn get(&mut self, path: &str) -> anyhow::Result<(u16, usize)> {
        self.request(&format!("GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n"))
            .await
    }

    /// Sends a JSON body.
    pub(crate) async fn post(&mut self, path: &str, body: &str) -> anyhow::Result<(u16, usize)> {
        let length = body.len();
        self.request(&format!(
            "POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        ))
        .await
    }

    /// The body of the answer that was read last, `length` bytes long.
    pub(crate) fn last_body(&self, length: usize) -> &[u8] {
        &self.buffer[self.buffer.len().saturating_sub(length)..]
    }

    async fn request(&mut self, text: &str) -> anyhow::Result<(u16, usize)> {
        self.stream.write_all(text.as_bytes()).await?;
        self.buffer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.buffer).await?;
            anyhow::ensure!(read > 0, "the server closed the connection");
            if let Some(end) = self
                .buffer
                .windows(4)
                .take(4096)
                .position(|bytes| bytes == b"\r\n\r\n")
            {
                return self.body(end + 4).await;
            }
        }
    }

    async fn body(&mut self, start: usize) -> anyhow::Result<(u16, usize)> {
        let head = std::str::from_utf8(&self.buffer[..start])?.to_ascii_lowercase();
        let status = head.split(' ').nth(1).context("a status line")?.parse()?;
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .context("a content-length")?
            .trim()
            .parse()?;
        while self.buffer.len() < start + length {
            let read = self.stream.read_buf(&mut self.buffer).await?;
            anyhow::ensure!(read > 0, "the server closed the connection");
        }
        Ok((status, length))
    }
}
