//! Who takes turns with whom. A native run takes milliseconds: it does not wait for a process that takes minutes, nor for
//! a check that looks at a hundred histories.

use tokio::sync::{AcquireError, Semaphore, SemaphorePermit};

use super::super::EngineName;

/// Runs that take turns with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Runs that start a process.
    Process,
    /// Runs and sweeps of the native engine.
    Native,
    /// Checks of finished runs.
    Checks,
}

impl Lane {
    /// That of the runs of an engine, as their heads name it.
    pub(super) fn of(engine: &str) -> Self {
        if engine == EngineName::Native.as_str() {
            Self::Native
        } else {
            Self::Process
        }
    }
}

/// The turns of every lane.
#[derive(Debug)]
pub(super) struct Lanes {
    processes: Semaphore,
    native: Semaphore,
    checks: Semaphore,
}

impl Lanes {
    /// Lanes in each of which `at_once` run at a time.
    pub(super) fn new(at_once: usize) -> Self {
        let turns = || Semaphore::new(at_once.max(1));
        Self {
            processes: turns(),
            native: turns(),
            checks: turns(),
        }
    }

    /// Waits for a turn.
    pub(super) async fn turn(&self, lane: Lane) -> Result<SemaphorePermit<'_>, AcquireError> {
        match lane {
            Lane::Process => &self.processes,
            Lane::Native => &self.native,
            Lane::Checks => &self.checks,
        }
        .acquire()
        .await
    }
}
