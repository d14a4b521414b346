//! One series batch inside a transaction: the steps in order.

mod derived;
mod features;
mod gaps;
mod replay;

pub(crate) use derived::{Derived, Task, Wanted};
pub(crate) use gaps::Arrival;

use tc_market::{Candle, CandleBatch, CandleTime, SeriesId};
use tc_overlay::SeriesFold;
use tc_store::{EpochRecord, PutReport, RebuildReason, SeriesKey, SeriesState, WriteTxn};

use crate::{GapChanges, IngestError, IngestReport, MicrosClock, Rebuild, Step, StepReport, Work};

/// Candles that are read or written at once while a whole series is gone through: bounds memory.
pub(crate) const PAGE_CANDLES: usize = 20_000;

/// State of one unit while it runs, and what it leaves behind.
pub(crate) struct Unit {
    series: SeriesId,
    clock: MicrosClock,
    arrival: Arrival,
    key: SeriesKey,
    state: SeriesState,
    put: PutReport,
    gaps: GapChanges,
    candle_head: Option<CandleTime>,
    overlay_head_before: Option<CandleTime>,
    rebuilt: Option<Rebuild>,
    events: usize,
    work: Work,
    fold: Option<SeriesFold>,
    steps: Vec<StepReport>,
}

/// What the candle step found out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CandleStep {
    /// Every candle of the batch is new and after all others, and the ledgers reached up to the candle before it.
    pub(crate) appends_only: bool,
}

impl Unit {
    pub(crate) fn new(series: SeriesId, clock: MicrosClock, arrival: Arrival) -> Self {
        Self {
            series,
            clock,
            arrival,
            key: SeriesKey(0),
            state: SeriesState::default(),
            put: PutReport::default(),
            gaps: GapChanges::default(),
            candle_head: None,
            overlay_head_before: None,
            rebuilt: None,
            events: 0,
            work: Work::default(),
            fold: None,
            steps: Vec::with_capacity(4),
        }
    }

    /// Reads the series row; `false` when nothing is stored for the series.
    pub(crate) fn open(&mut self, txn: &dyn WriteTxn) -> Result<bool, IngestError> {
        let Some(key) = txn.series_key(&self.series)? else {
            return Ok(false);
        };
        self.key = key;
        self.state = txn.series_state(key)?;
        self.overlay_head_before = self.state.overlay_head;
        self.candle_head = txn.head_time(key)?;
        Ok(true)
    }

    /// Step 1: stores the candles and remembers the earliest late or corrected one.
    pub(crate) fn store_candles(
        &mut self,
        txn: &mut dyn WriteTxn,
        batch: &CandleBatch,
    ) -> Result<CandleStep, IngestError> {
        let started = (self.clock)();
        txn.ensure_series(&self.series)?;
        self.open(txn)?;
        let head_before = self.candle_head;
        self.put = txn.put_candles(self.key, batch.candles())?;
        self.candle_head = head_before.max(Some(batch.last_time()));
        let factor_head = self.state.factor_head;
        let late = [self.put.first_inserted, self.put.first_changed]
            .into_iter()
            .flatten()
            .filter(|time| factor_head.is_some_and(|head| *time <= head))
            .min();
        if let Some(late) = late {
            self.state.stale_from = Some(self.state.stale_from.map_or(late, |stale| stale.min(late)));
        }
        let first_inserted = self.put.first_inserted;
        let below_head = first_inserted.is_some_and(|first| head_before.is_some_and(|head| first < head));
        if below_head || self.put.changed > 0 {
            self.state.generation += 1;
            txn.put_series_state(self.key, &self.state)?;
        }
        let arrival = self.arrival.clone();
        self.follow_gaps(txn, batch.candles(), head_before, &arrival)?;
        self.work.first_changed = self.put.first_changed;
        self.count_late(batch.candles(), head_before);
        self.step_done(Step::Store, started);
        let appends_only = self.put.inserted == batch.candles().len()
            && head_before.is_none_or(|head| head < batch.first_time())
            && head_before == factor_head;
        Ok(CandleStep { appends_only })
    }

    /// The same for a rebuild, which folds every candle again: nothing has to be remembered of late ones.
    pub(crate) fn replace_candles(
        &mut self,
        txn: &mut dyn WriteTxn,
        candles: &[Candle],
    ) -> Result<(), IngestError> {
        let started = (self.clock)();
        let arrival = self.arrival.clone();
        for page in candles.chunks(PAGE_CANDLES) {
            let head = txn.head_time(self.key)?;
            let put = txn.put_candles(self.key, page)?;
            let before = std::mem::replace(&mut self.put, put);
            self.follow_gaps(txn, page, head, &arrival)?;
            self.put = before;
            self.put.inserted += put.inserted;
            self.put.equal += put.equal;
            self.put.changed += put.changed;
            self.work.first_changed = self.work.first_changed.or(put.first_changed);
        }
        self.count_late(candles, self.candle_head);
        self.candle_head = txn.head_time(self.key)?;
        self.step_done(Step::Store, started);
        Ok(())
    }

