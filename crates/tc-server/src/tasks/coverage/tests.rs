//! Coverage over the in-memory store, with the exchange simulator and a candle file as sources.

mod downloads;

use tc_exchange::{Binance, BinanceEndpoints, HistoryOptions, Venue};
use tc_exchange_sim::{SampleSet, SimConfig, Simulator, VirtualClock};
use tc_ingest::{BackfillState, PublishPolicy};
use tc_market::MarketKind;
use tc_store::Storage;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{
    fixture::{Bench, CandleFile},
    hub::HubOptions,
    tasks::{StartupSyncOptions, StartupSyncParts, StartupSyncReport, startup_sync},
};

/// Start of an hour.
const ORIGIN_S: i64 = 1_699_999_200;

pub(in crate::tasks) fn btc(timeframe: &str) -> SeriesId {
    format!("binance:futures:BTC/USDT:{timeframe}").parse().unwrap()
}

pub(in crate::tasks) const fn open_s(minute: i64) -> i64 {
    ORIGIN_S + 60 * minute
}

/// What the exchange has for a minute.
pub(in crate::tasks) fn right(minute: i64) -> Candle {
    let price = f64::from(i32::try_from(100 + minute % 7).unwrap());
    let time = CandleTime::clamped(open_s(minute));
    Candle::new(time, price, price + 1.5, price - 0.5, price + 1.0, 2.0).unwrap()
}

/// An exchange with 600 minutes, of which those before `now` are closed.
pub(in crate::tasks) struct Exchange {
    pub(in crate::tasks) simulator: Simulator,
    pub(in crate::tasks) history: HistoryClient,
}

impl Exchange {
    pub(in crate::tasks) async fn open(now: i64) -> Self {
        Self::start(now, None).await
    }

    pub(in crate::tasks) async fn unreachable() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        // A port that was free a moment ago, and that nobody listens on.
        let nobody = format!("http://{}", listener.local_addr().unwrap());
        Self::start(0, Some(nobody)).await
    }

    async fn start(now: i64, rest_base: Option<String>) -> Self {
        // Another test of this process may have installed it.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let candles = (0..600).map(right).collect();
        let data = SampleSet::new(vec![(MarketKind::Futures, "BTC/USDT".to_owned(), candles)]).unwrap();
        let clock = VirtualClock::manual((open_s(now) + 30) * 1_000);
        let simulator = Simulator::start(SimConfig::new(data, clock)).await.unwrap();
        let rest = rest_base.unwrap_or_else(|| simulator.rest_base(MarketKind::Futures));
        let endpoints = BinanceEndpoints {
            spot_ws: simulator.ws_base(MarketKind::Spot),
            futures_ws: simulator.ws_base(MarketKind::Futures),
            spot_rest: rest.clone(),
            futures_rest: rest,
        };
        let venue: Arc<dyn Venue> = Arc::new(Binance::new(endpoints).unwrap());
        let options = HistoryOptions {
            attempts: 1,
            ..HistoryOptions::default()
        };
        Self {
            simulator,
            history: HistoryClient::new(venue, options).unwrap(),
        }
    }

    pub(in crate::tasks) fn requests(&self) -> u64 {
        let counters = self.simulator.counters();
        counters.requests.get("/fapi/v1/klines").copied().unwrap_or(0)
    }
}

/// A store whose clock is in the middle of bucket `now`, with these minutes.
pub(in crate::tasks) async fn bench(now: i64, minutes: impl IntoIterator<Item = i64>) -> Bench {
    let bench = Bench::new(HubOptions::default());
    bench.clock.set_s(open_s(now) + 30);
    store(&bench, "1m", minutes.into_iter().map(right).collect()).await;
    bench
}

async fn store(bench: &Bench, timeframe: &str, candles: Vec<Candle>) {
    if let Some(batch) = CandleBatch::new(btc(timeframe), candles) {
        let job = Job {
            input: JobInput::Batch(batch),
            publish: PublishPolicy::RebuildsOnly,
            late: LatePolicy::Fold,
            origin: JobOrigin::Ingest,
        };
        bench.writer.submit(job).await.unwrap();
    }
}

