//! The hub with its connections, over a real store.

use std::{future::Future, pin::Pin, time::Duration};

use serde_json::{Value, json};
use tc_exchange::GuardrailOptions;
use tc_ingest::{PublishPolicy, SupervisorOptions};
use tc_market::{Candle, CandleTime};
use tokio::sync::mpsc;

use super::*;
use crate::{
    fixture::{Bench, CandleFile, candle, series},
    tasks::{
        Background, GapHealOptions, GapHealer, IngestControl, JobRunner, JobStatus, LiveError,
        waiting_control,
    },
    ws::messages::{Since, Subscribe},
};

fn subscribe(since: Since) -> Subscribe {
    Subscribe {
        series: series(),
        since,
        supports_batch: false,
        supports_draw_head: false,
    }
}

const fn after(seconds: i64) -> Since {
    Since::After(CandleTime::clamped(seconds))
}

fn idle() -> IngestControl {
    crate::tasks::idle_control()
}

fn connect(bench: &Bench) -> Connection {
    Connection::open(bench.parts(&idle())).unwrap()
}

/// The next frame in short: kind, then its times.
async fn told(connection: &Connection) -> String {
    let entry = tokio::time::timeout(Duration::from_secs(10), connection.outbound().next())
        .await
        .unwrap();
    let Entry { gap, body } = entry.expect("open");
    let mut told = String::new();
    for frame in gap.into_iter().chain([body]) {
        if !told.is_empty() {
            told.push_str(", ");
        }
        told.push_str(&short(&serde_json::from_str(&frame).unwrap()));
    }
    told
}

fn short(frame: &Value) -> String {
    let times = |candles: &Value| {
        let list = candles
            .as_array()
            .unwrap()
            .iter()
            .map(|candle| candle["candle_time"].to_string());
        list.collect::<Vec<_>>().join(" ")
    };
    match frame["type"].as_str().unwrap() {
        "candle_closed" => format!("closed {}", frame["candle"]["candle_time"]),
        "candle_forming" => format!("forming {}", frame["candle"]["candle_time"]),
        "candles_batch" => format!("batch {}", times(&frame["candles"])),
        "gap" => format!("gap {} {}", frame["expected_next_time"], frame["actual_time"]),
        "draw_head" => format!("head {} {}", frame["to_candle_time"], frame["epoch"]),
        "system" => frame["event"].as_str().unwrap().to_owned(),
        other => format!("{other} {} {}", frame["code"], frame["message"]),
    }
}

/// Nothing waits for the client, and no catch-up is on its way.
async fn settled(bench: &Bench, connection: &Connection) {
    // A read answered after the subscribe comes behind the reads of its catch-up only on one thread; the catch-up
    // is over when the hub has no more tasks.
    while !bench.hub.tasks().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(connection.outbound().try_next(), Ok(None));
}

#[tokio::test]
async fn catch_up_then_live() {
    let bench = Bench::new(HubOptions::default());
    bench
        .ingest(&series(), &[100, 160, 220], PublishPolicy::RebuildsOnly)
        .await;
    let mut connection = connect(&bench);
    connection.subscribe(subscribe(Since::Beginning)).await.unwrap();
    for expected in ["closed 100", "closed 160", "closed 220"] {
        assert_eq!(told(&connection).await, expected);
    }
    bench.ingest(&series(), &[280], PublishPolicy::Everything).await;
    assert_eq!(told(&connection).await, "closed 280");
    settled(&bench, &connection).await;
}

#[tokio::test]
async fn batch_client_with_draw_heads() {
    let bench = Bench::new(HubOptions::default());
    bench
        .ingest(&series(), &[100, 160, 220], PublishPolicy::RebuildsOnly)
        .await;
    let mut connection = connect(&bench);
    let wanted = Subscribe {
        supports_batch: true,
        supports_draw_head: true,
        ..subscribe(after(100))
    };
    connection.subscribe(wanted).await.unwrap();
    assert_eq!(told(&connection).await, "batch 160 220");
    assert_eq!(told(&connection).await, "head 220 0");
    bench.ingest(&series(), &[280], PublishPolicy::Everything).await;
    assert_eq!(told(&connection).await, "closed 280");
    assert_eq!(told(&connection).await, "head 280 0");
}

