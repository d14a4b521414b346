//! Many rows with few statements.

use std::{fmt::Write, sync::LazyLock};

use rusqlite::{Connection, Statement, ToSql};
use tc_store::SeriesKey;

/// Rows per statement. Running a statement costs as much as a few rows; beyond this number nothing is gained.
const ROWS: usize = 64;

/// The two texts of an insert: for one row, and for [`ROWS`] of them.
pub(super) struct Insert {
    one: String,
    many: String,
}

/// Candles that are not stored yet.
pub(super) static CANDLES: LazyLock<Insert> =
    LazyLock::new(|| Insert::new("candle_rows", &["time", "o", "h", "l", "c", "v"], ""));

/// Events; those stored already stay.
pub(super) static EVENTS: LazyLock<Insert> = LazyLock::new(|| {
    Insert::new(
        "factor_events",
        &["visible_time", "ord", "kind", "anchor_age", "payload"],
        " ON CONFLICT DO NOTHING",
    )
});

/// Settled drawings; those stored already stay.
pub(super) static SETTLED: LazyLock<Insert> = LazyLock::new(|| {
    Insert::new(
        "overlay_rows",
        &["version", "ord", "drawing", "first_age", "last_age", "payload"],
        " ON CONFLICT DO NOTHING",
    )
});

/// Where the values of one row go.
pub(super) struct RowValues<'r, 'c> {
    statement: &'r mut Statement<'c>,
    next: usize,
}

impl RowValues<'_, '_> {
    /// Binds the next column.
    pub(super) fn bind(&mut self, value: impl ToSql) -> rusqlite::Result<()> {
        self.statement.raw_bind_parameter(self.next, value)?;
        self.next += 1;
        Ok(())
    }
}

impl Insert {
    /// `columns` are those after `series`, which is the first parameter and shared by all rows.
    fn new(table: &str, columns: &[&str], tail: &str) -> Self {
        let text = |rows: usize| {
            let mut sql = format!("INSERT INTO {table} (series, {}) VALUES ", columns.join(", "));
            let mut parameter = 2;
            for row in 0..rows {
                sql.push_str(if row == 0 { "(?1" } else { ", (?1" });
                for _ in columns {
                    let _ = write!(sql, ", ?{parameter}");
                    parameter += 1;
                }
                sql.push(')');
            }
            sql + tail
        };
        Self {
            one: text(1),
            many: text(ROWS),
        }
    }

    /// Inserts `rows` in order; `bind` gives the columns of one of them.
    pub(super) fn insert<T>(
        &self,
        connection: &Connection,
        key: SeriesKey,
        rows: &[T],
        bind: impl Fn(&mut RowValues<'_, '_>, &T) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let (blocks, rest) = rows.as_chunks::<ROWS>();
        let run = |sql: &str, chunks: &mut dyn Iterator<Item = &[T]>| {
            let mut statement = connection.prepare_cached(sql)?;
            statement.raw_bind_parameter(1, key.0)?;
            for chunk in chunks {
                let mut values = RowValues {
                    statement: &mut statement,
                    next: 2,
                };
                for row in chunk {
                    bind(&mut values, row)?;
                }
                statement.raw_execute()?;
            }
            Ok::<_, rusqlite::Error>(())
        };
        if !blocks.is_empty() {
            run(&self.many, &mut blocks.iter().map(<[T; ROWS]>::as_slice))?;
        }
        if !rest.is_empty() {
            run(&self.one, &mut rest.chunks(1))?;
        }
        Ok(())
    }
}
