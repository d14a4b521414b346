//! Live jobs against an exchange that fails by a script. Minutes are those of the exchange; what is stored at the end is
//! held against its rows.

use tc_exchange::{FleetLimits, SessionTiming};
use tc_exchange_sim::{
    ConnectionFault, ContentFault, FrameFault, FrameKind, LimitFault, MarketFault, RestFault, ScheduledFault,
};
use tc_store::Storage;

use super::*;

const fn ms(minute: i64, second: i64) -> i64 {
    (open_s(minute) + second) * 1_000
}

/// Strikes the final frame of `minute`, which is due when the next one begins.
fn final_of(minute: i64, fault: impl Into<tc_exchange_sim::Fault>) -> ScheduledFault {
    ScheduledFault::between(ms(minute + 1, 0), ms(minute + 1, 0) + 1, fault).on_frames(FrameKind::Closed)
}

/// A world at minute 100 with the ten before stored, its only client, and the script.
async fn struck(faults: Vec<ScheduledFault>) -> (World, Connection) {
    timed(faults, SessionTiming::default()).await
}

async fn timed(faults: Vec<ScheduledFault>, timing: SessionTiming) -> (World, Connection) {
    // Retries are neither counted nor waited for: time is the exchange's.
    let guardrail = GuardrailOptions {
        crash_budget: u32::MAX,
        backoff_initial_ms: 1,
        backoff_max_ms: 1,
        ..GuardrailOptions::default()
    };
    let session = SessionOptions {
        timing,
        guardrail,
        limits: FleetLimits {
            connects_per_minute: 1_000,
            ..FleetLimits::default()
        },
        probe: None,
    };
    let world = World::connecting(100, 90..100, Rest::Works, session).await;
    world.simulator.set_faults(faults).unwrap();
    let connection = world
        .subscribe(Since::After(CandleTime::clamped(open_s(99))))
        .await;
    (world, connection)
}

/// Moves minute by minute, each time until the client knows of an open bucket at that minute.
async fn watch(world: &World, connection: &Connection, told: &mut Told, minutes: std::ops::Range<i64>) {
    for minute in minutes {
        world.advance(minute, 40);
        told.until(connection, |told| told.forming.contains(&minute))
            .await;
    }
}

/// Nothing is missing, wrong or unfinished: every stored candle is the exchange's row.
fn assert_stored_as_rows(world: &World, minutes: std::ops::Range<i64>) {
    let snapshot = world.bench.storage.snapshot().unwrap();
    let key = snapshot.series_key(&btc()).unwrap().unwrap();
    let stored = snapshot
        .candles_between(
            key,
            CandleTime::clamped(open_s(minutes.start)),
            CandleTime::MAX,
            usize::MAX,
        )
        .unwrap();
    let rows: Vec<Candle> = minutes
        .filter_map(|minute| {
            let exchange = world.simulator.exchange();
            exchange.closed(&btc(), CandleTime::clamped(open_s(minute)))
        })
        .collect();
    assert_eq!(stored, rows);
}

