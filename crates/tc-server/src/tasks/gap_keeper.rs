//! Fills the holes of the gap ledger in the background, newest first.

#[cfg(test)]
mod tests;

use std::{cmp::Reverse, time::Duration};

use tc_ingest::{GapAttempt, Job, JobInput};
use tc_market::{Gap, SeriesId};
use tc_store::{GapQuery, GapRecord, GapState, OpenGaps, Snapshot, StoreError};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::{
    coverage::{Coverage, StandingError},
    gap_heal::{Filled, fill},
};
use crate::clock::unix_ms;

/// Between two looks at the ledger.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Gaps of a series that a look considers, and gaps that it has filled before the next look.
const AT_A_LOOK: usize = 50;
/// A new gap is left alone for so long: whoever caused it may be filling it.
const GRACE_MS: i64 = 5_000;
/// Pause after the first failed try; doubles with each further one.
const FIRST_PAUSE_MS: i64 = 30_000;
/// The longest of those pauses.
const LONGEST_PAUSE_MS: i64 = 3_600_000;
/// What the exchange does not have is asked for again after so long.
const ABSENT_PAUSE_MS: i64 = 24 * 3_600_000;

/// Sets the totals of all series; every job moves them from there on. To be called before the first job.
///
/// # Errors
/// [`StoreError`].
#[expect(
    clippy::cast_precision_loss,
    reason = "a store holds far fewer than 2^53 missing candles"
)]
pub fn announce_gaps(snapshot: &dyn Snapshot) -> Result<(), StoreError> {
    let mut total = OpenGaps::default();
    for summary in snapshot.list_series()? {
        if let Some(key) = snapshot.series_key(&summary.series)? {
            let open = snapshot.open_gaps(key)?;
            total.count += open.count;
            total.missing += open.missing;
        }
    }
    metrics::gauge!("market_gap_open_count").set(total.count as f64);
    metrics::gauge!("market_gap_open_candles").set(total.missing as f64);
    Ok(())
}

/// Brings the ledger of every stored series in order, then, when `heal` is set, fills its gaps until `stop` fires.
///
/// `file_rows` is the number of newest rows of a candle file that are looked at for each gap.
pub async fn keep_gaps(coverage: Coverage, heal: bool, file_rows: usize, stop: CancellationToken) {
    let work = async {
        look_through(&coverage).await;
        if !heal {
            return;
        }
        let mut tick = tokio::time::interval(LOOK_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            for (series, gap) in due(&coverage).await {
                try_to_fill(&coverage, &series, gap, file_rows).await;
            }
        }
    };
    tokio::select! {
        biased;
        () = stop.cancelled() => {}
        () = work => {}
    }
}

/// Series that were never looked through, and what a former process left half done.
async fn look_through(coverage: &Coverage) {
    let unfinished = |snapshot: &dyn Snapshot| -> Result<Vec<SeriesId>, StoreError> {
        let mut series = Vec::new();
        for summary in snapshot.list_series()? {
            let Some(key) = snapshot.series_key(&summary.series)? else {
                continue;
            };
            let known = snapshot.series_state(key)?.gaps_known;
            let open = snapshot.gaps(key, &GapQuery::OPEN)?;
            if !known || open.iter().any(|gap| gap.state == GapState::Filling) {
                series.push(summary.series);
            }
        }
        Ok(series)
    };
    let answer = coverage.parts().readers.read(unfinished).await;
    let series = answer
        .map_err(StandingError::from)
        .and_then(|series| Ok(series?))
        .unwrap_or_else(|error| {
            tracing::warn!(%error, "the gap ledger cannot be looked through");
            Vec::new()
        });
    for series in series {
        submit(coverage, JobInput::LookForGaps { series }).await;
    }
}

/// Gaps that may be tried now, newest first.
async fn due(coverage: &Coverage) -> Vec<(SeriesId, Gap)> {
    let newest = |snapshot: &dyn Snapshot| -> Result<Vec<(SeriesId, GapRecord)>, StoreError> {
        let query = GapQuery {
            limit: AT_A_LOOK,
            ..GapQuery::OPEN
        };
        let mut gaps = Vec::new();
        for summary in snapshot.list_series()? {
            if let Some(key) = snapshot.series_key(&summary.series)? {
                let records = snapshot.gaps(key, &query)?;
                gaps.extend(records.into_iter().map(|gap| (summary.series.clone(), gap)));
            }
        }
        Ok(gaps)
    };
    let answer = coverage.parts().readers.read(newest).await;
    let gaps = answer.map_err(StandingError::from).and_then(|gaps| Ok(gaps?));
    let mut gaps = gaps.unwrap_or_else(|error| {
        tracing::warn!(%error, "the gap ledger cannot be read");
        Vec::new()
    });
    let now_ms = unix_ms();
    gaps.retain(|(series, gap)| {
        due_at_ms(gap).is_some_and(|at_ms| at_ms <= now_ms)
            && gap.to <= coverage.closed(series)
            && coverage.has_source(series)
    });
    gaps.sort_by_key(|(_, gap)| Reverse(gap.from));
    gaps.truncate(AT_A_LOOK);
    gaps.into_iter()
        .map(|(series, GapRecord { from, to, .. })| (series, Gap { from, to }))
        .collect()
}

/// When the keeper may try to fill a gap, Unix milliseconds; it does so when it looks next. `None`: it is filled.
///
/// Whether there is somebody to ask is another question: [`Coverage::has_source`].
pub(crate) fn due_at_ms(gap: &GapRecord) -> Option<i64> {
    let last_ms = gap.last_attempt_at_ms.unwrap_or(gap.detected_at_ms);
    let pause_ms = match gap.state {
        GapState::Healed { .. } => return None,
        GapState::Absent => ABSENT_PAUSE_MS,
        GapState::Open | GapState::Filling if gap.attempts == 0 => GRACE_MS,
        GapState::Open | GapState::Filling => {
            let doubled = FIRST_PAUSE_MS.saturating_mul(1 << (gap.attempts - 1).min(20));
            doubled.min(LONGEST_PAUSE_MS)
        }
    };
    Some(last_ms.saturating_add(pause_ms))
}

async fn try_to_fill(coverage: &Coverage, series: &SeriesId, range: Gap, file_rows: usize) {
    let note = async |attempt| {
        let series = series.clone();
        submit(
            coverage,
            JobInput::GapAttempt {
                series,
                range,
                attempt,
            },
        )
        .await;
    };
    note(GapAttempt::Begun).await;
    let ended = match fill(coverage, series, range, file_rows).await {
        Ok(Filled::Answered) => GapAttempt::Answered,
        Ok(Filled::FilesOnly) => GapAttempt::Failed("not in the candle files".to_owned()),
        Err(error) => GapAttempt::Failed(error),
    };
    note(ended).await;
}

async fn submit(coverage: &Coverage, input: JobInput) {
    let job = Job::about_gaps(input);
    let series = job.series().clone();
    if let Err(error) = coverage.parts().writer.submit(job).await {
        tracing::warn!(%series, %error, "the gap ledger is not kept");
    }
}
