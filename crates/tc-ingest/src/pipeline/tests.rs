//! Tests of the write path over the in-memory store.

mod arrival;
mod chunks;
mod convergence;
mod crash;
mod epochs;
mod failures;
mod features;
mod gaps;
mod groups;
mod place;
mod publications;
mod rebuilds;
mod repairs;
mod switches;
mod timeframes;

use std::sync::{Arc, Mutex};

use tc_factor::{FactorSettings, FoldMode, LedgerEvent, testing};
use tc_market::{Candle, CandleBatch, CandleTime, Gap, SeriesId, gaps_between};
use tc_overlay::{
    FoldOutput, FoldSetup, OverlayGraph, OverlaySettings, SeriesFold, SettledRow, renderers::RENDERERS,
};
use tc_store::{
    GapQuery, GapRecord, MemoryStorage, Names, Operation, SeriesKey, SeriesState, Snapshot, Storage,
    StoredCheckpoint, WriteTxn,
};

use super::Outcome;
use crate::{
    IngestOptions, IngestPipeline, IngestReport, Job, JobInput, JobOrigin, LatePolicy, Publication,
    PublishError, PublishPolicy, Publisher,
};

pub(crate) fn series(symbol: &str) -> SeriesId {
    format!("binance:spot:{symbol}/USDT:1m").parse().unwrap()
}

pub(crate) fn setup(major: i64, window_candles: u32) -> FoldSetup {
    FoldSetup {
        factors: testing::graph(major, 1),
        overlay: Arc::new(OverlayGraph::build(RENDERERS, OverlaySettings { window_candles }).unwrap()),
        settings: FactorSettings::with_pivot_windows(major, 1),
    }
}

/// Random candles, equal for equal seeds.
pub(crate) fn walk(seed: u64, count: usize) -> Vec<Candle> {
    testing::walk(&testing::moves(seed, count))
}

/// The candle with a higher high.
pub(crate) fn corrected(candle: &Candle) -> Candle {
    let (open, low, close) = (candle.open(), candle.low(), candle.close());
    Candle::new(candle.time(), open, candle.high() + 3.0, low, close, 1.0).unwrap()
}

/// Keeps what was published; refuses everything when told so.
#[derive(Default)]
pub(crate) struct Ears {
    heard: Mutex<Vec<Publication>>,
    deaf: Mutex<bool>,
}

impl Publisher for Ears {
    fn publish(&self, publication: &Publication) -> Result<(), PublishError> {
        self.heard.lock().unwrap().push(publication.clone());
        if *self.deaf.lock().unwrap() {
            let count = self.heard.lock().unwrap().len();
            return Err(PublishError(format!("nobody listens to number {count}")));
        }
        Ok(())
    }
}

/// One store with the pipeline that writes it.
pub(crate) struct World {
    pub(crate) storage: MemoryStorage,
    pub(crate) setup: FoldSetup,
    pub(crate) options: IngestOptions,
    pub(crate) pipeline: IngestPipeline,
    pub(crate) ears: Ears,
}

fn names(setup: &FoldSetup) -> Names {
    Names {
        event_kinds: setup.factors.kind_names().map(str::to_owned).collect(),
        drawings: setup.overlay.drawing_names().map(str::to_owned).collect(),
    }
}

fn pipeline(setup: &FoldSetup, options: &IngestOptions) -> IngestPipeline {
    IngestPipeline::new(Arc::new(setup.clone()), options.clone(), Arc::new(|| 0))
}

impl World {
    pub(crate) fn new(setup: FoldSetup, options: IngestOptions) -> Self {
        Self {
            storage: MemoryStorage::new(names(&setup)),
            pipeline: pipeline(&setup, &options),
            setup,
            options,
            ears: Ears::default(),
        }
    }

    /// Default options, W = 2.
    pub(crate) fn usual() -> Self {
        Self::new(setup(2, 40), IngestOptions::default())
    }

    /// A new process over the same rows, with what `setup` and `options` now say.
    pub(crate) fn restart(&mut self) {
        self.storage = self.storage.reopen(names(&self.setup));
        self.pipeline = pipeline(&self.setup, &self.options);
    }

