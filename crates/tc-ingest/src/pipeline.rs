//! The write path: candles, factors, drawings, publications.

mod first_step;
#[cfg(test)]
mod tests;
mod timeframes;

use std::{fmt, sync::Arc};

use tc_market::{CandleBatch, CandleTime, DerivedTimeframes};
use tc_overlay::{FoldSetup, Settler};
use tc_store::{Savepoint, Storage, StoreError, WriteTxn};

use crate::{
    IngestError, IngestReport, Job, JobInput, JobOrigin, LatePolicy, PipelineError, Publication,
    PublishPolicy, Publisher, Rebuild, RebuildReason, Step,
    engine_cache::EngineCache,
    unit::{Arrival, Derived, Unit},
};

/// Monotonic clock in microseconds, for the durations in reports.
pub type MicrosClock = Arc<dyn Fn() -> u64 + Send + Sync>;
/// Unix milliseconds, for the stamps of records that people read.
pub type WallClock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Options of the pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestOptions {
    /// Compute factors.
    pub factor_ingest: bool,
    /// Fold again when logic or settings changed.
    pub fingerprint_rebuild: bool,
    /// When set, a fingerprint change first trims the series to this many newest candles.
    pub rebuild_keep_candles: Option<u64>,
    /// Offer feature rows; without factors there are none.
    pub feature_ingest: bool,
    /// Store drawings; without factors there are none.
    pub overlay_ingest: bool,
    /// On a failed drawing step clear the drawings of the series.
    pub compensate_overlay_error: bool,
    /// On a failed derived step keep none of the batch's candles.
    pub compensate_new_candles: bool,
    /// Series that are built from the candles of others.
    pub derived: DerivedTimeframes,
    /// Newest base candles that make the first candles of a derived series.
    pub derived_backfill_base_candles: usize,
    /// Bound of the live folds, bytes.
    pub engine_cache_bytes: usize,
}

impl Default for IngestOptions {
    fn default() -> Self {
        Self {
            factor_ingest: true,
            fingerprint_rebuild: true,
            rebuild_keep_candles: None,
            feature_ingest: true,
            overlay_ingest: true,
            compensate_overlay_error: false,
            compensate_new_candles: false,
            derived: DerivedTimeframes::default(),
            derived_backfill_base_candles: 2_000,
            engine_cache_bytes: 512 << 20,
        }
    }
}

/// The only writer of facts.
pub struct IngestPipeline {
    pub(crate) setup: Arc<FoldSetup>,
    pub(crate) settler: Settler,
    pub(crate) options: IngestOptions,
    pub(crate) cache: EngineCache,
    clock: MicrosClock,
    wall_clock: WallClock,
}

impl fmt::Debug for IngestPipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IngestPipeline")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

type Outcome = Result<IngestReport, PipelineError>;

/// What became of one job before the shared commit.
struct Done {
    unit: Option<Unit>,
    failure: Option<PipelineError>,
    /// What followed for the series that are derived from this one.
    derived: Vec<(Job, Done)>,
}

impl Done {
    const fn new(unit: Option<Unit>, failure: Option<PipelineError>) -> Self {
        Self {
            unit,
            failure,
            derived: Vec::new(),
        }
    }
}

impl IngestPipeline {
    /// A pipeline without warm state.
    #[must_use]
    pub fn new(setup: Arc<FoldSetup>, options: IngestOptions, clock: MicrosClock) -> Self {
        let settler = Settler::new(&setup.overlay, &setup.factors);
        let cache = EngineCache::new(options.engine_cache_bytes);
        Self {
            setup,
            settler,
            options,
            cache,
            clock,
            wall_clock: Arc::new(|| 0),
        }
    }

    /// Stamps gap and rebuild records with this clock; without it every stamp is 0.
    #[must_use]
    pub fn stamped_by(mut self, wall_clock: WallClock) -> Self {
        self.wall_clock = wall_clock;
        self
    }

