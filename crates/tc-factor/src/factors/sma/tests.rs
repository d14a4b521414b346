//! The averages, and what a restart, a follower and a slice make of them.

use std::sync::Arc;

use proptest::prelude::*;
use tc_market::Candle;

use super::{PERIOD_FAST, PERIOD_SLOW, SPEC, Sma};
use crate::{
    FactorEngine, FactorGraph, FactorSettings, FoldMode, ParamValue, Slice, SliceInput, SlicePart,
    WindowEvents, catalog,
    factors::FACTORS,
    testing::{events_of, prices},
    tests::{candles, genesis, restored, saved},
};

/// The factor alone.
fn alone(fast: i64, slow: i64) -> Arc<FactorGraph> {
    let settings = FactorSettings {
        overrides: [(PERIOD_FAST.name, fast), (PERIOD_SLOW.name, slow)]
            .map(|(name, period)| (format!("sma.{name}"), ParamValue::Int(period)))
            .into(),
        ..FactorSettings::default()
    };
    Arc::new(FactorGraph::build(&[SPEC], &settings).unwrap())
}

fn head(engine: &FactorEngine) -> Option<String> {
    let head = engine.head_json(0).unwrap();
    head.map(|head| String::from_utf8(head).unwrap())
}

/// Heads after each candle.
fn heads(graph: &Arc<FactorGraph>, candles: &[Candle]) -> Vec<Option<String>> {
    let mut engine = genesis(graph, FoldMode::Compute);
    let heads = candles.iter().map(|candle| {
        assert_eq!(engine.compute(candle).unwrap(), []);
        head(&engine)
    });
    heads.collect()
}

fn slice(engine: &FactorEngine) -> Option<Slice> {
    let input = SliceInput {
        position: 0,
        events: WindowEvents::new(engine.graph(), &[]),
        engine,
        at: engine.head().unwrap(),
        part: SlicePart::All,
    };
    (SPEC.slice)(&input).unwrap()
}

