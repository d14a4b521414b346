//! The store of the writing process, and the view of the others.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use rusqlite::Connection;
use tc_store::{Names, Snapshot, Storage, StoreError, WriteTxn};

use crate::{
    SqliteOptions,
    connection::{make_folder, open_reader, open_writer, refuse_schema, refuse_sqlite},
    failure::failed,
    lock::WriterLock,
    numbering::Numbering,
    pool::{PooledReader, ReaderPool},
    schema::{self, MIGRATIONS},
    session::Session,
    writing::Writing,
};

/// A store in one file, held by this process alone for writing.
///
/// One connection writes, a bounded pool of others reads. Waiting for the writer's turn is unbounded: the one writer
/// thread of the process and what keeps finished backtests are the only ones to ask.
#[derive(Debug)]
pub struct SqliteStorage {
    // Fields are dropped in this order: the connections close before the lock is given back.
    writer: Mutex<Connection>,
    readers: ReaderPool,
    numbering: Numbering,
    _lock: WriterLock,
}

/// A store that another process may be writing; takes no lock.
#[derive(Debug)]
pub struct SqliteReader {
    readers: ReaderPool,
    numbering: Numbering,
}

impl SqliteStorage {
    /// Opens the store in `path` for writing, made with its folder when it is missing, and brings its tables up to
    /// date. `names` are the kinds of events and drawings that this process knows; new ones get numbers.
    ///
    /// Takes milliseconds whatever is stored.
    ///
    /// # Errors
    /// [`StoreError::Locked`] while another process writes it, [`StoreError::Open`] with a sentence that says what to
    /// do for everything else: the folder, the file, a newer schema, a foreign database.
    pub fn open(path: &Path, names: Names, options: SqliteOptions) -> Result<Self, StoreError> {
        make_folder(path)?;
        let lock = WriterLock::take(path)?;
        let mut writer = open_writer(path, options.busy_timeout_ms)?;
        schema::migrate(&mut writer, MIGRATIONS, now_ms()).map_err(|error| refuse_schema(path, &error))?;
        let numbering = Numbering::write(&mut writer, &names).map_err(|error| refuse_sqlite(path, &error))?;
        Ok(Self {
            writer: Mutex::new(writer),
            readers: ReaderPool::new(path.to_owned(), options),
            numbering,
            _lock: lock,
        })
    }

    /// The writing connection once nobody else writes. A panic inside a transaction has rolled it back on its way.
    pub(crate) fn writing(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection that reads what is committed.
    pub(crate) fn reading(&self) -> Result<PooledReader<'_>, StoreError> {
        self.readers.begin()
    }

    /// The writing connection without its transaction, to look at and to damage.
    #[cfg(test)]
    pub(crate) fn writer_for_tests(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap()
    }
}

impl Storage for SqliteStorage {
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError> {
        snapshot(&self.readers, &self.numbering)
    }

    fn begin(&self) -> Result<Box<dyn WriteTxn + '_>, StoreError> {
        let writing = Writing::begin(self.writing())?;
        Ok(Box::new(Session::new(writing, &self.numbering)))
    }

    fn checkpoint_log(&self) -> Result<(), StoreError> {
        let connection = self.writing();
        let blocked: bool = connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .map_err(failed("moving the log into the main file", "candle_rows"))?;
        if blocked { Err(StoreError::Busy) } else { Ok(()) }
    }
}

impl SqliteReader {
    /// Opens the store in `path` for reading only.
    ///
    /// # Errors
    /// [`StoreError::Open`] with a sentence that says what to do when the file is missing, foreign, or of another
    /// version than this program.
    pub fn open(path: &Path, names: Names) -> Result<Self, StoreError> {
        let options = SqliteOptions::default();
        let connection = open_reader(path, options.busy_timeout_ms)?;
        schema::verify(&connection, MIGRATIONS).map_err(|error| refuse_schema(path, &error))?;
        let numbering = Numbering::read(&connection, &names).map_err(|error| refuse_sqlite(path, &error))?;
        Ok(Self {
            readers: ReaderPool::new(path.to_owned(), options),
            numbering,
        })
    }

    /// A consistent view of everything committed so far, as [`Storage::snapshot`] gives it.
    ///
    /// # Errors
    /// [`StoreError`] when no view can be opened.
    pub fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError> {
        snapshot(&self.readers, &self.numbering)
    }
}

fn snapshot<'s>(
    readers: &'s ReaderPool,
    numbering: &'s Numbering,
) -> Result<Box<dyn Snapshot + 's>, StoreError> {
    Ok(Box::new(Session {
        connection: readers.begin()?,
        numbering,
    }))
}

/// Unix milliseconds, noted beside a migration and read by nothing.
#[expect(
    clippy::disallowed_methods,
    reason = "a note for people; nothing that is computed depends on it"
)]
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