async fn dropped_frames(world: &World) -> u64 {
    world.control.state().await.unwrap().jobs[0].status.dropped_frames
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn final_frames_that_are_lost_are_fetched_before_the_next_one() {
    for fault in [
        tc_exchange_sim::Fault::from(FrameFault::Skip),
        ContentFault::Garbled.into(),
        ContentFault::WrongSymbol.into(),
        ContentFault::NotANumber.into(),
        ContentFault::EmptyNumber.into(),
    ] {
        let spoiled = u64::from(matches!(fault, tc_exchange_sim::Fault::Content(_)));
        let (world, connection) = struck(vec![final_of(102, fault.clone())]).await;
        let mut told = Told::default();
        watch(&world, &connection, &mut told, 100..105).await;
        told.until(&connection, |told| told.closed.contains(&103)).await;
        assert_eq!(told.closed, [100, 101, 102, 103], "{fault:?}");
        assert_eq!(told.gaps, [], "{fault:?}");
        assert_eq!(dropped_frames(&world).await, spoiled, "{fault:?}");
        assert_stored_as_rows(&world, 100..104);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn final_frames_that_come_twice_late_or_out_of_order_close_a_minute_once() {
    for (fault, behind) in [
        // A copy that comes before the commit takes the place of the first one.
        (FrameFault::Duplicate { copies: 2 }, 0..=2),
        // After the first frame of the next minute.
        (FrameFault::Reorder, 0..=0),
        (FrameFault::Late { by_ms: 4_000 }, 0..=0),
        // After the next final frame: fetched by then.
        (FrameFault::Late { by_ms: 61_000 }, 0..=1),
    ] {
        let (world, connection) = struck(vec![final_of(101, fault)]).await;
        let mut told = Told::default();
        watch(&world, &connection, &mut told, 100..105).await;
        told.until(&connection, |told| told.closed.contains(&103)).await;
        assert_eq!(told.closed, [100, 101, 102, 103], "{fault:?}");
        assert_eq!(told.gaps, [], "{fault:?}");
        assert!(behind.contains(&dropped_frames(&world).await), "{fault:?}");
        assert_stored_as_rows(&world, 100..104);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_stream_does_not_rewrite_what_is_stored_and_history_does() {
    let corrected = ScheduledFault::between(ms(101, 0), ms(102, 0), MarketFault::Correction);
    let (world, connection) = struck(vec![corrected]).await;
    let mut told = Told::default();
    watch(&world, &connection, &mut told, 100..104).await;
    told.until(&connection, |told| told.closed.contains(&102)).await;
    let time = CandleTime::clamped(open_s(101));
    let right = world.simulator.exchange().closed(&btc(), time).unwrap();
    let said = MarketFault::provisional(&right);
    let stored = |world: &World| {
        let snapshot = world.bench.storage.snapshot().unwrap();
        let key = snapshot.series_key(&btc()).unwrap().unwrap();
        let candle = snapshot.candles_between(key, time, time, 1).unwrap()[0];
        (candle, snapshot.series_state(key).unwrap().epoch)
    };
    assert_eq!(stored(&world), (said, 0));

    let pages = world
        .history
        .fetch_range(&btc(), time, time, time)
        .next_page()
        .await;
    let batch = tc_market::CandleBatch::new(btc(), pages.unwrap().unwrap()).unwrap();
    let job = tc_ingest::Job {
        input: tc_ingest::JobInput::Batch(batch),
        publish: PublishPolicy::Derived,
        late: tc_ingest::LatePolicy::Fold,
        origin: tc_ingest::JobOrigin::Rest,
    };
    world.bench.writer.submit(job).await.unwrap();
    assert_eq!(stored(&world), (right, 1));
    assert_stored_as_rows(&world, 100..103);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn minutes_that_the_exchange_does_not_have_stay_a_gap_and_hold_up_nothing() {
    let outage = ScheduledFault::between(ms(101, 0), ms(103, 0), MarketFault::Outage);
    let (world, connection) = struck(vec![outage]).await;
    let mut told = Told::default();
    watch(&world, &connection, &mut told, 100..101).await;
    world.advance(102, 30);
    watch(&world, &connection, &mut told, 103..106).await;
    told.until(&connection, |told| told.closed.contains(&104)).await;
    assert_eq!(told.closed, [100, 103, 104]);
    assert_eq!(told.gaps, [(101, 103)]);
    assert_stored_as_rows(&world, 100..105);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_after_silence_is_stored_whole_and_in_order() {
    let silence = ScheduledFault::between(ms(100, 30), ms(106, 2), FrameFault::Stall { burst: 2 });
    let (world, connection) = struck(vec![silence]).await;
    let mut told = Told::default();
    world.advance(106, 1);
    watch(&world, &connection, &mut told, 106..108).await;
    told.until(&connection, |told| told.closed.contains(&106)).await;
    assert_eq!(told.closed, (100..107).collect::<Vec<_>>());
    assert_eq!(told.gaps, []);
    assert_eq!(
        world.simulator.counters().connections,
        1,
        "the session had no time to wonder"
    );
    assert_stored_as_rows(&world, 100..107);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn history_in_trouble_delays_a_fill_and_loses_nothing() {
    let lost = final_of(101, FrameFault::Skip);
    for (fault, status) in [
        (RestFault::Failure { status: 503 }, 503),
        (RestFault::Failure { status: 403 }, 403),
        (RestFault::Garbled, 200),
        (RestFault::PartialPage { rows: 1 }, 200),
    ] {
        let trouble = ScheduledFault::between(ms(103, 0), ms(103, 50), fault);
        let (world, connection) = struck(vec![lost.clone(), trouble]).await;
        let mut told = Told::default();
        watch(&world, &connection, &mut told, 100..104).await;
        let answered = |counters: &tc_exchange_sim::Counters| counters.answers.get(&status) >= Some(&1);
        world.simulator.wait_for(answered).await;
        told.until(&connection, |told| told.closed.contains(&102)).await;
        world.advance(103, 55);
        // The next try follows after a pause of real time.
        while world.stored_minutes() != (90..103).collect::<Vec<_>>() {
            tokio::task::yield_now().await;
        }
        assert_stored_as_rows(&world, 100..103);
    }
}

/// A stall is looked into after so much real time.
fn watchful() -> SessionTiming {
    SessionTiming {
        stall_timeout_ms: 250,
        ..SessionTiming::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_acknowledged_route_without_data_is_never_live_and_is_left_again_and_again() {
    let unrouted = ScheduledFault::between(ms(0, 0), ms(110, 0), ConnectionFault::Unrouted);
    let (world, connection) = timed(vec![unrouted], watchful()).await;
    world.advance(105, 5);
    world
        .simulator
        .wait_for(|counters| counters.connections >= 6)
        .await;
    let job = world.control.state().await.unwrap().jobs.remove(0);
    assert!(!job.status.connected && job.status.frames == 0);
    assert!(job.status.reconnects >= 3 && job.job.crashes == 0);
    assert!(!world.control.is_live(&btc()));

    // Once the exchange routes it again the series is whole by itself.
    world.advance(110, 5);
    let before = world.simulator.counters().connections;
    world
        .simulator
        .wait_for(|counters| counters.connections > before && counters.subscriptions == 1)
        .await;
    let mut told = Told::default();
    watch(&world, &connection, &mut told, 111..113).await;
    told.until(&connection, |told| told.closed.contains(&111)).await;
    assert_eq!((told.closed, told.gaps), ((100..112).collect(), vec![]));
    assert_stored_as_rows(&world, 100..112);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_falls_silent_is_replaced_and_nothing_is_missing() {
    let silence = ScheduledFault::between(ms(101, 0), ms(104, 0), FrameFault::Stall { burst: 0 });
    let (world, connection) = timed(vec![silence], watchful()).await;
    let mut told = Told::default();
    watch(&world, &connection, &mut told, 100..101).await;
    world.advance(103, 30);
    world
        .simulator
        .wait_for(|counters| counters.connections >= 2 && counters.subscriptions == 1)
        .await;
    watch(&world, &connection, &mut told, 104..106).await;
    told.until(&connection, |told| told.closed.contains(&104)).await;
    assert_eq!((told.closed, told.gaps), ((100..105).collect(), vec![]));
    let counters = world.simulator.counters();
    assert!(counters.requests["/fapi/v1/klines"] >= 2, "{counters:?}");
    assert_stored_as_rows(&world, 100..105);
}

/// Connections are replaced all the time, and the exchange ends them after a second on top of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn planned_replacements_and_short_lives_cost_no_minute() {
    let short = ScheduledFault::at(ms(0, 0), LimitFault::Lifetime { seconds: 1 });
    let rotating = SessionTiming {
        rotate_after_ms: 60,
        ..SessionTiming::default()
    };
    let (world, connection) = timed(vec![short], rotating).await;
    let mut told = Told::default();
    let mut minute = 100;
    while world.simulator.counters().connections < 12 {
        world.advance(minute, 59);
        let before = world.simulator.counters().connections;
        world
            .simulator
            .wait_for(|counters| counters.connections > before)
            .await;
        minute += 1;
    }
    let last = minute + 3;
    // A connection that opened a moment ago has nothing to say before the clock moves again.
    for second in 0..60 {
        world.advance(last, second);
        let seen = tokio::time::timeout(
            Duration::from_millis(200),
            told.until(&connection, |told| told.closed.contains(&(last - 1))),
        );
        if seen.await.is_ok() {
            break;
        }
    }
    assert_eq!((told.closed, told.gaps), ((100..last).collect(), vec![]));
    assert!(world.simulator.counters().most_open_connections <= 2);
    assert_stored_as_rows(&world, 100..last);
}

/// One minute in ten breaks the connection somewhere, often inside a frame. The client sees every minute once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_drops_cost_nothing() {
    // Any fixed mixture does; this one has no period.
    let dice = |minute: i64| (minute * minute * 7_919) % 1_009;
    let broken = |minute: i64| minute > 100 && minute < 340 && dice(minute) < 101;
    let cut = |minute: i64| {
        let at_ms = ms(minute, 1 + dice(minute) % 58);
        let bytes = u64::try_from(dice(minute) * 13).unwrap();
        ScheduledFault::between(at_ms, at_ms + 1, ConnectionFault::DropAfterBytes { bytes })
    };
    let faults: Vec<_> = (100..345).filter(|minute| broken(*minute)).map(cut).collect();
    let breaks = u64::try_from(faults.len()).unwrap();
    assert!((15..40).contains(&breaks), "{breaks}");
    let (world, connection) = struck(faults).await;
    let mut told = Told::default();
    for minute in 100..346 {
        let before = world.simulator.counters().connections;
        world.advance(minute, 59);
        if broken(minute) {
            let back = |counters: &tc_exchange_sim::Counters| {
                counters.connections > before && counters.subscriptions == 1
            };
            world.simulator.wait_for(back).await;
        } else {
            told.until(&connection, |told| told.forming.contains(&minute))
                .await;
        }
    }
    watch(&world, &connection, &mut told, 346..347).await;
    told.until(&connection, |told| told.closed.contains(&345)).await;
    assert_eq!(told.closed, (100..346).collect::<Vec<_>>());
    assert_eq!(told.gaps, []);
    assert_eq!(world.simulator.counters().connections, 1 + breaks);
    assert_stored_as_rows(&world, 100..346);
}
