//! A series that nobody has opened before, with a long candle file on this machine.

use std::{fs, path::Path, time::Duration};

use anyhow::Context;
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio_tungstenite::{connect_async, tungstenite::Message};
use trade_canvas::compose::RunningServer;

use crate::{
    candles,
    ingest::write_feather,
    report::{Report, median, ms, now},
    server::config,
};

const ROWS: usize = 500_000;
const SHOWN: usize = 2_000;
const RUNS: usize = 5;
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let files = data.join("binance/futures");
    fs::create_dir_all(&files)?;
    let file = files.join("BTC_USDT_USDT-1m-futures.feather");
    write_feather(&file, &candles::walk(ROWS)?)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (mut first, mut again) = (Vec::new(), Vec::new());
    for n in 0..RUNS {
        let db = folder.path().join(format!("{n}.db"));
        let (took, took_again) = runtime.block_on(open_twice(&db, &data))?;
        first.push(took);
        again.push(took_again);
    }
    report.row(
        "open: first subscribe of a series with a feather of 500,000 rows to 2,000 candles on the wire",
        ms(median(&mut first)),
        format!("the same again, from the store: {}", ms(median(&mut again))),
        "<= 1.5 s",
    );
    Ok(())
}

/// From the subscribe to the candles, with nothing stored and then with everything.
async fn open_twice(db: &Path, data: &Path) -> anyhow::Result<(Duration, Duration)> {
    let further = [
        ("TRADE_CANVAS_MARKET_HISTORY_SOURCE", "freqtrade"),
        (
            "TRADE_CANVAS_FREQTRADE_DATADIR",
            data.to_str().context("a readable path")?,
        ),
    ];
    let server = RunningServer::start(config(db, &further)?).await?;
    let opened = async { anyhow::Ok((open(&server).await?, open(&server).await?)) }.await;
    server.shutdown().await;
    opened
}

async fn open(server: &RunningServer) -> anyhow::Result<Duration> {
    let (mut socket, _) = connect_async(format!("ws://{}/ws/market", server.address())).await?;
    let series = candles::series()?;
    let subscribe = json!({ "type": "subscribe", "series_id": series.as_str(), "supports_batch": true });
    let begun = now();
    socket.send(Message::text(subscribe.to_string())).await?;
    let frame = tokio::time::timeout(PATIENCE, socket.next())
        .await
        .context("no candles came")?
        .context("the socket was closed")??;
    let took = begun.elapsed();
    let candles = frame.to_text()?.matches("\"candle_time\"").count();
    anyhow::ensure!(candles == SHOWN, "{candles} candles came instead of {SHOWN}");
    Ok(took)
}
