//! A store with its threads and a hub, for tests.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, AtomicUsize, Ordering},
};

use tc_exchange::{Binance, BinanceEndpoints, HistoryClient, HistoryOptions};
use tc_factor::{FactorGraph, FactorSettings, factors::FACTORS};
use tc_ingest::{
    IngestOptions, IngestPipeline, IngestReport, Job, JobInput, JobOrigin, LatePolicy, PublishPolicy,
};
use tc_market::{Candle, CandleBatch, CandleTime, DerivedTimeframes, SeriesId};
use tc_overlay::{FoldSetup, OverlayGraph, OverlaySettings, renderers::RENDERERS};
use tc_read::{ReadModel, ReadOptions};
use tc_store::{MemoryStorage, Names, Storage};

use crate::{
    MarketListOptions, MarketLists,
    annotate::{AnnotateOrder, AnnotateRefusal, Annotations, Annotator},
    backtest::{
        Answer, BacktestEngine, BacktestLimits, BacktestRefusal, Backtests, BacktestsParts, EngineAnswer,
        Engines, PairTimeframes, RunOrder, StrategyList, Venue,
    },
    clock::MarketClock,
    debug::DebugLog,
    hub::{ConnectionParts, Hub, HubOptions},
    packages::{PackageJobs, PackageJobsParts, PackageLimits, PackageStore},
    tasks::{
        Backfills, Background, Coverage, CoverageJobs, CoverageOptions, CoverageParts, IngestControl,
        LocalHistory, LocalHistoryError, ReadFollowUp, ReadFollowUpOptions,
    },
    threads::{ReaderPool, WriterHandle, WriterThread},
};

/// Far after every candle of these tests, so that none is ahead of the clock.
const LATER_MS: i64 = 2_000_000_000_000;

pub(crate) struct ManualClock(AtomicI64);

impl ManualClock {
    pub(crate) fn set_s(&self, now_s: i64) {
        self.0.store(now_s * 1_000, Ordering::SeqCst);
    }
}

impl MarketClock for ManualClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn speed(&self) -> f64 {
        1.0
    }
}

/// A candle file of every series, and how often it was read.
pub(crate) struct CandleFile {
    candles: Mutex<Result<Vec<Candle>, &'static str>>,
    reads: AtomicUsize,
}

impl CandleFile {
    pub(crate) fn of(candles: Vec<Candle>) -> Arc<Self> {
        Arc::new(Self {
            candles: Mutex::new(Ok(candles)),
            reads: AtomicUsize::new(0),
        })
    }

    pub(crate) fn damaged() -> Arc<Self> {
        Arc::new(Self {
            candles: Mutex::new(Err("the file is cut short")),
            reads: AtomicUsize::new(0),
        })
    }

    pub(crate) fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }

    pub(crate) fn grow(&self, candle: Candle) {
        if let Ok(candles) = &mut *self.candles.lock().unwrap() {
            candles.push(candle);
        }
    }
}

impl LocalHistory for CandleFile {
    fn newest(
        &self,
        _series: &SeriesId,
        limit: usize,
        latest_closed: CandleTime,
    ) -> Result<Vec<Candle>, LocalHistoryError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let mut candles = self
            .candles
            .lock()
            .unwrap()
            .clone()
            .map_err(LocalHistoryError::new)?;
        candles.retain(|candle| candle.time() <= latest_closed);
        Ok(candles.split_off(candles.len().saturating_sub(limit)))
    }
}

/// An engine that refuses everything.
pub(crate) struct NoEngine;

impl BacktestEngine for NoEngine {
    fn setup(&self) -> Answer<Result<(), BacktestRefusal>> {
        Box::pin(async { Err(BacktestRefusal::ConfigMissing) })
    }

    fn strategies(&self, _recursive: bool) -> Answer<Result<StrategyList, BacktestRefusal>> {
        Box::pin(async { Err(BacktestRefusal::ConfigMissing) })
    }

