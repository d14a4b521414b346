//! Measures bulk writing: `cargo run --release -p tc-store-sqlite --example bulk -- [folder]`.
//!
//! Three ways to store the same million candles in batches of 20,000, each batch durable before the next one begins:
//! (a) a bare loop over a prepared insert into the same tables, (b) `put_candles`, (c) `put_candles` with an event and
//! a settled drawing for every tenth candle and a checkpoint for every 512th. The best of several rounds counts, as
//! the machine may be busy; the rounds of the three ways alternate.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measuring program: it prints, reads the clock, and stops at the first failure"
)]

use std::{
    error::Error,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rusqlite::{Connection, params};
use tc_factor::{KindId, LedgerEvent, Payload};
use tc_market::{Candle, CandleTime, SeriesId};
use tc_overlay::{DrawingId, SettledRow};
use tc_store::{Names, Storage, StoredCheckpoint};
use tc_store_sqlite::{SqliteOptions, SqliteStorage};
use tempfile::TempDir;

const CANDLES: i64 = 1_000_000;
const BATCH: usize = 20_000;
/// Candles from one event to the next.
const EVENT_EVERY: usize = 10;
const ROUNDS: usize = 5;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Rows of one run, made before the clock starts.
struct Input {
    candles: Vec<Candle>,
    events: Vec<LedgerEvent>,
    drawings: Vec<SettledRow>,
}

fn main() -> Outcome<()> {
    let folder = std::env::args()
        .nth(1)
        .map_or_else(std::env::temp_dir, PathBuf::from);
    let input = input();
    let mut best = [Duration::MAX; 6];
    let mut bytes = [0; 3];
    for _ in 0..ROUNDS {
        let place = TempDir::new_in(&folder)?;
        let path = place.path().join("market.db");
        drop(open(&path)?);
        keep(&mut best[0], bare_loop(&path, &input)?);
        bytes[0] = size(&path)?;

        let place = TempDir::new_in(&folder)?;
        let path = place.path().join("market.db");
        keep(&mut best[1], put_candles(&path, &input)?);
        bytes[1] = size(&path)?;
        let started = Instant::now();
        let store = open(&path)?;
        let list = store.snapshot()?.list_series()?;
        keep(&mut best[3], started.elapsed());
        assert_eq!(list.len(), 1);
        for _ in 0..20 {
            let started = Instant::now();
            let snapshot = store.snapshot()?;
            let key = snapshot.series_key(&series())?.unwrap();
            assert_eq!(snapshot.newest_candles(key, 2000)?.len(), 2000);
            keep(&mut best[5], started.elapsed());
        }
        drop(store);

        let place = TempDir::new_in(&folder)?;
        let path = place.path().join("market.db");
        keep(&mut best[2], everything(&path, &input)?);
        bytes[2] = size(&path)?;

        let place = TempDir::new_in(&folder)?;
        keep(
            &mut best[4],
            events_alone(&place.path().join("market.db"), &input)?,
        );
    }
    report(&best, &bytes);
    Ok(())
}

fn report(best: &[Duration; 6], bytes: &[u64; 3]) {
    let texts = ["(a) bare prepared insert", "(b) put_candles", "(c) with events"];
    for ((text, time), bytes) in texts.iter().zip(best).zip(bytes) {
        let rate = CANDLES as f64 / time.as_secs_f64() / 1e6;
        let ratio = time.as_secs_f64() / best[0].as_secs_f64();
        let row_bytes = *bytes as f64 / CANDLES as f64;
        println!("{text:26} {rate:5.2} M candles/s  time {ratio:4.2} x (a)  {row_bytes:5.1} bytes/candle");
    }
    println!(
        "open and list, {CANDLES} candles: {:.1} ms",
        best[3].as_secs_f64() * 1e3
    );
    println!(
        "100000 events of 16 bytes, one commit: {:.1} ms",
        best[4].as_secs_f64() * 1e3
    );
    println!(
        "snapshot with the newest 2000 candles: {:.2} ms",
        best[5].as_secs_f64() * 1e3
    );
}

fn keep(best: &mut Duration, time: Duration) {
    *best = time.min(*best);
}

fn size(path: &Path) -> Outcome<u64> {
    Ok(std::fs::metadata(path)?.len())
}

fn names() -> Names {
    Names {
        event_kinds: vec!["pivot.major".to_owned()],
        drawings: vec!["pivot.major".to_owned()],
    }
}

fn open(path: &Path) -> Outcome<SqliteStorage> {
    Ok(SqliteStorage::open(path, names(), SqliteOptions::default())?)
}

fn series() -> SeriesId {
    "binance:futures:BTC/USDT:1m".parse().unwrap()
}

fn input() -> Input {
    let time = |minute: i64| CandleTime::clamped(1_600_000_000 + minute * 60);
    let candles = (0..CANDLES)
        .map(|minute| {
            let open = 20_000.0 + (minute as f64 * 0.001).sin() * 731.17;
            let volume = 3.7 + (minute % 997) as f64 * 0.731;
            Candle::new(
                time(minute),
                open,
                open * 1.001,
                open * 0.999,
                open * 1.0005,
                volume,
            )
            .unwrap()
        })
        .collect();
    let minutes = || (0..CANDLES).step_by(EVENT_EVERY);
    let events = minutes()
        .map(|minute| LedgerEvent {
            kind: KindId(0),
            ord: 0,
            visible_time: time(minute),
            anchor_time: time(minute - 50),
            payload: Payload::from_slice(&[7; 16]),
        })
        .collect();
    let drawings = minutes()
        .map(|minute| SettledRow {
            version: time(minute),
            ord: 0,
            drawing: DrawingId(0),
            first_time: time(minute - 50),
            last_time: time(minute - 50),
            payload: Payload::from_slice(&[7; 12]),
        })
        .collect();
    Input {
        candles,
        events,
        drawings,
    }
}

fn bare_loop(path: &Path, input: &Input) -> Outcome<Duration> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 2000; PRAGMA cache_size = -8000;
         INSERT INTO series (key, series_id) VALUES (1, 'x')",
    )?;
    let started = Instant::now();
    for batch in input.candles.chunks(BATCH) {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let mut insert = connection.prepare_cached(
            "INSERT INTO candle_rows (series, time, o, h, l, c, v) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )?;
        for candle in batch {
            insert.execute(params![
                1,
                candle.time().seconds(),
                candle.open(),
                candle.high(),
                candle.low(),
                candle.close(),
                candle.volume(),
            ])?;
        }
        drop(insert);
        connection.execute_batch("COMMIT")?;
    }
    Ok(started.elapsed())
}

