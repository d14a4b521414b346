//! What a chart asks for: changes since the candle before, and frames and slices anywhere in the past.

use std::{net::SocketAddr, path::Path, time::Duration};

use anyhow::Context;
use serde_json::json;
use tc_market::{Candle, CandleTime};
use tc_read::{DrawQuery, ReadModel, ReadOptions};
use tc_store::Storage;
use trade_canvas::compose::{self, RunningServer};

use crate::{
    candles,
    http::fill,
    http_client::Connection,
    report::{Report, median, ms, now, percentile, ratio, timed},
    server::config,
};

const CANDLES: usize = 500_000;
/// Candles that come in one by one while somebody follows them.
const LIVE: usize = 1_000;
/// Instants of the past that are asked for.
const PAST: usize = 2_000;
/// Window of every question, candles; also that of the drawings.
const WINDOW: i64 = 2_000;

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let db = folder.path().join("market.db");
    fill(&db, CANDLES)?;
    let walk = candles::walk(CANDLES + LIVE)?;
    let (past, live) = walk.split_at(CANDLES);
    let times = picks(past);
    let rows = rows_alone(&db, &times)?;
    drawings(report, &db, &times, &rows)?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(over_http(report, &db, &times, &rows, live))
}

/// Random instants, the same for every run; a window lies before each.
fn picks(past: &[Candle]) -> Vec<CandleTime> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let first = usize::try_from(WINDOW).unwrap_or_default();
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 1).unwrap_or_default() % (past.len() - first)
    };
    (0..PAST).map(|_| past[first + next()].time()).collect()
}

/// Half and nearly all of the answers.
struct Spread {
    p50: Duration,
    p99: Duration,
}

impl Spread {
    fn of(mut latencies: Vec<Duration>) -> Self {
        Self {
            p50: median(&mut latencies),
            p99: percentile(&mut latencies, 0.99),
        }
    }

    fn text(&self) -> String {
        format!("p50 {}, p99 {}", ms(self.p50), ms(self.p99))
    }
}

/// The floor of every answer about the past: reading the rows of its window and doing nothing with them.
fn rows_alone(db: &Path, times: &[CandleTime]) -> anyhow::Result<Spread> {
    let config = config(db, &[])?;
    let setup = compose::fold_setup(&config)?;
    let storage = compose::open_store(&config, &setup)?;
    let mut latencies = Vec::with_capacity(times.len());
    for time in times {
        let (read, took) = timed(|| -> anyhow::Result<usize> {
            let snapshot = storage.snapshot()?;
            let key = snapshot
                .series_key(&candles::series()?)?
                .context("the series is stored")?;
            let from = time.shifted(-60 * WINDOW);
            let checkpoint = snapshot.checkpoint_at(key, *time)?;
            let events = snapshot.events(key, from, *time)?;
            let settled = snapshot.settled(key, from, *time)?;
            Ok(usize::from(checkpoint.is_some()) + events.len() + settled.len())
        });
        read?;
        latencies.push(took);
    }
    Ok(Spread::of(latencies))
}

/// Drawings from a cold store and from a warm fold, without HTTP and JSON.
fn drawings(report: &mut Report, db: &Path, times: &[CandleTime], rows: &Spread) -> anyhow::Result<()> {
    let config = config(db, &[])?;
    let setup = compose::fold_setup(&config)?;
    let storage = compose::open_store(&config, &setup)?;
    let series = candles::series()?;
    let draw = |model: &ReadModel, time: CandleTime| -> anyhow::Result<Duration> {
        let query = DrawQuery {
            cursor: time.seconds(),
            window_candles: u32::try_from(WINDOW)?,
            at_time: Some(time.seconds()),
        };
        let (delta, took) = timed(|| {
            let snapshot = storage.snapshot()?;
            anyhow::Ok(model.draw_delta(&*snapshot, &series, &query)?)
        });
        anyhow::ensure!(delta?.to == Some(time), "a drawing of another candle");
        Ok(took)
    };
    let (mut cold, mut warm) = (Vec::new(), Vec::new());
    for time in times {
        let model = ReadModel::new(std::sync::Arc::clone(&setup), ReadOptions::default());
        cold.push(draw(&model, *time)?);
        warm.push(draw(&model, *time)?);
    }
    let (cold, warm) = (Spread::of(cold), Spread::of(warm));
    report.row(
        "frames: D(t) at a random t, cold store",
        cold.text(),
        format!("its rows read and nothing else: {}", rows.text()),
        "p99 <= 5 ms",
    );
    report.row(
        "frames: D(t) from a warm fold",
        warm.text(),
        format!("cold: {} as long", ratio(cold.p50, warm.p50)),
        "p99 <= 0.1 ms",
    );
    Ok(())
}

