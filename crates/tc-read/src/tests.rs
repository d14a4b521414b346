//! Tests of the read models over the in-memory store, written by the real pipeline.

mod caches;
mod candles;
mod cursors;
mod diet;
mod drawings;
mod events;
mod facts;
mod features;
mod frames;
mod golden;
mod health;
mod integrity;
mod lookups;
mod packages;
mod playback;
mod record;
mod refusals;
mod walks;

use std::sync::Arc;

use tc_factor::{FactorSettings, testing};
use tc_ingest::{
    IngestOptions, IngestPipeline, IngestReport, Job, JobInput, JobOrigin, LatePolicy, Publication,
    PublishError, PublishPolicy, Publisher,
};
use tc_market::{Candle, CandleBatch, CandleTime, SeriesId};
use tc_overlay::{FoldSetup, OverlayGraph, OverlaySettings, renderers::RENDERERS};
use tc_store::{MemoryStorage, Names, SeriesKey, SeriesState, Storage, WriteTxn};

use crate::{
    DrawDelta, DrawQuery, FactorSlices, Ledger, ReadError, ReadModel, ReadOptions, SliceQuery, SliceSelection,
};

fn series() -> SeriesId {
    "binance:spot:A/B:1m".parse().unwrap()
}

fn setup(major: i64, window_candles: u32) -> FoldSetup {
    FoldSetup {
        factors: testing::graph(major, 1),
        overlay: Arc::new(OverlayGraph::build(RENDERERS, OverlaySettings { window_candles }).unwrap()),
        settings: FactorSettings::with_pivot_windows(major, 1),
    }
}

fn walk(seed: u64, count: usize) -> Vec<Candle> {
    testing::walk(&testing::moves(seed, count))
}

/// The candle with a higher high.
fn corrected(candle: &Candle) -> Candle {
    let (open, low, close) = (candle.open(), candle.low(), candle.close());
    Candle::new(candle.time(), open, candle.high() + 3.0, low, close, 1.0).unwrap()
}

struct Nobody;

impl Publisher for Nobody {
    fn publish(&self, _publication: &Publication) -> Result<(), PublishError> {
        Ok(())
    }
}

/// One series in a store, its writer, and a reader that stays warm.
struct World {
    series: SeriesId,
    storage: MemoryStorage,
    setup: FoldSetup,
    options: IngestOptions,
    pipeline: IngestPipeline,
    reader: ReadModel,
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

fn reader(setup: &FoldSetup) -> ReadModel {
    ReadModel::new(Arc::new(setup.clone()), ReadOptions::default())
}

impl World {
    fn new(series: SeriesId, setup: FoldSetup) -> Self {
        let options = IngestOptions::default();
        Self {
            storage: MemoryStorage::new(names(&setup)),
            pipeline: pipeline(&setup, &options),
            reader: reader(&setup),
            series,
            setup,
            options,
        }
    }

    /// W = 2, overlay window of 40 candles, these candles stored.
    fn with(candles: &[Candle]) -> Self {
        let mut world = Self::new(series(), setup(2, 40));
        world.ingest(candles);
        world
    }

    /// A new writer with what `setup` and `options` now say.
    fn restart_writer(&mut self) {
        self.storage = self.storage.reopen(names(&self.setup));
        self.pipeline = pipeline(&self.setup, &self.options);
    }

    fn run(&mut self, input: JobInput, late: LatePolicy) -> IngestReport {
        let job = Job {
            input,
            publish: PublishPolicy::Everything,
            late,
            origin: JobOrigin::Ingest,
        };
        let mut outcomes = self.pipeline.run(&self.storage, &Nobody, vec![job]);
        outcomes.pop().unwrap().unwrap()
    }

    fn batch(&self, candles: &[Candle]) -> JobInput {
        JobInput::Batch(CandleBatch::new(self.series.clone(), candles.to_vec()).unwrap())
    }

    fn ingest(&mut self, candles: &[Candle]) -> IngestReport {
        let batch = self.batch(candles);
        self.run(batch, LatePolicy::Fold)
    }

    fn ingest_deferred(&mut self, candles: &[Candle]) -> IngestReport {
        let batch = self.batch(candles);
        self.run(batch, LatePolicy::Defer)
    }

    fn refresh(&mut self) -> IngestReport {
        let series = self.series.clone();
        let up_to = CandleTime::MAX;
        self.run(JobInput::Refresh { series, up_to }, LatePolicy::Fold)
    }

    fn state(&self) -> SeriesState {
        let snapshot = self.storage.snapshot().unwrap();
        let key = snapshot.series_key(&self.series).unwrap().unwrap();
        snapshot.series_state(key).unwrap()
    }

    /// Changes rows behind the back of the pipeline.
    fn tamper(&self, change: impl FnOnce(&mut dyn WriteTxn, SeriesKey)) {
        let mut txn = self.storage.begin().unwrap();
        let key = txn.series_key(&self.series).unwrap().unwrap();
        change(&mut *txn, key);
        txn.commit().unwrap();
    }

    fn slices_by(&self, reader: &ReadModel, at: i64) -> Result<FactorSlices, ReadError> {
        let snapshot = self.storage.snapshot().unwrap();
        let query = SliceQuery {
            at_time: at,
            window_candles: 30,
            selection: SliceSelection::default(),
        };
        reader.slices(&*snapshot, &self.series, &query)
    }

    fn slices(&self, at: i64) -> Result<FactorSlices, ReadError> {
        self.slices_by(&self.reader, at)
    }

    fn delta_by(&self, reader: &ReadModel, cursor: i64, at: Option<i64>) -> Result<DrawDelta, ReadError> {
        let snapshot = self.storage.snapshot().unwrap();
        let query = DrawQuery {
            cursor,
            window_candles: 20,
            at_time: at,
        };
        reader.draw_delta(&*snapshot, &self.series, &query)
    }

    fn delta(&self, cursor: i64, at: Option<i64>) -> Result<DrawDelta, ReadError> {
        self.delta_by(&self.reader, cursor, at)
    }
}

/// Which ledger refused; `None`: none did.
fn refused<T>(answer: Result<T, ReadError>) -> Option<Ledger> {
    match answer {
        Ok(_) => None,
        Err(ReadError::OutOfSync { ledger, .. }) => Some(ledger),
        Err(error) => panic!("another error: {error}"),
    }
}
