//! Covers the newest candles of a series: from candle files, from the candles of a shorter timeframe, from REST.

mod rest;
mod roll_up;
mod run;
mod standing;
#[cfg(test)]
pub(crate) mod tests;

use std::{fmt, sync::Arc};

use tc_exchange::HistoryClient;
use tc_ingest::{BackfillProgress, IngestReport, Job, JobInput, JobOrigin, LatePolicy, PublishPolicy};
use tc_market::{Candle, CandleBatch, CandleTime, DerivedTimeframes, Gap, SeriesId, latest_closed};
use tc_store::Snapshot;
use tokio::sync::Semaphore;

use super::{Backfills, Downloads, LocalHistory, RebuildParts, history::refresh, local_history, turn::Turn};
use crate::{
    clock::MarketClock,
    threads::{ReaderPool, SubmitError, WriterHandle},
};
pub(super) use rest::RestError;
use run::Run;
pub(super) use standing::{Standing, StandingError, Window, absent};

/// What coverage works with.
#[derive(Clone)]
pub struct CoverageParts {
    /// Candle files; `None`: there is no source of any.
    pub local: Option<Arc<dyn LocalHistory>>,
    /// REST history; `None`: it is switched off.
    pub rest: Option<HistoryClient>,
    /// The writer.
    pub writer: WriterHandle,
    /// Readers.
    pub readers: ReaderPool,
    /// Market clock.
    pub clock: Arc<dyn MarketClock>,
    /// Is told how far each backfill is.
    pub backfills: Backfills,
    /// Brings newer candles into the files; `None`: nobody does.
    pub downloads: Option<Downloads>,
}

impl fmt::Debug for CoverageParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CoverageParts").finish_non_exhaustive()
    }
}

/// How coverage behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageOptions {
    /// Whether REST is asked also when nobody said up to which time.
    pub rest_on_read: bool,
    /// Newest rows of a candle file that an empty series begins with.
    pub bootstrap_candles: usize,
    /// Series that are built from the candles of others: REST never overrides what was built.
    pub derived: DerivedTimeframes,
}

impl Default for CoverageOptions {
    fn default() -> Self {
        Self {
            rest_on_read: false,
            bootstrap_candles: 2_000,
            derived: DerivedTimeframes::default(),
        }
    }
}

/// What is there of a window, and what went wrong on the way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Covered {
    /// Candles of the window; without a given end at least those that came from a file.
    pub candles: u64,
    /// In the order of the steps; each begins with the word for its step.
    pub errors: Vec<String>,
}

/// Why candles were not stored.
#[derive(Debug, thiserror::Error)]
pub(super) enum CoverageError {
    #[error(transparent)]
    Standing(#[from] StandingError),
    #[error(transparent)]
    Write(#[from] SubmitError),
}

/// See the module. Cheap to clone.
#[derive(Clone)]
pub struct Coverage(Arc<Inner>);

struct Inner {
    parts: CoverageParts,
    options: CoverageOptions,
    /// A file is decoded as a whole: one at a time bounds the memory. Who waited finds what the one before stored.
    files: Semaphore,
}

impl fmt::Debug for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Coverage")
            .field("options", &self.0.options)
            .finish_non_exhaustive()
    }
}

impl Coverage {
    /// Coverage with these parts.
    #[must_use]
    pub fn new(parts: CoverageParts, options: CoverageOptions) -> Self {
        Self(Arc::new(Inner {
            parts,
            options,
            files: Semaphore::new(1),
        }))
    }

    /// How far the latest backfill of a series is.
    #[must_use]
    pub fn progress(&self, series: &SeriesId) -> BackfillProgress {
        self.0.parts.backfills.get(series)
    }

    /// What a rebuild of a series works with: the same sources.
    #[must_use]
    pub fn rebuild_parts(&self) -> RebuildParts {
        let parts = self.parts();
        RebuildParts {
            writer: parts.writer.clone(),
            readers: parts.readers.clone(),
            local: parts.local.clone(),
            history: parts.rest.clone(),
            clock: Arc::clone(&parts.clock),
        }
    }

    pub(super) fn parts(&self) -> &CoverageParts {
        &self.0.parts
    }

    pub(super) fn options(&self) -> &CoverageOptions {
        &self.0.options
    }

    /// Gives an empty series the newest candles of its file. Best-effort; returns the candles written.
    pub async fn bootstrap(&self, series: &SeriesId) -> u64 {
        // Whoever opens a series that has candles must not wait for somebody else's file.
        if self.0.parts.local.is_none() || !self.is_empty(series).await {
            return 0;
        }
        let _turn = self.0.files.acquire().await;
        if !self.is_empty(series).await {
            return 0;
        }
        let rows = self.0.options.bootstrap_candles;
        match self.import(series, rows, self.closed(series)).await {
            Ok(written) => {
                if written > 0 {
                    tracing::info!(%series, candles = written, "series begins with the candles of its file");
                }
                written
            }
            Err(error) => {
                tracing::warn!(%series, %error, "candles of a file are not stored");
                0
            }
        }
    }

    /// Makes sure, as far as possible, that the newest `target` candles up to `to` (absent: up to now) are stored and
    /// folded. Never fails: what went wrong is part of the answer.
    pub async fn ensure_tail(&self, series: &SeriesId, target: u32, to: Option<CandleTime>) -> Covered {
        self.settled(series, self.cover(series, target, to).await).await
    }

    /// As [`Coverage::ensure_tail`] up to now, in a turn that others get while a download is waited for.
    pub(super) async fn ensure_newest(&self, series: &SeriesId, target: u32, turn: &mut Turn) -> Covered {
        let run = Run::new(self, series, target, None).in_turn(turn);
        self.settled(series, run.run().await).await
    }