fn stored(bench: &Bench, timeframe: &str) -> Vec<Candle> {
    let snapshot = bench.storage.snapshot().unwrap();
    let Some(key) = snapshot.series_key(&btc(timeframe)).unwrap() else {
        return Vec::new();
    };
    let state = snapshot.series_state(key).unwrap();
    let head = snapshot.head_time(key).unwrap();
    assert_eq!(
        (state.factor_head, state.overlay_head, state.stale_from),
        (head, head, None),
        "the ledgers keep up"
    );
    snapshot
        .candles_between(key, CandleTime::MIN, CandleTime::MAX, usize::MAX)
        .unwrap()
}

fn rest_on_read(coverage: &Coverage) -> Coverage {
    let options = CoverageOptions {
        rest_on_read: true,
        ..coverage.options().clone()
    };
    Coverage::new(coverage.parts().clone(), options)
}

#[tokio::test]
async fn missing_buckets_are_rolled_up() {
    let bench = Bench::new(HubOptions::default());
    let minutes: Vec<i64> = (0..10).map(|minute| 3_600 + 60 * minute).collect();
    bench
        .ingest(&btc("1m"), &minutes, PublishPolicy::RebuildsOnly)
        .await;
    let coverage = bench.coverage(None, None);
    let to = Some(CandleTime::clamped(4_200));
    let covered = coverage.ensure_tail(&btc("5m"), 3, to).await;
    assert_eq!((covered.candles, covered.errors), (2, vec![]));
    assert_eq!(bench.stored(&btc("5m")), [3_600, 3_900]);
    let progress = coverage.progress(&btc("5m"));
    assert_eq!(progress.state, BackfillState::Succeeded);
    assert_eq!(progress.note.as_deref(), Some("tail_coverage_partial"));
    assert_eq!((progress.start.seconds, progress.current.seconds), (4_200, 300));
}

#[tokio::test]
async fn one_range_comes_from_rest_and_nothing_that_is_open() {
    let exchange = Exchange::open(121).await;
    let bench = bench(121, []).await;
    let hour = |open: i64| {
        let time = CandleTime::clamped(open_s(open));
        Candle::new(time, 100.0, 107.5, 99.5, 104.0, 120.0).unwrap()
    };
    store(&bench, "1h", vec![hour(0)]).await;
    let coverage = bench.coverage(None, Some(exchange.history.clone()));
    let unasked = coverage.ensure_tail(&btc("1h"), 2, None).await;
    assert_eq!((unasked.candles, exchange.requests()), (1, 0), "not on a read");
    let covered = rest_on_read(&coverage).ensure_tail(&btc("1h"), 2, None).await;
    assert_eq!((covered.candles, covered.errors), (2, vec![]));
    assert_eq!(bench.stored(&btc("1h")), [open_s(0), open_s(60)]);
    assert_eq!(exchange.requests(), 1);
    let progress = coverage.progress(&btc("1h"));
    assert_eq!(progress.note.as_deref(), Some("tail_coverage_done"));
    assert_eq!(progress.percent(), Some(100.0));
    exchange.simulator.shutdown().await;
}

#[tokio::test]
async fn requests_that_would_bring_nothing_are_not_made() {
    let exchange = Exchange::open(121).await;
    // What is stored is wrong, so that it shows what was fetched.
    let wrong = |minute: i64| {
        let right = right(minute);
        let (open, high, low) = (right.open(), right.high() + 1.0, right.low());
        Candle::new(right.time(), open, high, low, right.close(), 7.0).unwrap()
    };
    let bench = bench(121, []).await;
    store(&bench, "1m", (80..105).chain(106..121).map(wrong).collect()).await;
    let coverage = bench.coverage(None, Some(exchange.history.clone()));
    let to = Some(CandleTime::clamped(open_s(120)));
    let covered = coverage.ensure_tail(&btc("1m"), 41, to).await;
    assert_eq!((covered.candles, exchange.requests()), (41, 1));
    let expected: Vec<Candle> = (80..100).map(wrong).chain((100..121).map(right)).collect();
    assert_eq!(stored(&bench, "1m"), expected);
    exchange.simulator.shutdown().await;
}

