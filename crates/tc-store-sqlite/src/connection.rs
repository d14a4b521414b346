//! Connections and their settings.

use std::{fs, path::Path, time::Duration};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use tc_store::StoreError;

use crate::schema::{self, MIGRATIONS, SchemaError};

/// Earlier versions have a race between checkpoints and writers that can damage a file with a write-ahead log.
const OLDEST_SQLITE: i32 = 3_051_003;

/// Enough for every statement text of this crate.
const STATEMENTS: usize = 64;

/// 2,000 pages of 4 KiB. The log is moved into the main file about every sixth batch of 20,000 candles; a longer one
/// gains nothing that can be measured, and takes longer to read at a start after a crash.
const LOG_PAGES: u32 = 2000;

/// The log is cut back to this size when readers have let it grow, in bytes.
const LOG_BYTES: u32 = 64 << 20;

/// A connection that reads and writes `path`, made with its folder when it is missing.
pub(crate) fn open_writer(path: &Path, busy_timeout_ms: u32) -> Result<Connection, StoreError> {
    check_version(rusqlite::version_number()).map_err(|reason| refuse(path, reason))?;
    if path.is_dir() {
        return Err(refuse(path, "it is a folder; name a file in it".to_owned()));
    }
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| refuse_sqlite(path, &error))?;
    settle(&connection, busy_timeout_ms).map_err(|error| refuse_sqlite(path, &error))?;
    schema::inspect(&connection, MIGRATIONS).map_err(|error| refuse_schema(path, &error))?;
    settle_writer(&connection)
        .map_err(|error| refuse_sqlite(path, &error))?
        .then_some(connection)
        .ok_or_else(|| {
            refuse(
                path,
                "its file system cannot keep a write-ahead log; choose a path on a local disk".to_owned(),
            )
        })
}

/// Settings of the writing connection; returns whether the write-ahead log is on.
fn settle_writer(connection: &Connection) -> rusqlite::Result<bool> {
    connection.execute_batch("PRAGMA page_size = 4096")?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    connection.execute_batch(&format!(
        "PRAGMA synchronous = FULL;
         PRAGMA wal_autocheckpoint = {LOG_PAGES};
         PRAGMA journal_size_limit = {LOG_BYTES};
         PRAGMA cache_size = -8000;"
    ))?;
    Ok(mode == "wal")
}

/// A connection that reads `path`, which must be there.
pub(crate) fn open_reader(path: &Path, busy_timeout_ms: u32) -> Result<Connection, StoreError> {
    check_version(rusqlite::version_number()).map_err(|reason| refuse(path, reason))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| refuse_sqlite(path, &error))?;
    settle(&connection, busy_timeout_ms).map_err(|error| refuse_sqlite(path, &error))?;
    Ok(connection)
}

/// Settings of every connection.
fn settle(connection: &Connection, busy_timeout_ms: u32) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_millis(u64::from(busy_timeout_ms)))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.execute_batch("PRAGMA foreign_keys = ON")
}

/// Makes the folder of `path`.
pub(crate) fn make_folder(path: &Path) -> Result<(), StoreError> {
    let Some(folder) = path.parent() else {
        return Ok(());
    };
    fs::create_dir_all(folder).map_err(|error| {
        refuse(
            path,
            format!(
                "its folder cannot be made ({error}); make {} or choose another path",
                folder.display()
            ),
        )
    })
}

fn check_version(number: i32) -> Result<(), String> {
    if number >= OLDEST_SQLITE {
        return Ok(());
    }
    let text = |number: i32| {
        format!(
            "{}.{}.{}",
            number / 1_000_000,
            number / 1000 % 1000,
            number % 1000
        )
    };
    Err(format!(
        "SQLite {} is too old; build with {} or newer",
        text(number),
        text(OLDEST_SQLITE)
    ))
}

pub(crate) fn refuse(path: &Path, reason: String) -> StoreError {
    StoreError::Open {
        path: path.display().to_string(),
        reason,
    }
}

pub(crate) fn refuse_schema(path: &Path, error: &SchemaError) -> StoreError {
    match error {
        SchemaError::Sqlite(error) => refuse_sqlite(path, error),
        error => refuse(path, error.to_string()),
    }
}

pub(crate) fn refuse_sqlite(path: &Path, error: &rusqlite::Error) -> StoreError {
    let advice = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            "it is not an SQLite database; move it away or choose another path".to_owned()
        }
        Some(ErrorCode::DatabaseCorrupt) => {
            format!("it is damaged ({error}); restore it from a copy or move it away and import again")
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program keeps it locked; close that program and start again".to_owned()
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            format!("it cannot be written ({error}); change the permissions of the file and its folder")
        }
        Some(ErrorCode::DiskFull) => "the disk is full; make room and start again".to_owned(),
        Some(ErrorCode::CannotOpen) => {
            format!("the file is missing or unreadable ({error}); check the path and its permissions")
        }
        _ => format!("{error}; check the file, or choose another path"),
    };
    refuse(path, advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_libraries_are_refused() {
        assert_eq!(check_version(rusqlite::version_number()), Ok(()));
        assert_eq!(check_version(3_051_003), Ok(()));
        let reason = check_version(3_051_002).unwrap_err();
        assert_eq!(reason, "SQLite 3.51.2 is too old; build with 3.51.3 or newer");
    }
}