#[tokio::test]
async fn a_late_candle_is_announced_as_a_rebuild() {
    let bench = Bench::new(HubOptions::default());
    bench.ingest(&series(), &[100], PublishPolicy::Everything).await;
    let mut connection = connect(&bench);
    connection
        .subscribe(Subscribe {
            supports_draw_head: true,
            ..subscribe(after(100))
        })
        .await
        .unwrap();
    assert_eq!(told(&connection).await, "head 100 0");
    bench.ingest(&series(), &[220], PublishPolicy::Everything).await;
    assert_eq!(told(&connection).await, "gap 160 220, closed 220");
    assert_eq!(told(&connection).await, "head 220 0");
    bench.ingest(&series(), &[160], PublishPolicy::Everything).await;
    assert_eq!(told(&connection).await, "factor.rebuild");
    assert_eq!(told(&connection).await, "head 220 1");
    settled(&bench, &connection).await;
}

/// A connection whose holes are healed from a file with these candles.
fn connect_with_file(bench: &Bench, in_file: &[i64]) -> (Connection, Arc<CandleFile>) {
    let file = CandleFile::of(in_file.iter().copied().map(candle).collect());
    let coverage = bench.coverage(Some(file.clone()), None);
    let healer = GapHealer::new(coverage, GapHealOptions::default(), Background::default());
    let parts = ConnectionParts {
        healer: Some(healer),
        ..bench.parts(&idle())
    };
    (Connection::open(parts).unwrap(), file)
}

#[tokio::test]
async fn a_hole_before_the_catch_up_is_healed() {
    let bench = Bench::new(HubOptions::default());
    bench
        .ingest(&series(), &[100, 220], PublishPolicy::RebuildsOnly)
        .await;
    let (mut connection, file) = connect_with_file(&bench, &[100, 160]);
    let wanted = Subscribe {
        supports_batch: true,
        ..subscribe(after(100))
    };
    connection.subscribe(wanted).await.unwrap();
    assert_eq!(told(&connection).await, "batch 160 220");
    assert_eq!(told(&connection).await, "factor.rebuild", "160 was late");
    assert_eq!(file.reads(), 1);
    settled(&bench, &connection).await;
}

#[tokio::test]
async fn a_hole_before_a_live_candle_is_healed() {
    let bench = Bench::new(HubOptions::default());
    bench.ingest(&series(), &[100], PublishPolicy::RebuildsOnly).await;
    let (mut connection, file) = connect_with_file(&bench, &[100, 160, 220]);
    connection.subscribe(subscribe(after(100))).await.unwrap();
    settled(&bench, &connection).await;
    bench.ingest(&series(), &[280], PublishPolicy::Everything).await;
    for expected in ["closed 160", "closed 220", "closed 280", "factor.rebuild"] {
        assert_eq!(told(&connection).await, expected);
    }
    bench.ingest(&series(), &[340], PublishPolicy::Everything).await;
    assert_eq!(told(&connection).await, "closed 340");
    assert_eq!(file.reads(), 1);
    settled(&bench, &connection).await;
}

#[tokio::test]
async fn a_silent_write_is_delivered_from_the_store() {
    let bench = Bench::new(HubOptions::default());
    bench.ingest(&series(), &[100], PublishPolicy::RebuildsOnly).await;
    let (mut connection, file) = connect_with_file(&bench, &[]);
    connection.subscribe(subscribe(after(100))).await.unwrap();
    settled(&bench, &connection).await;
    bench
        .ingest(&series(), &[160, 220], PublishPolicy::RebuildsOnly)
        .await;
    bench.ingest(&series(), &[280], PublishPolicy::Everything).await;
    for expected in ["closed 160", "closed 220", "closed 280"] {
        assert_eq!(told(&connection).await, expected);
    }
    assert_eq!(file.reads(), 0);
}

