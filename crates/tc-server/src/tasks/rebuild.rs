//! Rebuilding a series on request: everything derived of it again, with the candles of a source if one is named.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use tc_exchange::{HistoryClient, VenueError};
use tc_ingest::{Job, JobInput, JobOrigin, LatePolicy, PublishPolicy};
use tc_market::{Candle, CandleBatch, CandleTime, SeriesId, latest_closed};
use tc_store::{Snapshot, StoreError};

use super::{
    LocalHistory, LocalHistoryError,
    history::{count_rejected, count_rows},
    local_history,
};
use crate::{
    clock::MarketClock,
    threads::{ReadPoolError, ReaderPool, SubmitError, WriterHandle},
};

/// Candles of a source that are held for the one commit of the rebuild. When more differ from the store, those held
/// are stored ahead of it: bounds memory, whatever the length of the history.
const HELD_CANDLES: usize = if cfg!(test) { 50 } else { 200_000 };

/// Candles of a file that are compared with the store at a time.
const PAGE_CANDLES: usize = if cfg!(test) { 20 } else { 20_000 };

/// Where the candles of a rebuild come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RebuildSource {
    /// The store, as they are.
    Stored,
    /// Candle files on this machine.
    History,
    /// REST history of the exchange.
    Exchange,
}

impl RebuildSource {
    /// All of them, the default first.
    pub const ALL: [Self; 3] = [Self::Stored, Self::History, Self::Exchange];

    /// Word on the command line and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::History => "history",
            Self::Exchange => "exchange",
        }
    }
}

/// What a rebuild works with.
#[derive(Clone)]
pub struct RebuildParts {
    /// The writer.
    pub writer: WriterHandle,
    /// Readers.
    pub readers: ReaderPool,
    /// Candle files; `None`: there is no source of any.
    pub local: Option<Arc<dyn LocalHistory>>,
    /// REST history; `None`: it is switched off.
    pub history: Option<HistoryClient>,
    /// Market clock.
    pub clock: Arc<dyn MarketClock>,
}

impl std::fmt::Debug for RebuildParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RebuildParts").finish_non_exhaustive()
    }
}

/// A rebuilt series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RebuiltSeries {
    /// Candles folded: all that are stored.
    pub candles: u64,
    /// Candles of the source that replaced other values.
    pub replaced: u64,
    /// Candles of the source that were missing.
    pub added: u64,
    /// Newest stored candle.
    pub head_time: CandleTime,
    /// The epoch that begins.
    pub epoch: u32,
}