    async fn settled(&self, series: &SeriesId, mut covered: Covered) -> Covered {
        if let Err(error) = self.settle(series).await {
            covered.errors.push(format!("refresh_failed:{error}"));
        }
        covered
    }

    /// As [`Coverage::ensure_tail`]; what lies behind the head waits for [`Coverage::settle`].
    pub(super) async fn cover(&self, series: &SeriesId, target: u32, to: Option<CandleTime>) -> Covered {
        Run::new(self, series, target, to).run().await
    }

    /// Brings the ledgers up to the newest candle if they are behind; returns whether they were.
    pub(super) async fn settle(&self, series: &SeriesId) -> Result<bool, CoverageError> {
        let parts = self.parts();
        let standing = Standing::read(&parts.readers, series, Window::NOTHING).await?;
        match standing.head {
            Some(head) if standing.ledgers_behind => {
                refresh(&parts.writer, series, head).await?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Writes those of the newest `rows` candles of the file, up to `end`, whose time is not stored: with one commit.
    /// A file that is missing or cannot be used has none.
    pub(super) async fn import_tail(
        &self,
        series: &SeriesId,
        rows: usize,
        end: CandleTime,
    ) -> Result<u64, CoverageError> {
        if self.0.parts.local.is_none() {
            return Ok(0);
        }
        let _turn = self.0.files.acquire().await;
        self.import(series, rows, end).await
    }

    /// As [`Coverage::import_tail`] up to now.
    pub(super) async fn import_newest(&self, series: &SeriesId, rows: usize) -> Result<u64, CoverageError> {
        self.import_tail(series, rows, self.closed(series)).await
    }

    async fn import(&self, series: &SeriesId, rows: usize, end: CandleTime) -> Result<u64, CoverageError> {
        let parts = self.parts();
        let Some(local) = &parts.local else { return Ok(0) };
        let candles = match local_history::newest(local, series, rows, end).await {
            Ok(candles) => candles,
            Err(error) => {
                tracing::warn!(%series, %error, "candle file cannot be used");
                return Ok(0);
            }
        };
        let candles = absent(&parts.readers, series, candles).await?;
        let count = candles.len() as u64;
        metrics::counter!("market_backfill_rows_total", "source" => "freqtrade").increment(count);
        let report = self.store(JobOrigin::Files, series, candles).await?;
        Ok(report.map_or(0, |report| report.inserted as u64))
    }

    /// Stores candles without telling subscribers of them; late ones are folded by the next refresh.
    async fn store(
        &self,
        origin: JobOrigin,
        series: &SeriesId,
        candles: Vec<Candle>,
    ) -> Result<Option<IngestReport>, SubmitError> {
        let Some(batch) = CandleBatch::new(series.clone(), candles) else {
            return Ok(None);
        };
        let job = Job {
            input: JobInput::Batch(batch),
            publish: PublishPolicy::Derived,
            late: LatePolicy::Defer,
            origin,
        };
        self.parts().writer.submit(job).await.map(Some)
    }

    /// Whether candles of the series can come from anywhere but the stream.
    pub(crate) fn has_source(&self, series: &SeriesId) -> bool {
        let parts = self.parts();
        parts.local.is_some() || parts.rest.as_ref().is_some_and(|rest| rest.serves(series))
    }

    /// Whether every candle of the gap is stored; a series that cannot be read counts as one that is not.
    pub(super) async fn is_complete(&self, series: &SeriesId, gap: Gap) -> bool {
        let id = series.clone();
        let count = move |snapshot: &dyn Snapshot| match snapshot.series_key(&id)? {
            Some(key) => snapshot.count_between(key, gap.from, gap.to),
            None => Ok(0),
        };
        let stored = self.parts().readers.read(count).await;
        let missing = gap.missing_candles(series.timeframe()).unsigned_abs();
        matches!(stored, Ok(Ok(stored)) if stored >= missing)
    }

    /// A series that cannot be looked up counts as one with candles.
    async fn is_empty(&self, series: &SeriesId) -> bool {
        match Standing::read(&self.parts().readers, series, Window::NOTHING).await {
            Ok(standing) => standing.head.is_none(),
            Err(error) => {
                tracing::warn!(%series, %error, "series cannot be looked up");
                false
            }
        }
    }

    /// Stores the complete buckets of the window that the stored candles of a shorter timeframe make and that are not
    /// stored; returns how many.
    pub(super) async fn roll_up(&self, series: &SeriesId, window: Window) -> Result<usize, CoverageError> {
        let Some(base) = self.base_of(series) else {
            return Ok(0);
        };
        let id = series.clone();
        let read = move |snapshot: &dyn Snapshot| roll_up::missing_buckets(snapshot, &base, &id, window);
        let buckets = self.parts().readers.read(read).await;
        let buckets = buckets
            .map_err(StandingError::from)?
            .map_err(StandingError::from)?;
        let report = self.store(JobOrigin::RollUp, series, buckets).await?;
        Ok(report.map_or(0, |report| report.inserted))
    }

    /// The series whose candles complete buckets of `series`: its base, or the one of a minute.
    fn base_of(&self, series: &SeriesId) -> Option<SeriesId> {
        let derived = &self.options().derived;
        if derived.is_derived(series) {
            return Some(derived.base_of(series));
        }
        series.with_timeframe("1m".parse().ok()?).ok()
    }

    /// Newest closed candle by the market clock.
    pub(super) fn closed(&self, series: &SeriesId) -> CandleTime {
        latest_closed(self.parts().clock.now_s(), series.timeframe().seconds())
    }
}
