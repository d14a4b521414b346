//! Tables, and how they come about: numbered, forward only, one list per namespace.

use rusqlite::{Connection, OptionalExtension, params};

/// One step of a namespace.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Migration {
    pub(crate) namespace: &'static str,
    pub(crate) version: i64,
    pub(crate) sql: &'static str,
}

/// Every migration. Namespaces in order of dependence, versions ascending within each.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        namespace: "series",
        version: 1,
        sql: include_str!("schema/series_1.sql"),
    },
    Migration {
        namespace: "series",
        version: 2,
        sql: include_str!("schema/series_2.sql"),
    },
    Migration {
        namespace: "series",
        version: 3,
        sql: include_str!("schema/series_3.sql"),
    },
    Migration {
        namespace: "candles",
        version: 1,
        sql: include_str!("schema/candles_1.sql"),
    },
    Migration {
        namespace: "factor",
        version: 1,
        sql: include_str!("schema/factor_1.sql"),
    },
    Migration {
        namespace: "overlay",
        version: 1,
        sql: include_str!("schema/overlay_1.sql"),
    },
    Migration {
        namespace: "gaps",
        version: 1,
        sql: include_str!("schema/gaps_1.sql"),
    },
    Migration {
        namespace: "epochs",
        version: 1,
        sql: include_str!("schema/epochs_1.sql"),
    },
    Migration {
        namespace: "backtest",
        version: 1,
        sql: include_str!("schema/backtest_1.sql"),
    },
];

/// Why a file does not get, or does not have, the tables of this program.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SchemaError {
    #[error("migration {namespace} {version} is numbered below 1")]
    Number { namespace: &'static str, version: i64 },
    #[error("migration {namespace} {version} does not follow {after}")]
    Order {
        namespace: &'static str,
        version: i64,
        after: i64,
    },
    #[error(
        "it was written by a newer version of this program ({namespace} {version}); use that version, or another path"
    )]
    Newer { namespace: String, version: i64 },
    #[error(
        "it was written by an older version of this program; open it once with `serve` to bring it up to date"
    )]
    Older,
    #[error("it is a database of another program; choose another path")]
    Foreign,
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
}

/// Brings the file up to date in one transaction. `applied_at_ms` (Unix milliseconds) is noted beside each migration.
pub(crate) fn migrate(
    connection: &mut Connection,
    migrations: &[Migration],
    applied_at_ms: i64,
) -> Result<(), SchemaError> {
    check_list(migrations)?;
    let txn = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    inspect(&txn, migrations)?;
    if !has_table(&txn)? {
        txn.execute_batch(
            "CREATE TABLE tc_schema_migrations (
                namespace TEXT NOT NULL,
                version INTEGER NOT NULL,
                applied_at_ms INTEGER NOT NULL,
                PRIMARY KEY (namespace, version)
            ) WITHOUT ROWID",
        )?;
    }
    for migration in migrations {
        if is_applied(&txn, migration)? {
            continue;
        }
        txn.execute_batch(migration.sql)?;
        txn.execute(
            "INSERT INTO tc_schema_migrations (namespace, version, applied_at_ms) VALUES (?1, ?2, ?3)",
            params![migration.namespace, migration.version, applied_at_ms],
        )?;
    }
    txn.commit()?;
    Ok(())
}

/// Whether the file is empty, or of this program and not newer than it. Changes nothing.
pub(crate) fn inspect(connection: &Connection, migrations: &[Migration]) -> Result<(), SchemaError> {
    if has_table(connection)? {
        return check_not_newer(connection, migrations);
    }
    if is_empty(connection)? {
        Ok(())
    } else {
        Err(SchemaError::Foreign)
    }
}

/// Whether the file has exactly the tables of this program, for those who may not change it.
pub(crate) fn verify(connection: &Connection, migrations: &[Migration]) -> Result<(), SchemaError> {
    if !has_table(connection)? {
        return Err(SchemaError::Foreign);
    }
    check_not_newer(connection, migrations)?;
    for migration in migrations {
        if !is_applied(connection, migration)? {
            return Err(SchemaError::Older);
        }
    }
    Ok(())
}

fn check_list(migrations: &[Migration]) -> Result<(), SchemaError> {
    for (
        position,
        &Migration {
            namespace, version, ..
        },
    ) in migrations.iter().enumerate()
    {
        if version <= 0 {
            return Err(SchemaError::Number { namespace, version });
        }
        let earlier = migrations[..position]
            .iter()
            .rfind(|earlier| earlier.namespace == namespace);
        let after = earlier.map_or(0, |earlier| earlier.version);
        if version <= after {
            return Err(SchemaError::Order {
                namespace,
                version,
                after,
            });
        }
    }
    Ok(())
}

fn has_table(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'tc_schema_migrations')",
        [],
        |row| row.get(0),
    )
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| {
        row.get(0)
    })
}

fn is_applied(connection: &Connection, migration: &Migration) -> rusqlite::Result<bool> {
    connection
        .query_row(
            "SELECT 1 FROM tc_schema_migrations WHERE namespace = ?1 AND version = ?2",
            params![migration.namespace, migration.version],
            |_| Ok(()),
        )
        .optional()
        .map(|row| row.is_some())
}

fn check_not_newer(connection: &Connection, migrations: &[Migration]) -> Result<(), SchemaError> {
    let mut statement = connection
        .prepare("SELECT namespace, max(version) FROM tc_schema_migrations GROUP BY namespace ORDER BY 1")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (namespace, version): (String, i64) = (row.get(0)?, row.get(1)?);
        let known = migrations
            .iter()
            .rfind(|migration| migration.namespace == namespace)
            .map_or(0, |migration| migration.version);
        if version > known {
            return Err(SchemaError::Newer { namespace, version });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
