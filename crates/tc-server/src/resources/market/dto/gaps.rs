//! Wire types of gaps, rebuilds and the regularity of candles. Times are Unix seconds unless they end in `_ms`.

use serde::Serialize;
use tc_market::CandleTime;
use tc_read::{BaseBucket, SeriesGaps, SeriesRebuilds, SeriesRegularity};
use tc_store::{CandleStep, EpochRecord, GapRecord, GapState};
use utoipa::{IntoParams, ToSchema};

use crate::tasks::due_at_ms;

/// Query of the gap ledger.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct GapsQuery {
    /// The series.
    series_id: String,
    /// `open` (those that are being filled or that the exchange cannot fill included), `healed` or `all`.
    #[param(default = "open")]
    state: Option<String>,
    /// Only gaps that do not end before this.
    #[param(minimum = 0)]
    from_time: Option<i64>,
    /// Only gaps that do not begin after this.
    #[param(minimum = 0)]
    to_time: Option<i64>,
    /// Most gaps to answer with.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<i64>,
}

/// Holes of a series, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GapsResponseV1 {
    /// The series.
    pub series_id: String,
    /// Length of a candle.
    pub timeframe_seconds: i64,
    /// Gaps of the whole series that are not healed.
    pub open_count: u64,
    /// Candles that they miss.
    pub open_missing_candles: u64,
    /// The gaps.
    pub gaps: Vec<GapV1>,
}

/// A maximal run of missing candles.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GapV1 {
    /// First missing open time.
    pub from_time: i64,
    /// Last missing open time.
    pub to_time: i64,
    /// How many are missing.
    pub missing_candles: u64,
    /// `disconnect`, `stall`, `head_jump`, `import`, `ingest`, `exchange_outage` or `unknown`.
    pub cause: &'static str,
    /// `open`, `filling`, `absent` or `healed`.
    pub state: &'static str,
    /// When it was first seen.
    pub detected_at_ms: i64,
    /// Tries to fill it.
    pub attempts: u32,
    /// When the last one ended.
    #[schema(required)]
    pub last_attempt_at_ms: Option<i64>,
    /// Why it failed.
    #[schema(required)]
    pub last_error: Option<String>,
    /// When the next one is due; null while one is on, when it is healed, and when nobody fills gaps of the series.
    #[schema(required)]
    pub next_attempt_at_ms: Option<i64>,
    /// When the last missing candle was stored.
    #[schema(required)]
    pub healed_at_ms: Option<i64>,
    /// `store`, `freqtrade`, `rest`, `stream` or `ingest`.
    #[schema(required)]
    pub healed_from: Option<&'static str>,
}

impl GapsResponseV1 {
    /// `kept`: gaps of the series are filled in the background.
    pub(crate) fn new(series: &tc_market::SeriesId, gaps: SeriesGaps, kept: bool) -> Self {
        Self {
            series_id: series.to_string(),
            timeframe_seconds: series.timeframe().seconds(),
            open_count: gaps.open.count,
            open_missing_candles: gaps.open.missing,
            gaps: gaps.gaps.into_iter().map(|gap| GapV1::new(gap, kept)).collect(),
        }
    }
}

impl GapV1 {
    fn new(gap: GapRecord, kept: bool) -> Self {
        let waits = kept && gap.state != GapState::Filling;
        let healed = match gap.state {
            GapState::Healed { at_ms, from } => Some((at_ms, from.name())),
            GapState::Open | GapState::Filling | GapState::Absent => None,
        };
        Self {
            from_time: gap.from.seconds(),
            to_time: gap.to.seconds(),
            missing_candles: gap.missing,
            cause: gap.cause.name(),
            state: gap.state.name(),
            detected_at_ms: gap.detected_at_ms,
            attempts: gap.attempts,
            next_attempt_at_ms: due_at_ms(&gap).filter(|_| waits),
            last_attempt_at_ms: gap.last_attempt_at_ms,
            last_error: gap.last_error,
            healed_at_ms: healed.map(|(at_ms, _)| at_ms),
            healed_from: healed.map(|(_, from)| from),
        }
    }
}

/// Query of the list of rebuilds.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct EpochsQuery {
    /// The series.
    series_id: String,
    /// Most rebuilds to answer with.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
}

/// How often existing ledgers of a series were folded again, and why.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EpochsResponseV1 {
    /// The series.
    pub series_id: String,
    /// The present epoch.
    pub epoch: u32,
    /// Newest first.
    pub rebuilds: Vec<RebuildV1>,
}

/// One rebuild.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RebuildV1 {
    /// The epoch that it began.
    pub epoch: u32,
    /// When.
    pub at_ms: i64,
    /// `late_candle`, `corrected_candle`, `fingerprint`, `trim` or `operator`.
    pub reason: &'static str,
    /// First candle folded again; null: from the start.
    #[schema(required)]
    pub from_time: Option<i64>,
    /// Candles folded again.
    pub candles: u64,
}

impl EpochsResponseV1 {
    pub(crate) fn new(series: &tc_market::SeriesId, rebuilds: SeriesRebuilds) -> Self {
        Self {
            series_id: series.to_string(),
            epoch: rebuilds.epoch,
            rebuilds: rebuilds.rebuilds.into_iter().map(RebuildV1::from).collect(),
        }
    }
}

