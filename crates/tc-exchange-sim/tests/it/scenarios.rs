//! Sessions and history clients against an exchange that fails by a script.

use std::{collections::BTreeMap, time::Duration};

use tc_exchange::{
    BadFrame, DisconnectReason, HistoryClient, HistoryOptions, MarketEvent, SessionOptions, SessionStatus,
    SessionTiming, VenueError,
};
use tc_exchange_sim::{
    ConnectionFault, ContentFault, FrameFault, FrameKind, RestFault, ScheduledFault, SimConfig, Simulator,
};
use tc_market::{Candle, CandleError, CandleTime};

use crate::{
    START_S,
    adapter::{Live, options, played},
    advance_to, config, install_crypto, series, venue_at,
};

const FUTURES: &str = "binance:futures:BTC/USDT:1m";
const SPOT: &str = "binance:spot:BTC/USDT:1m";

const fn ms(seconds: i64) -> i64 {
    (START_S + seconds) * 1_000
}

async fn struck(faults: Vec<ScheduledFault>) -> Simulator {
    Simulator::start(SimConfig {
        faults: faults.into(),
        ..config()
    })
    .await
    .unwrap()
}

fn history(simulator: &Simulator, options: HistoryOptions) -> HistoryClient {
    install_crypto();
    HistoryClient::new(venue_at(simulator), options).unwrap()
}

/// Asks the exchange when a connection is silent for so many real milliseconds.
fn watchful(simulator: &Simulator, stall_timeout_ms: u64) -> SessionOptions {
    SessionOptions {
        timing: SessionTiming {
            stall_timeout_ms,
            ..SessionTiming::default()
        },
        probe: Some(history(simulator, HistoryOptions::default())),
        ..options()
    }
}

async fn ended(live: &mut Live) -> DisconnectReason {
    loop {
        if let SessionStatus::Disconnected { reason, .. } = live.status().await {
            return reason;
        }
    }
}

#[tokio::test]
async fn an_open_connection_that_falls_silent_is_found_out_and_replaced() {
    let stall = ScheduledFault::between(ms(60), ms(180), FrameFault::Stall { burst: 0 });
    let simulator = struck(vec![stall]).await;
    let mut live = Live::of(&simulator, FUTURES, watchful(&simulator, 300));
    live.connected().await;
    advance_to(&simulator, START_S + 59);
    live.expect(SessionStatus::Live).await;
    advance_to(&simulator, START_S + 170);
    assert_eq!(ended(&mut live).await, DisconnectReason::Stall);
    let counters = simulator.wait_for(|counters| counters.connections >= 2).await;
    assert_eq!(counters.pongs_missed, 0);
    assert!(
        counters.requests["/fapi/v1/klines"] >= 1,
        "it asked before it judged"
    );
    live.stop().await;
}

#[tokio::test]
async fn spoiled_frames_are_told_by_reason_and_the_rest_goes_on() {
    let spoil = |minute: i64, fault: ContentFault| {
        ScheduledFault::between(ms(minute * 60), ms(minute * 60) + 1, fault).on_frames(FrameKind::Closed)
    };
    let simulator = struck(vec![
        spoil(1, ContentFault::Garbled),
        spoil(2, ContentFault::WrongSymbol),
        spoil(3, ContentFault::NotANumber),
        spoil(4, ContentFault::EmptyNumber),
    ])
    .await;
    let mut live = Live::of(&simulator, FUTURES, options());
    live.connected().await;
    advance_to(&simulator, START_S + 300);
    let (mut bad, mut closed) = (Vec::new(), Vec::new());
    while closed.is_empty() {
        match live.next().await {
            MarketEvent::Status(SessionStatus::BadFrame(reason)) => bad.push(reason),
            MarketEvent::Closed { candle, .. } => closed.push(candle),
            _ => {}
        }
    }
    assert_eq!(
        bad,
        [
            BadFrame::NotJson,
            BadFrame::WrongSeries,
            BadFrame::Rule(CandleError::NotFinite("close")),
            BadFrame::Number("c"),
        ]
    );
    assert_eq!(closed, played(5)[4..]);
    live.stop().await;
}

#[tokio::test]
async fn a_connection_that_breaks_inside_a_frame_gives_no_half_candle() {
    let cut = ScheduledFault::at(ms(60) - 1, ConnectionFault::DropAfterBytes { bytes: 150 });
    let simulator = struck(vec![cut]).await;
    let mut live = Live::of(&simulator, FUTURES, options());
    live.connected().await;
    advance_to(&simulator, START_S + 60);
    let mut closed = 0;
    loop {
        match live.next().await {
            MarketEvent::Closed { .. } => closed += 1,
            MarketEvent::Status(SessionStatus::BadFrame(reason)) => panic!("{reason}"),
            MarketEvent::Status(SessionStatus::Disconnected { reason, .. }) => {
                assert_eq!((reason, closed), (DisconnectReason::Lost, 0));
                break;
            }
            _ => {}
        }
    }
    live.stop().await;
}

#[tokio::test]
async fn refused_and_abandoned_attempts_are_failures_and_are_tried_again() {
    for (fault, reason) in [
        (ConnectionFault::Refuse, DisconnectReason::Connect),
        (ConnectionFault::AcceptThenClose, DisconnectReason::Lost),
    ] {
        let simulator = struck(vec![ScheduledFault::between(ms(0), ms(1), fault)]).await;
        let mut live = Live::of(&simulator, SPOT, options());
        for failures in 1..=3 {
            assert_eq!(ended(&mut live).await, reason);
            let SessionStatus::Waiting { guardrail, .. } = live.status().await else {
                panic!()
            };
            assert_eq!(guardrail.consecutive_failures, failures);
        }
        advance_to(&simulator, START_S + 2);
        while live.status().await != SessionStatus::Connected {}
        live.stop().await;
    }
}

