//! Derived timeframes: what a written base series means for the series that are built from it.
//!
//! Nothing is remembered between runs. Which derived series are built is told by the store: those that have a row.
//! How far they are built is their head. So a restart in the middle of a bucket, a retried batch or one cut in any
//! other way ends in the same candles.

use tc_market::{Candle, CandleBatch, CandleTime, RollUp, SeriesId, Timeframe};
use tc_store::{SeriesKey, StoreError, WriteTxn};

use super::IngestPipeline;
use crate::{
    IngestError, Job, JobInput, JobOrigin,
    unit::{PAGE_CANDLES, Task, Unit, Wanted},
};

/// Buckets of a derived series that are to be computed: open times of the first and of the last one.
type Buckets = (CandleTime, CandleTime);

/// A base series and one that is built from it, in the store.
struct Pair {
    base: SeriesKey,
    base_timeframe: Timeframe,
    base_head: CandleTime,
    derived: SeriesId,
    derived_key: SeriesKey,
}

impl IngestPipeline {
    /// The jobs that bring the derived series up to what `unit` has written.
    pub(super) fn following(
        &self,
        txn: &dyn WriteTxn,
        job: &Job,
        unit: &Unit,
    ) -> Result<Vec<Job>, StoreError> {
        let mut jobs = Vec::new();
        for derived in self.options.derived.built_from(unit.series()) {
            let Some(pair) = Pair::find(txn, unit, derived)? else {
                continue;
            };
            let input = match &job.input {
                JobInput::Batch(batch) => self.touched(txn, &pair, batch, unit.first_touched())?,
                JobInput::Refresh { .. } => txn.head_time(pair.derived_key)?.map(|up_to| JobInput::Refresh {
                    series: pair.derived,
                    up_to,
                }),
                JobInput::Rebuild { .. } => Some(pair.whole(txn)?),
                JobInput::Derive { .. }
                | JobInput::LookForGaps { .. }
                | JobInput::GapAttempt { .. }
                | JobInput::RepairDrawings { .. } => None,
            };
            jobs.extend(input.map(|input| Job {
                input,
                publish: job.publish,
                late: job.late,
                origin: JobOrigin::RollUp,
            }));
        }
        Ok(jobs)
    }

    /// The complete buckets that a batch has touched, as far as they are not stored like that.
    fn touched(
        &self,
        txn: &dyn WriteTxn,
        pair: &Pair,
        batch: &CandleBatch,
        first_touched: Option<CandleTime>,
    ) -> Result<Option<JobInput>, StoreError> {
        let Some(first_touched) = first_touched else {
            return Ok(None);
        };
        let timeframe = pair.derived.timeframe();
        let from = batch
            .candles()
            .partition_point(|candle| candle.time() < first_touched);
        let mut runs: Vec<Buckets> = Vec::new();
        for candle in &batch.candles()[from..] {
            let open = timeframe.align(candle.time());
            match runs.last_mut() {
                Some((_, last)) if open <= timeframe.next(*last) => *last = open,
                _ => runs.push((open, open)),
            }
        }
        // A bucket whose last base candle is not there yet has nothing to tell: most batches end here.
        runs.retain(|(first, last)| first < last || pair.may_be_complete(*last));
        if runs.is_empty() {
            return Ok(None);
        }
        // A series that was not built for a while goes on from its head, as far back as a first subscription reaches.
        if let Some(head) = txn.head_time(pair.derived_key)? {
            let reach = i64::try_from(self.options.derived_backfill_base_candles).unwrap_or(i64::MAX);
            let reach_s = reach.saturating_mul(pair.base_timeframe.seconds());
            let oldest = timeframe.align(pair.base_head.shifted(-reach_s));
            let behind = timeframe.next(head).max(oldest);
            let before = runs[0].0.shifted(-timeframe.seconds());
            if behind <= before {
                runs.insert(0, (behind, before));
            }
        }
        let mut candles = Vec::new();
        for buckets in runs {
            candles.extend(pair.changed(txn, buckets)?);
        }
        Ok(CandleBatch::new(pair.derived.clone(), candles).map(JobInput::Batch))
    }

