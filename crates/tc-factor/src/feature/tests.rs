//! Keys, rows, and what is left out of them.

use proptest::prelude::*;
use smallvec::SmallVec;

use super::*;
use crate::{
    FactorGraph, FactorSettings, FactorSpec, KindId,
    factors::{pen, pivot},
    testing::{bars, events_of, prices},
    tests::{candles, widths},
};

const KIND: EventKindSpec = EventKindSpec {
    direction: None,
    ..pivot::SPEC.events[0]
};

const fn kind(name: &'static str, bucket: &'static str) -> EventKindSpec {
    EventKindSpec { name, bucket, ..KIND }
}

const fn factor(factor_name: &'static str, events: &'static [EventKindSpec]) -> FactorSpec {
    FactorSpec {
        factor_name,
        events,
        params: &[],
        ..pivot::SPEC
    }
}

fn build(specs: &[FactorSpec]) -> Result<FactorGraph, GraphError> {
    FactorGraph::build(specs, &FactorSettings::default())
}

/// Pivots and pens alone: what others find must not change these tests.
fn two_factors(major: i64, minor: i64) -> Arc<FactorGraph> {
    let settings = FactorSettings::with_pivot_windows(major, minor);
    Arc::new(FactorGraph::build(&[pen::SPEC, pivot::SPEC], &settings).unwrap())
}

fn event(kind: u16, ord: u16, time: i64) -> LedgerEvent {
    let time = CandleTime::clamped(time);
    LedgerEvent {
        kind: KindId(kind),
        ord,
        visible_time: time,
        anchor_time: time,
        payload: SmallVec::new(),
    }
}

/// `time: key=value …` per row.
fn lines(columns: &FeatureColumns, rows: &[FeatureRow]) -> Vec<String> {
    let line = |row: &FeatureRow| {
        let cells = columns.keys().iter().zip(&row.values);
        let cells = cells.filter_map(|(key, value)| {
            Some(match value.as_ref()? {
                FeatureValue::Float(value) => format!("{key}={value:.1}"),
                FeatureValue::Int(value) => format!("{key}={value}"),
                FeatureValue::Bool(value) => format!("{key}={value}"),
                FeatureValue::Text(value) => format!("{key}={value}"),
            })
        });
        format!("{}: {}", row.time, cells.collect::<Vec<_>>().join(" "))
    };
    rows.iter().map(line).collect()
}

#[test]
fn keys_are_made_of_the_names_of_kinds() {
    const EVENTS: &[EventKindSpec] = &[
        kind("a_b.zone.born", "one"),
        kind("a_b._odd.", "two"),
        kind("a_b.x", "three"),
    ];
    let graph = build(&[factor("a_b", EVENTS), factor("quiet", &[])]).unwrap();
    let keys: Vec<&str> = graph.features().keys().iter().map(|key| &**key).collect();
    assert_eq!(
        keys,
        [
            "a_b_event_count",
            "a_b_odd_count",
            "a_b_x_count",
            "a_b_zone_born_count",
            "feature_event_count",
            "quiet_event_count"
        ]
    );
    let factors: Vec<&str> = keys.iter().map(|key| source_factor(key)).collect();
    assert_eq!(
        factors,
        ["a_b", "a", "a", "a", "feature", "quiet"],
        "the first word, unless the column counts a factor"
    );
}

#[test]
fn a_word_without_factor_is_of_the_features() {
    assert_eq!(source_factor("volume"), "feature");
    assert_eq!(source_factor("sr_snapshot_count"), "sr");
}

#[test]
fn keys_are_unique_and_words() {
    const NAMELESS: &[EventKindSpec] = &[kind("a._", "one")];
    const LOUD: &[EventKindSpec] = &[kind("a.X", "one")];
    const TWO_WORDS: &[EventKindSpec] = &[kind("a.b_c", "one")];
    const ONE_WORD: &[EventKindSpec] = &[kind("a_b.c", "one")];
    let refused = |specs: &[FactorSpec]| build(specs).unwrap_err().to_string();
    assert_eq!(
        refused(&[factor("a", NAMELESS)]),
        "feature_key_conflict:a_event_count",
        "it would be counted twice"
    );
    assert_eq!(refused(&[factor("a", LOUD)]), "feature_key_conflict:a_X_count");
    assert_eq!(
        refused(&[factor("a", TWO_WORDS), factor("a_b", ONE_WORD)]),
        "feature_key_conflict:a_b_c_count"
    );
    assert_eq!(
        refused(&[factor("feature", &[])]),
        "feature_key_conflict:feature_event_count"
    );
    let silent = FactorSpec {
        enable_feature: false,
        ..factor("a", LOUD)
    };
    assert!(build(&[silent]).is_ok(), "it has no columns");
}

#[test]
fn rows_of_a_screen_of_candles() {
    let graph = two_factors(1, 1);
    let read = |events: &[LedgerEvent]| lines(graph.features(), &graph.features().rows(events).unwrap());
    assert_eq!(
        read(&events_of(&graph, &prices("3 5 3 4 5 3 1 3"))),
        [
            "180: feature_event_count=1.0 pivot_event_count=1.0 pivot_major_count=1.0 \
             pivot_major_direction=resistance",
            "240: feature_event_count=1.0 pivot_event_count=1.0 pivot_major_count=1.0 pivot_major_direction=support",
            "360: feature_event_count=2.0 pen_confirmed_count=1.0 pen_confirmed_direction=-1 pen_event_count=1.0 \
             pivot_event_count=1.0 pivot_major_count=1.0 pivot_major_direction=resistance",
            "480: feature_event_count=2.0 pen_confirmed_count=1.0 pen_confirmed_direction=1 pen_event_count=1.0 \
             pivot_event_count=1.0 pivot_major_count=1.0 pivot_major_direction=support",
        ]
    );
    // A plateau: the first of its candles is the major pivot, the second a minor one of the same tick.
    let plateau = two_factors(2, 1);
    assert_eq!(
        read(&events_of(&plateau, &prices("1 2 5 5 2 1 1"))),
        [
            "300: feature_event_count=2.0 pivot_event_count=2.0 pivot_major_count=1.0 \
             pivot_major_direction=resistance pivot_minor_count=1.0 pivot_minor_direction=resistance",
            "420: feature_event_count=1.0 pivot_event_count=1.0 pivot_minor_count=1.0 pivot_minor_direction=support",
        ]
    );
}