/// What a session brought.
#[derive(Default)]
struct Brought {
    closed: Vec<Candle>,
    ends: BTreeMap<&'static str, u64>,
    /// Open time of the newest open bucket, Unix seconds.
    forming_s: i64,
}

impl Brought {
    fn take(&mut self, event: MarketEvent) {
        match event {
            MarketEvent::Forming { candle, .. } => self.forming_s = candle.time().seconds(),
            MarketEvent::Closed { candle, .. } => self.closed.push(candle),
            MarketEvent::Status(SessionStatus::Disconnected { reason, .. }) => {
                *self.ends.entry(reason.name()).or_default() += 1;
            }
            MarketEvent::Status(_) => {}
        }
    }
}

/// The session replaces its connection again and again: no minute is lost or comes twice, and no more than two sockets
/// are ever open.
#[tokio::test]
async fn planned_replacements_lose_and_repeat_nothing() {
    let simulator = struck(Vec::new()).await;
    let rotating = SessionOptions {
        timing: SessionTiming {
            rotate_after_ms: 40,
            ..SessionTiming::default()
        },
        ..options()
    };
    let mut live = Live::of(&simulator, FUTURES, rotating);
    live.connected().await;
    let mut brought = Brought::default();
    let mut second = START_S;
    while brought.ends.get("rotation") < Some(&5) || brought.closed.len() < 8 {
        second += 15;
        advance_to(&simulator, second);
        while brought.forming_s + 60 <= second {
            brought.take(live.next().await);
        }
        // A replacement is open before the next frames.
        let mut replaced = std::pin::pin!(simulator.wait_for(|counters| counters.open_connections == 2));
        loop {
            tokio::select! {
                event = live.next() => brought.take(event),
                _ = &mut replaced => break,
            }
        }
    }
    let times: Vec<CandleTime> = brought.closed.iter().map(Candle::time).collect();
    assert!(times.is_sorted_by(|a, b| a < b), "{times:?}");
    assert_eq!(brought.closed, played(times.len()));
    assert_eq!(brought.ends.keys().copied().collect::<Vec<_>>(), ["rotation"]);
    assert_eq!(simulator.counters().most_open_connections, 2);
    live.stop().await;
}

#[tokio::test]
async fn who_is_told_to_wait_waits() {
    let limited = ScheduledFault::at(ms(0), RestFault::Limited { retry_after_s: 1 });
    let simulator = struck(vec![limited]).await;
    let client = history(&simulator, HistoryOptions::default());
    let latest = CandleTime::clamped(START_S - 60);
    let mut pages = client.fetch_range(&series(SPOT), latest, latest, latest);
    let asked = tokio::spawn(async move { pages.next_page().await });
    simulator
        .wait_for(|counters| counters.answers.get(&429) == Some(&1))
        .await;
    advance_to(&simulator, START_S + 1);
    assert_eq!(asked.await.unwrap().unwrap().map(|page| page.len()), Some(1));
    assert_eq!(
        simulator.counters().answers,
        [(200, 1), (429, 1)].into(),
        "never banned"
    );
}

#[tokio::test]
async fn short_broken_and_failing_pages_end_in_whole_history() {
    let simulator = struck(vec![
        ScheduledFault::at(ms(0), RestFault::PartialPage { rows: 7 }),
        ScheduledFault::between(ms(0), ms(1), RestFault::Failure { status: 503 })
            .on_stream("btcusdt@kline_5m"),
    ])
    .await;
    let quick = HistoryOptions {
        backoff_ms: 1,
        attempts: 2,
        ..HistoryOptions::default()
    };
    let client = history(&simulator, quick);
    let latest = CandleTime::clamped(START_S - 60);
    let mut pages = client.fetch_range(&series(SPOT), latest.shifted(-29 * 60), latest, latest);
    let mut candles = Vec::new();
    while let Some(page) = pages.next_page().await.unwrap() {
        assert!(page.len() <= 7);
        candles.extend(page);
    }
    assert_eq!(candles, crate::candles()[2_470..2_500]);
    let five = series("binance:spot:BTC/USDT:5m");
    let mut pages = client.fetch_range(&five, latest.shifted(-3_000), latest, latest);
    let error = pages.next_page().await.unwrap_err();
    assert!(
        matches!(error, VenueError::Unavailable { status: 503, .. }),
        "{error}"
    );
    advance_to(&simulator, START_S + 1);
    assert!(
        pages.next_page().await.unwrap().is_some(),
        "the same page may be asked for again"
    );

    let once = HistoryOptions { attempts: 1, ..quick };
    let client = history(&simulator, once);
    let broken = ScheduledFault::at(ms(0), RestFault::Garbled);
    simulator.set_faults(vec![broken]).unwrap();
    let answer = client
        .fetch_range(&five, latest.shifted(-3_000), latest, latest)
        .next_page()
        .await;
    assert!(matches!(answer, Err(VenueError::Json(_))), "{answer:?}");
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_given_up() {
    let slow = ScheduledFault::at(ms(0), RestFault::Slow { by_ms: 3_600_000 });
    let simulator = struck(vec![slow]).await;
    let impatient = HistoryOptions {
        timeout_ms: 1_000,
        attempts: 1,
        ..HistoryOptions::default()
    };
    let client = history(&simulator, impatient);
    let latest = CandleTime::clamped(START_S - 60);
    let mut pages = client.fetch_range(&series(SPOT), latest, latest, latest);
    let answer = tokio::time::timeout(Duration::from_secs(30), pages.next_page())
        .await
        .unwrap();
    assert!(
        matches!(answer, Err(VenueError::Timeout { timeout_ms: 1_000 })),
        "{answer:?}"
    );
}