#[tokio::test]
async fn a_hole_that_nobody_can_fill_is_told_of() {
    let bench = Bench::new(HubOptions::default());
    bench.ingest(&series(), &[100], PublishPolicy::RebuildsOnly).await;
    let (mut connection, _file) = connect_with_file(&bench, &[220]);
    connection.subscribe(subscribe(after(100))).await.unwrap();
    settled(&bench, &connection).await;
    bench.ingest(&series(), &[280], PublishPolicy::Everything).await;
    assert_eq!(told(&connection).await, "gap 160 220, closed 220");
    assert_eq!(told(&connection).await, "closed 280");
}

#[tokio::test]
async fn an_empty_series_begins_with_the_candles_of_its_file() {
    let bench = Bench::new(HubOptions::default());
    let file = CandleFile::of([60, 120, 180].map(candle).to_vec());
    let parts = ConnectionParts {
        coverage: bench.coverage(Some(file), None),
        ..bench.parts(&idle())
    };
    let mut connection = Connection::open(parts).unwrap();
    let wanted = Subscribe {
        supports_batch: true,
        ..subscribe(Since::Newest)
    };
    connection.subscribe(wanted).await.unwrap();
    assert_eq!(told(&connection).await, "batch 60 120 180");
}

#[tokio::test]
async fn pages_until_the_head_even_through_a_small_queue() {
    let options = HubOptions {
        catchup_limit: 7,
        queue_frames: 8,
        ..HubOptions::default()
    };
    let bench = Bench::new(options);
    let stored: Vec<i64> = (1..=100).map(|minute| minute * 60).collect();
    bench
        .ingest(&series(), &stored, PublishPolicy::RebuildsOnly)
        .await;
    let mut connection = connect(&bench);
    connection.subscribe(subscribe(after(60))).await.unwrap();
    // Published while the catch-up is far from its end.
    bench.ingest(&series(), &[6_060], PublishPolicy::Everything).await;
    for minute in 2..=101 {
        assert_eq!(told(&connection).await, format!("closed {}", minute * 60));
    }
    let mut newest = connect(&bench);
    newest.subscribe(subscribe(Since::Newest)).await.unwrap();
    for minute in 95..=101 {
        assert_eq!(told(&newest).await, format!("closed {}", minute * 60));
    }
    settled(&bench, &newest).await;
}

#[tokio::test]
async fn the_ahead_filter_and_its_clamp() {
    let bench = Bench::new(HubOptions::default());
    bench.clock.set_s(7_201);
    let hourly: SeriesId = "binance:futures:GLD/USDT:1h".parse().unwrap();
    bench
        .ingest(&hourly, &[3_600, 7_200], PublishPolicy::RebuildsOnly)
        .await;
    let mut connection = connect(&bench);
    let wanted = |since| Subscribe {
        series: hourly.clone(),
        ..subscribe(since)
    };
    connection.subscribe(wanted(Since::Newest)).await.unwrap();
    assert_eq!(told(&connection).await, "closed 3600");
    settled(&bench, &connection).await;
    connection.subscribe(wanted(after(7_200))).await.unwrap();
    settled(&bench, &connection).await;
    bench.ingest(&hourly, &[7_200], PublishPolicy::Everything).await;
    assert_eq!(
        told(&connection).await,
        "closed 7200",
        "a cursor ahead does not hide the bucket's own candle"
    );
}

