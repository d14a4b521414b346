//! Finished backtests.

use super::{MemoryStorage, lock};
use crate::{ArchivedRun, MAX_RUNS, RunArchive, RunLabel, StoreError};

impl RunArchive for MemoryStorage {
    fn put_run(&self, run: &ArchivedRun) -> Result<(), StoreError> {
        let mut runs = lock(&self.disk.runs);
        runs.insert(run.label.run_id.clone(), run.clone());
        while runs.len() > MAX_RUNS {
            runs.pop_first();
        }
        Ok(())
    }

    fn runs(&self, before: Option<&str>, limit: usize) -> Result<Vec<(RunLabel, Vec<u8>)>, StoreError> {
        let runs = lock(&self.disk.runs);
        let wanted = runs
            .values()
            .rev()
            .filter(|run| before.is_none_or(|before| run.label.run_id.as_str() < before));
        Ok(wanted
            .take(limit)
            .map(|run| (run.label.clone(), run.summary.clone()))
            .collect())
    }

    fn run(&self, run_id: &str) -> Result<Option<ArchivedRun>, StoreError> {
        Ok(lock(&self.disk.runs).get(run_id).cloned())
    }

    fn delete_run(&self, run_id: &str) -> Result<bool, StoreError> {
        Ok(lock(&self.disk.runs).remove(run_id).is_some())
    }
}
