//! Where facts are kept between one process and the next: in memory, and in a file.

use tc_overlay::FoldSetup;
use tc_store::{MemoryStorage, Storage};
use tc_store_sqlite::{SqliteOptions, SqliteStorage};
use tempfile::TempDir;

use super::{Ears, Outcome, Stored, names, pipeline, series};
use crate::{IngestOptions, IngestPipeline, IngestReport, Job};

/// A store that outlives its process.
pub(super) enum Place {
    Memory(MemoryStorage),
    File(TempDir, Option<SqliteStorage>),
}

pub(super) fn open(folder: &std::path::Path, setup: &FoldSetup) -> SqliteStorage {
    SqliteStorage::open(&folder.join("market.db"), names(setup), SqliteOptions::default()).unwrap()
}

impl Place {
    pub(super) fn memory(setup: &FoldSetup) -> Self {
        Self::Memory(MemoryStorage::new(names(setup)))
    }

    pub(super) fn file(setup: &FoldSetup) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let storage = open(folder.path(), setup);
        Self::File(folder, Some(storage))
    }

    fn storage(&self) -> &dyn Storage {
        match self {
            Self::Memory(storage) => storage,
            Self::File(_, storage) => storage.as_ref().unwrap(),
        }
    }
}

/// The writing process over such a store.
pub(super) struct Process {
    place: Place,
    setup: FoldSetup,
    pipeline: IngestPipeline,
}

impl Process {
    pub(super) fn new(place: Place, setup: FoldSetup) -> Self {
        let pipeline = pipeline(&setup, &IngestOptions::default());
        Self {
            place,
            setup,
            pipeline,
        }
    }

    /// Another process over the same rows.
    pub(super) fn restart(&mut self) {
        match &mut self.place {
            Place::Memory(storage) => *storage = storage.reopen(names(&self.setup)),
            Place::File(folder, storage) => {
                // The old one gives its lock back first.
                *storage = None;
                *storage = Some(open(folder.path(), &self.setup));
            }
        }
        self.pipeline = pipeline(&self.setup, &IngestOptions::default());
    }

    pub(super) fn run(&mut self, job: Job) -> IngestReport {
        let mut outcomes: Vec<Outcome> = self
            .pipeline
            .run(self.place.storage(), &Ears::default(), vec![job]);
        outcomes.pop().unwrap().unwrap()
    }

    /// The usual series.
    pub(super) fn stored(&self) -> Stored {
        stored(self.place.storage()).unwrap()
    }

    /// The usual series, whose ledgers must be the fold over its candles.
    #[track_caller]
    pub(super) fn assert_in_step(&self) -> Stored {
        let stored = self.stored();
        stored.assert_in_step(&self.setup);
        stored
    }
}

/// What is stored of the usual series.
pub(super) fn stored(storage: &dyn Storage) -> Option<Stored> {
    let snapshot = storage.snapshot().unwrap();
    let key = snapshot.series_key(&series("A")).unwrap()?;
    Some(Stored::read(&*snapshot, key))
}
