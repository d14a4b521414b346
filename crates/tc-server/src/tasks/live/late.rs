//! Closed candles of the stream that are not newer than the head.

use tc_ingest::{Job, JobInput, JobOrigin, LatePolicy, PublishPolicy};
use tc_market::{Candle, CandleBatch, SeriesId};
use tc_store::{GapQuery, StoreError};

use super::LiveRunner;
use crate::threads::{ReadPoolError, SubmitError};

/// Why such a candle was not stored.
#[derive(Debug, thiserror::Error)]
pub(super) enum LateError {
    /// The gaps of the series cannot be read.
    #[error(transparent)]
    Reader(#[from] ReadPoolError),
    /// The gaps of the series cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The write failed.
    #[error(transparent)]
    Write(#[from] SubmitError),
}

/// Stores a candle that lies in an open gap; `false` when it does not: a stream never rewrites history.
pub(super) async fn store_in_gap(
    runner: &LiveRunner,
    series: &SeriesId,
    candle: Candle,
    origin: JobOrigin,
) -> Result<bool, LateError> {
    let (wanted, time) = (series.clone(), candle.time());
    let gaps = runner
        .readers
        .read(move |snapshot| match snapshot.series_key(&wanted)? {
            Some(key) => snapshot.gaps(
                key,
                &GapQuery {
                    from: time,
                    to: time,
                    limit: 1,
                    ..GapQuery::OPEN
                },
            ),
            None => Ok(Vec::new()),
        });
    let Some(batch) = CandleBatch::new(series.clone(), vec![candle]) else {
        return Ok(false);
    };
    if gaps.await??.is_empty() {
        return Ok(false);
    }
    let job = Job {
        input: JobInput::Batch(batch),
        publish: PublishPolicy::Derived,
        late: LatePolicy::Fold,
        origin,
    };
    runner.writer.submit(job).await?;
    Ok(true)
}
