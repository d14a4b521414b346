//! A client that waits for closed candles of many series.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::Context;
use futures_util::{SinkExt, StreamExt};
use tc_market::SeriesId;
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::report::now;

const PATIENCE: Duration = Duration::from_secs(60);

/// One socket to the server.
pub(super) struct Viewer(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Viewer {
    pub(super) async fn open(server: SocketAddr) -> anyhow::Result<Self> {
        Ok(Self(connect_async(format!("ws://{server}/ws/market")).await?.0))
    }

    pub(super) async fn show(&mut self, series: &[SeriesId]) -> anyhow::Result<()> {
        for series in series {
            let subscribe =
                serde_json::json!({ "type": "subscribe", "series_id": series.as_str() }).to_string();
            self.0.send(Message::text(subscribe)).await?;
        }
        Ok(())
    }

    /// Waits until so many series have told of the closed candle at `open_s`.
    pub(super) async fn closed(&mut self, series: usize, open_s: i64) -> anyhow::Result<Instant> {
        let time = format!("\"candle_time\":{open_s},");
        let mut told = BTreeSet::new();
        while told.len() < series {
            let frame = tokio::time::timeout(PATIENCE, self.0.next()).await;
            let frame = frame
                .with_context(|| format!("{} of {series} series have closed", told.len()))?
                .context("the server is gone")??;
            if let Message::Text(text) = frame
                && !text.contains("candle_forming")
                && text.contains(&time)
            {
                told.insert(series_of(&text).context("a frame names its series")?.to_owned());
            }
        }
        Ok(now())
    }
}

fn series_of(frame: &str) -> Option<&str> {
    let (_, rest) = frame.split_once("\"series_id\":\"")?;
    Some(rest.split_once('"')?.0)
}
