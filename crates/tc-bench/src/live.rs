//! Five hundred series that are followed live: simulator, shared connections, jobs, pipeline, SQLite, hub, socket.

mod exchange;
mod processor;
mod viewer;

use std::{path::Path, time::Duration};

use anyhow::Context;
use tc_market::{Candle, SeriesId};
use trade_canvas::compose::RunningServer;

use crate::{
    candles,
    pipeline::{BATCH, Ingest},
    report::{Report, ms, percentile},
    server::config,
};
use exchange::Exchange;
use processor::spent;
use viewer::Viewer;

const SERIES: usize = 500;
/// Series that somebody looks at between the closes.
const SHOWN: usize = 50;
/// Stored candles of each series before the start.
const STORED: usize = 600;
/// Closes that are measured, after two that warm up.
const CLOSES: usize = 10;
const WARM_UP: usize = 2;
/// Real time between two forming frames of a series while the processor is watched.
const PAUSE: Duration = Duration::from_millis(250);
/// How often it is watched, and for how many pushes each time.
const WATCHES: u32 = 4;
const PUSHES: u32 = 20;

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let db = folder.path().join("market.db");
    let walk = candles::walk(STORED + 2 * (WARM_UP + CLOSES) + 16)?;
    let series: Vec<SeriesId> = (0..SERIES)
        .map(|n| format!("binance:spot:S{n}/USDT:1m").parse())
        .collect::<Result<_, _>>()?;
    store(&db, &series, &walk)?;
    let exchange = Exchange::start(&series, &walk, STORED)?;
    let names: Vec<_> = series.iter().map(SeriesId::as_str).collect();
    let whitelist = folder.path().join("whitelist.json");
    std::fs::write(&whitelist, serde_json::json!({ "series_ids": names }).to_string())?;
    let server_runtime = runtime("server", 2)?;
    let config = config(
        &db,
        &[
            ("TRADE_CANVAS_WHITELIST_PATH", &whitelist.display().to_string()),
            ("TRADE_CANVAS_ENABLE_WHITELIST_INGEST", "1"),
            ("TRADE_CANVAS_BINANCE_SPOT_WS_BASE_URL", &exchange.ws_base()),
            ("TRADE_CANVAS_BINANCE_SPOT_BASE_URL", &exchange.rest_base()),
        ],
    )?;
    let server = server_runtime.block_on(RunningServer::start(config))?;
    let client_runtime = runtime("client", 1)?;
    let measured = measure(exchange, series, server.address());
    let measured = client_runtime.block_on(client_runtime.spawn(measured))??;
    server_runtime.block_on(server.shutdown());
    let bare = client_runtime.spawn(measured.bare());
    client_runtime.block_on(bare)??.write(report);
    Ok(())
}

/// What was found out, and where more is to be found out.
struct Measured {
    exchange: Exchange,
    series: Vec<SeriesId>,
    /// The next bucket to close.
    minute: i64,
    /// Processor time of the server while watched, and the frames that it read in that time.
    between: (Duration, usize),
    /// From the close to the last publication.
    closes: Vec<Duration>,
    /// The same frames, read from the exchange and dropped.
    bare: Vec<Duration>,
}

impl Measured {
    /// Reads closes without a server.
    async fn bare(mut self) -> anyhow::Result<Self> {
        let mut readers = self.exchange.readers(&self.series).await?;
        for _ in 0..CLOSES {
            let begun = self.exchange.close(self.minute).await?;
            self.bare.push(readers.closed(SERIES).await? - begun);
            self.minute += 1;
        }
        Ok(self)
    }

    fn write(mut self, report: &mut Report) {
        report.row(
            "live: 500 series close at once, to the last stored, computed and published",
            format!(
                "p50 {}, worst {}",
                ms(percentile(&mut self.closes, 0.5)),
                ms(percentile(&mut self.closes, 1.0))
            ),
            format!("reading the frames only: {}", ms(percentile(&mut self.bare, 0.5))),
            "<= 500 ms",
        );
        let (busy, frames) = self.between;
        let watched = PAUSE.as_secs_f64() * f64::from(WATCHES * PUSHES);
        report.row(
            "live: processor between closes, 500 series with 4 frames/s each, 50 shown",
            format!("{:.1} % of a core", 100.0 * busy.as_secs_f64() / watched),
            format!(
                "{:.0} frames/s read",
                f64::from(u32::try_from(frames).unwrap_or(u32::MAX)) / watched
            ),
            "<= 20 %",
        );
    }
}

async fn measure(
    exchange: Exchange,
    series: Vec<SeriesId>,
    server: std::net::SocketAddr,
) -> anyhow::Result<Measured> {
    exchange.followed(SERIES).await?;
    let (shown, others) = series
        .split_at_checked(SHOWN)
        .context("there are enough series")?;
    let mut viewer = Viewer::open(server).await?;
    viewer.show(shown).await?;
    let mut minute = 0;
    for _ in 0..WARM_UP {
        exchange.close(minute).await?;
        viewer.closed(shown.len(), exchange.open_time(minute)).await?;
        minute += 1;
    }
    let (mut busy, mut frames) = (Duration::ZERO, 0);
    for _ in 0..WATCHES {
        let before = (spent()?, exchange.frames());
        exchange.push(PUSHES, PAUSE).await?;
        busy += spent()?.saturating_sub(before.0);
        frames += exchange.frames() - before.1;
        exchange.close(minute).await?;
        viewer.closed(shown.len(), exchange.open_time(minute)).await?;
        minute += 1;
    }
    viewer.show(others).await?;
    let mut closes = Vec::new();
    for close in 0..WARM_UP + CLOSES - 1 {
        let begun = exchange.close(minute).await?;
        let ended = viewer.closed(SERIES, exchange.open_time(minute)).await?;
        if close > 0 {
            closes.push(ended - begun);
        }
        minute += 1;
    }
    Ok(Measured {
        exchange,
        series,
        minute,
        between: (busy, frames),
        closes,
        bare: Vec::new(),
    })
}

/// A runtime whose threads can be told from those of the others.
fn runtime(name: &str, workers: usize) -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .thread_name(name)
        .enable_all()
        .build()?)
}

fn store(db: &Path, series: &[SeriesId], walk: &[Candle]) -> anyhow::Result<()> {
    let mut ingest = Ingest::open(db, &[])?;
    let stored = walk.get(..STORED).context("the walk is long enough")?;
    series
        .iter()
        .try_for_each(|series| ingest.store(series, stored, BATCH))
}
