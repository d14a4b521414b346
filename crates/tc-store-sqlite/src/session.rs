//! Reads, the same for a snapshot and inside a write transaction.

mod gaps;

use std::ops::Deref;

use rusqlite::{
    CachedStatement, Connection, OptionalExtension, Params, Row,
    types::{FromSql, FromSqlError, FromSqlResult, Type, ValueRef},
};
use tc_factor::{Fingerprint, KindId, LedgerEvent, Payload};
use tc_market::{Candle, CandleTime, SeriesId, Timeframe};
use tc_overlay::{DrawingId, RenderKey, SettledRow};
use tc_store::{
    CandleSteps, EpochRecord, EventQuery, GapQuery, GapRecord, OpenGaps, Order, Payloads, SeriesKey,
    SeriesState, SeriesSummary, Snapshot, StoreError, StoredCheckpoint,
};

use crate::{failure::failed, numbering::Numbering};

/// A connection inside a transaction, and the numbers of its names.
pub(crate) struct Session<'s, C> {
    pub(crate) connection: C,
    pub(crate) numbering: &'s Numbering,
}

/// A stored number of seconds.
struct Time(CandleTime);

impl FromSql for Time {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let seconds = value.as_i64()?;
        CandleTime::new(seconds)
            .map(Self)
            .map_err(|_| FromSqlError::OutOfRange(seconds))
    }
}

/// The time in a column.
fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<CandleTime> {
    row.get(column).map(|Time(time)| time)
}

/// The time in a column that may be empty.
fn optional_time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<CandleTime>> {
    Ok(row.get::<_, Option<Time>>(column)?.map(|Time(time)| time))
}

/// `age` seconds before `from`.
fn before(from: CandleTime, row: &Row<'_>, age_column: usize) -> rusqlite::Result<CandleTime> {
    let age: i64 = row.get(age_column)?;
    CandleTime::new(from.seconds().saturating_sub(age))
        .map_err(|error| rusqlite::Error::IntegralValueOutOfRange(age_column, error.0))
}

fn payload(row: &Row<'_>, column: usize) -> rusqlite::Result<Payload> {
    Ok(Payload::from_slice(row.get_ref(column)?.as_blob()?))
}

/// Columns `time, o, h, l, c, v`.
pub(crate) fn candle(row: &Row<'_>) -> rusqlite::Result<Candle> {
    Candle::new(
        time(row, 0)?,
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
        row.get(4)?,
        row.get(5)?,
    )
    .map_err(|error| rusqlite::Error::FromSqlConversionFailure(1, Type::Real, Box::new(error)))
}

fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

impl<C: Deref<Target = Connection>> Session<'_, C> {
    pub(crate) fn prepare(&self, sql: &str) -> rusqlite::Result<CachedStatement<'_>> {
        self.connection.prepare_cached(sql)
    }

    fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Option<T>> {
        self.prepare(sql)?.query_row(params, read).optional()
    }

    /// Rows for which `read` gives nothing are left out.
    fn many<T>(
        &self,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<Option<T>>,
    ) -> rusqlite::Result<Vec<T>> {
        let mut statement = self.prepare(sql)?;
        let mut rows = statement.query(params)?;
        let mut list = Vec::new();
        while let Some(row) = rows.next()? {
            list.extend(read(row)?);
        }
        Ok(list)
    }

    /// Columns `visible_time, ord, kind, anchor_age, payload`.
    fn event(&self, row: &Row<'_>) -> rusqlite::Result<Option<LedgerEvent>> {
        let Some(kind) = self.numbering.events.to_local(row.get(2)?) else {
            return Ok(None);
        };
        let visible_time = time(row, 0)?;
        Ok(Some(LedgerEvent {
            kind: KindId(kind),
            ord: row.get(1)?,
            visible_time,
            anchor_time: before(visible_time, row, 3)?,
            payload: payload(row, 4)?,
        }))
    }

    /// The same columns for the rows that `query` wants.
    fn sql_of(&self, query: &EventQuery<'_>) -> String {
        let payload = match query.payloads {
            Payloads::Stored => "payload",
            Payloads::LeftOut => "x'' AS payload",
        };
        let direction = match query.order {
            Order::Ascending => "ASC",
            Order::Descending => "DESC",
        };
        let kinds = query.kinds.map_or_else(String::new, |kinds| {
            let numbers = kinds
                .iter()
                .filter_map(|kind| self.numbering.events.to_store(kind.0));
            let numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
            format!("AND kind IN ({})", numbers.join(", "))
        });
        format!(
            "SELECT visible_time, ord, kind, anchor_age, {payload} FROM factor_events
             WHERE series = ?1 AND visible_time BETWEEN ?2 AND ?3 {kinds}
             ORDER BY visible_time {direction}, ord {direction}"
        )
    }

    fn settled_row(&self, row: &Row<'_>) -> rusqlite::Result<Option<SettledRow>> {
        let Some(drawing) = self.numbering.drawings.to_local(row.get(2)?) else {
            return Ok(None);
        };
        let version = time(row, 0)?;
        Ok(Some(SettledRow {
            version,
            ord: row.get(1)?,
            drawing: DrawingId(drawing),
            first_time: before(version, row, 3)?,
            last_time: before(version, row, 4)?,
            payload: payload(row, 5)?,
        }))
    }
}

