//! Candles against those that are stored.

use std::borrow::Cow;

use rusqlite::Connection;
use tc_market::{Candle, CandleTime};
use tc_store::{PutReport, SeriesKey};

use super::bulk::CANDLES;
use crate::session::candle;

/// Stored rows read past without need before looking the next candle up by its key; a look-up costs about as much.
const SKIP_ROWS: usize = 16;

/// Inserts or overwrites `candles`, strictly ascending. Rows beyond the stored `head` cannot be there and are not
/// compared.
pub(super) fn put(
    connection: &Connection,
    key: SeriesKey,
    head: Option<CandleTime>,
    candles: &[Candle],
) -> rusqlite::Result<PutReport> {
    debug_assert!(
        candles.is_sorted_by(|a, b| a.time() < b.time()),
        "I2: candles come strictly ascending"
    );
    let overlap = candles.partition_point(|candle| head.is_some_and(|head| candle.time() <= head));
    let (known, appended) = candles.split_at(overlap);
    let mut fresh = Cow::Borrowed(appended);
    let mut report = PutReport::default();
    if !known.is_empty() {
        let (new, changed) = compare(connection, key, known)?;
        report.equal = known.len() - new.len() - changed.len();
        report.changed = changed.len();
        report.first_changed = changed.first().map(Candle::time);
        overwrite(connection, key, &changed)?;
        if !new.is_empty() {
            fresh = Cow::Owned([new.as_slice(), appended].concat());
        }
    }
    report.inserted = fresh.len();
    report.first_inserted = fresh.first().map(Candle::time);
    CANDLES.insert(connection, key, &fresh, |row, candle| {
        row.bind(candle.time().seconds())?;
        row.bind(candle.open())?;
        row.bind(candle.high())?;
        row.bind(candle.low())?;
        row.bind(candle.close())?;
        row.bind(candle.volume())
    })?;
    Ok(report)
}

/// Those of `candles` that are not stored, and those stored with other values.
///
/// Walks both sides together. Where many stored rows lie between two candles it starts anew at the next one, so that
/// a few candles spread over a long history do not read all of it.
fn compare(
    connection: &Connection,
    key: SeriesKey,
    candles: &[Candle],
) -> rusqlite::Result<(Vec<Candle>, Vec<Candle>)> {
    let sql = "SELECT time, o, h, l, c, v FROM candle_rows WHERE series = ?1 AND time BETWEEN ?2 AND ?3 ORDER BY time";
    let mut statement = connection.prepare_cached(sql)?;
    let (mut new, mut changed) = (Vec::new(), Vec::new());
    let mut pending = candles;
    while let (Some(first), Some(last)) = (pending.first(), pending.last()) {
        let mut rows = statement.query((key.0, first.time().seconds(), last.time().seconds()))?;
        let mut skipped = 0;
        loop {
            let Some(row) = rows.next()? else {
                new.extend_from_slice(pending);
                pending = &[];
                break;
            };
            let stored = candle(row)?;
            let older = pending.partition_point(|candle| candle.time() < stored.time());
            new.extend_from_slice(&pending[..older]);
            pending = &pending[older..];
            match pending.first() {
                Some(candle) if candle.time() == stored.time() => {
                    if *candle != stored {
                        changed.push(*candle);
                    }
                    pending = &pending[1..];
                    skipped = 0;
                }
                _ => skipped += 1,
            }
            if pending.is_empty() || skipped == SKIP_ROWS {
                break;
            }
        }
    }
    Ok((new, changed))
}

fn overwrite(connection: &Connection, key: SeriesKey, changed: &[Candle]) -> rusqlite::Result<()> {
    let sql = "UPDATE candle_rows SET o = ?3, h = ?4, l = ?5, c = ?6, v = ?7 WHERE series = ?1 AND time = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    for candle in changed {
        statement.execute((
            key.0,
            candle.time().seconds(),
            candle.open(),
            candle.high(),
            candle.low(),
            candle.close(),
            candle.volume(),
        ))?;
    }
    Ok(())
}