    fn pair_timeframes(
        &self,
        _pair: String,
        _venue: Venue,
    ) -> Answer<Result<PairTimeframes, BacktestRefusal>> {
        Box::pin(async { Err(BacktestRefusal::ConfigMissing) })
    }

    fn prepare(&self, _order: RunOrder) -> Answer<Result<EngineAnswer, BacktestRefusal>> {
        Box::pin(async { Err(BacktestRefusal::ConfigMissing) })
    }
}

pub(crate) struct Bench {
    pub(crate) setup: Arc<FoldSetup>,
    pub(crate) storage: Arc<MemoryStorage>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) writer: WriterHandle,
    pub(crate) readers: ReaderPool,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) debug: DebugLog,
    /// Where files of the test lie.
    pub(crate) folder: tempfile::TempDir,
}

pub(crate) fn fold_setup() -> Arc<FoldSetup> {
    let settings = FactorSettings::with_pivot_windows(5, 2);
    let factors = Arc::new(FactorGraph::build(FACTORS, &settings).unwrap());
    let overlay = OverlayGraph::build(
        RENDERERS,
        OverlaySettings {
            window_candles: 2_000,
        },
    )
    .unwrap();
    Arc::new(FoldSetup {
        factors,
        overlay: Arc::new(overlay),
        settings,
    })
}

pub(crate) fn memory(setup: &FoldSetup) -> MemoryStorage {
    MemoryStorage::new(Names {
        event_kinds: setup.factors.kind_names().map(str::to_owned).collect(),
        drawings: setup.overlay.drawing_names().map(str::to_owned).collect(),
    })
}

