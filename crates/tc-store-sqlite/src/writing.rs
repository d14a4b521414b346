//! Writes of a transaction.

mod bulk;
mod gaps;
mod upsert;

use std::{ops::Deref, sync::MutexGuard};

use rusqlite::{Connection, Params, params};
use tc_factor::LedgerEvent;
use tc_market::{Candle, CandleTime, SeriesId};
use tc_overlay::SettledRow;
use tc_store::{
    EpochRecord, GapRecord, PutReport, Savepoint, SeriesKey, SeriesState, Snapshot, StoreError,
    StoredCheckpoint, WriteTxn,
};

use crate::{
    failure::{Misuse, failed},
    numbering::Numbering,
    session::Session,
};
use bulk::{EVENTS, SETTLED};

/// The writing connection inside a transaction; dropped before the commit, it rolls back.
pub(crate) struct Writing<'w> {
    connection: MutexGuard<'w, Connection>,
    savepoints: Vec<Savepoint>,
}

impl<'w> Writing<'w> {
    /// Begins a transaction.
    pub(crate) fn begin(connection: MutexGuard<'w, Connection>) -> Result<Self, StoreError> {
        let writing = Self {
            connection,
            savepoints: Vec::new(),
        };
        writing
            .run("BEGIN IMMEDIATE")
            .map_err(failed("beginning a transaction", "series"))?;
        Ok(writing)
    }

    fn run(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(drop)
    }

    /// Takes a savepoint and those nested in it off the list.
    fn close(&mut self, savepoint: Savepoint, action: &'static str) -> Result<(), StoreError> {
        let position = self
            .savepoints
            .iter()
            .position(|&open| open == savepoint)
            .ok_or_else(|| Misuse::NotOpen(savepoint).during(action))?;
        self.savepoints.truncate(position);
        Ok(())
    }
}

impl Deref for Writing<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.run("ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }
}

const fn name(savepoint: Savepoint) -> &'static str {
    match savepoint {
        Savepoint::Unit => "unit",
        Savepoint::Derived => "derived",
    }
}

impl<'s, 'w> Session<'s, Writing<'w>> {
    pub(crate) const fn new(connection: Writing<'w>, numbering: &'s Numbering) -> Self {
        Self {
            connection,
            numbering,
        }
    }

    fn execute(&self, sql: &str, params: impl Params) -> rusqlite::Result<u64> {
        Ok(self.prepare(sql)?.execute(params)? as u64)
    }
}

impl WriteTxn for Session<'_, Writing<'_>> {
    fn ensure_series(&mut self, series: &SeriesId) -> Result<SeriesKey, StoreError> {
        if let Some(key) = self.series_key(series)? {
            return Ok(key);
        }
        self.prepare("INSERT INTO series (series_id) VALUES (?1) RETURNING key")
            .and_then(|mut insert| insert.query_row([series.as_str()], |row| row.get(0)))
            .map(SeriesKey)
            .map_err(failed("adding a series", "series"))
    }

    fn put_series_state(&mut self, key: SeriesKey, state: &SeriesState) -> Result<(), StoreError> {
        let sql = "UPDATE series SET factor_head = ?2, overlay_head = ?3, fingerprint = ?4, render_key = ?5,
                          resync_floor = ?6, stale_from = ?7, epoch = ?8, generation = ?9, feature_head = ?10,
                          gaps_known = ?11
                   WHERE key = ?1";
        let updated = self
            .execute(
                sql,
                params![
                    key.0,
                    state.factor_head.map(CandleTime::seconds),
                    state.overlay_head.map(CandleTime::seconds),
                    state.fingerprint.as_ref().map(|print| print.as_bytes()),
                    state.render_key.as_ref().map(|key| key.as_bytes()),
                    state.resync_floor.seconds(),
                    state.stale_from.map(CandleTime::seconds),
                    state.epoch,
                    state.generation.cast_signed(),
                    state.feature_head.map(CandleTime::seconds),
                    state.gaps_known,
                ],
            )
            .map_err(failed("writing the state of a series", "series"))?;
        if updated == 0 {
            return Err(StoreError::Corrupt {
                table: "series",
                reason: format!("no row has the key {}", key.0),
            });
        }
        Ok(())
    }

    fn put_candles(&mut self, key: SeriesKey, candles: &[Candle]) -> Result<PutReport, StoreError> {
        let head = self.head_time(key)?;
        upsert::put(&self.connection, key, head, candles).map_err(failed("writing candles", "candle_rows"))
    }

    fn delete_candles(&mut self, key: SeriesKey, times: &[CandleTime]) -> Result<u64, StoreError> {
        let sql = "DELETE FROM candle_rows WHERE series = ?1 AND time = ?2";
        let mut deleted = 0;
        for time in times {
            deleted += self
                .execute(sql, (key.0, time.seconds()))
                .map_err(failed("deleting candles", "candle_rows"))?;
        }
        Ok(deleted)
    }

    fn trim_candles(&mut self, key: SeriesKey, keep: u64) -> Result<u64, StoreError> {
        let sql = "DELETE FROM candle_rows WHERE series = ?1 AND time <=
                       (SELECT time FROM candle_rows WHERE series = ?1 ORDER BY time DESC LIMIT 1 OFFSET ?2)";
        let keep = i64::try_from(keep.max(1)).unwrap_or(i64::MAX);
        self.execute(sql, (key.0, keep))
            .map_err(failed("trimming candles", "candle_rows"))
    }