#[test]
fn an_average_is_there_once_its_period_is_full() {
    let heads = heads(&alone(2, 4), &prices("1 2 4 8 16"));
    let expected = [
        None,
        Some(r#"{"fast":{"period":2,"value":1.5}}"#),
        Some(r#"{"fast":{"period":2,"value":3.0}}"#),
        Some(r#"{"fast":{"period":2,"value":6.0},"slow":{"period":4,"value":3.75}}"#),
        Some(r#"{"fast":{"period":2,"value":12.0},"slow":{"period":4,"value":7.5}}"#),
    ];
    assert_eq!(heads, expected.map(|head| head.map(str::to_owned)));
}

#[test]
fn fast_may_be_the_longer_one() {
    let heads = heads(&alone(3, 1), &prices("1 2 6"));
    assert_eq!(heads[1].as_deref(), Some(r#"{"slow":{"period":1,"value":2.0}}"#));
    assert_eq!(
        heads[2].as_deref(),
        Some(r#"{"fast":{"period":3,"value":3.0},"slow":{"period":1,"value":6.0}}"#)
    );
}

#[test]
fn gaps_count_as_nothing() {
    let graph = alone(3, 3);
    assert_eq!(
        heads(&graph, &prices("1 2 3")),
        heads(&graph, &prices("1 +5 2 +1 3"))
    );
}

#[test]
fn the_slice_is_the_head() {
    let mut engine = genesis(&alone(2, 9), FoldMode::Compute);
    let candles = prices("1 2");
    engine.compute(&candles[0]).unwrap();
    assert_eq!(slice(&engine), None);
    engine.compute(&candles[1]).unwrap();
    let expected = Slice {
        history: b"{}".to_vec(),
        head: br#"{"fast":{"period":2,"value":1.5}}"#.to_vec(),
    };
    assert_eq!(slice(&engine), Some(expected));
}

#[test]
fn defaults_and_catalogue() {
    let graph = Arc::new(FactorGraph::build(FACTORS, &FactorSettings::default()).unwrap());
    let entry = catalog(&graph)
        .into_iter()
        .find(|entry| entry.key == "sma")
        .unwrap();
    assert_eq!((entry.label.as_str(), entry.default_visible), ("SMA", false));
    let features: Vec<_> = entry
        .sub_features
        .iter()
        .map(|feature| feature.key.as_str())
        .collect();
    assert_eq!(features, ["sma"]);

    let mut engine = genesis(&graph, FoldMode::Compute);
    for candle in prices(&"1 ".repeat(50)) {
        engine.compute(&candle).unwrap();
    }
    let head = engine.factor::<Sma>().unwrap().head().unwrap();
    assert_eq!((head.fast.unwrap().period, head.slow.unwrap().period), (20, 50));
}

#[test]
fn a_long_period_takes_no_more_memory_than_there_are_candles() {
    let mut engine = genesis(&alone(1, i64::MAX), FoldMode::Compute);
    for candle in prices("1 2 3") {
        engine.compute(&candle).unwrap();
    }
    assert_eq!(
        head(&engine).as_deref(),
        Some(r#"{"fast":{"period":1,"value":3.0}}"#)
    );
    assert!(engine.heap_bytes() < 10_000);
}

fn periods() -> impl Strategy<Value = (i64, i64)> {
    (1_i64..=8, 1_i64..=20)
}

proptest! {
    #[test]
    fn the_value_is_the_mean_of_the_newest_closes_to_the_bit(candles in candles(0..80), (fast, slow) in periods()) {
        let heads = heads(&alone(fast, slow), &candles);
        for (n, head) in heads.iter().enumerate() {
            let average = |period: i64| {
                let period = usize::try_from(period).unwrap();
                let first = (n + 1).checked_sub(period)?;
                Some(candles[first..=n].iter().fold(0.0, |sum, candle| sum + candle.close()) / period as f64)
            };
            let found: serde_json::Value = head.as_ref().map_or(serde_json::Value::Null, |head| serde_json::from_str(head).unwrap());
            for (name, period) in [("fast", fast), ("slow", slow)] {
                let value = found[name]["value"].as_f64();
                prop_assert_eq!(value.map(f64::to_bits), average(period).map(f64::to_bits), "{} after {}", name, n);
            }
        }
    }

    #[test]
    fn a_restart_before_every_candle_changes_no_head(candles in candles(1..80), (fast, slow) in periods()) {
        let graph = alone(fast, slow);
        let expected = heads(&graph, &candles);
        for mode in [FoldMode::Compute, FoldMode::Follow] {
            let mut computing = genesis(&graph, FoldMode::Compute);
            let mut restarted = genesis(&graph, mode);
            for (n, candle) in candles.iter().enumerate() {
                computing.compute(candle).unwrap();
                match mode {
                    FoldMode::Compute => restarted.compute(candle).map(|_| ()).unwrap(),
                    FoldMode::Follow => restarted.follow(candle, &[]).unwrap(),
                }
                prop_assert_eq!(&head(&restarted), &expected[n], "{:?} after {}", mode, n);
                restarted = restored(&graph, mode, &saved(&computing), &candles, &[]);
                prop_assert_eq!(&head(&restarted), &expected[n], "{:?} restored after {}", mode, n);
            }
        }
    }

    #[test]
    fn it_leaves_no_trace_in_the_ledger(candles in candles(0..120)) {
        let settings = FactorSettings::with_pivot_windows(2, 1);
        let others: Vec<_> = FACTORS.iter().filter(|spec| spec.factor_name != "sma").copied().collect();
        let with = Arc::new(FactorGraph::build(FACTORS, &settings).unwrap());
        let without = Arc::new(FactorGraph::build(&others, &settings).unwrap());
        prop_assert_eq!(events_of(&with, &candles), events_of(&without, &candles));
    }
}
