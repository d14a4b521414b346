//! Worked examples of the factor contract, section 14.1, and the naive model over random candles.

use expect_test::{Expect, expect};
use proptest::prelude::*;
use tc_market::Candle;

use crate::{
    testing::{
        bars, events_of, lines,
        naive::{self, Settings},
        one_minute, prices,
    },
    tests::{candles, pivot_and_pen as graph, widths},
};

fn check(major: i64, minor: i64, candles: &[Candle], expected: Expect) {
    let graph = graph(major, minor);
    expected.assert_eq(&lines(&graph, &events_of(&graph, candles)));
}

#[test]
fn earliest_candle_of_a_plateau_is_major_and_every_one_minor() {
    check(
        2,
        1,
        &prices("1 2 5 5 2 1 1"),
        expect![[r#"
            300 pivot.major major:180:resistance:2 {"pivot_time":180,"pivot_price":5.0,"direction":"resistance","visible_time":300,"window":2,"pivot_idx":2}
            300 pivot.minor minor:240:resistance:1 {"pivot_time":240,"pivot_price":5.0,"direction":"resistance","visible_time":300,"window":1,"pivot_idx":3}
            420 pivot.minor minor:360:support:1 {"pivot_time":360,"pivot_price":1.0,"direction":"support","visible_time":420,"window":1,"pivot_idx":5}
        "#]],
    );
}

#[test]
fn gap_in_the_right_half_prevents_a_pivot() {
    check(
        2,
        1,
        &prices("1 2 5 +1 2 1 1 2 3"),
        expect![[r#"
            480 pivot.major major:360:support:2 {"pivot_time":360,"pivot_price":1.0,"direction":"support","visible_time":480,"window":2,"pivot_idx":4}
            480 pivot.minor minor:420:support:1 {"pivot_time":420,"pivot_price":1.0,"direction":"support","visible_time":480,"window":1,"pivot_idx":5}
        "#]],
    );
}

#[test]
fn gap_in_the_left_half_is_irrelevant() {
    let graph = graph(2, 1);
    let events = events_of(&graph, &prices("1 2 +1 5 2 1 1 2 3"));
    let text = lines(&graph, &events);
    assert!(
        text.starts_with("360 pivot.major major:240:resistance:2 "),
        "{text}"
    );
}

#[test]
fn outside_bar_is_resistance_first_then_support() {
    let candles = bars("5 4 | 5 4 | 9 1 | 5 4 | 5 4 | 8 3 | 5 4 | 5 4");
    check(
        2,
        1,
        &candles,
        expect![[r#"
            300 pivot.major major:180:resistance:2 {"pivot_time":180,"pivot_price":9.0,"direction":"resistance","visible_time":300,"window":2,"pivot_idx":2}
            300 pivot.major major:180:support:2 {"pivot_time":180,"pivot_price":1.0,"direction":"support","visible_time":300,"window":2,"pivot_idx":2}
            420 pivot.minor minor:360:resistance:1 {"pivot_time":360,"pivot_price":8.0,"direction":"resistance","visible_time":420,"window":1,"pivot_idx":5}
            420 pivot.minor minor:360:support:1 {"pivot_time":360,"pivot_price":3.0,"direction":"support","visible_time":420,"window":1,"pivot_idx":5}
            480 pivot.major major:360:resistance:2 {"pivot_time":360,"pivot_price":8.0,"direction":"resistance","visible_time":480,"window":2,"pivot_idx":5}
            480 pivot.major major:360:support:2 {"pivot_time":360,"pivot_price":3.0,"direction":"support","visible_time":480,"window":2,"pivot_idx":5}
            480 pen.confirmed confirmed:180:180:-1 {"start_time":180,"end_time":180,"start_price":9.0,"end_price":1.0,"direction":-1,"visible_time":480,"start_idx":2,"end_idx":2}
            480 pen.confirmed confirmed:180:360:1 {"start_time":180,"end_time":360,"start_price":1.0,"end_price":8.0,"direction":1,"visible_time":480,"start_idx":2,"end_idx":5}
        "#]],
    );
}

#[test]
fn segment_limit_bites_when_the_minor_window_is_wider_than_half_the_major_one() {
    let candles = prices("10 11 14 11 10 9 10 13 9 8 7 9 8");
    let minors = |major, minor| {
        let graph = graph(major, minor);
        let events = events_of(&graph, &candles);
        let text = lines(&graph, &events);
        let minors = text.lines().filter(|line| line.contains("pivot.minor"));
        minors
            .map(|line| line.split(' ').nth(2).unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        minors(2, 1),
        [
            "minor:360:support:1",
            "minor:480:resistance:1",
            "minor:660:support:1",
            "minor:720:resistance:1"
        ]
    );
    // A candle that has just become a major begins the segment: its own left half lies before it.
    assert_eq!(minors(2, 2), [""; 0]);
    assert_eq!(minors(3, 2), ["minor:480:resistance:2", "minor:660:support:2"]);
}

proptest! {
    #[test]
    fn same_events_as_the_naive_model(candles in candles(0..160), (major, minor) in widths()) {
        let graph = graph(major, minor);
        let events = naive::run(&candles, &Settings::new(major, minor, one_minute()));
        let expected = events.iter().filter(|event| event.factor() == "pivot");
        let events = events_of(&graph, &candles);
        let text = lines(&graph, &events);
        let found = text.lines().filter(|line| line.contains(" pivot."));
        for (line, event) in found.clone().zip(expected.clone()) {
            let (head, json) = line.split_once(" {").unwrap();
            prop_assert_eq!(head, format!("{} {} {}", event.visible_time, event.kind(), event.key()));
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&format!("{{{json}")).unwrap(), event.payload_json());
        }
        prop_assert_eq!(found.count(), expected.count());
    }
}
