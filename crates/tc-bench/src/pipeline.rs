//! The write path of the product over a store in a folder of the run, without a server.

use std::path::Path;

use anyhow::Context;
use tc_ingest::{
    IngestPipeline, Job, JobInput, JobOrigin, LatePolicy, Publication, PublishError, PublishPolicy, Publisher,
};
use tc_market::{Candle, CandleBatch, SeriesId};
use tc_store::Storage;
use tc_store_sqlite::SqliteStorage;
use trade_canvas::compose;

use crate::server::config;

/// Candles per commit of an import.
pub(crate) const BATCH: usize = 20_000;

/// A pipeline and the store that it writes to.
pub(crate) struct Ingest<S> {
    storage: S,
    pipeline: IngestPipeline,
}

impl Ingest<SqliteStorage> {
    /// A SQLite store at `db` with these settings.
    pub(crate) fn open(db: &Path, further: &[(&str, &str)]) -> anyhow::Result<Self> {
        Self::over(db, further, |storage| storage)
    }
}

impl<S: Storage> Ingest<S> {
    /// As [`Ingest::open`], with something between pipeline and store.
    pub(crate) fn over(
        db: &Path,
        further: &[(&str, &str)],
        wrap: impl FnOnce(SqliteStorage) -> S,
    ) -> anyhow::Result<Self> {
        let config = config(db, further)?;
        let setup = compose::fold_setup(&config)?;
        let storage = wrap(compose::open_store(&config, &setup)?);
        let pipeline = compose::ingest_pipeline(&config, setup);
        Ok(Self { storage, pipeline })
    }

    /// Stores candles that come after what is stored, one commit per batch of at most `batch`.
    pub(crate) fn store(
        &mut self,
        series: &SeriesId,
        candles: &[Candle],
        batch: usize,
    ) -> anyhow::Result<()> {
        for candles in candles.chunks(batch) {
            let batch = CandleBatch::new(series.clone(), candles.to_vec()).context("a batch is not empty")?;
            let job = Job {
                input: JobInput::Batch(batch),
                publish: PublishPolicy::Derived,
                late: LatePolicy::Fold,
                origin: JobOrigin::Ingest,
            };
            for result in self.pipeline.run(&self.storage, &Nobody, vec![job]) {
                result?;
            }
        }
        Ok(())
    }

    /// The store that is written to.
    pub(crate) const fn storage(&self) -> &S {
        &self.storage
    }
}

struct Nobody;

impl Publisher for Nobody {
    fn publish(&self, _publication: &Publication) -> Result<(), PublishError> {
        Ok(())
    }
}