fn put_candles(path: &Path, input: &Input) -> Outcome<Duration> {
    let store = open(path)?;
    let started = Instant::now();
    for batch in input.candles.chunks(BATCH) {
        let mut txn = store.begin()?;
        let key = txn.ensure_series(&series())?;
        txn.put_candles(key, batch)?;
        txn.commit()?;
    }
    Ok(started.elapsed())
}

fn everything(path: &Path, input: &Input) -> Outcome<Duration> {
    let store = open(path)?;
    let per_batch = BATCH / EVENT_EVERY;
    let derived = input
        .events
        .chunks(per_batch)
        .zip(input.drawings.chunks(per_batch));
    let started = Instant::now();
    for (batch, (events, drawings)) in input.candles.chunks(BATCH).zip(derived) {
        let mut txn = store.begin()?;
        let key = txn.ensure_series(&series())?;
        txn.put_candles(key, batch)?;
        txn.append_events(key, events)?;
        txn.append_settled(key, drawings)?;
        for candle in batch.iter().step_by(512) {
            let checkpoint = StoredCheckpoint {
                time: candle.time(),
                bytes: vec![1; 1000],
            };
            txn.put_checkpoint(key, &checkpoint)?;
        }
        txn.commit()?;
    }
    Ok(started.elapsed())
}

fn events_alone(path: &Path, input: &Input) -> Outcome<Duration> {
    let store = open(path)?;
    let mut txn = store.begin()?;
    let key = txn.ensure_series(&series())?;
    let started = Instant::now();
    txn.append_events(key, &input.events)?;
    txn.commit()?;
    Ok(started.elapsed())
}
