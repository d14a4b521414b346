//! A closed candle to a thousand subscribers, one of which never reads.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context;
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::{sync::mpsc, task::JoinSet};
use tokio_tungstenite::{connect_async, tungstenite::Message};
use trade_canvas::compose::RunningServer;

use crate::{
    candles,
    http_client::Connection,
    report::{Report, ms, now, percentile},
    server::config,
};

const SUBSCRIBERS: usize = 1_000;
const CANDLES: usize = 100;
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(measure(report))
}

async fn measure(report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let server = RunningServer::start(config(&folder.path().join("market.db"), &[])?).await?;
    let (alone, _) = close_to_last(server.address(), 1, 0).await?;
    let (spread, delivered) = close_to_last(server.address(), SUBSCRIBERS, CANDLES).await?;
    report.row(
        "ws: post of a closed candle to the last of 1,000 clients, one stalled",
        format!(
            "p50 {}, p99 {}; {delivered} of {} delivered",
            ms(spread[0]),
            ms(spread[1]),
            SUBSCRIBERS * CANDLES
        ),
        format!("one client: p50 {}, p99 {}", ms(alone[0]), ms(alone[1])),
        "p99 <= 50 ms, all delivered",
    );
    server.shutdown().await;
    Ok(())
}

/// Posts candles one by one, each after the one before reached every client; returns p50 and p99 of the time from the
/// post to the last client, and the number of frames received.
async fn close_to_last(
    address: SocketAddr,
    clients: usize,
    skip: usize,
) -> anyhow::Result<([Duration; 2], usize)> {
    let series = candles::series()?;
    let subscribe = json!({ "type": "subscribe", "series_id": series.as_str() }).to_string();
    let (received, mut arrivals) = mpsc::unbounded_channel();
    let mut tasks = JoinSet::new();
    for _ in 0..clients {
        let (mut socket, _) = connect_async(format!("ws://{address}/ws/market")).await?;
        socket.send(Message::text(subscribe.clone())).await?;
        let received = received.clone();
        tasks.spawn(async move {
            while let Some(Ok(frame)) = socket.next().await {
                if let Message::Text(text) = frame
                    && let Some(time) = candle_time(&text)
                    && received.send((time, now())).is_err()
                {
                    break;
                }
            }
        });
    }
    // Subscribed like the others, and never read from.
    let (mut stalled, _) = connect_async(format!("ws://{address}/ws/market")).await?;
    stalled.send(Message::text(subscribe)).await?;
    let mut poster = Connection::open(address).await?;
    let (mut latencies, mut delivered) = (Vec::new(), 0);
    let walk = candles::walk(skip + CANDLES + 1)?;
    for (n, candle) in walk.iter().skip(skip).enumerate() {
        let body = json!({ "series_id": series.as_str(), "candle": {
            "candle_time": candle.time().seconds(), "open": candle.open(), "high": candle.high(),
            "low": candle.low(), "close": candle.close(), "volume": candle.volume(),
        }});
        let posted = now();
        let (status, _) = poster
            .post("/api/market/ingest/candle_closed", &body.to_string())
            .await?;
        anyhow::ensure!(status == 200, "the post answered {status}");
        let mut last = posted;
        let mut got = 0;
        while got < clients {
            let arrival = tokio::time::timeout(PATIENCE, arrivals.recv()).await;
            let (time, at) = arrival
                .context("a client waited in vain")?
                .context("the clients are gone")?;
            if time == candle.time().seconds() {
                got += 1;
                last = last.max(at);
            }
        }
        // The first candle waits until every subscription is in place, so it measures connecting.
        if n > 0 {
            latencies.push(last - posted);
            delivered += got;
        }
    }
    tasks.abort_all();
    Ok((
        [percentile(&mut latencies, 0.5), percentile(&mut latencies, 0.99)],
        delivered,
    ))
}

/// Time in a `candle_closed` frame; the newest one of a catch-up.
fn candle_time(frame: &str) -> Option<i64> {
    let (_, rest) = frame.rsplit_once("\"candle_time\":")?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}