    /// The first candles of a derived series. Its row alone makes it a series that is built from now on.
    pub(super) fn first_derived(
        &self,
        unit: &mut Unit,
        txn: &mut dyn WriteTxn,
    ) -> Result<Option<Wanted<'static>>, IngestError> {
        let series = unit.series().clone();
        if !self.options.derived.is_derived(&series) {
            return Ok(None);
        }
        txn.ensure_series(&series)?;
        unit.open(txn)?;
        let base = self.options.derived.base_of(&series);
        let (None, Some(base_key)) = (unit.candle_head(), txn.series_key(&base)?) else {
            return Ok(None);
        };
        let stored = txn.newest_candles(base_key, self.options.derived_backfill_base_candles)?;
        // A derived timeframe is a multiple of its base by construction.
        let candles = tc_market::roll_up(&stored, base.timeframe(), series.timeframe()).unwrap_or_default();
        let Some(batch) = CandleBatch::new(series, candles) else {
            return Ok(None);
        };
        unit.store_candles(txn, &batch)?;
        Ok(Some(Wanted {
            up_to: batch.last_time(),
            appended: None,
            task: Task::Advance,
        }))
    }
}

impl Pair {
    /// `None` when nobody has asked for the derived series yet, or the base has no candles.
    fn find(txn: &dyn WriteTxn, unit: &Unit, derived: SeriesId) -> Result<Option<Self>, StoreError> {
        let (Some(derived_key), Some(base), Some(base_head)) = (
            txn.series_key(&derived)?,
            txn.series_key(unit.series())?,
            unit.candle_head(),
        ) else {
            return Ok(None);
        };
        Ok(Some(Self {
            base,
            base_timeframe: unit.series().timeframe(),
            base_head,
            derived,
            derived_key,
        }))
    }

    /// Whether the last base candle of the bucket can be stored.
    fn may_be_complete(&self, open: CandleTime) -> bool {
        self.base_timeframe.next(self.base_head) >= self.derived.timeframe().next(open)
    }

    /// The complete buckets of a range.
    fn rolled(&self, txn: &dyn WriteTxn, (first, last): Buckets) -> Result<Vec<Candle>, StoreError> {
        let timeframe = self.derived.timeframe();
        let Ok(mut aggregator) = RollUp::new(self.base_timeframe, timeframe) else {
            return Ok(Vec::new());
        };
        let to = timeframe.next(last).shifted(-1);
        let (mut from, mut closed) = (first, Vec::new());
        loop {
            let page = txn.candles_between(self.base, from, to, PAGE_CANDLES)?;
            closed.extend(page.iter().filter_map(|candle| aggregator.push(candle)));
            match page.last() {
                Some(newest) if page.len() == PAGE_CANDLES => from = newest.time().shifted(1),
                _ => return Ok(closed),
            }
        }
    }

    /// The complete buckets of a range that are not stored with these values.
    fn changed(&self, txn: &dyn WriteTxn, buckets: Buckets) -> Result<Vec<Candle>, StoreError> {
        let mut rolled = self.rolled(txn, buckets)?;
        let (Some(first), Some(last)) = (rolled.first(), rolled.last()) else {
            return Ok(rolled);
        };
        let (from, to, limit) = (first.time(), last.time(), rolled.len());
        // Candles off the grid of the derived series take room of the limit; what they hide is written once more.
        let stored = txn.candles_between(self.derived_key, from, to, limit)?;
        rolled.retain(|candle| {
            stored
                .binary_search_by_key(&candle.time(), Candle::time)
                .map_or(true, |place| stored[place] != *candle)
        });
        Ok(rolled)
    }

    /// Every complete bucket of the base, and everything that is made of the derived series again.
    fn whole(&self, txn: &dyn WriteTxn) -> Result<JobInput, StoreError> {
        let timeframe = self.derived.timeframe();
        let first = txn.first_time(self.base)?.unwrap_or(self.base_head);
        let rolled = self.rolled(txn, (timeframe.align(first), timeframe.align(self.base_head)))?;
        Ok(JobInput::Rebuild {
            series: self.derived.clone(),
            candles: CandleBatch::new(self.derived.clone(), rolled),
        })
    }
}
