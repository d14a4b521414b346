//! Worked examples of the factor contract, sections 14.3 and 14.4.

use serde_json::{Value, json};
use tc_market::{Candle, CandleTime};

use super::{DeadZone, FormedReason, Zhongshu};
use crate::{
    FoldMode,
    factors::pen::{PenDirection, PenEvent},
    testing::{bars, events_of, graph, lines, prices},
    tests::{genesis, head},
};

/// `visible key` of the events of pen, zhongshu and anchor, W = w = 1.
fn keys(candles: &[Candle]) -> Vec<String> {
    let graph = graph(1, 1);
    let text = lines(&graph, &events_of(&graph, candles));
    let structure = text.lines().filter(|line| {
        ["pen.", "zhongshu.", "anchor."]
            .iter()
            .any(|kind| line.contains(kind))
    });
    structure
        .map(|line| {
            let mut words = line.split(' ');
            let (visible, key) = (words.next().unwrap(), words.nth(1).unwrap());
            format!("{visible} {key}")
        })
        .collect()
}

/// JSON payload of the first dead zone.
fn first_dead(candles: &[Candle]) -> Value {
    let graph = graph(1, 1);
    let text = lines(&graph, &events_of(&graph, candles));
    let line = text.lines().find(|line| line.contains("zhongshu.dead")).unwrap();
    serde_json::from_str(&line[line.find('{').unwrap()..]).unwrap()
}

/// Head of `factor` after the candle at `time`.
fn head_at(candles: &[Candle], factor: &str, time: i64) -> Value {
    let mut engine = genesis(&graph(1, 1), FoldMode::Compute);
    for candle in candles.iter().filter(|candle| candle.time().seconds() <= time) {
        engine.compute(candle).unwrap();
    }
    head(&engine, factor)
}

const CONFIRMED: &str = "10 20 12 18 13 17 11 14 9 30 26 34 25";

#[test]
fn a_zone_formed_by_a_confirmed_pen() {
    let candles = prices(CONFIRMED);
    assert_eq!(
        keys(&candles),
        [
            "300 confirmed:120:180:-1",
            "300 strong_pen:300:confirmed:120:180:-1",
            "360 confirmed:180:240:1",
            "420 confirmed:240:300:-1",
            "480 confirmed:300:360:1",
            "540 confirmed:360:420:-1",
            "600 confirmed:420:480:1",
            "660 confirmed:480:540:-1",
            "660 strong_pen:660:candidate:540:600:1",
            "720 confirmed:540:600:1",
            "780 confirmed:600:660:-1",
            "780 dead:120:480:780:17.00000000:13.00000000:pen_confirmed",
        ]
    );
    let dead = first_dead(&candles);
    assert_eq!(
        (&dead["end_time"], &dead["entry_direction"]),
        (&json!(720), &json!(-1))
    );
    let zone = json!({
        "start_time": 120, "end_time": 660, "zg": 17.0, "zd": 13.0, "entry_direction": -1, "formed_time": 480,
        "formed_reason": "pen_confirmed", "death_time": null, "visible_time": 660,
    });
    assert_eq!(head_at(&candles, "zhongshu", 660), json!({"alive": [zone]}));
    assert_eq!(head_at(&candles, "zhongshu", 780), json!({"alive": []}));
    assert_eq!(
        head_at(&candles, "zhongshu", 240),
        Value::Null,
        "no head before the first pen"
    );
    let anchor = json!({"kind": "candidate", "start_time": 540, "end_time": 600, "direction": 1});
    assert_eq!(
        head_at(&candles, "anchor", 660),
        json!({"current_anchor_ref": anchor})
    );
    let legs = head_at(&candles, "pen", 660);
    assert_eq!(
        (&legs["extending"]["end_time"], &legs["candidate"]["end_time"]),
        (&json!(600), &json!(660))
    );
}

