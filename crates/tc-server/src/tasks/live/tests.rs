//! Live jobs against the exchange simulator, whose clock moves only when it is told.

mod faults;

use std::collections::BTreeSet;

use serde_json::Value;
use tc_exchange::{Binance, BinanceEndpoints, FleetLimits, GuardrailOptions, HistoryOptions};
use tc_exchange_sim::{SampleSet, SimConfig, Simulator, VirtualClock};
use tc_ingest::{PublishPolicy, SupervisorOptions, Work};
use tc_market::{Candle, MarketKind};
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

use super::*;
use crate::{
    debug::DebugLog,
    fixture::{Bench, CandleFile, candle, derived},
    hub::{Connection, Entry, HubOptions},
    tasks::{IngestControl, ShutdownParts, StartupSyncOptions, StartupSyncParts, shut_down, startup_sync},
    ws::messages::{Since, Subscribe},
};

/// Open time of the first bucket.
const ORIGIN_S: i64 = 1_700_000_040;
const MINUTES: i64 = 400;

fn btc() -> SeriesId {
    "binance:futures:BTC/USDT:1m".parse().unwrap()
}

const fn open_s(minute: i64) -> i64 {
    ORIGIN_S + 60 * minute
}

/// An exchange, and everything that follows it.
struct World {
    simulator: Simulator,
    bench: Bench,
    control: IngestControl,
    runner: Arc<LiveRunner>,
    source: LiveSource,
    history: HistoryClient,
}

enum Rest {
    Works,
    Unreachable,
}

impl World {
    /// At half of bucket `minute`; the store holds `stored` buckets.
    async fn new(minute: i64, stored: impl IntoIterator<Item = i64>, rest: Rest) -> Self {
        let guardrail = GuardrailOptions {
            backoff_initial_ms: 500,
            ..GuardrailOptions::default()
        };
        let session = SessionOptions {
            guardrail,
            // Virtual minutes pass in no time.
            limits: FleetLimits {
                connects_per_minute: 1_000,
                ..FleetLimits::default()
            },
            ..SessionOptions::default()
        };
        Self::connecting(minute, stored, rest, session).await
    }

    /// As [`World::new`], with a connection that behaves as told.
    async fn connecting(
        minute: i64,
        stored: impl IntoIterator<Item = i64>,
        rest: Rest,
        session: SessionOptions,
    ) -> Self {
        // Another test of this process may have installed it.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let price = |minute: i64| f64::from(i32::try_from(100 + minute % 7).unwrap());
        let candles = (0..MINUTES).map(|minute| {
            let (open, close) = (price(minute), price(minute + 1));
            let time = CandleTime::clamped(open_s(minute));
            Candle::new(
                time,
                open,
                open.max(close) + 0.5,
                open.min(close) - 0.5,
                close,
                2.0,
            )
            .unwrap()
        });
        let data = SampleSet::new(vec![(
            MarketKind::Futures,
            "BTC/USDT".to_owned(),
            candles.collect(),
        )])
        .unwrap();
        let clock = VirtualClock::manual((open_s(minute) + 30) * 1_000);
        let simulator = Simulator::start(SimConfig::new(data, clock)).await.unwrap();
        let rest_base = match rest {
            Rest::Works => simulator.rest_base(MarketKind::Futures),
            // A port that was free a moment ago, and that nobody listens on.
            Rest::Unreachable => {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                format!("http://{}", listener.local_addr().unwrap())
            }
        };
        let endpoints = BinanceEndpoints {
            spot_ws: simulator.ws_base(MarketKind::Spot),
            futures_ws: simulator.ws_base(MarketKind::Futures),
            spot_rest: rest_base.clone(),
            futures_rest: rest_base,
        };
        let venue: Arc<dyn Venue> = Arc::new(Binance::new(endpoints).unwrap());
        let attempts = HistoryOptions {
            attempts: 1,
            ..HistoryOptions::default()
        };
        let history = HistoryClient::new(Arc::clone(&venue), attempts).unwrap();
        let bench = Bench::new(HubOptions::default());
        bench.clock.set_s(open_s(minute) + 30);
        let stored: Vec<i64> = stored.into_iter().map(open_s).collect();
        if !stored.is_empty() {
            bench.ingest(&btc(), &stored, PublishPolicy::RebuildsOnly).await;
        }
        let options = LiveOptions {
            backfill: BackfillBounds {
                bootstrap_candles: 50,
                ..BackfillBounds::default()
            },
            derived: derived(),
            forming_min_interval_ms: 0,
            session,
            ..LiveOptions::default()
        };
        let source = LiveSource {
            venue,
            history: history.clone(),
            coverage: bench.coverage(None, None),
        };
        let hub = Arc::clone(&bench.hub);
        let runner = Arc::new(LiveRunner::new(
            source.clone(),
            bench.writer.clone(),
            bench.readers.clone(),
            hub,
            options,
        ));
        let supervision = SupervisorOptions {
            ondemand_ingest: true,
            derived: derived(),
            ..SupervisorOptions::default()
        };
        let jobs: Arc<dyn JobRunner> = runner.clone();
        let control = IngestControl::spawn(supervision, GuardrailOptions::default(), jobs);
        Self {
            simulator,
            bench,
            control,
            runner,
            source,
            history,
        }
    }