    pub(crate) fn run(&mut self, jobs: Vec<Job>) -> Vec<Outcome> {
        self.pipeline.run(&self.storage, &self.ears, jobs)
    }

    pub(crate) fn run_one(&mut self, job: Job) -> Outcome {
        self.run(vec![job]).pop().unwrap()
    }

    /// One batch of the usual series, folded at once, told to everybody.
    pub(crate) fn ingest(&mut self, candles: &[Candle]) -> IngestReport {
        self.run_one(batch("A", candles)).unwrap()
    }

    pub(crate) fn refresh(&mut self) -> IngestReport {
        self.run_one(refresh("A", CandleTime::MAX)).unwrap()
    }

    pub(crate) fn heard(&self) -> Vec<String> {
        let heard = std::mem::take(&mut *self.ears.heard.lock().unwrap());
        heard.iter().map(describe).collect()
    }

    /// Changes the rows of the usual series past the pipeline.
    pub(crate) fn tamper(&self, change: impl FnOnce(&mut dyn WriteTxn, SeriesKey)) {
        let mut txn = self.storage.begin().unwrap();
        let key = txn.series_key(&series("A")).unwrap().unwrap();
        change(&mut *txn, key);
        txn.commit().unwrap();
    }

    /// No fault waits any more, and nothing is warm.
    pub(crate) fn calm(&mut self) {
        self.restart();
        self.heard();
    }

    pub(crate) fn stored(&self) -> Stored {
        self.stored_of("A").unwrap()
    }

    pub(crate) fn stored_of(&self, symbol: &str) -> Option<Stored> {
        let snapshot = self.storage.snapshot().unwrap();
        let key = snapshot.series_key(&series(symbol)).unwrap()?;
        Some(Stored::read(&*snapshot, key))
    }

    /// What the ledgers of the usual series must hold: the fold over its stored candles.
    pub(crate) fn expected(&self, candles: &[Candle]) -> FoldOutput {
        folded(&self.setup, candles)
    }

    /// The ledgers of the usual series reach its newest candle and equal the fold over its stored candles.
    #[track_caller]
    pub(crate) fn assert_in_step(&self) -> Stored {
        let stored = self.stored();
        stored.assert_in_step(&self.setup);
        stored
    }
}

/// The fold over candles of the usual series.
pub(crate) fn folded(setup: &FoldSetup, candles: &[Candle]) -> FoldOutput {
    let mut fold = SeriesFold::genesis(setup, &series("A"), FoldMode::Compute);
    let mut out = FoldOutput::default();
    for candle in candles {
        fold.compute(candle, &mut out).unwrap();
    }
    out
}

/// Everything that is stored of a series.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stored {
    pub(crate) state: SeriesState,
    pub(crate) candles: Vec<Candle>,
    pub(crate) events: Vec<LedgerEvent>,
    pub(crate) settled: Vec<SettledRow>,
    pub(crate) checkpoints: Vec<StoredCheckpoint>,
    /// Gaps that are not healed, ascending.
    pub(crate) open_gaps: Vec<Gap>,
}

impl Stored {
    fn read(snapshot: &dyn Snapshot, key: SeriesKey) -> Self {
        let (min, max) = (CandleTime::MIN, CandleTime::MAX);
        let mut checkpoints = Vec::new();
        let mut before = Some(max);
        while let Some(checkpoint) = before.and_then(|at| snapshot.checkpoint_at(key, at).unwrap()) {
            before = CandleTime::new(checkpoint.time.seconds() - 1).ok();
            checkpoints.insert(0, checkpoint);
        }
        Self {
            state: snapshot.series_state(key).unwrap(),
            candles: snapshot.candles_between(key, min, max, usize::MAX).unwrap(),
            events: snapshot.events(key, min, max).unwrap(),
            settled: snapshot.settled(key, min, max).unwrap(),
            checkpoints,
            open_gaps: open_gaps(snapshot, key),
        }
    }

