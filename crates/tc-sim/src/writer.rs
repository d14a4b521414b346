//! The pipeline over the store in memory, and a look at everything that it writes.

use std::{collections::BTreeSet, sync::Arc};

use tc_factor::{FactorGraph, FactorSettings, factors::FACTORS};
use tc_ingest::{
    IngestOptions, IngestPipeline, IngestReport, Job, JobInput, PipelineError, Publication, PublishError,
    Publisher, Step,
};
use tc_market::{Candle, CandleTime};
use tc_overlay::{FoldSetup, OverlayGraph, OverlaySettings, renderers::RENDERERS};
use tc_store::{MemoryStorage, Names, Operation, Snapshot, Storage};

use crate::{RunError, Violation, audit, desk::Desk};

const WINDOW_CANDLES: u32 = 2_000;
/// Every series has one warm fold.
const CACHE_BYTES: usize = 1 << 30;

/// See the module.
pub(crate) struct Writer {
    storage: MemoryStorage,
    /// With ledgers, for the first series.
    whole: IngestPipeline,
    /// Candles alone, for the others.
    bare: IngestPipeline,
    ledgers: usize,
    setup: Arc<FoldSetup>,
    /// Series and times that were stored as the stream said, and the exchange's rows say otherwise.
    pub(crate) provisional: BTreeSet<(usize, CandleTime)>,
}

impl Writer {
    /// An empty store; the first `ledgers` series get everything that is derived of candles.
    pub(crate) fn new(ledgers: usize) -> Result<Self, RunError> {
        let settings = FactorSettings::with_pivot_windows(5, 2);
        let failed = |error: &dyn std::fmt::Display| RunError::Setup(error.to_string());
        let factors = FactorGraph::build(FACTORS, &settings).map_err(|error| failed(&error))?;
        let window = OverlaySettings {
            window_candles: WINDOW_CANDLES,
        };
        let overlay = OverlayGraph::build(RENDERERS, window).map_err(|error| failed(&error))?;
        let setup = Arc::new(FoldSetup {
            factors: Arc::new(factors),
            overlay: Arc::new(overlay),
            settings,
        });
        Ok(Self {
            storage: MemoryStorage::new(names(&setup)),
            whole: pipeline(&setup, Derived::Everything),
            bare: pipeline(&setup, Derived::Nothing),
            ledgers,
            setup,
            provisional: BTreeSet::new(),
        })
    }

    /// A new process over the same rows.
    pub(crate) fn restart(&mut self) {
        self.storage = self.storage.reopen(names(&self.setup));
        self.whole = pipeline(&self.setup, Derived::Everything);
        self.bare = pipeline(&self.setup, Derived::Nothing);
    }

    /// Lets the next call of this kind fail.
    pub(crate) fn fail_next(&self, operation: Operation) {
        self.storage.fail_next(operation);
    }

    /// A view of what is committed.
    pub(crate) fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, RunError> {
        Ok(self.storage.snapshot()?)
    }

    /// An empty store and a pipeline that has seen nothing.
    pub(crate) fn blank(&self) -> (MemoryStorage, IngestPipeline) {
        (
            MemoryStorage::new(names(&self.setup)),
            pipeline(&self.setup, Derived::Everything),
        )
    }

    /// Newest stored candle; reads that fail are tried again.
    pub(crate) fn head(&self, desk: &Desk, series: usize) -> Option<CandleTime> {
        let snapshot = self.storage.snapshot().ok()?;
        let key = snapshot.series_key(&desk.series[series].id).ok()??;
        snapshot.head_time(key).ok()?
    }

    /// One job: the head after it, or `None` when it is to be tried again.
    pub(crate) fn write_one(
        &mut self,
        desk: &mut Desk,
        series: usize,
        job: Job,
    ) -> Option<Option<CandleTime>> {
        self.write(desk, vec![(series, job)]).pop().flatten()
    }

    /// Jobs of different series in one commit: the heads after it, `None` where it is to be tried again.
    pub(crate) fn write(
        &mut self,
        desk: &mut Desk,
        jobs: Vec<(usize, Job)>,
    ) -> Vec<Option<Option<CandleTime>>> {
        let batches: Vec<(usize, Vec<Candle>)> = jobs
            .iter()
            .map(|(series, job)| match &job.input {
                JobInput::Batch(batch) => (*series, batch.candles().to_vec()),
                _ => (*series, Vec::new()),
            })
            .collect();
        let (whole, bare): (Vec<_>, Vec<_>) =
            jobs.into_iter().partition(|(series, _)| *series < self.ledgers);
        let mut outcomes = Vec::new();
        for (pipeline, jobs) in [(&mut self.whole, whole), (&mut self.bare, bare)] {
            let jobs: Vec<Job> = jobs.into_iter().map(|(_, job)| job).collect();
            if !jobs.is_empty() {
                outcomes.extend(pipeline.run(&self.storage, &Nobody, jobs));
            }
        }
        let looked_at = outcomes
            .into_iter()
            .zip(batches)
            .map(|(outcome, (series, candles))| {
                let head = match outcome {
                    Ok(report) => {
                        desk.report.rebuilds += u64::from(report.rebuilt.is_some());
                        report.candle_head
                    }
                    Err(error) if keeps_candles(&error) => {
                        desk.report.failed_writes += 1;
                        let report = error.kept.as_deref();
                        report.and_then(|report: &IngestReport| report.candle_head)
                    }
                    Err(_) => {
                        desk.report.failed_writes += 1;
                        return None;
                    }
                };
                for candle in &candles {
                    self.look_at(desk, series, candle);
                }
                Some(head)
            });
        looked_at.collect()
    }

    /// A stored candle is one that has ended, with values that the exchange said of it.
    fn look_at(&mut self, desk: &mut Desk, series: usize, candle: &Candle) {
        let id = &desk.series[series].id;
        let (name, time_s) = (id.to_string(), candle.time().seconds());
        if candle.time() > desk.latest_closed() {
            desk.report.violate(Violation::Forming { series: name, time_s });
            return;
        }
        let place = (series, candle.time());
        match audit::verdict(&desk.exchange, id, candle) {
            audit::Verdict::Right => {
                self.provisional.remove(&place);
            }
            audit::Verdict::Provisional => {
                self.provisional.insert(place);
                desk.report.corrections += 1;
            }
            audit::Verdict::Wrong => desk.report.violate(Violation::Wrong { series: name, time_s }),
        }
    }
}

/// Whether a failed job's candles were committed all the same.
fn keeps_candles(error: &PipelineError) -> bool {
    error.step != Step::Store && error.candle_compensated_rows == 0 && error.compensation_error.is_none()
}

fn names(setup: &FoldSetup) -> Names {
    Names {
        event_kinds: setup.factors.kind_names().map(str::to_owned).collect(),
        drawings: setup.overlay.drawing_names().map(str::to_owned).collect(),
    }
}

/// What is made of candles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Derived {
    Everything,
    Nothing,
}

fn pipeline(setup: &Arc<FoldSetup>, derived: Derived) -> IngestPipeline {
    let options = IngestOptions {
        factor_ingest: derived == Derived::Everything,
        engine_cache_bytes: CACHE_BYTES,
        ..IngestOptions::default()
    };
    IngestPipeline::new(Arc::clone(setup), options, Arc::new(|| 0))
}

/// Nobody listens in a run.
pub(crate) struct Nobody;

impl Publisher for Nobody {
    fn publish(&self, _publication: &Publication) -> Result<(), PublishError> {
        Ok(())
    }
}