#[test]
fn the_last_direction_of_a_candle_counts() {
    let graph = two_factors(2, 1);
    // An outside bar: resistance, then support, of the same candle.
    let candles = bars("5 4 | 5 4 | 9 1 | 5 4 | 5 4");
    let rows = graph.features().rows(&events_of(&graph, &candles)).unwrap();
    assert_eq!(
        lines(graph.features(), &rows)[0],
        "300: feature_event_count=2.0 pivot_event_count=2.0 pivot_major_count=2.0 pivot_major_direction=support"
    );
}

#[test]
fn factors_that_take_no_part_leave_no_trace() {
    let silent_pivot = FactorSpec {
        enable_feature: false,
        ..pivot::SPEC
    };
    let graph = build(&[silent_pivot, pen::SPEC]).unwrap();
    let keys: Vec<&str> = graph.features().keys().iter().map(|key| &**key).collect();
    assert_eq!(
        keys,
        [
            "feature_event_count",
            "pen_confirmed_count",
            "pen_confirmed_direction",
            "pen_event_count"
        ]
    );
    let loud = two_factors(1, 1);
    let mut events = events_of(&loud, &prices("3 5 3 4 5 3 1 3"));
    events.push(event(900, 0, 540));
    let rows = graph.features().rows(&events).unwrap();
    assert_eq!(
        lines(graph.features(), &rows),
        [
            "360: feature_event_count=1.0 pen_confirmed_count=1.0 pen_confirmed_direction=-1 pen_event_count=1.0",
            "480: feature_event_count=1.0 pen_confirmed_count=1.0 pen_confirmed_direction=1 pen_event_count=1.0",
        ],
        "a candle without an event that counts has no row"
    );
    let silent: Vec<_> = [silent_pivot, pen::SPEC]
        .map(|spec| FactorSpec {
            enable_feature: false,
            ..spec
        })
        .to_vec();
    let graph = build(&silent).unwrap();
    assert!(graph.features().is_empty());
    assert_eq!(graph.features().rows(&events).unwrap(), []);
}

#[test]
fn payloads_without_direction_are_not_read() {
    const EVENTS: &[EventKindSpec] = &[kind("a.x", "one")];
    let graph = build(&[factor("a", EVENTS)]).unwrap();
    let rows = graph
        .features()
        .rows(&[event(0, 0, 60), event(0, 1, 60)])
        .unwrap();
    assert_eq!(
        lines(graph.features(), &rows),
        ["60: a_event_count=2.0 a_x_count=2.0 feature_event_count=2.0"]
    );
    let graph = two_factors(2, 1);
    let major = graph.kind(pivot::MAJOR).unwrap();
    assert_eq!(
        graph.features().rows(&[event(major.0, 0, 60)]),
        Err(CodecError::Truncated)
    );
}

proptest! {
    #[test]
    fn every_event_is_counted_once_whatever_is_read_at_a_time(
        candles in candles(1..200),
        (major, minor) in widths(),
        cut in any::<prop::sample::Index>(),
    ) {
        let graph = two_factors(major, minor);
        let (columns, events) = (graph.features(), events_of(&graph, &candles));
        let rows = columns.rows(&events).unwrap();
        let count = |row: &FeatureRow, key: &str| {
            let column = columns.keys().iter().position(|known| **known == *key).unwrap();
            match row.values[column] {
                Some(FeatureValue::Float(count)) => format!("{count}").parse().unwrap(),
                Some(other) => panic!("{key} is {other:?}"),
                None => 0_usize,
            }
        };
        for row in &rows {
            let tick: Vec<_> = events.iter().filter(|event| event.visible_time == row.time).collect();
            let of = |name: &str| {
                let kind = graph.kind(name);
                tick.iter().filter(|event| Some(event.kind) == kind).count()
            };
            let (majors, minors, pens) = (of(pivot::MAJOR), of(pivot::MINOR), of(pen::CONFIRMED));
            prop_assert_eq!(count(row, "pivot_major_count"), majors);
            prop_assert_eq!(count(row, "pivot_minor_count"), minors);
            prop_assert_eq!(count(row, "pivot_event_count"), majors + minors);
            prop_assert_eq!(count(row, "pen_event_count"), pens);
            let total = tick.len();
            prop_assert_eq!(count(row, "feature_event_count"), total);
        }
        let mut times: Vec<_> = events.iter().map(|event| event.visible_time).collect();
        times.dedup();
        prop_assert!(rows.iter().map(|row| row.time).eq(times));
        // A cut between two candles.
        let at = candles[cut.index(candles.len())].time();
        let (before, after) = events.split_at(events.partition_point(|event| event.visible_time < at));
        let parts = [columns.rows(before).unwrap(), columns.rows(after).unwrap()].concat();
        prop_assert_eq!(parts, rows);
    }
}