#[test]
fn a_zone_formed_by_the_price() {
    let candles = bars(
        "60 | 70 | 51 | 55 | 50 | 50.9 | 49 | 50.5 49.5 50 | 50.4 49.8 50 | 50.9 50.0 50.5 | 52 50.2 51.5 | 51 | 48 | \
         49 | 46.5 | 47 | 44",
    );
    assert_eq!(
        keys(&candles),
        [
            "300 confirmed:120:180:-1",
            "300 strong_pen:300:confirmed:120:180:-1",
            "360 confirmed:180:240:1",
            "420 confirmed:240:300:-1",
            "480 confirmed:300:360:1",
            "540 confirmed:360:420:-1",
            "600 zhongshu_entry:600:240:300:-1",
            "840 confirmed:420:660:1",
            "900 confirmed:660:780:-1",
            "960 confirmed:780:840:1",
            "960 dead:240:600:960:50.90000000:50.00000000:price_cross",
            "1020 confirmed:840:900:-1",
        ]
    );
    assert_eq!(first_dead(&candles)["end_time"], 900);
    let leg = json!({
        "start_time": 420, "end_time": 600, "start_price": 49.0, "end_price": 50.9, "direction": 1,
    });
    assert_eq!(head_at(&candles, "pen", 600), json!({"extending": leg}));
}

fn pen(start: i64, end: i64, start_price: f64, end_price: f64, visible: i64) -> PenEvent {
    PenEvent {
        start_time: CandleTime::clamped(start),
        end_time: CandleTime::clamped(end),
        start_price,
        end_price,
        direction: PenDirection::of(start_price, end_price),
        visible_time: CandleTime::clamped(visible),
        start_idx: 0,
        end_idx: 0,
    }
}

#[test]
fn touching_an_edge_is_inside() {
    let mut state = Zhongshu::default();
    let forming = [
        pen(10, 20, 100.0, 130.0, 100),
        pen(20, 30, 130.0, 110.0, 200),
        pen(30, 40, 110.0, 125.0, 300),
        pen(40, 50, 125.0, 115.0, 400),
    ];
    for pen in &forming {
        state.on_pen(pen);
    }
    let zone = state.alive().unwrap();
    assert_eq!(
        (zone.zd, zone.zg, zone.formed_time.seconds()),
        (115.0, 125.0, 400)
    );
    assert_eq!(zone.formed_reason, FormedReason::PenConfirmed);
    // The low of the first is the upper edge, the high of the second the lower edge.
    for pen in [pen(50, 60, 125.0, 140.0, 500), pen(60, 70, 115.0, 100.0, 600)] {
        state.on_pen(&pen);
        assert!(state.alive().is_some() && state.dead_this_tick.is_empty());
    }
    state.on_pen(&pen(70, 80, 125.5, 140.0, 700));
    let dead: Vec<DeadZone> = state.dead_this_tick.to_vec();
    assert_eq!(dead.len(), 1);
    assert_eq!(
        (dead[0].zone.end_time.seconds(), dead[0].death_time.seconds()),
        (70, 700)
    );
    assert_eq!(state.reseed_floor.seconds(), 60);
    assert_eq!(
        state.pending, None,
        "a new entry must start at the floor or later"
    );
}

#[test]
fn no_zone_where_the_entry_misses_the_others() {
    let mut state = Zhongshu::default();
    for pen in [
        pen(10, 20, 128.0, 140.0, 100),
        pen(20, 30, 140.0, 110.0, 200),
        pen(30, 40, 110.0, 125.0, 300),
    ] {
        state.on_pen(&pen);
    }
    let crossing = crate::testing::candle(300, 112.0, 113.0, 109.0, 112.0);
    state.on_candle(&crossing);
    assert_eq!(state.alive(), None);
    let pending = state.pending.unwrap();
    assert_eq!(
        pending.cross_time,
        Some(CandleTime::clamped(300)),
        "the first crossing stays"
    );
}