    async fn subscribe(&self, since: Since) -> Connection {
        self.subscribe_to(btc(), since).await
    }

    async fn subscribe_to(&self, series: SeriesId, since: Since) -> Connection {
        let mut connection = Connection::open(self.bench.parts(&self.control)).unwrap();
        let wanted = Subscribe {
            series,
            since,
            supports_batch: true,
            supports_draw_head: false,
        };
        connection.subscribe(wanted).await.unwrap();
        self.simulator
            .wait_for(|counters| counters.subscriptions == 1)
            .await;
        connection
    }

    /// Moves the exchange on to `second` of bucket `minute`.
    fn advance(&self, minute: i64, second: i64) {
        self.bench.clock.set_s(open_s(minute) + second);
        self.simulator
            .clock()
            .advance_to((open_s(minute) + second) * 1_000)
            .unwrap();
    }

    fn klines_requests(&self) -> u64 {
        self.simulator
            .counters()
            .requests
            .get("/fapi/v1/klines")
            .copied()
            .unwrap_or(0)
    }

    fn stored_minutes(&self) -> Vec<i64> {
        self.bench
            .stored(&btc())
            .into_iter()
            .map(|seconds| (seconds - ORIGIN_S) / 60)
            .collect()
    }
}

/// What a client was told so far, in buckets.
#[derive(Default)]
struct Told {
    closed: Vec<i64>,
    forming: BTreeSet<i64>,
    gaps: Vec<(i64, i64)>,
}

impl Told {
    fn take(&mut self, frame: &Value) {
        let minute = |time: &Value| (time.as_i64().unwrap() - ORIGIN_S) / 60;
        match frame["type"].as_str().unwrap() {
            "candle_closed" => self.closed.push(minute(&frame["candle"]["candle_time"])),
            "candle_forming" => {
                let open = minute(&frame["candle"]["candle_time"]);
                assert!(
                    !self.closed.contains(&open),
                    "a bucket that has closed is forming again"
                );
                self.forming.insert(open);
            }
            "candles_batch" => {
                let candles = frame["candles"].as_array().unwrap();
                self.closed
                    .extend(candles.iter().map(|candle| minute(&candle["candle_time"])));
            }
            "gap" => self.gaps.push((
                minute(&frame["expected_next_time"]),
                minute(&frame["actual_time"]),
            )),
            other => panic!("unexpected {other}"),
        }
    }