#[tokio::test]
async fn a_subscription_is_replaced_ended_and_limited() {
    let bench = Bench::new(HubOptions {
        max_subscriptions: 1,
        ..HubOptions::default()
    });
    bench
        .ingest(&series(), &[60, 120], PublishPolicy::RebuildsOnly)
        .await;
    let mut connection = connect(&bench);
    connection.subscribe(subscribe(after(60))).await.unwrap();
    assert_eq!(told(&connection).await, "closed 120");
    connection.subscribe(subscribe(Since::Beginning)).await.unwrap();
    assert_eq!(
        told(&connection).await,
        "closed 60",
        "an older cursor delivers again"
    );
    assert_eq!(told(&connection).await, "closed 120");
    settled(&bench, &connection).await;
    assert_eq!(bench.hub.subscriptions(&series()), 1);

    let other: SeriesId = "binance:futures:BTC/USDT:1m".parse().unwrap();
    let refused = connection
        .subscribe(Subscribe {
            series: other.clone(),
            ..subscribe(Since::Newest)
        })
        .await;
    assert_eq!(refused, Err(SubscribeRefusal::SubscriptionLimit));
    assert_eq!(
        serde_json::to_value(SubscribeRefusal::SubscriptionLimit.to_message(&other)).unwrap(),
        json!({"type": "error", "code": "capacity", "message": "subscription_limit", "series_id": other.as_str()})
    );

    connection.unsubscribe(&series());
    connection.unsubscribe(&series());
    bench.ingest(&series(), &[180], PublishPolicy::Everything).await;
    settled(&bench, &connection).await;
    connection.subscribe(subscribe(after(180))).await.unwrap();
    assert_eq!(
        (bench.hub.subscriptions(&series()), bench.hub.connections()),
        (1, 1)
    );
    drop(connection);
    assert_eq!(
        (bench.hub.subscriptions(&series()), bench.hub.connections()),
        (0, 0)
    );
}

#[tokio::test]
async fn subscriptions_hold_jobs_and_are_refused_without_a_slot() {
    let bench = Bench::new(HubOptions::default());
    let options = SupervisorOptions {
        ondemand_ingest: true,
        ondemand_max_jobs: 1,
        ..SupervisorOptions::default()
    };
    let control = waiting_control(options);
    let mut connection = Connection::open(bench.parts(&control)).unwrap();
    let wanted = |id: &str| Subscribe {
        series: id.parse().unwrap(),
        ..subscribe(Since::Newest)
    };
    let references = async || {
        control
            .state()
            .await
            .unwrap()
            .jobs
            .iter()
            .map(|job| job.job.references)
            .collect::<Vec<_>>()
    };

    assert_eq!(connection.subscribe(subscribe(Since::Newest)).await, Ok(()));
    assert_eq!(connection.subscribe(subscribe(Since::Beginning)).await, Ok(()));
    assert_eq!(references().await, [Some(1)], "a repeat is not counted twice");
    let refused = connection.subscribe(wanted("binance:spot:BTC/USDT:1m")).await;
    assert_eq!(refused, Err(SubscribeRefusal::Capacity));
    let refused = connection.subscribe(wanted("kraken:spot:BTC/USDT:1m")).await;
    assert_eq!(refused, Err(SubscribeRefusal::UnsupportedExchange));
    assert_eq!(connection.subscriptions(), 1, "the first goes on");

    let foreign: SeriesId = "kraken:spot:BTC/USDT:1m".parse().unwrap();
    bench.ingest(&foreign, &[60], PublishPolicy::RebuildsOnly).await;
    assert_eq!(connection.subscribe(wanted(foreign.as_str())).await, Ok(()));
    assert_eq!(
        told(&connection).await,
        "closed 60",
        "what is stored is served without a live source"
    );

    let mut other = Connection::open(bench.parts(&control)).unwrap();
    other.subscribe(subscribe(Since::Newest)).await.unwrap();
    assert_eq!(references().await, [Some(2)]);
    connection.unsubscribe(&series());
    assert_eq!(references().await, [Some(1)]);
    drop((connection, other));
    assert_eq!(references().await, [Some(0)]);
}

/// Jobs that tell how many subscriptions there are when they start.
struct Watching {
    hub: Arc<Hub>,
    seen: mpsc::UnboundedSender<usize>,
}

impl JobRunner for Watching {
    fn serves(&self, _series: &SeriesId) -> bool {
        true
    }

    fn run(
        self: Arc<Self>,
        series: SeriesId,
        stop: CancellationToken,
        _status: Arc<JobStatus>,
    ) -> Pin<Box<dyn Future<Output = Result<(), LiveError>> + Send>> {
        let _told = self.seen.send(self.hub.subscriptions(&series));
        Box::pin(async move {
            stop.cancelled().await;
            Ok(())
        })
    }
}

