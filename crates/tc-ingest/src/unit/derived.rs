//! The derived steps: factors, then features, then drawings.

use tc_factor::{Fingerprint, FoldMode};
use tc_market::{Candle, CandleTime};
use tc_overlay::{FoldOutput, SeriesFold, SettledRow};
use tc_store::{StoredCheckpoint, WriteTxn};

use super::{
    PAGE_CANDLES, Unit,
    replay::{Ledger, restore_fold},
};
use crate::{IngestError, IngestPipeline, Rebuild, RebuildReason, Step};

/// Settled drawings of one run that are held until the overlay step; when there are more, it makes them again from the
/// stored events. Bounds memory while a long series is folded.
const MAX_HELD_ROWS: usize = if cfg!(test) { 500 } else { 200_000 };

/// What the derived steps are there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    /// Continue from the heads.
    Advance,
    /// Everything again, from the first candle.
    Rebuild,
    /// Continue from the heads, then make the drawings of the whole series again.
    Redraw,
}

/// How far the ledgers shall reach, and where the candles for it are.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    /// Newest candle to cover.
    pub(crate) up_to: CandleTime,
    /// The candles right after the factor head, when the caller holds them; otherwise they are read.
    pub(crate) appended: Option<&'a [Candle]>,
    /// What to do.
    pub(crate) task: Task,
}

/// Runs the derived steps of one unit.
pub(crate) struct Derived<'a> {
    pipeline: &'a mut IngestPipeline,
    unit: &'a mut Unit,
    txn: &'a mut dyn WriteTxn,
    /// Settled drawings that came out of the fold of this run; `None` when there are too many to be held.
    settled: Option<Vec<SettledRow>>,
    /// Factor head before anything was folded in this run.
    folded_from: Option<CandleTime>,
}

impl<'a> Derived<'a> {
    pub(crate) fn new(
        pipeline: &'a mut IngestPipeline,
        unit: &'a mut Unit,
        txn: &'a mut dyn WriteTxn,
    ) -> Self {
        Self {
            pipeline,
            unit,
            txn,
            settled: Some(Vec::new()),
            folded_from: None,
        }
    }

    /// The steps and the series row that belongs to them.
    pub(crate) fn run(mut self, wanted: &Wanted<'_>, defer_late: bool) -> Result<(), (Step, IngestError)> {
        let state_before = self.unit.state.clone();
        let started = (self.unit.clock)();
        let goal = self
            .factor_step(wanted, defer_late)
            .map_err(|error| (Step::Factor, error))?;
        self.unit.step_done(Step::Factor, started);
        let started = (self.unit.clock)();
        if let Some(goal) = goal {
            self.feature_step(goal).map_err(|error| (Step::Feature, error))?;
        }
        self.unit.step_done(Step::Feature, started);
        let mut started = (self.unit.clock)();
        if let Some(goal) = goal {
            self.overlay_step(goal).map_err(|error| (Step::Overlay, error))?;
            if wanted.task == Task::Redraw {
                self.unit.step_done(Step::Overlay, started);
                started = self.redraw(goal).map_err(|error| (Step::Overlay, error))?;
            }
        }
        if let Some(rebuild) = self.unit.rebuilt {
            let recorded = self
                .txn
                .put_epoch(self.unit.key, &self.unit.epoch_record(&rebuild));
            recorded.map_err(|error| (Step::Overlay, error.into()))?;
        }
        if self.unit.state != state_before {
            let written = self.txn.put_series_state(self.unit.key, &self.unit.state);
            written.map_err(|error| (Step::Overlay, error.into()))?;
        }
        self.unit.step_done(Step::Overlay, started);
        Ok(())
    }

    /// Factor contract 10.1 and 10.2. Returns how far features and drawings may go; `None`: leave them
    /// alone.
    fn factor_step(
        &mut self,
        wanted: &Wanted<'_>,
        defer_late: bool,
    ) -> Result<Option<CandleTime>, IngestError> {
        if wanted.task == Task::Rebuild && !self.pipeline.options.factor_ingest {
            return Err(IngestError::FactorsOff);
        }
        if !self.pipeline.options.factor_ingest || wanted.up_to <= CandleTime::MIN {
            return Ok(None);
        }
        if defer_late && self.unit.state.stale_from.is_some() {
            return Ok(None);
        }
        let fingerprint = self.pipeline.setup.fingerprint(&self.unit.series);
        let mut up_to = wanted.up_to;
        if let Some(start) = self.start_over(wanted.task, fingerprint) {
            self.begin_rebuild(&start)?;
            up_to = self.unit.candle_head.unwrap_or(up_to);
        }
        let head = self.unit.state.factor_head;
        self.folded_from = head;
        if head.is_none_or(|head| up_to > head) {
            let appended = wanted.appended.filter(|_| self.unit.rebuilt.is_none());
            let folded = self.fold(fingerprint, up_to, appended)?;
            if let Some(rebuilt) = &mut self.unit.rebuilt {
                rebuilt.candles = folded;
            }
        }
        if self.pipeline.options.fingerprint_rebuild && self.unit.state.factor_head.is_some() {
            self.unit.state.fingerprint = Some(fingerprint);
        }
        self.unit.work.fingerprint = Some(fingerprint);
        Ok(Some(up_to))
    }

