//! REST history on its way into the store.

use tc_exchange::{DroppedRows, HistoryClient, VenueError};
use tc_ingest::{IngestReport, Job, JobInput, JobOrigin, LatePolicy, PublishPolicy};
use tc_market::{Candle, CandleBatch, CandleTime, Gap, SeriesId};

use crate::threads::{SubmitError, WriterHandle};

/// Why a range could not be fetched and stored.
#[derive(Debug, thiserror::Error)]
pub(super) enum HistoryError {
    #[error(transparent)]
    Venue(#[from] VenueError),
    #[error(transparent)]
    Write(#[from] SubmitError),
}

/// How the fetched candles are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct WritePolicy {
    pub(super) publish: PublishPolicy,
    pub(super) late: LatePolicy,
    pub(super) origin: JobOrigin,
}

/// What was stored, up to the end or the failure.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    pub(super) inserted: u64,
    /// Newest stored candle of the series, once something was written.
    pub(super) head: Option<CandleTime>,
}

/// Fetches `ranges` oldest first, and writes page by page. `fetched` grows with every page, also before a failure.
pub(super) async fn fetch_into(
    history: &HistoryClient,
    writer: &WriterHandle,
    series: &SeriesId,
    ranges: &[Gap],
    policy: WritePolicy,
    fetched: &mut Fetched,
) -> Result<(), HistoryError> {
    for range in ranges {
        // The ends of a range are closed buckets already.
        let mut pages = history.fetch_range(series, range.from, range.to, range.to);
        while let Some(candles) = pages.next_page().await? {
            count_rows(candles.len());
            let Some(report) = write(writer, series, candles, policy).await? else {
                continue;
            };
            fetched.inserted += report.inserted as u64;
            fetched.head = fetched.head.max(report.candle_head);
        }
        count_rejected(pages.dropped());
    }
    Ok(())
}

/// Counts the rows of a page.
pub(super) fn count_rows(rows: usize) {
    metrics::counter!("market_backfill_rows_total", "source" => "rest").increment(rows as u64);
}

/// Counts what was left out of a range.
pub(super) fn count_rejected(dropped: &DroppedRows) {
    for (reason, rows) in dropped.iter() {
        metrics::counter!("market_candles_rejected_total", "source" => "rest", "reason" => reason)
            .increment(rows);
    }
}

pub(super) async fn write(
    writer: &WriterHandle,
    series: &SeriesId,
    candles: Vec<Candle>,
    policy: WritePolicy,
) -> Result<Option<IngestReport>, SubmitError> {
    let Some(batch) = CandleBatch::new(series.clone(), candles) else {
        return Ok(None);
    };
    let job = Job {
        input: JobInput::Batch(batch),
        publish: policy.publish,
        late: policy.late,
        origin: policy.origin,
    };
    writer.submit(job).await.map(Some)
}

/// Brings the derived ledgers up to the newest stored candle, late candles included.
pub(crate) async fn refresh(
    writer: &WriterHandle,
    series: &SeriesId,
    up_to: CandleTime,
) -> Result<IngestReport, SubmitError> {
    let input = JobInput::Refresh {
        series: series.clone(),
        up_to,
    };
    let job = Job {
        input,
        publish: PublishPolicy::Derived,
        late: LatePolicy::Fold,
        origin: JobOrigin::Operator,
    };
    writer.submit(job).await
}
