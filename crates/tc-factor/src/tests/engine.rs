//! Properties of the fold: restarts, prefixes and following give what one uninterrupted run gives.

use std::sync::Arc;

use proptest::prelude::*;
use tc_market::Candle;

use super::{candles, genesis, pen_head, pivot_and_pen, restored, saved, widths};
use crate::{
    FactorEngine, FactorGraph, FoldMode, LedgerEvent,
    testing::{
        events_of, graph,
        naive::{Naive, NaiveEvent, Settings},
        one_minute, prices,
    },
};

/// Stored events of one tick.
fn tick<'a>(events: &'a [LedgerEvent], candle: &Candle) -> &'a [LedgerEvent] {
    let from = events.partition_point(|event| event.visible_time < candle.time());
    let to = events.partition_point(|event| event.visible_time <= candle.time());
    &events[from..to]
}

/// Pen heads and checkpoints after every candle of an uninterrupted run.
fn continuous(graph: &Arc<FactorGraph>, candles: &[Candle]) -> (Vec<String>, Vec<Vec<u8>>) {
    let mut engine = genesis(graph, FoldMode::Compute);
    let run = candles.iter().map(|candle| {
        engine.compute(candle).unwrap();
        (pen_head(&engine), saved(&engine))
    });
    run.unzip()
}

/// Follows `candles` from `engine` on; the pen head after every one.
fn follow(mut engine: FactorEngine, candles: &[Candle], events: &[LedgerEvent]) -> Vec<String> {
    let heads = candles.iter().map(|candle| {
        engine.follow(candle, tick(events, candle)).unwrap();
        pen_head(&engine)
    });
    heads.collect()
}

proptest! {
    #[test]
    fn a_restart_before_every_candle_changes_nothing(candles in candles(1..150), (major, minor) in widths()) {
        let graph = graph(major, minor);
        let (heads, checkpoints) = continuous(&graph, &candles);
        let mut engine = genesis(&graph, FoldMode::Compute);
        let mut events = Vec::new();
        for (n, candle) in candles.iter().enumerate() {
            events.extend_from_slice(engine.compute(candle).unwrap());
            prop_assert_eq!(pen_head(&engine), heads[n].as_str());
            let bytes = saved(&engine);
            prop_assert_eq!(&bytes, &checkpoints[n]);
            engine = restored(&graph, FoldMode::Compute, &bytes, &candles, &events);
            prop_assert_eq!(engine.processed(), n as u64 + 1);
            prop_assert_eq!(pen_head(&engine), heads[n].as_str());
        }
        prop_assert_eq!(events, events_of(&graph, &candles));
    }

    #[test]
    fn events_of_a_prefix_are_a_prefix_of_the_events(candles in candles(1..150), (major, minor) in widths(), cut in any::<prop::sample::Index>()) {
        let graph = graph(major, minor);
        let cut = cut.index(candles.len());
        let (all, some) = (events_of(&graph, &candles), events_of(&graph, &candles[..=cut]));
        prop_assert_eq!(&all[..some.len()], &some[..]);
        prop_assert!(all[some.len()..].iter().all(|event| event.visible_time > candles[cut].time()));
    }

    #[test]
    fn events_are_numbered_in_their_tick_and_never_about_the_future(candles in candles(1..150), (major, minor) in widths()) {
        let events = events_of(&graph(major, minor), &candles);
        prop_assert!(events.is_sorted_by(|a, b| a.id() < b.id()));
        for pair in events.windows(2).filter(|pair| pair[0].visible_time == pair[1].visible_time) {
            prop_assert_eq!(pair[1].ord, pair[0].ord + 1);
            prop_assert!(pair[0].kind <= pair[1].kind);
        }
        prop_assert!(events.iter().all(|event| event.anchor_time <= event.visible_time));
    }

    #[test]
    fn following_from_anywhere_gives_the_computed_heads(candles in candles(1..150), (major, minor) in widths(), starts in prop::collection::vec(any::<prop::sample::Index>(), 4)) {
        let graph = graph(major, minor);
        let events = events_of(&graph, &candles);
        let (heads, checkpoints) = continuous(&graph, &candles);
        prop_assert_eq!(&follow(genesis(&graph, FoldMode::Follow), &candles, &events), &heads);
        for start in starts {
            let start = start.index(candles.len());
            let engine = restored(&graph, FoldMode::Follow, &checkpoints[start], &candles, &events);
            prop_assert_eq!(pen_head(&engine), heads[start].as_str());
            let found = follow(engine, &candles[start + 1..], &events);
            prop_assert_eq!(&found[..], &heads[start + 1..], "from {}", start);
        }
    }
}

#[test]
fn first_pivots_may_lie_before_the_checkpoint_that_is_followed() {
    // No pivot up to the checkpoint; the outside bar before it becomes two at once, and its legs begin there.
    let quiet = crate::testing::bars("5 | 5 | 5 | 9 1 | 8.9 2 | 5 | 5 | 5 | 6 5 | 5 | 5 | 5 | 5");
    let graph = graph(3, 1);
    let events = events_of(&graph, &quiet);
    let (heads, checkpoints) = continuous(&graph, &quiet);
    assert!(heads.iter().any(|head| !head.is_empty()), "the case has a pen");
    for start in 0..quiet.len() {
        let engine = restored(&graph, FoldMode::Follow, &checkpoints[start], &quiet, &events);
        assert_eq!(
            follow(engine, &quiet[start + 1..], &events),
            heads[start + 1..],
            "from {start}"
        );
    }
}

/// Long enough for the engine to forget candles many times.
#[test]
fn nothing_that_is_still_needed_is_forgotten() {
    let graph = pivot_and_pen(40, 5);
    // Nothing happens for long, then the price goes up and down; whenever candles are forgotten, a turn waits for its
    // confirmation.
    let wave = (0..7_000).map(|n: i64| {
        if n < 2_100 {
            150
        } else {
            100 + ((n + 25) % 100 - 50).abs()
        }
    });
    let candles = prices(&wave.map(|price| format!("{price} ")).collect::<String>());
    let mut naive = Naive::new(Settings::new(40, 5, one_minute()));
    let events = events_of(&graph, &candles);
    let mut computing = genesis(&graph, FoldMode::Compute);
    let mut following = genesis(&graph, FoldMode::Follow);
    let mut late_start = None;
    for (n, candle) in candles.iter().enumerate() {
        computing.compute(candle).unwrap();
        naive.step(candle);
        let head = naive.heads().pen.map(|head| head.to_json());
        assert_eq!(serde_json::from_str(&pen_head(&computing)).ok(), head, "at {n}");
        following.follow(candle, tick(&events, candle)).unwrap();
        assert_eq!(pen_head(&following), pen_head(&computing), "at {n}");
        if let Some(late) = &mut late_start {
            FactorEngine::follow(late, candle, tick(&events, candle)).unwrap();
            assert_eq!(pen_head(late), pen_head(&computing), "late start, at {n}");
        }
        if n % 512 == 511 {
            let bytes = saved(&computing);
            late_start = Some(restored(&graph, FoldMode::Follow, &bytes, &candles, &events));
        }
    }
    let text = crate::testing::lines(&graph, &events);
    let keys = text.lines().map(|line| line.split(' ').nth(2).unwrap());
    let expected = naive
        .events()
        .iter()
        .filter(|event| ["pivot", "pen"].contains(&event.factor()));
    assert!(keys.eq(expected.map(NaiveEvent::key)));
    assert!(
        following.heap_bytes() < 400_000 && computing.heap_bytes() < 400_000,
        "memory follows the open legs, not the history"
    );
}
