use std::sync::LazyLock;

use serde_json::Value;

use super::*;
use crate::{SampleSet, feed::Range, wire};

const START_MS: i64 = 1_747_440_000_000;

fn feed() -> &'static Feed {
    static FEED: LazyLock<Feed> = LazyLock::new(|| Feed::new(SampleSet::bundled().unwrap(), 7));
    &FEED
}

fn futures() -> Schedule {
    Schedule::new(MarketKind::Futures, FUTURES_PUSH_MS)
}

/// Every frame up to `to_ms`, the clock moving in steps of `step_ms`.
fn play(streams: &[&str], to_ms: i64, step_ms: i64) -> Vec<StreamFrame> {
    let feed = feed();
    let mut schedule = futures();
    for stream in streams {
        schedule.add(feed, stream, START_MS);
    }
    let mut frames = Vec::new();
    let mut now_ms = START_MS;
    while now_ms < to_ms {
        now_ms = (now_ms + step_ms).min(to_ms);
        frames.extend(std::iter::from_fn(|| schedule.next_frame(feed, now_ms)));
    }
    frames
}

fn kline(frame: &StreamFrame) -> Value {
    let feed = feed();
    let instrument = feed.instrument(frame.instrument).unwrap();
    let event = wire::event(instrument, frame.timeframe, &frame.bucket, frame.at_ms);
    serde_json::from_str::<Value>(&event).unwrap()["k"].clone()
}

#[test]
fn the_same_whatever_the_steps_of_the_clock() {
    let streams = ["btcusdt@kline_1m", "ethusdt@kline_1m", "btcusdt@kline_5m"];
    let at_once = play(&streams, START_MS + 400_000, 400_000);
    assert!(at_once.len() > 3_000);
    assert_eq!(at_once, play(&streams, START_MS + 400_000, 777));
    assert_eq!(at_once, play(&streams, START_MS + 400_000, 61_000));
}

#[test]
fn one_final_frame_per_bucket_before_the_next_one() {
    let frames = play(&["btcusdt@kline_1m"], START_MS + 300_000, 10_000);
    let closed: Vec<i64> = frames
        .iter()
        .map(kline)
        .filter(|k| k["x"] == true)
        .map(|k| k["t"].as_i64().unwrap())
        .collect();
    assert_eq!(closed, (0..5).map(|i| START_MS + i * 60_000).collect::<Vec<_>>());
    let times: Vec<(i64, bool)> = frames
        .iter()
        .map(kline)
        .map(|k| (k["t"].as_i64().unwrap(), k["x"] == true))
        .collect();
    assert!(
        times.is_sorted(),
        "forming frames of a bucket, its final one, then the next bucket"
    );
}

#[test]
fn the_final_frame_equals_the_rest_row() {
    let feed = feed();
    for (stream, code, interval, tf_s) in [
        ("btcusdt@kline_1m", "BTCUSDT", "1m", 60),
        ("solusdt@kline_15m", "SOLUSDT", "15m", 900),
    ] {
        let frames = play(&[stream], START_MS + tf_s * 1000, 100_000);
        let last = kline(
            frames
                .last()
                .filter(|frame| kline(frame)["x"] == true)
                .unwrap_or(&frames[frames.len() - 2]),
        );
        let instrument = feed.find(MarketKind::Futures, code).unwrap();
        let timeframe = interval.parse().unwrap();
        let range = Range {
            start_ms: Some(START_MS),
            end_ms: Some(START_MS),
            limit: 1,
        };
        let rows = feed.rows(instrument, timeframe, range, START_MS + tf_s * 1000, |_| true);
        let row: Value = serde_json::from_str(&wire::row(instrument, timeframe, &rows[0])).unwrap();
        let fields = ["t", "o", "h", "l", "c", "v", "T", "q", "n", "V", "Q", "B"];
        assert_eq!(row, Value::from(fields.map(|field| last[field].clone()).to_vec()));
        assert_eq!(last["x"], true);
    }
}

#[test]
fn unknown_names_are_silent_and_removed_ones_stop() {
    let feed = feed();
    let mut schedule = futures();
    for name in [
        "xxxusdt@kline_1m",
        "BTCUSDT@kline_1m",
        "btcusdt@kline_1w",
        "btcusdt@aggTrade",
        "btcusdt",
    ] {
        schedule.add(feed, name, START_MS);
    }
    assert_eq!(schedule.next_due_ms(), None);
    schedule.add(feed, "btcusdt@kline_1m", START_MS);
    assert_eq!(schedule.next_due_ms(), Some(START_MS + 250));
    schedule.remove("btcusdt@kline_1m");
    assert_eq!(schedule.next_frame(feed, START_MS + 600_000), None);
}

#[test]
fn pushes_follow_the_market_and_never_outrun_real_time() {
    let clock = |speed| VirtualClock::running(0, speed).unwrap();
    let period = |market, speed| push_period_ms(market, &clock(speed), 200);
    assert_eq!(
        (period(MarketKind::Spot, 1.0), period(MarketKind::Futures, 1.0)),
        (2_000, 250)
    );
    assert_eq!(
        (period(MarketKind::Spot, 20.0), period(MarketKind::Futures, 20.0)),
        (4_000, 4_000)
    );
    assert_eq!(
        push_period_ms(MarketKind::Futures, &VirtualClock::manual(0), 200),
        250
    );
}
