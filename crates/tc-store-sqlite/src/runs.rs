//! Finished backtests.

use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use tc_store::{ArchivedRun, MAX_RUNS, RunArchive, RunLabel, StoreError};

use crate::{SqliteStorage, failure::failed};

const TABLE: &str = "backtest_runs";
const COLUMNS: &str = "run_id, created_at_ms, engine, strategy_name, pair, timeframe, state, summary";

/// Columns [`COLUMNS`].
fn labelled(row: &Row<'_>) -> rusqlite::Result<(RunLabel, Vec<u8>)> {
    let label = RunLabel {
        run_id: row.get(0)?,
        created_at_ms: row.get(1)?,
        engine: row.get(2)?,
        strategy_name: row.get(3)?,
        pair: row.get(4)?,
        timeframe: row.get(5)?,
        state: row.get(6)?,
    };
    Ok((label, row.get(7)?))
}

fn put(connection: &mut Connection, run: &ArchivedRun) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let label = &run.label;
    transaction
        .prepare_cached(&format!(
            "INSERT OR REPLACE INTO backtest_runs ({COLUMNS}, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
        ))?
        .execute(params![
            label.run_id,
            label.created_at_ms,
            label.engine,
            label.strategy_name,
            label.pair,
            label.timeframe,
            label.state,
            run.summary,
            run.detail,
        ])?;
    let kept = i64::try_from(MAX_RUNS).unwrap_or(i64::MAX);
    transaction
        .prepare_cached(
            "DELETE FROM backtest_runs WHERE run_id IN
                 (SELECT run_id FROM backtest_runs ORDER BY run_id DESC LIMIT -1 OFFSET ?1)",
        )?
        .execute([kept])?;
    transaction.commit()
}

impl RunArchive for SqliteStorage {
    fn put_run(&self, run: &ArchivedRun) -> Result<(), StoreError> {
        put(&mut self.writing(), run).map_err(failed("keeping a backtest", TABLE))
    }

    fn runs(&self, before: Option<&str>, limit: usize) -> Result<Vec<(RunLabel, Vec<u8>)>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM backtest_runs WHERE ?1 IS NULL OR run_id < ?1 ORDER BY run_id DESC LIMIT ?2"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let reading = self.reading()?;
        let list = || {
            let mut statement = reading.prepare_cached(&sql)?;
            let rows = statement.query_map((before, limit), labelled)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        list().map_err(failed("listing backtests", TABLE))
    }

    fn run(&self, run_id: &str) -> Result<Option<ArchivedRun>, StoreError> {
        let sql = format!("SELECT {COLUMNS}, detail FROM backtest_runs WHERE run_id = ?1");
        let reading = self.reading()?;
        let find = || {
            let mut statement = reading.prepare_cached(&sql)?;
            let found = statement.query_row([run_id], |row| {
                let (label, summary) = labelled(row)?;
                Ok(ArchivedRun {
                    label,
                    summary,
                    detail: row.get(8)?,
                })
            });
            found.optional()
        };
        find().map_err(failed("reading a backtest", TABLE))
    }

    fn delete_run(&self, run_id: &str) -> Result<bool, StoreError> {
        let deleted = self
            .writing()
            .execute("DELETE FROM backtest_runs WHERE run_id = ?1", [run_id]);
        deleted
            .map(|rows| rows > 0)
            .map_err(failed("deleting a backtest", TABLE))
    }
}