#[tokio::test]
async fn a_file_gives_what_is_not_stored_and_corrects_nothing() {
    let other = |minute: i64| {
        let right = right(minute);
        let (open, high, low) = (right.open(), right.high() + 1.0, right.low());
        Candle::new(right.time(), open, high, low, right.close(), 7.0).unwrap()
    };
    let bench = bench(100, [90, 92, 94]).await;
    let file = CandleFile::of((80..103).map(other).collect());
    let coverage = bench.coverage(Some(file), None);
    let covered = coverage.ensure_tail(&btc("1m"), 12, None).await;
    assert_eq!((covered.candles, covered.errors), (12, vec![]));
    let expected: Vec<Candle> = (88..100)
        .map(|minute| match minute {
            90 | 92 | 94 => right(minute),
            minute => other(minute),
        })
        .collect();
    assert_eq!(stored(&bench, "1m"), expected);
    let snapshot = bench.storage.snapshot().unwrap();
    let key = snapshot.series_key(&btc("1m")).unwrap().unwrap();
    assert_eq!(snapshot.series_state(key).unwrap().epoch, 1, "folded again once");
}

#[tokio::test]
async fn a_complete_window_takes_nothing_from_an_old_file() {
    let bench = bench(100, 90..100).await;
    let file = CandleFile::of((0..50).map(right).collect());
    let coverage = bench.coverage(Some(file.clone()), None);
    assert_eq!(coverage.ensure_tail(&btc("1m"), 10, None).await.candles, 10);
    assert_eq!((file.reads(), stored(&bench, "1m").len()), (0, 10));
    let more = coverage.ensure_tail(&btc("1m"), 11, None).await;
    assert_eq!(
        (more.candles, file.reads()),
        (11, 1),
        "what came from the file counts"
    );
}

#[tokio::test]
async fn a_sick_source_is_told_of_and_the_others_go_on() {
    let exchange = Exchange::unreachable().await;
    let bench = bench(100, 0..95).await;
    let coverage = bench.coverage(Some(CandleFile::damaged()), Some(exchange.history.clone()));
    let target = Some(CandleTime::clamped(open_s(99)));
    let covered = coverage.ensure_tail(&btc("1m"), 10, target).await;
    assert_eq!(covered.candles, 5);
    assert_eq!(covered.errors.len(), 1, "{:?}", covered.errors);
    assert!(covered.errors[0].starts_with("rest_backfill_failed:"));
    let progress = coverage.progress(&btc("1m"));
    assert_eq!(progress.state, BackfillState::Failed);
    assert_eq!(progress.note.as_deref(), Some("tail_coverage_best_effort_failed"));
    assert_eq!(progress.error.as_deref(), Some(covered.errors[0].as_str()));
    assert_eq!((progress.start.candles, progress.current.candles), (5, 5));
    // A hole behind the head is no lag: nobody waits for it.
    let behind = coverage
        .ensure_tail(&btc("1m"), 10, Some(CandleTime::clamped(open_s(94))))
        .await;
    assert_eq!((behind.candles, behind.errors), (10, vec![]));
    assert_eq!(coverage.progress(&btc("1m")), progress);
    exchange.simulator.shutdown().await;
}

#[tokio::test]
async fn rest_does_not_override_what_was_built() {
    let exchange = Exchange::open(121).await;
    let bench = bench(121, []).await;
    let built = Candle::new(CandleTime::clamped(open_s(100)), 1.0, 2.0, 0.5, 1.5, 3.0).unwrap();
    store(&bench, "5m", vec![built]).await;
    let coverage = bench.coverage(None, Some(exchange.history.clone()));
    let target = Some(CandleTime::clamped(open_s(115)));
    let covered = coverage.ensure_tail(&btc("5m"), 5, target).await;
    assert_eq!(covered.candles, 5);
    let stored = stored(&bench, "5m");
    assert_eq!(
        stored.iter().find(|candle| candle.time() == built.time()),
        Some(&built)
    );
    exchange.simulator.shutdown().await;
}

