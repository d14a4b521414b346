//! What a rebuild without a server needs: the store, its threads, and the exchange if it is the source.

use std::{fmt, sync::Arc};

use anyhow::Context;
use tc_ingest::{Publication, PublishError, Publisher};
use tc_market::SeriesId;
use tc_server::{
    clock::SystemClock,
    debug::DebugLog,
    tasks::{RebuildError, RebuildParts, RebuildSource, RebuiltSeries, rebuild},
    threads::{ReaderPool, WriterThread},
};
use tc_store::Storage;

use super::{exchange, fold_setup, history, ingest_pipeline, open_store};
use crate::config::Config;

/// A store held by this process for rebuilds.
pub struct Rebuilder {
    storage: Arc<dyn Storage>,
    parts: RebuildParts,
}

impl fmt::Debug for Rebuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rebuilder")
            .field("parts", &self.parts)
            .finish_non_exhaustive()
    }
}

impl Rebuilder {
    /// Takes the store of `config`, which must be there.
    ///
    /// # Errors
    /// When there is none, another process holds it, or a part cannot start.
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        let path = &config.storage.db_path;
        anyhow::ensure!(
            path.exists(),
            "there is no store at {}; name the right one with --db-path",
            path.display()
        );
        exchange::install_crypto();
        let setup = fold_setup(config)?;
        let storage: Arc<dyn Storage> = Arc::new(open_store(config, &setup)?);
        let pipeline = ingest_pipeline(config, setup);
        let rest = if config.history.rest_backfill {
            let venue = exchange::venue(exchange::endpoints(config))?;
            Some(exchange::history_client(config, venue)?)
        } else {
            None
        };
        let parts = RebuildParts {
            writer: WriterThread::spawn(
                Arc::clone(&storage),
                Arc::new(Nobody),
                pipeline,
                1,
                DebugLog::off(),
            )?,
            readers: ReaderPool::spawn(&storage, 1)?,
            local: history::local_history(config),
            history: rest,
            clock: Arc::new(SystemClock),
        };
        Ok(Self { storage, parts })
    }

    /// Rebuilds one series; inside an async runtime.
    ///
    /// # Errors
    /// [`RebuildError`].
    pub async fn rebuild(
        &self,
        series: &SeriesId,
        source: RebuildSource,
    ) -> Result<RebuiltSeries, RebuildError> {
        rebuild(&self.parts, series, source).await
    }

    /// Ends the threads and moves the write-ahead log into the store.
    ///
    /// # Errors
    /// When the log cannot be moved; nothing is lost then.
    pub async fn close(self) -> anyhow::Result<()> {
        self.parts.writer.drain().await;
        self.parts.readers.drain().await;
        self.storage
            .checkpoint_log()
            .context("the write-ahead log stays beside the store")
    }
}

/// Nobody listens to a process that only rebuilds.
struct Nobody;

impl Publisher for Nobody {
    fn publish(&self, _publication: &Publication) -> Result<(), PublishError> {
        Ok(())
    }
}