    /// Runs jobs of different series in one storage transaction, each as a unit of its own, commits once, then
    /// publishes what was committed, in order. The results are in the order of the jobs.
    pub fn run(&mut self, storage: &dyn Storage, publisher: &dyn Publisher, jobs: Vec<Job>) -> Vec<Outcome> {
        let mut txn = match storage.begin() {
            Ok(txn) => txn,
            Err(error) => return fail_all(&jobs, &error),
        };
        let mut done = Vec::with_capacity(jobs.len());
        for job in &jobs {
            match self.run_all(&mut *txn, job) {
                Ok(outcome) => done.push(outcome),
                Err(error) => {
                    // A savepoint that cannot be rolled back leaves the whole transaction in doubt.
                    drop(txn);
                    return fail_all(&jobs, &error);
                }
            }
        }
        if let Err(error) = txn.commit() {
            return fail_all(&jobs, &error);
        }
        jobs.iter()
            .zip(done)
            .map(|(job, done)| self.finish(publisher, job, done))
            .collect()
    }

    /// One job and what follows from it for derived series, in the same transaction.
    fn run_all(&mut self, txn: &mut dyn WriteTxn, job: &Job) -> Result<Done, StoreError> {
        let mut done = self.run_unit(txn, job)?;
        if let Some(unit) = &done.unit {
            // The candles that came from outside do not depend on what can be made of them.
            let following = self.following(txn, job, unit).unwrap_or_else(|error| {
                tracing::error!(series = %job.series(), %error, "derived timeframes cannot be built");
                Vec::new()
            });
            for following in following {
                let followed = self.run_unit(txn, &following)?;
                done.derived.push((following, followed));
            }
        }
        Ok(done)
    }

    /// One job inside the transaction. An error of this function means that the transaction is unusable.
    fn run_unit(&mut self, txn: &mut dyn WriteTxn, job: &Job) -> Result<Done, StoreError> {
        txn.savepoint(Savepoint::Unit)?;
        let mut unit = Unit::new(job.series().clone(), Arc::clone(&self.clock), self.arrival(job));
        let first = match &job.input {
            JobInput::Derive { .. } => self.first_derived(&mut unit, txn),
            input => first_step::run(&mut unit, txn, input),
        };
        let wanted = match first {
            Ok(Some(wanted)) => wanted,
            Ok(None) => {
                txn.release(Savepoint::Unit)?;
                return Ok(Done::new(Some(unit), None));
            }
            Err(error) => {
                txn.rollback_to(Savepoint::Unit)?;
                let failure = PipelineError::new(Step::Store, job.series().clone(), error);
                return Ok(Done::new(None, Some(failure)));
            }
        };
        txn.savepoint(Savepoint::Derived)?;
        let defer = job.late == LatePolicy::Defer;
        match Derived::new(self, &mut unit, txn).run(&wanted, defer) {
            Ok(()) => {
                txn.release(Savepoint::Derived)?;
                txn.release(Savepoint::Unit)?;
                Ok(Done::new(Some(unit), None))
            }
            Err((step, cause)) => self.undo(txn, unit, step, cause, &job.input),
        }
    }

    fn arrival(&self, job: &Job) -> Arrival {
        let derived = &self.options.derived;
        Arrival {
            origin: job.origin,
            at_ms: (self.wall_clock)(),
            base: (job.origin == JobOrigin::RollUp).then(|| derived.base_of(job.series())),
        }
    }

    /// Rolls back what the failed step and the compensation switches say.
    fn undo(
        &mut self,
        txn: &mut dyn WriteTxn,
        mut unit: Unit,
        step: Step,
        cause: IngestError,
        input: &JobInput,
    ) -> Result<Done, StoreError> {
        let mut failure = PipelineError::new(step, unit.series().clone(), cause);
        let inserted = unit.inserted();
        // What an operator asked for is done as a whole or not at all.
        let whole = matches!(input, JobInput::Rebuild { .. } | JobInput::RepairDrawings { .. });
        let compensate = self.options.compensate_new_candles && matches!(input, JobInput::Batch(_));
        let keep_nothing = whole || compensate;
        if keep_nothing {
            txn.rollback_to(Savepoint::Unit)?;
            txn.savepoint(Savepoint::Unit)?;
            failure.candle_compensated_rows = inserted;
        } else {
            txn.rollback_to(Savepoint::Derived)?;
        }
        if step == Step::Overlay && self.options.compensate_overlay_error && !whole {
            match unit.clear_drawings_after_rollback(txn) {
                Ok(cleared) => failure.overlay_compensated = cleared,
                Err(error) => {
                    txn.rollback_to(Savepoint::Unit)?;
                    failure.candle_compensated_rows = inserted;
                    failure.compensation_error = Some(error.to_string());
                    return Ok(Done::new(None, Some(failure)));
                }
            }
        }
        txn.release(Savepoint::Unit)?;
        unit.forget_derived();
        let kept = (!keep_nothing).then_some(unit);
        Ok(Done::new(kept, Some(failure)))
    }

