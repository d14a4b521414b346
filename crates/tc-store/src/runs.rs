//! Finished backtests, kept beside the facts: nothing that is computed depends on them.

use crate::StoreError;

/// Runs that are kept; beyond that the oldest are forgotten.
pub const MAX_RUNS: usize = 1_000;

/// What tells a run from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunLabel {
    /// Its id; ids ascend with the time of the run as texts.
    pub run_id: String,
    /// When it was asked for, Unix milliseconds.
    pub created_at_ms: i64,
    /// What simulated it.
    pub engine: String,
    /// The strategy.
    pub strategy_name: String,
    /// The pair.
    pub pair: String,
    /// The timeframe.
    pub timeframe: String,
    /// How it ended.
    pub state: String,
}

/// A run that is over. What it was asked for and came to is opaque here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedRun {
    /// What tells it from others.
    pub label: RunLabel,
    /// What a list tells.
    pub summary: Vec<u8>,
    /// Everything.
    pub detail: Vec<u8>,
}

/// Where finished runs are kept. Writes are transactions of their own and take their turn with those of a store.
pub trait RunArchive: Send + Sync {
    /// Keeps a run in the place of one with its id. Beyond [`MAX_RUNS`] the oldest are forgotten.
    ///
    /// # Errors
    /// [`StoreError`].
    fn put_run(&self, run: &ArchivedRun) -> Result<(), StoreError>;

    /// Label and summary of the newest `limit` runs, newest first; those before `before` when it is given.
    ///
    /// # Errors
    /// [`StoreError`].
    fn runs(&self, before: Option<&str>, limit: usize) -> Result<Vec<(RunLabel, Vec<u8>)>, StoreError>;

    /// The run called `run_id`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn run(&self, run_id: &str) -> Result<Option<ArchivedRun>, StoreError>;

    /// Forgets a run; false when there was none.
    ///
    /// # Errors
    /// [`StoreError`].
    fn delete_run(&self, run_id: &str) -> Result<bool, StoreError>;
}
