//! The in-memory model of a store.

mod access;
mod faults;
mod numbering;
mod runs;
mod state;
mod table;
#[cfg(test)]
mod tests;
mod writing;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use access::Access;
use faults::Faults;
use numbering::Numbering;
use state::State;
use writing::Writing;

pub use faults::{InjectedFault, Operation};

use crate::{ArchivedRun, Names, Snapshot, Storage, StoreError, WriteTxn};

/// The executable model of every backend, and the store of tests that need no file.
///
/// A snapshot is the state it was opened at, shared by reference and never changed; a transaction works on a copy of
/// which only the touched blocks are real. Nothing survives the process, but [`reopen`](Self::reopen) opens the same
/// rows again as a restarted process would.
#[derive(Debug)]
pub struct MemoryStorage {
    disk: Arc<Disk>,
    numbering: Numbering,
    faults: Faults,
}

/// What a restart keeps.
#[derive(Debug, Default)]
struct Disk {
    committed: Mutex<State>,
    writer: Mutex<()>,
    commits: AtomicU64,
    runs: Mutex<BTreeMap<String, ArchivedRun>>,
}

impl MemoryStorage {
    /// An empty store.
    #[must_use]
    pub fn new(names: Names) -> Self {
        Self::open(Arc::new(Disk::default()), &names)
    }

    /// The same rows opened again, possibly by a process that knows other names. Armed faults stay behind.
    /// Waits while a transaction is open.
    #[must_use]
    pub fn reopen(&self, names: Names) -> Self {
        Self::open(Arc::clone(&self.disk), &names)
    }

    /// Lets the next call of `operation` fail with [`StoreError::Backend`] around an [`InjectedFault`].
    pub fn fail_next(&self, operation: Operation) {
        self.fail_nth(operation, 1);
    }

    /// Lets the `nth` call of `operation` from now on fail, counted from 1; the calls before and after it work.
    pub fn fail_nth(&self, operation: Operation, nth: usize) {
        self.faults.arm(operation, nth);
    }

    /// Number of transactions committed since the store was made, reopenings included.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.disk.commits.load(Ordering::Relaxed)
    }

    fn open(disk: Arc<Disk>, names: &Names) -> Self {
        let numbering = {
            let _turn = lock(&disk.writer);
            lock(&disk.committed).number(names)
        };
        Self {
            disk,
            numbering,
            faults: Faults::default(),
        }
    }
}

impl Storage for MemoryStorage {
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError> {
        self.faults.check(Operation::Snapshot)?;
        let state = lock(&self.disk.committed).clone();
        Ok(Box::new(Access::new(self, state, ())))
    }

    fn begin(&self) -> Result<Box<dyn WriteTxn + '_>, StoreError> {
        self.faults.check(Operation::Begin)?;
        let turn = lock(&self.disk.writer);
        let state = lock(&self.disk.committed).clone();
        Ok(Box::new(Access::new(self, state, Writing::new(turn))))
    }

    fn checkpoint_log(&self) -> Result<(), StoreError> {
        self.faults.check(Operation::CheckpointLog)
    }
}

/// A panic elsewhere cannot leave these values half changed: they are replaced, never edited, under the lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