impl From<EpochRecord> for RebuildV1 {
    fn from(record: EpochRecord) -> Self {
        Self {
            epoch: record.epoch,
            at_ms: record.at_ms,
            reason: record.reason.name(),
            from_time: record.from.map(CandleTime::seconds),
            candles: record.candles,
        }
    }
}

/// Query of the regularity of candles.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct SeriesHealthQuery {
    /// The series.
    series_id: String,
    /// Most holes to list.
    #[param(minimum = 1, maximum = 50, default = 5)]
    max_recent_gaps: Option<i64>,
    /// Buckets whose minutes are counted.
    #[param(minimum = 1, maximum = 48, default = 8)]
    recent_base_buckets: Option<i64>,
}

/// How regular the candles of a series are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SeriesHealthResponse {
    /// The series.
    pub series_id: String,
    /// Length of a candle.
    pub timeframe_seconds: i64,
    /// Market clock.
    pub now_time: i64,
    /// Oldest stored candle.
    #[schema(required)]
    pub first_time: Option<i64>,
    /// Newest stored candle.
    #[schema(required)]
    pub head_time: Option<i64>,
    /// Age of the newest candle.
    #[schema(required)]
    pub lag_seconds: Option<i64>,
    /// Stored candles.
    pub candle_count: u64,
    /// Steps larger than a candle.
    pub gap_count: u64,
    /// The largest of them.
    #[schema(required)]
    pub max_gap_seconds: Option<i64>,
    /// Newest first.
    pub recent_gaps: Vec<StepV1>,
    /// The series of one minute of the same symbol.
    pub base_series_id: String,
    /// Ascending; empty for a series of one minute, or when the base has no candle.
    pub base_bucket_completeness: Vec<BucketV1>,
    /// Candles off the grid of the timeframe, when there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub off_grid_count: Option<u64>,
}

/// Two neighbouring candles with a hole between them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StepV1 {
    /// The one before.
    pub prev_time: i64,
    /// The one after.
    pub next_time: i64,
    /// Their distance.
    pub delta_seconds: i64,
    /// What is missing between them.
    pub missing_candles: i64,
}

/// Minutes of one bucket.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BucketV1 {
    /// Its open time.
    pub bucket_open_time: i64,
    /// Minutes that it has.
    pub expected_minutes: i64,
    /// Minutes that are stored.
    pub actual_minutes: i64,
    /// Minutes that are not.
    pub missing_minutes: i64,
}

impl SeriesHealthResponse {
    pub(crate) fn new(series: &tc_market::SeriesId, found: &SeriesRegularity, now_time: i64) -> Self {
        let steps = &found.steps;
        let timeframe_seconds = series.timeframe().seconds();
        let step = |step: &CandleStep| {
            let delta_seconds = step.next.seconds() - step.prev.seconds();
            StepV1 {
                prev_time: step.prev.seconds(),
                next_time: step.next.seconds(),
                delta_seconds,
                missing_candles: (delta_seconds + timeframe_seconds - 1) / timeframe_seconds - 1,
            }
        };
        Self {
            series_id: series.to_string(),
            timeframe_seconds,
            now_time,
            first_time: steps.first.map(CandleTime::seconds),
            head_time: steps.last.map(CandleTime::seconds),
            lag_seconds: steps.last.map(|head| (now_time - head.seconds()).max(0)),
            candle_count: steps.count,
            gap_count: steps.gaps,
            max_gap_seconds: steps.max_gap_s,
            recent_gaps: steps.newest.iter().map(step).collect(),
            base_series_id: found.base.to_string(),
            base_bucket_completeness: found.buckets.iter().map(BucketV1::from).collect(),
            off_grid_count: (steps.off_grid > 0).then_some(steps.off_grid),
        }
    }
}

impl From<&BaseBucket> for BucketV1 {
    fn from(bucket: &BaseBucket) -> Self {
        Self {
            bucket_open_time: bucket.open.seconds(),
            expected_minutes: bucket.expected,
            actual_minutes: bucket.actual,
            missing_minutes: (bucket.expected - bucket.actual).max(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use tc_store::{GapCause, HealedFrom};

    use super::*;

    fn record(state: GapState) -> GapRecord {
        GapRecord {
            from: CandleTime::clamped(60),
            to: CandleTime::clamped(120),
            missing: 2,
            cause: GapCause::Disconnect,
            state,
            detected_at_ms: 1_000,
            attempts: 2,
            last_attempt_at_ms: Some(5_000),
            last_error: None,
        }
    }

    #[test]
    fn the_next_attempt_is_told_where_there_will_be_one() {
        let next = |state, kept| GapV1::new(record(state), kept).next_attempt_at_ms;
        assert_eq!(next(GapState::Open, true), Some(65_000));
        assert_eq!(next(GapState::Absent, true), Some(5_000 + 24 * 3_600_000));
        let healed = GapState::Healed {
            at_ms: 6_000,
            from: HealedFrom::Rest,
        };
        assert_eq!([next(healed, true), next(GapState::Filling, true)], [None; 2]);
        assert_eq!(
            [next(GapState::Open, false), next(GapState::Absent, false)],
            [None; 2]
        );
    }
}
