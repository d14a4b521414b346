//! Which store.

use tc_overlay::FoldSetup;
use tc_store::{Names, StoreError};
use tc_store_sqlite::{SqliteOptions, SqliteStorage};

use crate::config::Config;

/// Opens the store of `config` for this process to write.
///
/// # Errors
/// [`StoreError`] when the file is held by another process, damaged, or of another program.
pub fn open_store(config: &Config, setup: &FoldSetup) -> Result<SqliteStorage, StoreError> {
    let options = SqliteOptions {
        busy_timeout_ms: u32::try_from(config.storage.busy_timeout_ms).unwrap_or(u32::MAX),
        readers: config.process.blocking_workers,
    };
    SqliteStorage::open(&config.storage.db_path, names(setup), options)
}

/// What this program knows of the contents of a store.
pub(super) fn names(setup: &FoldSetup) -> Names {
    Names {
        event_kinds: setup.factors.kind_names().map(str::to_owned).collect(),
        drawings: setup.overlay.drawing_names().map(str::to_owned).collect(),
    }
}
