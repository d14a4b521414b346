//! A bounded set of reading connections.

use std::{
    ops::Deref,
    path::PathBuf,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::Connection;
use tc_store::StoreError;

use crate::{SqliteOptions, connection::open_reader, failure::failed};

/// Connections to one file, opened when first needed, at most as many as the options say.
#[derive(Debug)]
pub(crate) struct ReaderPool {
    path: PathBuf,
    options: SqliteOptions,
    slots: Mutex<Slots>,
    returned: Condvar,
}

#[derive(Debug, Default)]
struct Slots {
    idle: Vec<Connection>,
    in_use: usize,
}

/// A connection inside a read transaction; its end ends the transaction.
#[derive(Debug)]
pub(crate) struct PooledReader<'p> {
    pool: &'p ReaderPool,
    connection: Option<Connection>,
}

impl ReaderPool {
    pub(crate) fn new(path: PathBuf, options: SqliteOptions) -> Self {
        Self {
            path,
            options,
            slots: Mutex::default(),
            returned: Condvar::new(),
        }
    }

    /// Begins a read transaction that sees what is committed now. Waits at most the busy timeout for a free one.
    pub(crate) fn begin(&self) -> Result<PooledReader<'_>, StoreError> {
        // From here on the slot is given back by dropping the reader, whatever fails.
        let mut reader = PooledReader {
            pool: self,
            connection: self.take()?,
        };
        let connection = match reader.connection.take() {
            Some(connection) => connection,
            None => open_reader(&self.path, self.options.busy_timeout_ms)?,
        };
        let connection = reader.connection.insert(connection);
        connection
            .prepare_cached("BEGIN")
            .and_then(|mut begin| begin.execute([]))
            .and_then(|_| {
                // A transaction fixes its view at its first read.
                connection
                    .prepare_cached("SELECT 1 FROM series LIMIT 1")?
                    .exists([])
            })
            .map_err(failed("opening a snapshot", "series"))?;
        Ok(reader)
    }

    /// A slot, with the idle connection that belongs to it if there is one.
    fn take(&self) -> Result<Option<Connection>, StoreError> {
        let limit = self.options.readers.max(1);
        let timeout = Duration::from_millis(u64::from(self.options.busy_timeout_ms));
        let (mut slots, _) = self
            .returned
            .wait_timeout_while(self.slots(), timeout, |slots| slots.in_use >= limit)
            .unwrap_or_else(PoisonError::into_inner);
        if slots.in_use >= limit {
            return Err(StoreError::Busy);
        }
        slots.in_use += 1;
        Ok(slots.idle.pop())
    }

    /// Counts and a list: whole at any moment, also after a panic elsewhere.
    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for PooledReader<'_> {
    fn drop(&mut self) {
        let usable = self.connection.take().filter(|connection| {
            connection.is_autocommit()
                || connection
                    .prepare_cached("ROLLBACK")
                    .and_then(|mut rollback| rollback.execute([]))
                    .is_ok()
        });
        let mut slots = self.pool.slots();
        slots.in_use -= 1;
        slots.idle.extend(usable);
        drop(slots);
        self.pool.returned.notify_one();
    }
}

impl Deref for PooledReader<'_> {
    type Target = Connection;

    #[expect(
        clippy::expect_used,
        reason = "only `begin`, before it hands the reader out, and `drop` empty the slot"
    )]
    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("a reader has its connection")
    }
}