/// Why a series was not rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// There is nothing to rebuild.
    #[error("no candle of {0} is stored")]
    NoData(SeriesId),
    /// The source cannot be asked.
    #[error("candles cannot be taken from {}: {reason}", .wanted.name())]
    Unavailable {
        /// Which source.
        wanted: RebuildSource,
        /// Why not, and what to do.
        reason: &'static str,
    },
    /// The exchange failed. Nothing was rebuilt.
    #[error(transparent)]
    Venue(#[from] VenueError),
    /// The candle file cannot be used. Nothing was rebuilt.
    #[error(transparent)]
    Files(#[from] LocalHistoryError),
    /// The write path failed; the ledgers are as before.
    #[error(transparent)]
    Write(#[from] SubmitError),
    /// No reader answered.
    #[error(transparent)]
    Reader(#[from] ReadPoolError),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Candles of the source that differ from what is stored.
#[derive(Debug, Default)]
struct Differing {
    held: Vec<Candle>,
    replaced: u64,
    added: u64,
}

/// Takes the closed candles of the source for the stored range, then folds everything again; see the overlay contract,
/// section 12.2. What becomes visible, does so with one commit; only when very many candles differ, some of them are
/// stored before it, and the series then reads as out of step until it is rebuilt.
///
/// # Errors
/// [`RebuildError`].
pub async fn rebuild(
    parts: &RebuildParts,
    series: &SeriesId,
    source: RebuildSource,
) -> Result<RebuiltSeries, RebuildError> {
    let range = stored_range(parts, series).await?;
    let range = range.ok_or_else(|| RebuildError::NoData(series.clone()))?;
    let unavailable = |reason| RebuildError::Unavailable {
        wanted: source,
        reason,
    };
    let differing = match source {
        RebuildSource::Stored => Differing::default(),
        RebuildSource::History => {
            let local = parts.local.as_ref();
            let local = local.ok_or_else(|| {
                unavailable("there is no source of files; set MARKET_HISTORY_SOURCE, or import them")
            })?;
            let differing = from_files(parts, local, series, range).await?;
            differing.ok_or_else(|| unavailable("there is no file with candles of that time"))?
        }
        RebuildSource::Exchange => {
            let history = parts.history.as_ref();
            let history = history
                .ok_or_else(|| unavailable("REST history is switched off; switch ENABLE_CCXT_BACKFILL on"))?;
            from_exchange(parts, history, series, range).await?
        }
    };
    let candles = CandleBatch::new(series.clone(), differing.held);
    let origin = match source {
        RebuildSource::History if candles.is_some() => JobOrigin::Files,
        RebuildSource::Exchange if candles.is_some() => JobOrigin::Rest,
        _ => JobOrigin::Operator,
    };
    let job = Job {
        input: JobInput::Rebuild {
            series: series.clone(),
            candles,
        },
        publish: PublishPolicy::Derived,
        late: LatePolicy::Fold,
        origin,
    };
    let report = parts.writer.submit(job).await?;
    let (Some(head_time), Some(rebuilt)) = (report.candle_head, report.rebuilt) else {
        return Err(RebuildError::NoData(series.clone()));
    };
    Ok(RebuiltSeries {
        candles: rebuilt.candles,
        replaced: differing.replaced + report.changed as u64,
        added: differing.added + report.inserted as u64,
        head_time,
        epoch: report.epoch,
    })
}

/// Oldest and newest stored candle.
async fn stored_range(
    parts: &RebuildParts,
    series: &SeriesId,
) -> Result<Option<(CandleTime, CandleTime)>, RebuildError> {
    let series = series.clone();
    let read = move |snapshot: &dyn Snapshot| {
        let Some(key) = snapshot.series_key(&series)? else {
            return Ok(None);
        };
        let range = snapshot.first_time(key)?.zip(snapshot.head_time(key)?);
        Ok::<_, StoreError>(range)
    };
    Ok(parts.readers.read(read).await??)
}

/// Pages through the exchange's history of the range; what the store has already is let go at once.
async fn from_exchange(
    parts: &RebuildParts,
    history: &HistoryClient,
    series: &SeriesId,
    (from, to): (CandleTime, CandleTime),
) -> Result<Differing, RebuildError> {
    let closed = latest_closed(parts.clock.now_s(), series.timeframe().seconds());
    let mut pages = history.fetch_range(series, from, to, closed);
    let mut differing = Differing::default();
    while let Some(page) = pages.next_page().await? {
        count_rows(page.len());
        differing.take(parts, series, page, JobOrigin::Rest).await?;
    }
    count_rejected(pages.dropped());
    Ok(differing)
}

/// As [`from_exchange`] with the candles of the file; `None` when it has none of the range.
async fn from_files(
    parts: &RebuildParts,
    local: &Arc<dyn LocalHistory>,
    series: &SeriesId,
    (from, to): (CandleTime, CandleTime),
) -> Result<Option<Differing>, RebuildError> {
    let closed = latest_closed(parts.clock.now_s(), series.timeframe().seconds());
    let mut candles = local_history::newest(local, series, usize::MAX, closed.min(to)).await?;
    candles.drain(..candles.partition_point(|candle| candle.time() < from));
    let mut differing = Differing::default();
    for page in candles.chunks(PAGE_CANDLES) {
        let page = page.to_vec();
        differing.take(parts, series, page, JobOrigin::Files).await?;
    }
    Ok((!candles.is_empty()).then_some(differing))
}

impl Differing {
    /// Keeps those of a page that are not stored like that.
    async fn take(
        &mut self,
        parts: &RebuildParts,
        series: &SeriesId,
        page: Vec<Candle>,
        origin: JobOrigin,
    ) -> Result<(), RebuildError> {
        let id = series.clone();
        let read = move |snapshot: &dyn Snapshot| not_stored(snapshot, &id, page);
        self.held.extend(parts.readers.read(read).await??);
        if self.held.len() > HELD_CANDLES {
            self.store_ahead(parts, series, origin).await?;
        }
        Ok(())
    }

    /// Stores what is held; the fold over it waits for the rebuild.
    async fn store_ahead(
        &mut self,
        parts: &RebuildParts,
        series: &SeriesId,
        origin: JobOrigin,
    ) -> Result<(), SubmitError> {
        let Some(batch) = CandleBatch::new(series.clone(), std::mem::take(&mut self.held)) else {
            return Ok(());
        };
        let job = Job {
            input: JobInput::Batch(batch),
            publish: PublishPolicy::Derived,
            late: LatePolicy::Defer,
            origin,
        };
        let report = parts.writer.submit(job).await?;
        self.replaced += report.changed as u64;
        self.added += report.inserted as u64;
        Ok(())
    }
}

/// Those of `candles`, ascending, that are missing in the store or have other values there.
fn not_stored(
    snapshot: &dyn Snapshot,
    series: &SeriesId,
    mut candles: Vec<Candle>,
) -> Result<Vec<Candle>, StoreError> {
    let (Some(first), Some(last), Some(key)) =
        (candles.first(), candles.last(), snapshot.series_key(series)?)
    else {
        return Ok(candles);
    };
    let stored = snapshot.candles_between(key, first.time(), last.time(), usize::MAX)?;
    let same = |candle: &Candle| {
        let place = stored.binary_search_by_key(&candle.time(), Candle::time);
        place.is_ok_and(|place| stored[place] == *candle)
    };
    candles.retain(|candle| !same(candle));
    Ok(candles)
}
