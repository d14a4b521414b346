//! Gap records, rebuilds, and the regularity of candles.

use std::ops::Deref;

use rusqlite::{
    Connection, Row,
    types::{FromSqlError, Type},
};
use tc_market::{CandleTime, Timeframe};
use tc_store::{
    CandleStep, CandleSteps, EpochRecord, GapCause, GapQuery, GapRecord, GapState, HealedFrom, OpenGaps,
    RebuildReason, SeriesKey, StoreError,
};

use super::{CANDLES, Session, limit, optional_time, time};
use crate::failure::failed;

const GAPS: &str = "gaps";

/// A name that stands for a value of an enum.
fn value<T>(row: &Row<'_>, column: usize, named: impl Fn(&str) -> Option<T>) -> rusqlite::Result<T> {
    let name = row.get_ref(column)?.as_str()?;
    named(name).ok_or_else(|| {
        let unknown = FromSqlError::Other(format!("{name:?} is not a known name").into());
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(unknown))
    })
}

/// Columns `from_time, to_time, missing_candles, cause, state, detected_at_ms, attempts, last_attempt_at_ms,
/// last_error, healed_at_ms, healed_from`.
fn gap(row: &Row<'_>) -> rusqlite::Result<GapRecord> {
    let state = match row.get::<_, Option<i64>>(9)? {
        Some(at_ms) => GapState::Healed {
            at_ms,
            from: value(row, 10, HealedFrom::named)?,
        },
        None => value(row, 4, |name| {
            let states = [GapState::Open, GapState::Filling, GapState::Absent];
            states.into_iter().find(|state| state.name() == name)
        })?,
    };
    Ok(GapRecord {
        from: time(row, 0)?,
        to: time(row, 1)?,
        missing: row.get(2).map(i64::cast_unsigned)?,
        cause: value(row, 3, GapCause::named)?,
        state,
        detected_at_ms: row.get(5)?,
        attempts: row.get(6)?,
        last_attempt_at_ms: row.get(7)?,
        last_error: row.get(8)?,
    })
}

impl<C: Deref<Target = Connection>> Session<'_, C> {
    pub(super) fn read_steps(
        &self,
        key: SeriesKey,
        timeframe: Timeframe,
        (from, to): (CandleTime, CandleTime),
        rows: usize,
    ) -> Result<CandleSteps, StoreError> {
        let steps = "WITH steps AS (
                         SELECT time, lag(time) OVER (ORDER BY time) AS prev FROM candle_rows
                         WHERE series = ?1 AND time BETWEEN ?3 AND ?4
                     )";
        let summary = format!(
            "{steps} SELECT count(*), min(time), max(time), count(*) FILTER (WHERE time - prev > ?2),
                            max(time - prev) FILTER (WHERE time - prev > ?2),
                            count(*) FILTER (WHERE time % ?2 <> 0)
                     FROM steps"
        );
        let list = format!(
            "{steps} SELECT prev, time FROM steps WHERE time - prev > ?2 ORDER BY time DESC LIMIT ?5"
        );
        let (timeframe_s, from, to) = (timeframe.seconds(), from.seconds(), to.seconds());
        let read = || {
            let read_summary = |row: &Row<'_>| {
                Ok(CandleSteps {
                    count: row.get(0).map(i64::cast_unsigned)?,
                    first: optional_time(row, 1)?,
                    last: optional_time(row, 2)?,
                    gaps: row.get(3).map(i64::cast_unsigned)?,
                    max_gap_s: row.get(4)?,
                    off_grid: row.get(5).map(i64::cast_unsigned)?,
                    newest: Vec::new(),
                })
            };
            let found = self.one(&summary, (key.0, timeframe_s, from, to), read_summary)?;
            let mut found = found.unwrap_or_default();
            if found.gaps > 0 && rows > 0 {
                let step = |row: &Row<'_>| {
                    Ok(Some(CandleStep {
                        prev: time(row, 0)?,
                        next: time(row, 1)?,
                    }))
                };
                found.newest = self.many(&list, (key.0, timeframe_s, from, to, limit(rows)), step)?;
            }
            Ok(found)
        };
        read().map_err(failed("looking for holes", CANDLES))
    }

    pub(super) fn read_gaps(&self, key: SeriesKey, query: &GapQuery) -> Result<Vec<GapRecord>, StoreError> {
        let healed = match query.healed {
            Some(true) => "AND healed_at_ms IS NOT NULL",
            Some(false) => "AND healed_at_ms IS NULL",
            None => "",
        };
        let sql = format!(
            "SELECT from_time, to_time, missing_candles, cause, state, detected_at_ms, attempts,
                    last_attempt_at_ms, last_error, healed_at_ms, healed_from
             FROM gaps WHERE series = ?1 AND to_time >= ?2 AND from_time <= ?3 {healed}
             ORDER BY from_time DESC LIMIT ?4"
        );
        let params = (
            key.0,
            query.from.seconds(),
            query.to.seconds(),
            limit(query.limit),
        );
        self.many(&sql, params, |row| gap(row).map(Some))
            .map_err(failed("reading gaps", GAPS))
    }

    pub(super) fn count_open_gaps(&self, key: SeriesKey) -> Result<OpenGaps, StoreError> {
        let sql = "SELECT count(*), coalesce(sum(missing_candles), 0) FROM gaps
                   WHERE series = ?1 AND healed_at_ms IS NULL";
        self.one(sql, [key.0], |row| {
            Ok(OpenGaps {
                count: row.get(0).map(i64::cast_unsigned)?,
                missing: row.get(1).map(i64::cast_unsigned)?,
            })
        })
        .map(Option::unwrap_or_default)
        .map_err(failed("counting gaps", GAPS))
    }

    pub(super) fn read_epochs(&self, key: SeriesKey, rows: usize) -> Result<Vec<EpochRecord>, StoreError> {
        let sql = "SELECT epoch, at_ms, reason, from_time, candles FROM epochs WHERE series = ?1
                   ORDER BY epoch DESC LIMIT ?2";
        self.many(sql, (key.0, limit(rows)), |row| {
            Ok(Some(EpochRecord {
                epoch: row.get(0)?,
                at_ms: row.get(1)?,
                reason: value(row, 2, RebuildReason::named)?,
                from: optional_time(row, 3)?,
                candles: row.get(4).map(i64::cast_unsigned)?,
            }))
        })
        .map_err(failed("reading rebuilds", "epochs"))
    }
}