    /// Whether existing ledgers must be folded again, and from where.
    fn start_over(&self, task: Task, fingerprint: Fingerprint) -> Option<Rebuild> {
        let state = &self.unit.state;
        let has_ledger = state.factor_head.is_some();
        let rebuild = |reason, from| {
            Some(Rebuild {
                reason,
                from,
                candles: 0,
                keep_candles: None,
                trimmed: 0,
            })
        };
        if task == Task::Rebuild {
            return rebuild(RebuildReason::Operator, None);
        }
        if self.pipeline.options.fingerprint_rebuild && has_ledger && state.fingerprint != Some(fingerprint) {
            return rebuild(RebuildReason::Fingerprint, None);
        }
        let stale_from = state.stale_from.filter(|_| has_ledger)?;
        let corrected = self
            .unit
            .put
            .first_changed
            .is_some_and(|changed| changed <= stale_from);
        let reason = if corrected {
            RebuildReason::CorrectedCandle
        } else {
            RebuildReason::LateCandle
        };
        rebuild(reason, Some(stale_from))
    }

    /// Discards what the ledgers hold from the first candle to fold again, and raises the epoch.
    fn begin_rebuild(&mut self, rebuild: &Rebuild) -> Result<(), IngestError> {
        let mut rebuild = *rebuild;
        if let (RebuildReason::Fingerprint, Some(keep)) =
            (rebuild.reason, self.pipeline.options.rebuild_keep_candles)
        {
            rebuild.keep_candles = Some(keep);
            rebuild.trimmed = self.txn.trim_candles(self.unit.key, keep)?;
            if rebuild.trimmed > 0 {
                self.unit.forget_gaps_before_first(self.txn)?;
            }
        }
        let from = rebuild.from.unwrap_or(CandleTime::MIN);
        self.txn.discard_ledger_from(self.unit.key, from)?;
        let overlay_head = self.unit.state.overlay_head;
        self.unit.clear_drawings(self.txn, from)?;
        let before = from
            .seconds()
            .checked_sub(1)
            .filter(|before| *before >= 0)
            .map(CandleTime::clamped);
        let kept_head = match (rebuild.from, before) {
            (Some(_), Some(before)) => self.txn.floor_time(self.unit.key, before)?,
            _ => None,
        };
        let state = &mut self.unit.state;
        state.factor_head = kept_head;
        state.feature_head = state.feature_head.min(kept_head);
        // Drawings before the first candle to fold again are those of events that stay.
        let same_key = state.render_key == Some(self.pipeline.setup.overlay.render_key());
        state.overlay_head = overlay_head
            .zip(kept_head)
            .map(|(drawn, kept)| drawn.min(kept))
            .filter(|_| same_key);
        if rebuild.reason == RebuildReason::Operator {
            state.fingerprint = None;
        }
        state.stale_from = None;
        state.epoch += 1;
        state.generation += 1;
        self.unit.rebuilt = Some(rebuild);
        Ok(())
    }

    /// Folds the stored candles after the factor head up to `up_to`; returns how many there were.
    fn fold(
        &mut self,
        fingerprint: Fingerprint,
        up_to: CandleTime,
        appended: Option<&[Candle]>,
    ) -> Result<u64, IngestError> {
        let mut fold = self.current_fold(fingerprint)?;
        let mut folded = 0;
        if let Some(candles) = appended {
            folded += self.fold_page(&mut fold, candles)?;
        } else {
            loop {
                let next = self
                    .unit
                    .state
                    .factor_head
                    .map_or(CandleTime::MIN, |head| head.shifted(1));
                let page = self
                    .txn
                    .candles_between(self.unit.key, next, up_to, PAGE_CANDLES)?;
                folded += self.fold_page(&mut fold, &page)?;
                if page.len() < PAGE_CANDLES {
                    break;
                }
            }
        }
        self.unit.fold = Some(fold);
        Ok(folded)
    }