#[tokio::test]
async fn only_an_empty_series_is_bootstrapped_and_only_once() {
    let bench = bench(100, []).await;
    let file = CandleFile::of((0..103).map(right).collect());
    let coverage = bench.coverage(Some(file.clone()), None);
    let series = btc("1m");
    let written = tokio::join!(
        coverage.bootstrap(&series),
        coverage.bootstrap(&series),
        coverage.bootstrap(&series)
    );
    assert_eq!(written.0 + written.1 + written.2, 100);
    assert_eq!(file.reads(), 1);
    assert_eq!(stored(&bench, "1m"), (0..100).map(right).collect::<Vec<_>>());
    assert_eq!(coverage.bootstrap(&series).await, 0);
}

#[tokio::test]
async fn the_startup_sync_tells_its_result() {
    let exchange = Exchange::open(120).await;
    let bench = bench(120, 0..120).await;
    let coverage = bench.coverage(None, Some(exchange.history.clone()));
    let mut report = sync(&coverage, &["1m"], 20).await;
    report.series.push(crate::tasks::SyncedSeries {
        error: Some("rest_backfill_failed:down".to_owned()),
        ..report.series[0].clone()
    });
    report.series.push(crate::tasks::SyncedSeries {
        after_head_time: None,
        ..report.series[0].clone()
    });
    let told = crate::debug::sync_done(&report).data;
    let numbers = [
        "series_total",
        "series_synced",
        "series_errors",
        "series_lagging",
        "target_candles",
    ]
    .map(|name| told[name].as_u64().unwrap());
    assert_eq!(numbers, [3, 1, 1, 1, 20]);
    let first = serde_json::json!({
        "series_id": btc("1m").as_str(), "target_time": open_s(119), "before_head_time": open_s(119),
        "after_head_time": open_s(119), "covered_candles": 20, "refreshed": false, "error": null,
    });
    assert_eq!(told["series_results"][0], first);
    exchange.simulator.shutdown().await;
}

async fn sync(coverage: &Coverage, timeframes: &[&str], target_candles: u32) -> StartupSyncReport {
    let parts = StartupSyncParts {
        coverage: coverage.clone(),
        debug: crate::debug::DebugLog::off(),
    };
    let options = StartupSyncOptions {
        series: timeframes.iter().map(|timeframe| btc(timeframe)).collect(),
        target_candles,
        ..StartupSyncOptions::default()
    };
    startup_sync(parts, options, CancellationToken::new()).await
}

#[tokio::test]
async fn the_startup_sync_builds_longer_timeframes_after_their_base() {
    let exchange = Exchange::open(120).await;
    let bench = bench(120, 0..100).await;
    let coverage = bench.coverage(None, Some(exchange.history.clone()));
    let report = sync(&coverage, &["5m", "1m"], 20).await;
    let covered: Vec<_> = report
        .series
        .iter()
        .map(|series| {
            (
                series.series.timeframe().to_string(),
                series.covered_candles,
                series.error.clone(),
            )
        })
        .collect();
    assert_eq!(
        covered,
        [("1m".to_owned(), 20, None), ("5m".to_owned(), 20, None)]
    );
    assert_eq!(exchange.requests(), 1, "the base alone");
    let minutes: Vec<Candle> = (20..120).map(right).collect();
    let rolled = tc_market::roll_up(&minutes, btc("1m").timeframe(), btc("5m").timeframe()).unwrap();
    assert_eq!(stored(&bench, "5m"), rolled);
    assert_eq!(report.series[1].before_head_time, None);
    assert_eq!(
        report.series[1].after_head_time,
        Some(CandleTime::clamped(open_s(115)))
    );
    exchange.simulator.shutdown().await;
}

#[tokio::test]
async fn the_startup_sync_asks_rest_for_what_the_base_does_not_cover() {
    let exchange = Exchange::open(120).await;
    let bench = bench(120, 100..120).await;
    let coverage = bench.coverage(None, Some(exchange.history.clone()));
    let report = sync(&coverage, &["5m"], 10).await;
    assert_eq!(report.series[0].covered_candles, 10);
    assert_eq!(exchange.requests(), 1);
    assert_eq!(stored(&bench, "5m").len(), 10);
    exchange.simulator.shutdown().await;
}