    fn count_late(&mut self, candles: &[Candle], head_before: Option<CandleTime>) {
        let behind = candles.partition_point(|candle| Some(candle.time()) <= head_before);
        self.work.late = behind.saturating_sub(self.put.equal + self.put.changed);
    }

    /// After the derived part was rolled back: empties the drawings of the series, so that the next run makes them
    /// again. Returns whether there was a series to clear.
    pub(crate) fn clear_drawings_after_rollback(
        &mut self,
        txn: &mut dyn WriteTxn,
    ) -> Result<bool, IngestError> {
        if !self.open(txn)? {
            return Ok(false);
        }
        self.clear_drawings(txn, CandleTime::MIN)?;
        txn.put_series_state(self.key, &self.state)?;
        Ok(true)
    }

    /// Deletes drawings from `from` on. Cursors up to the former head prove nothing afterwards.
    fn clear_drawings(&mut self, txn: &mut dyn WriteTxn, from: CandleTime) -> Result<(), IngestError> {
        txn.discard_settled_from(self.key, from)?;
        self.state.resync_floor = self
            .state
            .resync_floor
            .max(self.state.overlay_head.unwrap_or_default());
        self.state.overlay_head = None;
        self.state.generation += 1;
        Ok(())
    }

    /// What was derived is gone; only the candles are left to tell of.
    pub(crate) fn forget_derived(&mut self) {
        self.fold = None;
        self.rebuilt = None;
        self.events = 0;
        self.work = Work {
            late: self.work.late,
            first_changed: self.work.first_changed,
            ..Work::default()
        };
        self.overlay_head_before = self.state.overlay_head;
    }

    pub(crate) fn series(&self) -> &SeriesId {
        &self.series
    }

    pub(crate) fn inserted(&self) -> usize {
        self.put.inserted
    }

    /// Oldest candle that was not stored with equal values before.
    pub(crate) fn first_touched(&self) -> Option<CandleTime> {
        [self.put.first_inserted, self.put.first_changed]
            .into_iter()
            .flatten()
            .min()
    }

    /// What is remembered of the rebuild of this unit.
    fn epoch_record(&self, rebuild: &Rebuild) -> EpochRecord {
        let reason = if rebuild.trimmed > 0 {
            RebuildReason::Trim
        } else {
            rebuild.reason
        };
        EpochRecord {
            epoch: self.state.epoch,
            at_ms: self.arrival.at_ms,
            reason,
            from: rebuild.from,
            candles: rebuild.candles,
        }
    }

    pub(crate) fn rebuilt(&self) -> Option<&Rebuild> {
        self.rebuilt.as_ref()
    }

    /// Whether a client that follows the drawings has something to fetch.
    pub(crate) fn overlay_moved(&self) -> bool {
        self.work.redrawn || self.state.overlay_head > self.overlay_head_before
    }

    pub(crate) fn candle_head(&self) -> Option<CandleTime> {
        self.candle_head
    }

    pub(crate) fn overlay_head(&self) -> Option<CandleTime> {
        self.state.overlay_head
    }

    pub(crate) fn epoch(&self) -> u32 {
        self.state.epoch
    }

    /// The fold at the head, with the generation of the ledgers that it belongs to.
    pub(crate) fn take_fold(&mut self) -> Option<(u64, SeriesFold)> {
        self.fold.take().map(|fold| (self.state.generation, fold))
    }

    pub(crate) fn into_report(self) -> IngestReport {
        IngestReport {
            series: self.series,
            inserted: self.put.inserted,
            equal: self.put.equal,
            changed: self.put.changed,
            events: self.events,
            rebuilt: self.rebuilt,
            epoch: self.state.epoch,
            candle_head: self.candle_head,
            factor_head: self.state.factor_head,
            feature_head: self.state.feature_head,
            overlay_head: self.state.overlay_head,
            gaps: self.gaps,
            work: self.work,
            steps: self.steps,
            derived: Vec::new(),
            publish_error: None,
        }
    }

    fn step_done(&mut self, step: Step, started_us: u64) {
        self.done(step.name(), started_us);
    }

    fn done(&mut self, name: &str, started_us: u64) {
        let duration_us = (self.clock)().saturating_sub(started_us);
        self.steps.push(StepReport {
            name: format!("{name}:{}", self.series),
            duration_us,
        });
    }
}
