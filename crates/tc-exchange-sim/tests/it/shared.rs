//! Several series on one connection, against the simulator.

use tc_exchange::{
    FleetLimits, GuardrailOptions, LiveStream, LiveStreams, MarketEvent, SessionOptions, SessionStatus,
    SessionTiming,
};
use tc_exchange_sim::Simulator;

use crate::{START_S, advance_to, series, start, venue_at};

const ONE: &str = "binance:futures:BTC/USDT:1m";
const THREE: &str = "binance:futures:BTC/USDT:3m";
const FIVE: &str = "binance:futures:BTC/USDT:5m";

fn streams(simulator: &Simulator, limits: FleetLimits, timing: SessionTiming) -> LiveStreams {
    let options = SessionOptions {
        timing,
        limits,
        guardrail: GuardrailOptions {
            backoff_initial_ms: 1,
            ..GuardrailOptions::default()
        },
        probe: None,
    };
    LiveStreams::spawn(venue_at(simulator), &options)
}

fn plain(simulator: &Simulator) -> LiveStreams {
    streams(simulator, FleetLimits::default(), SessionTiming::default())
}

/// The next closed candle, whatever comes before it.
async fn closed(stream: &mut LiveStream) -> i64 {
    loop {
        if let MarketEvent::Closed { candle, .. } = stream.next().await.unwrap() {
            return candle.time().seconds();
        }
    }
}

async fn until_status(stream: &mut LiveStream, wanted: impl Fn(&SessionStatus) -> bool) {
    loop {
        if let MarketEvent::Status(status) = stream.next().await.unwrap()
            && wanted(&status)
        {
            return;
        }
    }
}

async fn subscriptions(simulator: &Simulator, count: u64) {
    simulator
        .wait_for(|counters| counters.subscriptions == count)
        .await;
}

#[tokio::test]
async fn series_of_a_market_share_a_connection_and_come_and_go_on_it() {
    let simulator = start().await;
    let streams = plain(&simulator);
    let mut one = streams.follow(&series(ONE)).unwrap();
    let three = streams.follow(&series(THREE)).unwrap();
    subscriptions(&simulator, 2).await;
    advance_to(&simulator, START_S + 60);
    assert_eq!(closed(&mut one).await, START_S);
    // The third series is added by a command.
    let mut five = streams.follow(&series(FIVE)).unwrap();
    subscriptions(&simulator, 3).await;
    three.close().await;
    subscriptions(&simulator, 2).await;
    advance_to(&simulator, START_S + 300);
    for minute in 1..5 {
        assert_eq!(closed(&mut one).await, START_S + 60 * minute);
    }
    assert_eq!(closed(&mut five).await, START_S);
    assert_eq!(simulator.counters().connections, 1);
    one.close().await;
    assert_eq!(simulator.counters().open_connections, 1);
    five.close().await;
    simulator
        .wait_for(|counters| counters.open_connections == 0)
        .await;
}

#[tokio::test]
async fn a_follower_that_reads_nothing_does_not_hold_up_the_others() {
    let simulator = start().await;
    let streams = plain(&simulator);
    // Spot pushes seldom, so that many closes take few frames.
    let mut stalled = streams.follow(&series("binance:spot:BTC/USDT:1m")).unwrap();
    let mut reader = streams.follow(&series("binance:spot:BTC/USDT:USDT:1m")).unwrap();
    subscriptions(&simulator, 1).await;
    let minutes = 400;
    for minute in 1..=minutes {
        advance_to(&simulator, START_S + 60 * minute);
        assert_eq!(closed(&mut reader).await, START_S + 60 * (minute - 1));
    }
    let Some(MarketEvent::Status(SessionStatus::Missed { closed: missed })) = stalled.try_next() else {
        panic!("nothing was missed")
    };
    let mut kept = Vec::new();
    while let Some(event) = stalled.try_next() {
        if let MarketEvent::Closed { candle, .. } = event {
            kept.push(candle.time().seconds());
        }
    }
    let all: Vec<_> = (0..minutes).map(|minute| START_S + 60 * minute).collect();
    assert_eq!(kept, all[usize::try_from(missed).unwrap()..], "the oldest go");
    assert_eq!(simulator.counters().connections, 1);
}

#[tokio::test]
async fn a_full_connection_is_followed_by_another() {
    let simulator = start().await;
    let limits = FleetLimits {
        streams_per_connection: 2,
        ..FleetLimits::default()
    };
    let streams = streams(&simulator, limits, SessionTiming::default());
    let mut followed: Vec<_> = [ONE, THREE, FIVE]
        .map(|id| streams.follow(&series(id)).unwrap())
        .into();
    subscriptions(&simulator, 3).await;
    assert_eq!(simulator.counters().open_connections, 2);
    advance_to(&simulator, START_S + 900);
    for stream in &mut followed {
        closed(stream).await;
    }
}

#[tokio::test]
async fn every_series_is_told_of_a_rotation_and_goes_on() {
    let simulator = start().await;
    let timing = SessionTiming {
        rotate_after_ms: 300,
        ..SessionTiming::default()
    };
    let streams = streams(&simulator, FleetLimits::default(), timing);
    let mut one = streams.follow(&series(ONE)).unwrap();
    let mut three = streams.follow(&series(THREE)).unwrap();
    subscriptions(&simulator, 2).await;
    advance_to(&simulator, START_S + 1);
    // The successor has the same streams in its address.
    subscriptions(&simulator, 4).await;
    advance_to(&simulator, START_S + 3);
    for stream in [&mut one, &mut three] {
        until_status(stream, |status| {
            matches!(
                status,
                SessionStatus::Disconnected {
                    reason: tc_exchange::DisconnectReason::Rotation,
                    ..
                }
            )
        })
        .await;
        until_status(stream, |status| *status == SessionStatus::Live).await;
    }
}
