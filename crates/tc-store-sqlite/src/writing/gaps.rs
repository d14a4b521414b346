//! Gap records and rebuilds.

use rusqlite::{Connection, params};
use tc_market::CandleTime;
use tc_store::{EpochRecord, GapRecord, GapState, MAX_EPOCHS, MAX_GAPS, SeriesKey};

/// Each in the place of one that begins at the same time; then no more of the series than allowed.
pub(super) fn put(connection: &Connection, key: SeriesKey, gaps: &[GapRecord]) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT OR REPLACE INTO gaps (series, from_time, to_time, missing_candles, cause, state, detected_at_ms,
                                      attempts, last_attempt_at_ms, last_error, healed_at_ms, healed_from)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?;
    for gap in gaps {
        let healed = match gap.state {
            GapState::Healed { at_ms, from } => Some((at_ms, from.name())),
            _ => None,
        };
        insert.execute(params![
            key.0,
            gap.from.seconds(),
            gap.to.seconds(),
            gap.missing.cast_signed(),
            gap.cause.name(),
            gap.state.name(),
            gap.detected_at_ms,
            gap.attempts,
            gap.last_attempt_at_ms,
            gap.last_error,
            healed.map(|(at_ms, _)| at_ms),
            healed.map(|(_, from)| from),
        ])?;
    }
    if gaps.is_empty() {
        return Ok(());
    }
    let stored: i64 = connection
        .prepare_cached("SELECT count(*) FROM gaps WHERE series = ?1")?
        .query_row([key.0], |row| row.get(0))?;
    let surplus = stored - i64::try_from(MAX_GAPS).unwrap_or(i64::MAX);
    if surplus > 0 {
        connection
            .prepare_cached(
                "DELETE FROM gaps WHERE series = ?1 AND from_time IN
                     (SELECT from_time FROM gaps WHERE series = ?1
                      ORDER BY healed_at_ms IS NULL, from_time LIMIT ?2)",
            )?
            .execute((key.0, surplus))?;
    }
    Ok(())
}

pub(super) fn delete(connection: &Connection, key: SeriesKey, from: &[CandleTime]) -> rusqlite::Result<()> {
    let mut delete = connection.prepare_cached("DELETE FROM gaps WHERE series = ?1 AND from_time = ?2")?;
    for from in from {
        delete.execute((key.0, from.seconds()))?;
    }
    Ok(())
}

pub(super) fn put_epoch(
    connection: &Connection,
    key: SeriesKey,
    epoch: &EpochRecord,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO epochs (series, epoch, at_ms, reason, from_time, candles)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            key.0,
            epoch.epoch,
            epoch.at_ms,
            epoch.reason.name(),
            epoch.from.map(CandleTime::seconds),
            epoch.candles.cast_signed(),
        ])?;
    let oldest = epoch.epoch.saturating_sub(MAX_EPOCHS - 1);
    connection
        .prepare_cached("DELETE FROM epochs WHERE series = ?1 AND epoch < ?2")?
        .execute((key.0, oldest))
        .map(drop)
}
