//! Bulk writes of candles into SQLite, beside a bare prepared-insert loop into the same schema.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, params};
use tc_market::Candle;
use tc_store::{Names, Storage};
use tc_store_sqlite::{SqliteOptions, SqliteStorage};

use crate::{
    candles,
    report::{Report, median, mega_rate, ms, ratio, timed},
};

const CANDLES: usize = 500_000;
const BATCH: usize = 20_000;
const RUNS: usize = 3;
/// Into the table that the store keeps candles in.
const BARE_INSERT: &str =
    "INSERT INTO candle_rows (series, time, o, h, l, c, v) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    let candles = candles::walk(CANDLES)?;
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        bare.push(bare_inserts(&candles)?);
        ours.push(bulk(&candles)?);
    }
    let (ours, bare) = (median(&mut ours), median(&mut bare));
    let figure = format!(
        "{} ({}), {} of the baseline",
        mega_rate(CANDLES, ours),
        ms(ours),
        ratio(ours, bare)
    );
    let baseline = format!(
        "bare prepared inserts: {} ({})",
        mega_rate(CANDLES, bare),
        ms(bare)
    );
    report.row(
        "store: 500,000 candles in batches of 20,000",
        figure,
        baseline,
        ">= 1.0 M/s, <= 1.5x",
    );
    Ok(())
}

fn bulk(candles: &[Candle]) -> anyhow::Result<Duration> {
    let folder = tempfile::tempdir()?;
    let storage = open(&folder.path().join("market.db"))?;
    let series = candles::series()?;
    let (result, took) = timed(|| -> anyhow::Result<()> {
        for batch in candles.chunks(BATCH) {
            let mut txn = storage.begin()?;
            let key = txn.ensure_series(&series)?;
            txn.put_candles(key, batch)?;
            txn.commit()?;
        }
        Ok(())
    });
    result?;
    Ok(took)
}

fn open(path: &Path) -> anyhow::Result<SqliteStorage> {
    Ok(SqliteStorage::open(
        path,
        Names::default(),
        SqliteOptions::default(),
    )?)
}

/// The schema is made by the store itself; the loop knows nothing but the table.
fn bare_inserts(candles: &[Candle]) -> anyhow::Result<Duration> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("market.db");
    let storage = open(&path)?;
    let mut txn = storage.begin()?;
    let key = txn.ensure_series(&candles::series()?)?;
    txn.commit()?;
    drop(storage);
    let mut connection = Connection::open(&path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let (result, took) = timed(|| -> anyhow::Result<()> {
        for batch in candles.chunks(BATCH) {
            let txn = connection.transaction()?;
            {
                let mut insert = txn.prepare_cached(BARE_INSERT)?;
                for candle in batch {
                    insert.execute(params![
                        key.0,
                        candle.time().seconds(),
                        candle.open(),
                        candle.high(),
                        candle.low(),
                        candle.close(),
                        candle.volume()
                    ])?;
                }
            }
            txn.commit()?;
        }
        Ok(())
    });
    result?;
    Ok(took)
}
