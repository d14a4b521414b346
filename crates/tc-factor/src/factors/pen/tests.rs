//! Worked examples of the factor contract, section 14.2, and the naive model over random candles.

use proptest::prelude::*;
use serde_json::{Value, json};
use tc_market::Candle;

use crate::{
    FoldMode,
    factors::pen::{CONFIRMED, PenEvent},
    testing::{
        bars, events_of, lines,
        naive::{Naive, NaiveEvent, PenHead, Settings},
        one_minute, prices,
    },
    tests::{candles, genesis, pen_head, pivot_and_pen as graph, widths},
};

/// `visible key start_price->end_price idx start->end` of every confirmed pen.
fn pens(major: i64, candles: &[Candle]) -> Vec<String> {
    let graph = graph(major, 1);
    let kind = graph.kind(CONFIRMED).unwrap();
    let events = events_of(&graph, candles);
    let pens = events.iter().filter(|event| event.kind == kind).map(|event| {
        let pen = PenEvent::decode(event).unwrap();
        let key = (graph.kind_spec(kind).unwrap().event_key)(event).unwrap();
        let (start, end) = (pen.start_price, pen.end_price);
        format!(
            "{} {key} {start:?}->{end:?} idx {}->{}",
            event.visible_time, pen.start_idx, pen.end_idx
        )
    });
    pens.collect()
}

#[test]
fn a_pen_is_confirmed_by_the_pivot_after_its_end() {
    assert_eq!(
        pens(1, &prices("3 5 3 4 5 3 1 3 2 6 2")),
        [
            "360 confirmed:120:180:-1 5.0->3.0 idx 1->2",
            "480 confirmed:180:300:1 3.0->5.0 idx 2->4",
            "540 confirmed:300:420:-1 5.0->1.0 idx 4->6",
            "600 confirmed:420:480:1 1.0->3.0 idx 6->7",
            "660 confirmed:480:540:-1 3.0->2.0 idx 7->8",
        ]
    );
}

#[test]
fn direction_is_decided_by_price() {
    let down = "12 11 | 11.5 10 | 11 10 | 9 8 | 7 6 | 7.5 5 | 7 4 | 6 3 | 6 5 | 7 6 | 8 7 | 7 6";
    assert_eq!(
        pens(1, &bars(down)),
        [
            "540 confirmed:120:360:-1 10.0->7.5 idx 1->5",
            "720 confirmed:360:480:-1 7.5->3.0 idx 5->7",
        ]
    );
    let level = "12 11 | 11.5 10 | 11 10 | 10 9.5 | 9.5 9 | 10 8.5 | 9.8 8 | 9 7 | 9 8";
    assert_eq!(
        pens(1, &bars(level)),
        ["540 confirmed:120:360:-1 10.0->10.0 idx 1->5"]
    );
}

#[test]
fn equal_extreme_keeps_the_older_pivot() {
    // Two tops of 5 with only a gap between them: the bottom between is no pivot.
    let candles = prices("3 5 4 +1 4 5 4 3 4 6 5 4");
    assert_eq!(
        pens(1, &candles),
        ["660 confirmed:120:480:-1 5.0->3.0 idx 1->6"],
        "{}",
        lines(&graph(1, 1), &events_of(&graph(1, 1), &candles))
    );
}

fn leg(from: (i64, f64), to: (i64, f64), direction: i64) -> Value {
    json!({
        "start_time": from.0, "end_time": to.0, "start_price": from.1, "end_price": to.1, "direction": direction,
    })
}

/// Heads after each candle, W = 1.
fn heads(candles: &[Candle]) -> Vec<Option<Value>> {
    let mut engine = genesis(&graph(1, 1), FoldMode::Compute);
    let heads = candles.iter().map(|candle| {
        engine.compute(candle).unwrap();
        serde_json::from_str(&pen_head(&engine)).ok()
    });
    heads.collect()
}

#[test]
fn head_follows_the_last_settled_turning_point() {
    let heads = heads(&prices("3 5 3 4 5 3 3 6"));
    assert_eq!(heads[..5], [const { None }; 5], "no head before the first pen");
    let (low, high, next_low) = ((180, 3.0), (300, 5.0), (360, 3.0));
    let legs = json!({"extending": leg(low, high, 1), "candidate": leg(high, next_low, -1)});
    assert_eq!(heads[5], Some(legs));
    // The low at 360 is settled now, so the leg starts at the high; a way back of no length is left out.
    assert_eq!(heads[6], Some(json!({"extending": leg(high, next_low, -1)})));
    let legs = json!({"extending": leg(high, next_low, -1), "candidate": leg(next_low, (480, 6.0), 1)});
    assert_eq!(heads[7], Some(legs));
}

#[test]
fn a_new_extreme_moves_the_end_of_the_leg() {
    let heads = heads(&bars("3 | 5 | 3 | 4 | 5 | 3 | 6 2"));
    assert_eq!(
        heads[6],
        Some(json!({"extending": leg((180, 3.0), (420, 6.0), 1)}))
    );
}

#[test]
fn a_leg_of_no_length_leaves_an_empty_head() {
    // The gap keeps 9 from being a low, so the high of 10 follows the low of 10.
    let heads = heads(&prices("12 14 11 13 10 10 9 +1 10 9"));
    assert_eq!(heads[8], Some(json!({})));
    assert_ne!(heads[7], Some(json!({})));
}

proptest! {
    #[test]
    fn same_pens_and_heads_as_the_naive_model(candles in candles(0..160), (major, minor) in widths()) {
        let graph = graph(major, minor);
        let mut naive = Naive::new(Settings::new(major, minor, one_minute()));
        let mut engine = genesis(&graph, FoldMode::Compute);
        let mut text = String::new();
        for candle in &candles {
            naive.step(candle);
            text += &lines(&graph, engine.compute(candle).unwrap());
            let found = pen_head(&engine);
            let found = (!found.is_empty()).then(|| serde_json::from_str::<Value>(&found).unwrap());
            prop_assert_eq!(found, naive.heads().pen.as_ref().map(PenHead::to_json), "at {}", candle.time());
        }
        let first_two = |factor: &str| ["pivot", "pen"].contains(&factor);
        let found: Vec<Value> = text.lines().filter(|line| first_two(line.split([' ', '.']).nth(1).unwrap()))
            .map(|line| serde_json::from_str(&line[line.find('{').unwrap()..]).unwrap()).collect();
        let expected: Vec<Value> = naive.events().iter().filter(|event| first_two(event.factor())).map(NaiveEvent::payload_json).collect();
        prop_assert_eq!(found, expected, "order within the ticks, pens included");
    }
}