#[tokio::test]
async fn a_subscription_listens_before_its_job_starts() {
    let bench = Bench::new(HubOptions::default());
    let (seen, mut counts) = mpsc::unbounded_channel();
    let runner = Arc::new(Watching {
        hub: Arc::clone(&bench.hub),
        seen,
    });
    let options = SupervisorOptions {
        ondemand_ingest: true,
        ..SupervisorOptions::default()
    };
    let control = IngestControl::spawn(options, GuardrailOptions::default(), runner);
    let mut connection = Connection::open(bench.parts(&control)).unwrap();
    connection.subscribe(subscribe(Since::Newest)).await.unwrap();
    assert_eq!(counts.recv().await, Some(1));
}

#[tokio::test]
async fn connections_are_limited_and_end_with_the_hub() {
    let bench = Bench::new(HubOptions {
        max_connections: 1,
        ..HubOptions::default()
    });
    let parts = bench.parts(&idle());
    let connection = Connection::open(parts.clone()).unwrap();
    assert!(Connection::open(parts.clone()).is_none());
    drop(connection);
    assert!(Connection::open(parts.clone()).is_some());
    bench.hub.shut_down().await;
    assert!(Connection::open(parts).is_none());
}

#[tokio::test]
async fn forming_frames_are_shown_and_not_replayed() {
    let bench = Bench::new(HubOptions::default());
    bench.ingest(&series(), &[60], PublishPolicy::RebuildsOnly).await;
    let mut early = connect(&bench);
    early.subscribe(subscribe(after(60))).await.unwrap();
    settled(&bench, &early).await;
    for seconds in [60, 120, 120] {
        bench
            .hub
            .publish_forming(&series(), FormingCandle::new(candle(seconds)));
    }
    assert_eq!(told(&early).await, "forming 120");
    settled(&bench, &early).await;
    let mut late = connect(&bench);
    late.subscribe(subscribe(after(60))).await.unwrap();
    settled(&bench, &late).await;
}

#[tokio::test]
async fn a_failing_store_closes_the_connection_that_catches_up() {
    let bench = Bench::new(HubOptions::default());
    let mut connection = connect(&bench);
    bench.readers.drain().await;
    connection.subscribe(subscribe(Since::Newest)).await.unwrap();
    assert_eq!(connection.outbound().closed().await, CloseReason::Internal);
}

/// Every one of a thousand gets every closed candle in one shared buffer, within the time of a few lock operations
/// each; the one that never reads is closed and delays nobody.
#[tokio::test]
async fn a_thousand_subscribers_of_which_one_never_reads() {
    const CANDLES: i64 = 40;
    let bench = Bench::new(HubOptions {
        queue_frames: 16,
        ..HubOptions::default()
    });
    let mut connections = Vec::new();
    for _ in 0..1_000 {
        let mut connection = connect(&bench);
        connection.subscribe(subscribe(Since::Newest)).await.unwrap();
        connections.push(connection);
    }
    while !bench.hub.tasks().is_empty() {
        tokio::task::yield_now().await;
    }
    let stalled = connections.pop().unwrap();
    for minute in 1..=CANDLES {
        let candles: Vec<Candle> = vec![candle(minute * 60)];
        bench
            .hub
            .publish(&Publication::Candles {
                series: series(),
                candles,
            })
            .unwrap();
        let frames: Vec<_> = connections
            .iter()
            .map(|connection| connection.outbound().try_next().unwrap().unwrap().body)
            .collect();
        assert_eq!(
            short(&serde_json::from_str(&frames[0]).unwrap()),
            format!("closed {}", minute * 60)
        );
        assert!(
            frames.iter().all(|frame| frame.as_ptr() == frames[0].as_ptr()),
            "encoded once"
        );
    }
    assert_eq!(stalled.outbound().closed().await, CloseReason::SlowConsumer);
    assert_eq!(CloseReason::SlowConsumer.code(), Some((1013, "slow_consumer")));
    assert!(
        connections
            .iter()
            .all(|connection| connection.outbound().reason().is_none())
    );
}