    fn fold_page(&mut self, fold: &mut SeriesFold, candles: &[Candle]) -> Result<u64, IngestError> {
        let Some(last) = candles.last() else {
            return Ok(0);
        };
        let mut out = FoldOutput::default();
        for candle in candles {
            fold.compute(candle, &mut out)?;
        }
        self.txn.append_events(self.unit.key, &out.events)?;
        for checkpoint in &out.checkpoints {
            let stored = StoredCheckpoint {
                time: checkpoint.time,
                bytes: checkpoint.encode(),
            };
            self.txn.put_checkpoint(self.unit.key, &stored)?;
        }
        self.unit.events += out.events.len();
        self.unit.work.folded += candles.len() as u64;
        self.unit.work.checkpoints += out.checkpoints.len();
        self.hold(&mut out.settled);
        self.unit.state.factor_head = Some(last.time());
        Ok(candles.len() as u64)
    }

    fn hold(&mut self, rows: &mut Vec<SettledRow>) {
        let held = self.settled.as_mut();
        if held.is_some_and(|held| {
            held.append(rows);
            held.len() > MAX_HELD_ROWS
        }) {
            self.settled = None;
        }
    }

    /// The fold at the factor head: warm, from a checkpoint, or from genesis.
    fn current_fold(&mut self, fingerprint: Fingerprint) -> Result<SeriesFold, IngestError> {
        let (series, state) = (&self.unit.series, &self.unit.state);
        // Within a rebuild the generation has just risen, so nothing cached fits.
        if let Some(fold) = self
            .pipeline
            .cache
            .take(series, state.factor_head, state.generation, fingerprint)
        {
            return Ok(fold);
        }
        let setup = &self.pipeline.setup;
        let Some(head) = state.factor_head else {
            return Ok(SeriesFold::genesis(setup, series, FoldMode::Compute));
        };
        let verified = state.fingerprint == Some(fingerprint);
        restore_fold(
            setup,
            series,
            self.unit.key,
            self.txn,
            fingerprint,
            Ledger { head, verified },
        )
    }

    /// Factor contract 12.
    fn feature_step(&mut self, up_to: CandleTime) -> Result<(), IngestError> {
        let wanted = self.pipeline.options.feature_ingest;
        if wanted && !self.pipeline.setup.factors.features().is_empty() {
            self.unit.advance_features(self.txn, up_to)?;
        }
        Ok(())
    }

    /// Overlay contract 6.3.
    fn overlay_step(&mut self, up_to: CandleTime) -> Result<(), IngestError> {
        let Some(factor_head) = self
            .unit
            .state
            .factor_head
            .filter(|_| self.pipeline.options.overlay_ingest)
        else {
            return Ok(());
        };
        let render_key = self.pipeline.setup.overlay.render_key();
        if self.unit.state.render_key != Some(render_key) {
            if self.unit.state.overlay_head.is_some() {
                self.unit.clear_drawings(self.txn, CandleTime::MIN)?;
            }
            self.unit.state.render_key = Some(render_key);
        }
        let goal = up_to.min(factor_head);
        let head = self.unit.state.overlay_head;
        if head.is_some_and(|head| goal <= head) {
            return Ok(());
        }
        match self.settled.take_if(|_| head == self.folded_from) {
            Some(rows) => {
                self.txn.append_settled(self.unit.key, &rows)?;
                self.unit.work.drawn_events += self.unit.events;
                self.unit.work.drawn_rows += rows.len();
            }
            None => self.materialise(head, goal)?,
        }
        self.unit.state.overlay_head = Some(goal);
        self.unit.work.drawn_to = Some(goal);
        Ok(())
    }

    /// Overlay contract 12.1: empties the drawings of the series and makes them again; returns when that began.
    fn redraw(&mut self, goal: CandleTime) -> Result<u64, IngestError> {
        let started = (self.unit.clock)();
        if self.pipeline.options.overlay_ingest && self.unit.state.factor_head.is_some() {
            self.unit.clear_drawings(self.txn, CandleTime::MIN)?;
            self.unit.work.redrawn = true;
            self.unit.done("overlay.reset_series", started);
        }
        let started = (self.unit.clock)();
        self.overlay_step(goal)?;
        Ok(started)
    }

    /// Makes the drawings of stored events after `head`, page by page.
    fn materialise(&mut self, head: Option<CandleTime>, goal: CandleTime) -> Result<(), IngestError> {
        let page_s = i64::try_from(PAGE_CANDLES).unwrap_or(i64::MAX) * self.unit.series.timeframe().seconds();
        let first = self.txn.first_time(self.unit.key)?.unwrap_or(goal);
        let mut from = head.map_or(first, |head| head.shifted(1));
        loop {
            let to = from.shifted(page_s - 1).min(goal);
            let events = self.txn.events(self.unit.key, from, to)?;
            let mut rows = Vec::new();
            self.pipeline.settler.settle(&events, &mut rows)?;
            self.txn.append_settled(self.unit.key, &rows)?;
            self.unit.work.drawn_events += events.len();
            self.unit.work.drawn_rows += rows.len();
            if to >= goal {
                return Ok(());
            }
            from = to.shifted(1);
        }
    }
}