    /// After the commit: keeps the fold warm, publishes, and makes the result.
    fn finish(&mut self, publisher: &dyn Publisher, job: &Job, done: Done) -> Outcome {
        let Done {
            unit,
            failure,
            derived,
        } = done;
        let Some(mut unit) = unit else {
            return Err(failure.unwrap_or_else(|| unreachable_outcome(job)));
        };
        if let Some(rebuild) = unit.rebuilt() {
            log_rebuild(&unit, rebuild);
        }
        let mut publish_error = None;
        for publication in publications(job, &unit) {
            if let Err(error) = publisher.publish(&publication) {
                tracing::warn!(series = %job.series(), %error, "publication failed");
                publish_error.get_or_insert(error);
            }
        }
        if let Some((generation, fold)) = unit.take_fold() {
            self.cache.put(job.series().clone(), generation, fold);
        }
        // After the series itself: whoever follows both sees the base candle first.
        let derived = derived
            .into_iter()
            .filter_map(|(job, done)| match self.finish(publisher, &job, done) {
                Ok(report) => Some(report),
                Err(error) => {
                    tracing::error!(%error, "a derived timeframe failed");
                    error.kept.map(|kept| *kept)
                }
            })
            .collect();
        let report = IngestReport {
            derived,
            publish_error,
            ..unit.into_report()
        };
        match failure {
            Some(failure) => Err(PipelineError {
                kept: Some(Box::new(report)),
                ..failure
            }),
            None => Ok(report),
        }
    }
}

/// A source that changed a closed candle needs somebody to look at it; every other rebuild is expected.
fn log_rebuild(unit: &Unit, rebuild: &Rebuild) {
    let (series, reason, epoch) = (unit.series(), rebuild.reason.name(), unit.epoch());
    let (candles, from_time) = (rebuild.candles, rebuild.from.map(CandleTime::seconds));
    if rebuild.reason == RebuildReason::CorrectedCandle {
        tracing::warn!(%series, reason, epoch, candles, from_time, "ledgers folded again");
    } else {
        tracing::info!(%series, reason, epoch, candles, from_time, "ledgers folded again");
    }
}

/// What a committed unit has to tell, in the order of telling.
fn publications(job: &Job, unit: &Unit) -> Vec<Publication> {
    let series = job.series();
    let mut out = Vec::new();
    if let (PublishPolicy::Everything, JobInput::Batch(batch)) = (job.publish, &job.input) {
        out.push(candles(batch));
    }
    if let Some(rebuild) = unit.rebuilt() {
        let message = format!(
            "The ledgers of {series} were computed again over {} candles.",
            rebuild.candles
        );
        out.push(Publication::Rebuilt {
            series: series.clone(),
            message,
        });
    }
    let tell_head =
        unit.rebuilt().is_some() || (job.publish != PublishPolicy::RebuildsOnly && unit.overlay_moved());
    if let (true, Some(to)) = (tell_head, unit.overlay_head()) {
        out.push(Publication::DrawHead {
            series: series.clone(),
            to,
            epoch: unit.epoch(),
        });
    }
    out
}

fn candles(batch: &CandleBatch) -> Publication {
    Publication::Candles {
        series: batch.series().clone(),
        candles: batch.candles().to_vec(),
    }
}

fn fail_all(jobs: &[Job], error: &StoreError) -> Vec<Outcome> {
    let failure = |job: &Job| {
        let cause = IngestError::Commit(error.to_string());
        Err(PipelineError::new(Step::Store, job.series().clone(), cause))
    };
    jobs.iter().map(failure).collect()
}

/// A job without a unit always carries its failure.
fn unreachable_outcome(job: &Job) -> PipelineError {
    let cause = IngestError::Commit("the unit was lost".to_owned());
    PipelineError::new(Step::Store, job.series().clone(), cause)
}