    /// The ledgers reach the newest candle and equal the fold over the candles.
    #[track_caller]
    pub(crate) fn assert_in_step(&self, setup: &FoldSetup) {
        let head = self.candles.last().map(Candle::time);
        assert_eq!(self.state.stale_from, None);
        assert_eq!(
            (
                self.state.factor_head,
                self.state.feature_head,
                self.state.overlay_head
            ),
            (head, head, head)
        );
        self.assert_folded(&folded(setup, &self.candles));
        assert_eq!(self.state.render_key, Some(setup.overlay.render_key()));
        let times = self.candles.iter().map(Candle::time);
        let holes: Vec<Gap> = gaps_between(times, series("A").timeframe()).collect();
        assert_eq!(
            self.open_gaps, holes,
            "the gap ledger is what the candles leave out"
        );
    }

    #[track_caller]
    pub(crate) fn assert_folded(&self, expected: &FoldOutput) {
        assert_eq!(self.events, expected.events);
        assert_eq!(self.settled, expected.settled);
        let checkpoints: Vec<StoredCheckpoint> = expected
            .checkpoints
            .iter()
            .map(|checkpoint| StoredCheckpoint {
                time: checkpoint.time,
                bytes: checkpoint.encode(),
            })
            .collect();
        assert_eq!(self.checkpoints, checkpoints);
    }
}

fn open_gaps(snapshot: &dyn Snapshot, key: SeriesKey) -> Vec<Gap> {
    let records = snapshot.gaps(key, &GapQuery::OPEN).unwrap();
    let ends = |record: &GapRecord| Gap {
        from: record.from,
        to: record.to,
    };
    records.iter().rev().map(ends).collect()
}

pub(crate) fn batch(symbol: &str, candles: &[Candle]) -> Job {
    Job {
        input: JobInput::Batch(CandleBatch::new(series(symbol), candles.to_vec()).unwrap()),
        publish: PublishPolicy::Everything,
        late: LatePolicy::Fold,
        origin: JobOrigin::Ingest,
    }
}

pub(crate) fn deferred(symbol: &str, candles: &[Candle]) -> Job {
    Job {
        publish: PublishPolicy::Derived,
        late: LatePolicy::Defer,
        ..batch(symbol, candles)
    }
}

pub(crate) fn refresh(symbol: &str, up_to: CandleTime) -> Job {
    Job {
        input: JobInput::Refresh {
            series: series(symbol),
            up_to,
        },
        publish: PublishPolicy::Derived,
        late: LatePolicy::Fold,
        origin: JobOrigin::Ingest,
    }
}

pub(crate) fn rebuild(symbol: &str, candles: &[Candle]) -> Job {
    Job {
        input: JobInput::Rebuild {
            series: series(symbol),
            candles: CandleBatch::new(series(symbol), candles.to_vec()),
        },
        ..refresh(symbol, CandleTime::MIN)
    }
}

pub(crate) fn repair(symbol: &str) -> Job {
    Job {
        input: JobInput::RepairDrawings {
            series: series(symbol),
        },
        ..refresh(symbol, CandleTime::MIN)
    }
}

/// Operations of the store that a job may meet.
pub(crate) const OPERATIONS: [Operation; 13] = [
    Operation::Begin,
    Operation::Read,
    Operation::PutSeriesState,
    Operation::PutCandles,
    Operation::AppendEvents,
    Operation::AppendSettled,
    Operation::PutCheckpoint,
    Operation::DiscardLedgerFrom,
    Operation::DiscardSettledFrom,
    Operation::Savepoint,
    Operation::RollbackTo,
    Operation::Release,
    Operation::Commit,
];

fn describe(publication: &Publication) -> String {
    let symbol = publication
        .series()
        .symbol()
        .split('/')
        .next()
        .unwrap()
        .to_owned();
    match publication {
        Publication::Candles { candles, .. } => format!("{symbol}: {} candles", candles.len()),
        Publication::Rebuilt { .. } => format!("{symbol}: rebuilt"),
        Publication::DrawHead { to, epoch, .. } => format!("{symbol}: drawn to {to}, epoch {epoch}"),
    }
}