    fn append_events(&mut self, key: SeriesKey, events: &[LedgerEvent]) -> Result<(), StoreError> {
        let action = "appending events";
        let kinds = &self.numbering.events;
        if let Some(event) = events.iter().find(|event| kinds.to_store(event.kind.0).is_none()) {
            return Err(Misuse::Unnamed(event.kind.0).during(action));
        }
        EVENTS
            .insert(&self.connection, key, events, |row, event| {
                let visible = event.visible_time.seconds();
                row.bind(visible)?;
                row.bind(event.ord)?;
                row.bind(kinds.to_store(event.kind.0))?;
                row.bind(visible - event.anchor_time.seconds())?;
                row.bind(event.payload.as_slice())
            })
            .map_err(failed(action, "factor_events"))
    }

    fn append_settled(&mut self, key: SeriesKey, rows: &[SettledRow]) -> Result<(), StoreError> {
        let action = "appending drawings";
        let drawings = &self.numbering.drawings;
        if let Some(row) = rows.iter().find(|row| drawings.to_store(row.drawing.0).is_none()) {
            return Err(Misuse::Unnamed(row.drawing.0).during(action));
        }
        SETTLED
            .insert(&self.connection, key, rows, |row, settled| {
                let version = settled.version.seconds();
                row.bind(version)?;
                row.bind(settled.ord)?;
                row.bind(drawings.to_store(settled.drawing.0))?;
                row.bind(version - settled.first_time.seconds())?;
                row.bind(version - settled.last_time.seconds())?;
                row.bind(settled.payload.as_slice())
            })
            .map_err(failed(action, "overlay_rows"))
    }

    fn put_checkpoint(&mut self, key: SeriesKey, checkpoint: &StoredCheckpoint) -> Result<(), StoreError> {
        let sql = "INSERT INTO factor_checkpoints (series, time, state) VALUES (?1, ?2, ?3)
                   ON CONFLICT (series, time) DO UPDATE SET state = excluded.state";
        self.execute(sql, (key.0, checkpoint.time.seconds(), &checkpoint.bytes))
            .map(drop)
            .map_err(failed("writing a checkpoint", "factor_checkpoints"))
    }

    fn discard_ledger_from(&mut self, key: SeriesKey, from: CandleTime) -> Result<(), StoreError> {
        let params = (key.0, from.seconds());
        self.execute(
            "DELETE FROM factor_events WHERE series = ?1 AND visible_time >= ?2",
            params,
        )
        .map_err(failed("discarding events", "factor_events"))?;
        self.execute(
            "DELETE FROM factor_checkpoints WHERE series = ?1 AND time >= ?2",
            params,
        )
        .map(drop)
        .map_err(failed("discarding checkpoints", "factor_checkpoints"))
    }

    fn discard_settled_from(&mut self, key: SeriesKey, from: CandleTime) -> Result<(), StoreError> {
        self.execute(
            "DELETE FROM overlay_rows WHERE series = ?1 AND version >= ?2",
            (key.0, from.seconds()),
        )
        .map(drop)
        .map_err(failed("discarding drawings", "overlay_rows"))
    }

    fn put_gaps(&mut self, key: SeriesKey, gaps: &[GapRecord]) -> Result<(), StoreError> {
        gaps::put(&self.connection, key, gaps).map_err(failed("writing gaps", "gaps"))
    }

    fn delete_gaps(&mut self, key: SeriesKey, from: &[CandleTime]) -> Result<(), StoreError> {
        gaps::delete(&self.connection, key, from).map_err(failed("deleting gaps", "gaps"))
    }

    fn put_epoch(&mut self, key: SeriesKey, epoch: &EpochRecord) -> Result<(), StoreError> {
        gaps::put_epoch(&self.connection, key, epoch).map_err(failed("recording a rebuild", "epochs"))
    }

    fn savepoint(&mut self, savepoint: Savepoint) -> Result<(), StoreError> {
        let action = "opening a savepoint";
        if let Some(&open) = self.connection.savepoints.last()
            && open >= savepoint
        {
            return Err(Misuse::Nesting(savepoint, open).during(action));
        }
        self.connection
            .run(&format!("SAVEPOINT {}", name(savepoint)))
            .map_err(failed(action, "series"))?;
        self.connection.savepoints.push(savepoint);
        Ok(())
    }

    fn rollback_to(&mut self, savepoint: Savepoint) -> Result<(), StoreError> {
        let action = "rolling back to a savepoint";
        self.connection.close(savepoint, action)?;
        let name = name(savepoint);
        // Going back leaves the savepoint itself open.
        self.connection
            .run(&format!("ROLLBACK TO {name}"))
            .and_then(|()| self.connection.run(&format!("RELEASE {name}")))
            .map_err(failed(action, "series"))
    }

    fn release(&mut self, savepoint: Savepoint) -> Result<(), StoreError> {
        let action = "releasing a savepoint";
        self.connection.close(savepoint, action)?;
        self.connection
            .run(&format!("RELEASE {}", name(savepoint)))
            .map_err(failed(action, "series"))
    }

    fn commit(self: Box<Self>) -> Result<(), StoreError> {
        // A commit that fails may leave the transaction open; dropping it then rolls back.
        self.connection
            .run("COMMIT")
            .map_err(failed("committing", "candle_rows"))
    }
}