async fn over_http(
    report: &mut Report,
    db: &Path,
    times: &[CandleTime],
    rows: &Spread,
    live: &[Candle],
) -> anyhow::Result<()> {
    let server = RunningServer::start(config(db, &[])?).await?;
    let series = candles::series()?;
    for (what, route, target) in [
        ("frame/at_time", "/api/frame/at_time", "p99 <= 10 ms"),
        ("slices", "/api/factor/slices", "p99 <= 5 ms"),
    ] {
        let paths = times
            .iter()
            .map(|time| format!("{route}?series_id={series}&at_time={time}&window_candles={WINDOW}"));
        let (spread, bytes) = ask(server.address(), paths).await?;
        report.row(
            &format!("frames: {what} at a random t over 500,000 candles"),
            format!("{}; {} kB each", spread.text(), bytes / 1000),
            format!("its rows read and nothing else: {}", rows.text()),
            target,
        );
    }
    let (spread, nothing) = follow(server.address(), live).await?;
    report.row(
        "frames: draw/delta from the candle before",
        spread.text(),
        format!("a request without an answer to make: {}", nothing.text()),
        "p99 <= 1 ms",
    );
    server.shutdown().await;
    Ok(())
}

/// One request after the other; returns how long they took, and how long an answer is.
async fn ask(address: SocketAddr, paths: impl Iterator<Item = String>) -> anyhow::Result<(Spread, usize)> {
    let mut connection = Connection::open(address).await?;
    let (mut latencies, mut bytes) = (Vec::new(), 0);
    for path in paths {
        let asked = now();
        let (status, length) = connection.get(&path).await?;
        latencies.push(asked.elapsed());
        anyhow::ensure!(status == 200, "{path} answered {status}");
        bytes += length;
    }
    let answers = latencies.len().max(1);
    Ok((Spread::of(latencies), bytes / answers))
}

/// Posts candles one by one and asks for what each changed, and for something that needs no store at all.
async fn follow(address: SocketAddr, live: &[Candle]) -> anyhow::Result<(Spread, Spread)> {
    let series = candles::series()?;
    let mut connection = Connection::open(address).await?;
    let (mut latencies, mut nothing) = (Vec::new(), Vec::new());
    let mut cursor = 0;
    for candle in live {
        let time = candle.time().seconds();
        let body = json!({ "series_id": series.as_str(), "candle": {
            "candle_time": time, "open": candle.open(), "high": candle.high(),
            "low": candle.low(), "close": candle.close(), "volume": candle.volume(),
        }});
        let (status, _) = connection
            .post("/api/market/ingest/candle_closed", &body.to_string())
            .await?;
        anyhow::ensure!(status == 200, "the post answered {status}");
        let path = format!("/api/draw/delta?series_id={series}&cursor_version_id={cursor}");
        let asked = now();
        let (status, _) = connection.get(&path).await?;
        let took = asked.elapsed();
        anyhow::ensure!(status == 200, "the delta answered {status}");
        // The first one is the whole drawing.
        if cursor > 0 {
            latencies.push(took);
        }
        cursor = time;
        let asked = now();
        connection.get("/health/live").await?;
        nothing.push(asked.elapsed());
    }
    Ok((Spread::of(latencies), Spread::of(nothing)))
}