    async fn until(&mut self, connection: &Connection, done: impl Fn(&Self) -> bool) {
        while !done(self) {
            let next = tokio::time::timeout(Duration::from_secs(20), connection.outbound().next()).await;
            let Entry { gap, body } = next.expect("a frame in time").expect("open");
            for frame in gap.into_iter().chain([body]) {
                self.take(&serde_json::from_str(&frame).unwrap());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_store_is_filled_then_followed() {
    let world = World::new(100, [], Rest::Works).await;
    let connection = world.subscribe(Since::Newest).await;
    let mut told = Told::default();
    world.advance(100, 40);
    told.until(&connection, |told| {
        told.closed.len() == 50 && told.forming.contains(&100)
    })
    .await;
    assert_eq!(told.closed, (50..100).collect::<Vec<_>>());
    assert_eq!(
        world.stored_minutes(),
        (50..100).collect::<Vec<_>>(),
        "nothing that is forming is stored"
    );
    assert!(world.control.is_live(&btc()));

    world.advance(101, 5);
    told.until(&connection, |told| {
        told.closed.contains(&100) && told.forming.contains(&101)
    })
    .await;
    world.advance(102, 5);
    told.until(&connection, |told| told.closed.contains(&101)).await;
    assert_eq!(told.closed, (50..102).collect::<Vec<_>>());
    assert_eq!(world.stored_minutes(), told.closed);
    assert_eq!(told.gaps, []);

    drop(connection);
    world.control.shut_down().await;
    assert_eq!(world.stored_minutes(), (50..102).collect::<Vec<_>>());
    world
        .simulator
        .wait_for(|counters| counters.open_connections == 0)
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_derived_series_is_built_shown_and_closed_through_its_base() {
    let five: SeriesId = btc().with_timeframe("5m".parse().unwrap()).unwrap();
    let world = World::new(103, 91..103, Rest::Works).await;
    let connection = world.subscribe_to(five.clone(), Since::Newest).await;
    assert_eq!(
        world.bench.stored(&five),
        [91, 96].map(open_s),
        "built before the catch-up"
    );
    let mut told = Told::default();
    told.until(&connection, |told| told.closed == [91, 96]).await;
    world.advance(103, 40);
    told.until(&connection, |told| told.forming.contains(&101)).await;
    assert!(world.control.is_live(&five), "as its base");
    for minute in 104..107 {
        world.advance(minute, 5);
    }
    told.until(&connection, |told| {
        told.closed.contains(&101) && told.forming.contains(&106)
    })
    .await;
    assert_eq!(told.closed, [91, 96, 101]);
    assert_eq!(
        world.bench.stored(&five),
        [91, 96, 101].map(open_s),
        "no open bucket is stored"
    );
    assert_eq!(world.stored_minutes(), (91..106).collect::<Vec<_>>());
    let jobs = world.control.state().await.unwrap().jobs;
    assert_eq!(jobs.len(), 1);
    assert_eq!((&jobs[0].job.series, jobs[0].job.references), (&btc(), Some(1)));
    drop(connection);
    world.control.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_of_a_market_share_a_connection_and_the_last_one_closes_it() {
    let three: SeriesId = btc().with_timeframe("3m".parse().unwrap()).unwrap();
    let world = World::new(100, 90..100, Rest::Works).await;
    let mut connection = world.subscribe(Since::Newest).await;
    let wanted = Subscribe {
        series: three.clone(),
        since: Since::Newest,
        supports_batch: true,
        supports_draw_head: false,
    };
    connection.subscribe(wanted).await.unwrap();
    world
        .simulator
        .wait_for(|counters| counters.subscriptions == 2)
        .await;
    world.advance(103, 2);
    let both = async {
        while !(world.control.is_live(&three) && world.stored_minutes().ends_with(&[102])) {
            connection.outbound().next().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(20), both)
        .await
        .expect("both followed in time");
    assert_eq!(world.simulator.counters().connections, 1);
    drop(connection);
    world.control.shut_down().await;
    // The exchange hears of it a moment later.
    world
        .simulator
        .wait_for(|counters| counters.open_connections == 0)
        .await;
    assert_eq!(world.stored_minutes(), (90..103).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_missed_before_the_start_comes_before_what_is_live() {
    let world = World::new(100, 70..80, Rest::Works).await;
    let connection = world
        .subscribe(Since::After(CandleTime::clamped(open_s(79))))
        .await;
    let mut told = Told::default();
    // The first frames that the job ever sees are those at the end of the bucket.
    world.advance(101, 2);
    told.until(&connection, |told| told.closed.contains(&100)).await;
    assert_eq!(told.closed, (80..101).collect::<Vec<_>>());
    assert_eq!(told.gaps, []);
    assert_eq!(world.stored_minutes(), (70..101).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_missed_during_a_disconnect_is_fetched() {
    let world = World::new(100, 90..100, Rest::Works).await;
    let connection = world
        .subscribe(Since::After(CandleTime::clamped(open_s(99))))
        .await;
    let mut told = Told::default();
    world.advance(101, 2);
    told.until(&connection, |told| told.closed.contains(&100)).await;
    let before = world.klines_requests();

    world.simulator.drop_connections();
    world
        .simulator
        .wait_for(|counters| counters.open_connections == 0)
        .await;
    world.advance(106, 30);
    world
        .simulator
        .wait_for(|counters| counters.subscriptions == 1)
        .await;
    world.advance(107, 2);
    told.until(&connection, |told| told.closed.contains(&106)).await;
    assert_eq!(told.closed, (100..107).collect::<Vec<_>>());
    assert_eq!(told.gaps, []);
    assert_eq!(world.stored_minutes(), (90..107).collect::<Vec<_>>());
    assert!(world.klines_requests() > before);
    let job = world.control.state().await.unwrap().jobs.remove(0);
    assert_eq!((job.status.reconnects, job.job.crashes), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_rest_the_stream_goes_on_and_the_gap_is_told() {
    let world = World::new(100, 90..95, Rest::Unreachable).await;
    let connection = world
        .subscribe(Since::After(CandleTime::clamped(open_s(94))))
        .await;
    let mut told = Told::default();
    world.advance(102, 2);
    told.until(&connection, |told| told.closed.contains(&101)).await;
    assert_eq!(told.gaps, [(95, 100)]);
    assert_eq!(told.closed, [100, 101]);
    assert_eq!(world.stored_minutes(), [90, 91, 92, 93, 94, 100, 101]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_series_begins_with_the_candles_of_its_file() {
    let world = World::new(100, [], Rest::Unreachable).await;
    let file = CandleFile::of((80..95).map(|minute| candle(open_s(minute))).collect());
    let source = LiveSource {
        coverage: world.bench.coverage(Some(file), None),
        ..world.source.clone()
    };
    let (writer, readers) = (world.bench.writer.clone(), world.bench.readers.clone());
    let (hub, options) = (Arc::clone(&world.bench.hub), world.runner.options.clone());
    let runner = Arc::new(LiveRunner::new(source, writer, readers, hub, options));
    let stop = CancellationToken::new();
    let job = tokio::spawn(runner.run(btc(), stop.clone(), Arc::default()));
    world
        .simulator
        .wait_for(|counters| counters.subscriptions == 1)
        .await;
    assert_eq!(world.stored_minutes(), (80..95).collect::<Vec<_>>());
    stop.cancel();
    job.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_startup_sync_covers_the_newest_candles_once() {
    let world = World::new(100, 95..100, Rest::Works).await;
    let parts = StartupSyncParts {
        coverage: world.bench.coverage(None, Some(world.history.clone())),
        debug: DebugLog::on(),
    };
    let options = StartupSyncOptions {
        series: vec![btc(), btc()],
        target_candles: 30,
        ..StartupSyncOptions::default()
    };
    let report = startup_sync(parts.clone(), options.clone(), CancellationToken::new()).await;
    assert_eq!(report.series.len(), 1);
    let synced = &report.series[0];
    assert_eq!(
        (synced.covered_candles, synced.refreshed, synced.error.as_deref()),
        (30, true, None)
    );
    assert_eq!(synced.after_head_time, Some(CandleTime::clamped(open_s(99))));
    assert!(!synced.lags());
    assert_eq!(world.stored_minutes(), (70..100).collect::<Vec<_>>());

    let requests = world.klines_requests();
    let again = startup_sync(parts.clone(), options.clone(), CancellationToken::new()).await;
    assert_eq!(
        (again.series[0].covered_candles, again.series[0].refreshed),
        (30, false)
    );
    assert_eq!(world.klines_requests(), requests, "nothing is missing");

    let stopped = CancellationToken::new();
    stopped.cancel();
    assert!(startup_sync(parts, options, stopped).await.series.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_series_that_cannot_be_synced_is_reported_and_the_others_go_on() {
    let world = World::new(100, [], Rest::Works).await;
    let parts = StartupSyncParts {
        coverage: world.bench.coverage(None, Some(world.history.clone())),
        debug: DebugLog::on(),
    };
    let unknown: SeriesId = "binance:futures:NOPE/USDT:1m".parse().unwrap();
    let series = vec![unknown, btc()];
    let options = StartupSyncOptions {
        series,
        target_candles: 30,
        concurrency: 1,
    };
    let report = startup_sync(parts, options, CancellationToken::new()).await;
    assert_eq!(report.series[0].covered_candles, 30);
    let error = report.series[1].error.as_deref().unwrap();
    assert!(error.starts_with("rest_backfill_failed:"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_shutdown_stops_jobs_and_drains_the_writer() {
    let world = World::new(100, 90..100, Rest::Works).await;
    let connection = world
        .subscribe(Since::After(CandleTime::clamped(open_s(99))))
        .await;
    world.advance(101, 2);
    Told::default()
        .until(&connection, |told| told.closed.contains(&100))
        .await;
    let parts = ShutdownParts {
        hub: Arc::clone(&world.bench.hub),
        background: TaskTracker::new(),
        background_stop: CancellationToken::new(),
        ingest: world.control.clone(),
        writer: world.bench.writer.clone(),
        readers: world.bench.readers.clone(),
    };
    let stopped = parts.background_stop.clone();
    shut_down(parts).await;
    assert!(stopped.is_cancelled() && !world.bench.hub.is_open());
    assert!(world.control.state().await.is_none());
    assert!(matches!(
        world.bench.readers.read(|_| ()).await,
        Err(ReadPoolError::ShuttingDown)
    ));
    world
        .simulator
        .wait_for(|counters| counters.open_connections == 0)
        .await;
    assert_eq!(world.stored_minutes(), (90..101).collect::<Vec<_>>());
}

mod orders {
    //! Which fills a job asks for, without a session.

    use tc_exchange::{MarketEvent, SessionStatus};
    use tc_ingest::{IngestReport, PublishError};
    use tc_market::{FormingCandle, Gap};

    use super::*;
    use crate::{
        fixture::candle,
        tasks::{history::HistoryError, live::fill::Place},
        threads::SubmitError,
    };

    fn closed(minute: i64) -> MarketEvent {
        MarketEvent::Closed {
            series: btc(),
            candle: candle(open_s(minute)),
        }
    }

    fn forming(minute: i64) -> MarketEvent {
        MarketEvent::Forming {
            series: btc(),
            candle: FormingCandle::new(candle(open_s(minute))),
        }
    }

    fn range(from: i64, to: i64) -> Gap {
        Gap {
            from: CandleTime::clamped(open_s(from)),
            to: CandleTime::clamped(open_s(to)),
        }
    }

    fn order(job: &mut LiveJob<'_>) -> Option<(Vec<Gap>, Place)> {
        job.next_fill(true).map(|order| (order.ranges, order.place))
    }

    fn failed(place: Place, ranges: Vec<Gap>) -> Fill {
        let error = HistoryError::Write(SubmitError::ShuttingDown);
        Fill {
            place,
            inserted: 0,
            head: None,
            failed: Some((ranges, error)),
        }
    }

    #[tokio::test]
    async fn a_jump_is_filled_before_the_candle_and_only_once() {
        let world = World::new(100, [], Rest::Unreachable).await;
        let head = Some(CandleTime::clamped(open_s(10)));
        let mut job = LiveJob::new(&world.runner, btc(), head, Arc::default());
        job.on(closed(11)).unwrap();
        assert_eq!((order(&mut job), job.due()), (None, Some(FlushReason::Timeout)));
        job.on(closed(15)).unwrap();
        assert_eq!(order(&mut job), Some((vec![range(12, 14)], Place::Ahead)));
        job.on(forming(16)).unwrap();
        job.on(closed(16)).unwrap();
        assert_eq!(
            (order(&mut job), job.due()),
            (None, None),
            "closed candles wait for the fill"
        );
        let head = Some(CandleTime::clamped(open_s(14)));
        job.filled(Ok(Fill {
            place: Place::Ahead,
            inserted: 2,
            head,
            failed: None,
        }));
        assert!(job.due().is_some() || job.deadline().is_some());
        assert_eq!(
            order(&mut job),
            None,
            "what the venue does not have is not asked for again"
        );
    }

    #[tokio::test]
    async fn the_first_frame_shows_what_was_missed() {
        let world = World::new(100, [], Rest::Unreachable).await;
        let head = Some(CandleTime::clamped(open_s(10)));
        let mut job = LiveJob::new(&world.runner, btc(), head, Arc::default());
        job.on(forming(13)).unwrap();
        assert_eq!(order(&mut job), Some((vec![range(11, 12)], Place::Ahead)));
        job.on(forming(14)).unwrap();
        assert_eq!(
            order(&mut job),
            None,
            "only the first frame of a connection is compared"
        );
        let mut empty = LiveJob::new(&world.runner, btc(), None, Arc::default());
        empty.on(forming(100)).unwrap();
        assert_eq!(order(&mut empty), Some((vec![range(50, 99)], Place::Ahead)));
    }

    #[tokio::test]
    async fn a_late_candle_is_stored_only_in_an_open_gap() {
        let world = World::new(100, (90..95).chain(97..100), Rest::Unreachable).await;
        let head = Some(CandleTime::clamped(open_s(99)));
        let status = Arc::new(JobStatus::default());
        let mut job = LiveJob::new(&world.runner, btc(), head, Arc::clone(&status));
        for minute in [92, 96] {
            job.on(closed(minute)).unwrap();
        }
        job.store_late().await;
        assert_eq!(
            world.stored_minutes(),
            (90..95).chain(96..100).collect::<Vec<_>>()
        );
        assert_eq!(status.snapshot().dropped_frames, 1);
        assert_eq!(
            (order(&mut job), job.due()),
            (None, None),
            "nothing is missing above the head"
        );
    }

    #[tokio::test]
    async fn a_head_in_the_future_hides_no_hole() {
        let world = World::new(100, [], Rest::Unreachable).await;
        let head = Some(CandleTime::clamped(open_s(200)));
        let mut job = LiveJob::new(&world.runner, btc(), head, Arc::default());
        job.on(forming(100)).unwrap();
        assert_eq!(order(&mut job), None, "nobody knows what came before");
        job.on(closed(100)).unwrap();
        job.on(MarketEvent::Status(SessionStatus::Live)).unwrap();
        job.on(forming(104)).unwrap();
        assert_eq!(order(&mut job), Some((vec![range(101, 103)], Place::Ahead)));
    }

    #[tokio::test]
    async fn after_an_overflow_the_next_frame_shows_what_was_missed() {
        let world = World::new(100, [], Rest::Unreachable).await;
        let head = Some(CandleTime::clamped(open_s(10)));
        let mut job = LiveJob::new(&world.runner, btc(), head, Arc::default());
        job.on(forming(11)).unwrap();
        job.on(MarketEvent::Status(SessionStatus::Missed { closed: 2 }))
            .unwrap();
        job.on(forming(13)).unwrap();
        assert_eq!(order(&mut job), Some((vec![range(11, 12)], Place::Ahead)));
    }

    #[tokio::test]
    async fn a_failed_fill_is_tried_again_behind_the_stream() {
        let world = World::new(100, [], Rest::Unreachable).await;
        let fill_retry = FillRetry {
            initial_ms: 0,
            max_ms: 3_600_000,
        };
        let options = LiveOptions {
            fill_retry,
            ..world.runner.options.clone()
        };
        let runner = LiveRunner {
            options,
            ..copy_of(&world.runner)
        };
        let head = Some(CandleTime::clamped(open_s(10)));
        let mut job = LiveJob::new(&runner, btc(), head, Arc::default());
        job.on(closed(12)).unwrap();
        let (ranges, place) = order(&mut job).unwrap();
        job.filled(Ok(failed(place, ranges)));
        assert!(job.due().is_some(), "the stream goes on");
        assert_eq!(order(&mut job), Some((vec![range(11, 11)], Place::Behind)));
        job.filled(Ok(Fill {
            place: Place::Behind,
            inserted: 1,
            head: None,
            failed: None,
        }));
        assert_eq!(order(&mut job), None);
    }

    #[tokio::test]
    async fn only_the_strict_strategy_ends_with_a_failed_publication() {
        let world = World::new(100, [], Rest::Unreachable).await;
        let report = world
            .bench
            .ingest(&btc(), &[open_s(1)], PublishPolicy::RebuildsOnly)
            .await;
        let report = IngestReport {
            work: Work::default(),
            derived: Vec::new(),
            publish_error: Some(PublishError("nobody".to_owned())),
            ..report
        };
        for (publish, ends) in [
            (PublishStrategy::Unified, false),
            (PublishStrategy::PrimaryFirst, true),
        ] {
            let options = LiveOptions {
                publish,
                ..world.runner.options.clone()
            };
            let runner = LiveRunner {
                options,
                ..copy_of(&world.runner)
            };
            let job = LiveJob::new(&runner, btc(), None, Arc::default());
            assert_eq!(job.published(report.clone()).is_err(), ends);
        }
    }

    fn copy_of(runner: &LiveRunner) -> LiveRunner {
        LiveRunner {
            streams: runner.streams.clone(),
            history: runner.history.clone(),
            coverage: runner.coverage.clone(),
            writer: runner.writer.clone(),
            readers: runner.readers.clone(),
            hub: Arc::clone(&runner.hub),
            options: runner.options.clone(),
        }
    }
}
