//! Pages of candles over HTTP, beside the same bytes from memory.

use std::{net::SocketAddr, path::Path, time::Duration};

use axum::{Router, body::Body, http::header::CONTENT_TYPE, routing::get};
use bytes::Bytes;
use tokio::{net::TcpListener, task::JoinSet, time::sleep_until};
use trade_canvas::compose::RunningServer;

use crate::{
    candles,
    http_client::Connection,
    pipeline::{BATCH, Ingest},
    report::{Report, ms, now, percentile},
    server::config,
};

const CANDLES: usize = 100_000;
const CONNECTIONS: usize = 8;
const SATURATION: Duration = Duration::from_secs(3);
const OPEN_LOOP: Duration = Duration::from_secs(5);
const LOAD: f64 = 0.3;
const PATH: &str = "/api/market/candles?series_id=binance:futures:BTC/USDT:1m&limit=2000";

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let db = folder.path().join("market.db");
    fill(&db, CANDLES)?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(measure(&db, report))
}

async fn measure(db: &Path, report: &mut Report) -> anyhow::Result<()> {
    let server = RunningServer::start(config(db, &[])?).await?;
    let mut connection = Connection::open(server.address()).await?;
    let (status, length) = connection.get(PATH).await?;
    anyhow::ensure!(status == 200, "the page answered {status}");
    let memory = serve_bytes(length).await?;
    let baseline = saturate(memory, "/bytes").await?;
    let ours = saturate(server.address(), PATH).await?;
    report.row(
        "http: candles?limit=2000, saturation",
        format!("{ours:.0}/s, {:.2}x the time of the baseline", baseline / ours),
        format!("the same {length} bytes from memory: {baseline:.0}/s"),
        "<= 2x",
    );
    let mut latencies = open_loop(server.address(), PATH, ours * LOAD).await?;
    let (p50, p99) = (percentile(&mut latencies, 0.5), percentile(&mut latencies, 0.99));
    report.row(
        "http: candles?limit=2000, open loop",
        format!("p50 {}, p99 {}", ms(p50), ms(p99)),
        format!("{:.0}/s, 30 % of its saturation", ours * LOAD),
        "p99 <= 5 ms",
    );
    server.shutdown().await;
    Ok(())
}

/// Stores `count` candles with their ledgers.
pub(crate) fn fill(db: &Path, count: usize) -> anyhow::Result<()> {
    Ingest::open(db, &[])?.store(&candles::series()?, &candles::walk(count)?, BATCH)
}

/// The same HTTP stack with nothing behind it.
async fn serve_bytes(length: usize) -> anyhow::Result<SocketAddr> {
    let bytes = Bytes::from(vec![b' '; length]);
    let answer = move || async move { ([(CONTENT_TYPE, "application/json")], Body::from(bytes.clone())) };
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/bytes", get(answer))).await });
    Ok(address)
}

/// Answers per second when every connection asks again at once.
async fn saturate(address: SocketAddr, path: &'static str) -> anyhow::Result<f64> {
    let mut tasks = JoinSet::new();
    let start = now();
    for _ in 0..CONNECTIONS {
        tasks.spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut answers = 0_u32;
            while start.elapsed() < SATURATION {
                let (status, _) = connection.get(path).await?;
                anyhow::ensure!(status == 200, "answered {status}");
                answers += 1;
            }
            anyhow::Ok(answers)
        });
    }
    let mut total = 0;
    while let Some(answers) = tasks.join_next().await {
        total += answers??;
    }
    Ok(f64::from(total) / start.elapsed().as_secs_f64())
}

/// Latencies when requests arrive at a fixed rate, whether or not earlier ones have been answered: the clock of a
/// request starts when it is due, not when its connection is free.
async fn open_loop(address: SocketAddr, path: &'static str, rate: f64) -> anyhow::Result<Vec<Duration>> {
    let start = now();
    let interval = Duration::from_secs_f64(CONNECTIONS as f64 / rate);
    let mut tasks = JoinSet::new();
    for n in 0..CONNECTIONS {
        let offset = interval.mul_f64(n as f64 / CONNECTIONS as f64);
        tasks.spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut latencies = Vec::new();
            let mut due = start + offset;
            while start.elapsed() < OPEN_LOOP {
                sleep_until(due.into()).await;
                connection.get(path).await?;
                latencies.push(due.elapsed());
                due += interval;
            }
            anyhow::Ok(latencies)
        });
    }
    let mut all = Vec::new();
    while let Some(latencies) = tasks.join_next().await {
        all.extend(latencies??);
    }
    Ok(all)
}