fn series_state(row: &Row<'_>) -> rusqlite::Result<SeriesState> {
    let generation: i64 = row.get(7)?;
    Ok(SeriesState {
        factor_head: optional_time(row, 0)?,
        feature_head: optional_time(row, 8)?,
        overlay_head: optional_time(row, 1)?,
        fingerprint: row.get::<_, Option<[u8; 32]>>(2)?.map(Fingerprint::from_bytes),
        render_key: row.get::<_, Option<[u8; 16]>>(3)?.map(RenderKey::from_bytes),
        resync_floor: time(row, 4)?,
        stale_from: optional_time(row, 5)?,
        epoch: row.get(6)?,
        generation: generation.cast_unsigned(),
        gaps_known: row.get(9)?,
    })
}

fn summary(row: &Row<'_>) -> rusqlite::Result<SeriesSummary> {
    let series = row.get_ref(0)?.as_str()?.parse::<SeriesId>();
    Ok(SeriesSummary {
        series: series
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))?,
        first_time: optional_time(row, 1)?,
        head_time: optional_time(row, 2)?,
        epoch: row.get(3)?,
    })
}

const CANDLES: &str = "candle_rows";
const EVENTS: &str = "factor_events";

impl<C: Deref<Target = Connection>> Snapshot for Session<'_, C> {
    fn series_key(&self, series: &SeriesId) -> Result<Option<SeriesKey>, StoreError> {
        let sql = "SELECT key FROM series WHERE series_id = ?1";
        self.one(sql, [series.as_str()], |row| row.get(0).map(SeriesKey))
            .map_err(failed("looking a series up", "series"))
    }

    fn series_state(&self, key: SeriesKey) -> Result<SeriesState, StoreError> {
        let sql =
            "SELECT factor_head, overlay_head, fingerprint, render_key, resync_floor, stale_from, epoch,
                          generation, feature_head, gaps_known
                   FROM series WHERE key = ?1";
        self.one(sql, [key.0], series_state)
            .map_err(failed("reading the state of a series", "series"))?
            .ok_or_else(|| StoreError::Corrupt {
                table: "series",
                reason: format!("no row has the key {}", key.0),
            })
    }

    fn list_series(&self) -> Result<Vec<SeriesSummary>, StoreError> {
        let sql = "SELECT s.series_id,
                          (SELECT time FROM candle_rows WHERE series = s.key ORDER BY time LIMIT 1),
                          (SELECT time FROM candle_rows WHERE series = s.key ORDER BY time DESC LIMIT 1),
                          s.epoch
                   FROM series AS s ORDER BY s.series_id";
        self.many(sql, [], |row| summary(row).map(Some))
            .map_err(failed("listing the series", "series"))
    }

    fn head_time(&self, key: SeriesKey) -> Result<Option<CandleTime>, StoreError> {
        self.floor_time(key, CandleTime::MAX)
    }

    fn first_time(&self, key: SeriesKey) -> Result<Option<CandleTime>, StoreError> {
        let sql = "SELECT time FROM candle_rows WHERE series = ?1 ORDER BY time LIMIT 1";
        self.one(sql, [key.0], |row| time(row, 0))
            .map_err(failed("reading the first time", CANDLES))
    }

    fn floor_time(&self, key: SeriesKey, at: CandleTime) -> Result<Option<CandleTime>, StoreError> {
        let sql = "SELECT time FROM candle_rows WHERE series = ?1 AND time <= ?2 ORDER BY time DESC LIMIT 1";
        self.one(sql, (key.0, at.seconds()), |row| time(row, 0))
            .map_err(failed("reading the newest time", CANDLES))
    }

    fn count_between(&self, key: SeriesKey, from: CandleTime, to: CandleTime) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM candle_rows WHERE series = ?1 AND time BETWEEN ?2 AND ?3";
        self.one(sql, (key.0, from.seconds(), to.seconds()), |row| {
            row.get(0).map(i64::cast_unsigned)
        })
        .map(Option::unwrap_or_default)
        .map_err(failed("counting candles", CANDLES))
    }

    fn existing_times(&self, key: SeriesKey, times: &[CandleTime]) -> Result<Vec<CandleTime>, StoreError> {
        let mut stored: Vec<CandleTime> = times.to_vec();
        stored.sort_unstable();
        stored.dedup();
        let look_up = || {
            let mut statement = self.prepare("SELECT 1 FROM candle_rows WHERE series = ?1 AND time = ?2")?;
            let mut found = Vec::with_capacity(stored.len());
            for &time in &stored {
                if statement.exists((key.0, time.seconds()))? {
                    found.push(time);
                }
            }
            Ok(found)
        };
        look_up().map_err(failed("looking candles up", CANDLES))
    }

    fn newest_candles(&self, key: SeriesKey, rows: usize) -> Result<Vec<Candle>, StoreError> {
        let sql = "SELECT time, o, h, l, c, v FROM candle_rows WHERE series = ?1 ORDER BY time DESC LIMIT ?2";
        let mut candles = self
            .many(sql, (key.0, limit(rows)), |row| candle(row).map(Some))
            .map_err(failed("reading candles", CANDLES))?;
        candles.reverse();
        Ok(candles)
    }

    fn candles_between(
        &self,
        key: SeriesKey,
        from: CandleTime,
        to: CandleTime,
        rows: usize,
    ) -> Result<Vec<Candle>, StoreError> {
        let sql = "SELECT time, o, h, l, c, v FROM candle_rows WHERE series = ?1 AND time BETWEEN ?2 AND ?3
                   ORDER BY time LIMIT ?4";
        let params = (key.0, from.seconds(), to.seconds(), limit(rows));
        self.many(sql, params, |row| candle(row).map(Some))
            .map_err(failed("reading candles", CANDLES))
    }

    fn events(
        &self,
        key: SeriesKey,
        from: CandleTime,
        to: CandleTime,
    ) -> Result<Vec<LedgerEvent>, StoreError> {
        let sql = "SELECT visible_time, ord, kind, anchor_age, payload FROM factor_events
                   WHERE series = ?1 AND visible_time BETWEEN ?2 AND ?3 ORDER BY visible_time, ord";
        self.many(sql, (key.0, from.seconds(), to.seconds()), |row| self.event(row))
            .map_err(failed("reading events", EVENTS))
    }

    fn find_events(&self, key: SeriesKey, query: &EventQuery<'_>) -> Result<Vec<LedgerEvent>, StoreError> {
        let find = || {
            let mut statement = self.prepare(&self.sql_of(query))?;
            let mut rows = statement.query((key.0, query.from.seconds(), query.to.seconds()))?;
            let mut events = Vec::new();
            // Rows of kinds that this process does not know are passed over, so the limit is not one of the statement.
            while events.len() < query.limit
                && let Some(row) = rows.next()?
            {
                events.extend(self.event(row)?);
            }
            Ok(events)
        };
        find().map_err(failed("finding events", EVENTS))
    }

    fn checkpoint_at(&self, key: SeriesKey, at: CandleTime) -> Result<Option<StoredCheckpoint>, StoreError> {
        let sql = "SELECT time, state FROM factor_checkpoints WHERE series = ?1 AND time <= ?2
                   ORDER BY time DESC LIMIT 1";
        self.one(sql, (key.0, at.seconds()), |row| {
            Ok(StoredCheckpoint {
                time: time(row, 0)?,
                bytes: row.get(1)?,
            })
        })
        .map_err(failed("reading a checkpoint", "factor_checkpoints"))
    }

    fn settled(
        &self,
        key: SeriesKey,
        cutoff: CandleTime,
        to: CandleTime,
    ) -> Result<Vec<SettledRow>, StoreError> {
        // Versions before the cutoff are in the window only if the drawing reaches ahead of its version.
        let reaching = "SELECT version, ord, drawing, first_age, last_age, payload
                        FROM overlay_rows INDEXED BY overlay_rows_ahead
                        WHERE series = ?1 AND version < ?2 AND version <= ?3 AND last_age < 0
                              AND version - last_age >= ?2
                        ORDER BY version, ord, drawing";
        let inside = "SELECT version, ord, drawing, first_age, last_age, payload FROM overlay_rows
                      WHERE series = ?1 AND version BETWEEN ?2 AND ?3 AND version - last_age >= ?2
                      ORDER BY version, ord, drawing";
        let params = (key.0, cutoff.seconds(), to.seconds());
        let read = || {
            let mut rows = self.many(reaching, params, |row| self.settled_row(row))?;
            rows.extend(self.many(inside, params, |row| self.settled_row(row))?);
            Ok(rows)
        };
        let mut rows = read().map_err(failed("reading drawings", "overlay_rows"))?;
        // Rows lie in the order of stored numbers, which need not be the order of this process's ids.
        rows.sort_by_key(|row| (row.version, row.ord, row.drawing));
        Ok(rows)
    }

    fn candle_steps(
        &self,
        key: SeriesKey,
        timeframe: Timeframe,
        range: (CandleTime, CandleTime),
        rows: usize,
    ) -> Result<CandleSteps, StoreError> {
        self.read_steps(key, timeframe, range, rows)
    }

    fn gaps(&self, key: SeriesKey, query: &GapQuery) -> Result<Vec<GapRecord>, StoreError> {
        self.read_gaps(key, query)
    }

    fn open_gaps(&self, key: SeriesKey) -> Result<OpenGaps, StoreError> {
        self.count_open_gaps(key)
    }

    fn epochs(&self, key: SeriesKey, rows: usize) -> Result<Vec<EpochRecord>, StoreError> {
        self.read_epochs(key, rows)
    }
}