impl Bench {
    pub(crate) fn new(options: HubOptions) -> Self {
        let setup = fold_setup();
        let ingest = IngestOptions {
            derived: derived(),
            ..IngestOptions::default()
        };
        let storage = Arc::new(memory(&setup));
        let hub = Arc::new(Hub::new(options));
        let pipeline = IngestPipeline::new(Arc::clone(&setup), ingest, Arc::new(|| 0));
        let debug = DebugLog::on();
        let shared: Arc<dyn Storage> = storage.clone();
        let writer =
            WriterThread::spawn(Arc::clone(&shared), hub.clone(), pipeline, 16, debug.clone()).unwrap();
        let readers = ReaderPool::spawn(&shared, 2).unwrap();
        Self {
            setup,
            storage,
            hub,
            writer,
            readers,
            clock: Arc::new(ManualClock(AtomicI64::new(LATER_MS))),
            debug,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn parts(&self, ingest: &IngestControl) -> ConnectionParts {
        ConnectionParts {
            hub: Arc::clone(&self.hub),
            readers: self.readers.clone(),
            writer: self.writer.clone(),
            ingest: ingest.clone(),
            clock: self.clock.clone(),
            coverage: self.coverage(None, None),
            healer: None,
        }
    }

    /// Coverage from these sources, over the store of the bench.
    pub(crate) fn coverage(
        &self,
        local: Option<Arc<dyn LocalHistory>>,
        rest: Option<HistoryClient>,
    ) -> Coverage {
        let parts = CoverageParts {
            local,
            rest,
            writer: self.writer.clone(),
            readers: self.readers.clone(),
            clock: self.clock.clone(),
            backfills: Backfills::default(),
            downloads: None,
        };
        let options = CoverageOptions {
            derived: derived(),
            ..CoverageOptions::default()
        };
        Coverage::new(parts, options)
    }

    /// Coverage that is asked for by name, over the store of the bench alone.
    pub(crate) fn coverage_jobs(&self) -> CoverageJobs {
        CoverageJobs::new(self.coverage(None, None), Background::default())
    }

    /// Packages in a folder that goes with the bench.
    pub(crate) fn packages(&self) -> PackageJobs {
        let limits = PackageLimits {
            max_bytes: 1 << 30,
            max_age_ms: i64::MAX,
        };
        PackageJobs::new(PackageJobsParts {
            store: PackageStore::open(self.folder.path().to_owned(), limits).unwrap(),
            builders: self.readers.clone(),
            model: Arc::new(ReadModel::new(Arc::clone(&self.setup), ReadOptions::default())),
            background: Background::default(),
        })
    }

    /// Backtests without any engine.
    pub(crate) fn backtests(&self) -> Backtests {
        let nothing = Arc::new(NoEngine);
        Backtests::new(BacktestsParts {
            engines: Engines {
                freqtrade: nothing.clone(),
                native: None,
                mock: nothing,
                mock_all: false,
            },
            archive: self.storage.clone(),
            limits: BacktestLimits {
                at_once: 1,
                waiting: 0,
            },
            background: Background::default(),
        })
    }

    /// What reads set off, over the store of the bench alone.
    pub(crate) fn follow_up(&self, options: ReadFollowUpOptions) -> ReadFollowUp {
        let coverage = self.coverage(None, None);
        ReadFollowUp::new(coverage, options, self.debug.clone(), Background::default())
    }

    pub(crate) async fn ingest(
        &self,
        series: &SeriesId,
        seconds: &[i64],
        publish: PublishPolicy,
    ) -> IngestReport {
        let batch = CandleBatch::new(series.clone(), seconds.iter().copied().map(candle).collect()).unwrap();
        let job = Job {
            input: JobInput::Batch(batch),
            publish,
            late: LatePolicy::Fold,
            origin: JobOrigin::Ingest,
        };
        self.writer.submit(job).await.unwrap()
    }

    /// Times of all stored candles.
    pub(crate) fn stored(&self, series: &SeriesId) -> Vec<i64> {
        let snapshot = self.storage.snapshot().unwrap();
        let Some(key) = snapshot.series_key(series).unwrap() else {
            return Vec::new();
        };
        let candles = snapshot
            .candles_between(key, CandleTime::MIN, CandleTime::MAX, usize::MAX)
            .unwrap();
        candles.iter().map(|candle| candle.time().seconds()).collect()
    }
}

/// Five minutes and an hour of one minute.
pub(crate) fn derived() -> DerivedTimeframes {
    let tf = |text: &str| text.parse().unwrap();
    DerivedTimeframes::new(tf("1m"), &[tf("5m"), tf("1h")]).0
}

pub(crate) fn series() -> SeriesId {
    "binance:futures:GLD/USDT:1m".parse().unwrap()
}

pub(crate) fn candle(seconds: i64) -> Candle {
    Candle::new(CandleTime::clamped(seconds), 1.0, 2.0, 0.5, 1.5, 3.0).unwrap()
}

/// Market lists of an exchange that nobody asks.
pub(crate) fn market_lists() -> Arc<MarketLists> {
    // Another test of the process may have installed it; either provider is the same one.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let nowhere = "://127.0.0.1:9";
    let endpoints = BinanceEndpoints {
        spot_ws: format!("ws{nowhere}"),
        futures_ws: format!("ws{nowhere}"),
        spot_rest: format!("http{nowhere}"),
        futures_rest: format!("http{nowhere}"),
    };
    let venue = Arc::new(Binance::new(endpoints).unwrap());
    let source = HistoryClient::new(venue, HistoryOptions::default()).unwrap();
    Arc::new(MarketLists::new(source, MarketListOptions::default()))
}

/// Signals of nobody.
pub(crate) fn annotations() -> Annotations {
    struct Nobody;

    impl Annotator for Nobody {
        fn annotate(&self, _: &AnnotateOrder, _: Vec<u8>) -> Result<Vec<u8>, AnnotateRefusal> {
            Err(AnnotateRefusal::Frame("nobody reads it".to_owned()))
        }
    }

    Annotations::new(Arc::new(Nobody))
}
