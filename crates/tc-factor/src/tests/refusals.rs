//! What the engine, the graph and the decoders refuse.

use std::sync::Arc;

use proptest::prelude::*;
use tc_market::CandleTime;

use super::{genesis, restored, saved};
use crate::{
    Checkpoint, EngineError, EventKindSpec, FactorEngine, FactorGraph, FactorSettings, FactorSpec, FoldMode,
    GraphError, KindId, LedgerEvent, ParamError, ParamValue, SortKey,
    factors::{FACTORS, anchor, pen, pivot, sr, zhongshu},
    testing::{complete, events_of, graph, moves, one_minute, prices, walk},
};

fn build(specs: &[FactorSpec]) -> Result<Vec<&'static str>, GraphError> {
    FactorGraph::build(specs, &FactorSettings::default()).map(|graph| graph.names().collect())
}

const fn named(factor_name: &'static str, depends_on: &'static [&'static str]) -> FactorSpec {
    FactorSpec {
        factor_name,
        depends_on,
        events: &[],
        params: &[],
        ..pivot::SPEC
    }
}

#[test]
fn order_is_depth_first_by_name() {
    let specs = [
        named("e", &[]),
        named("d", &["b", "c"]),
        named("c", &["e"]),
        named("b", &["e"]),
        named("a", &["d"]),
    ];
    assert_eq!(build(&specs), Ok(vec!["e", "b", "c", "d", "a"]));
}

#[test]
fn every_missing_dependency_is_named_once_in_order() {
    let specs = [named("b", &["y", "x", "x"]), named("a", &["z"])];
    assert_eq!(
        build(&specs).unwrap_err().to_string(),
        r#"missing_deps:["a->z", "b->x", "b->y"]"#
    );
}

#[test]
fn a_factor_cannot_depend_on_itself() {
    assert_eq!(
        build(&[named("a", &["a"])]).unwrap_err().to_string(),
        "cycle:a->a"
    );
    let tail = [named("a", &["b"]), named("b", &["c"]), named("c", &["b"])];
    assert_eq!(build(&tail).unwrap_err().to_string(), "cycle:b->c->b");
}

#[test]
fn one_bucket_has_one_order_and_one_kind_one_bucket() {
    const MAJOR: EventKindSpec = pivot::SPEC.events[0];
    const OTHER_ORDER: EventKindSpec = EventKindSpec {
        name: "pivot.other",
        sort: &[SortKey::AnchorTime],
        ..MAJOR
    };
    let conflict = FactorSpec {
        events: &[MAJOR, OTHER_ORDER],
        ..pivot::SPEC
    };
    assert_eq!(
        build(&[conflict]).unwrap_err().to_string(),
        "factor_slice_sort_conflict:major"
    );
    let twice = FactorSpec {
        events: &[
            MAJOR,
            EventKindSpec {
                bucket: "other",
                ..MAJOR
            },
        ],
        ..pivot::SPEC
    };
    assert_eq!(
        build(&[twice]).unwrap_err().to_string(),
        "factor_slice_bucket_conflict:pivot:pivot.major"
    );
}

#[test]
fn a_setting_has_the_type_of_its_parameter() {
    for value in [ParamValue::Float(5.0), ParamValue::Float(f64::NAN)] {
        let settings = FactorSettings {
            overrides: [("pivot.window_major".to_owned(), value)].into(),
            ..FactorSettings::default()
        };
        assert!(matches!(
            FactorGraph::build(FACTORS, &settings),
            Err(GraphError::Param(ParamError::WrongType { .. }))
        ));
    }
}

#[test]
fn candles_come_in_order() {
    let (graph, candles) = (graph(1, 1), prices("1 2 3"));
    for mode in [FoldMode::Compute, FoldMode::Follow] {
        let mut engine = genesis(&graph, mode);
        let mut take = |n: usize| match mode {
            FoldMode::Compute => engine.compute(&candles[n]).map(|_| ()),
            FoldMode::Follow => engine.follow(&candles[n], &[]),
        };
        assert_eq!(take(1), Ok(()));
        for refused in [0, 1] {
            let (head, candle) = (candles[1].time(), candles[refused].time());
            assert_eq!(take(refused), Err(EngineError::OutOfOrder { head, candle }));
        }
        assert_eq!(take(2), Ok(()), "a refusal changes nothing");
    }
}

#[test]
fn a_checkpoint_fits_its_graph_and_its_candles_only() {
    let graph = graph(2, 1);
    let candles = walk(&moves(5, 60));
    let mut engine = genesis(&graph, FoldMode::Compute);
    let mut events = Vec::new();
    for candle in &candles {
        events.extend_from_slice(engine.compute(candle).unwrap());
    }
    let checkpoint = Checkpoint::decode(&saved(&engine)).unwrap();
    let events = complete(&graph, &events);
    let restore = |checkpoint: &Checkpoint, tail: &[tc_market::Candle]| {
        FactorEngine::restore(
            Arc::clone(&graph),
            one_minute(),
            FoldMode::Compute,
            checkpoint,
            tail.to_vec(),
            &events,
        )
        .map(|engine| engine.processed())
    };
    let from = checkpoint.needs_from(FoldMode::Compute).unwrap();
    let tail = &candles[candles.partition_point(|candle| candle.time() < from)..];
    assert_eq!(restore(&checkpoint, tail), Ok(60));

    let refused = Err(EngineError::CandleTail(checkpoint.time));
    assert_eq!(
        restore(&checkpoint, &tail[1..]),
        refused,
        "one too few at the start"
    );
    assert_eq!(
        restore(&checkpoint, &tail[..tail.len() - 1]),
        refused,
        "one too few at the end"
    );
    assert_eq!(restore(&checkpoint, &[]), refused);

    let mut other = checkpoint.clone();
    other.factors[0].logic_version.push('x');
    assert_eq!(restore(&other, tail), Err(EngineError::GraphMismatch));
    let mut other = checkpoint.clone();
    other.factors.pop();
    assert_eq!(restore(&other, tail), Err(EngineError::GraphMismatch));
    let mut other = checkpoint.clone();
    other.factors[1].state.push(0);
    assert!(
        matches!(restore(&other, tail), Err(EngineError::Codec(_))),
        "bytes are left"
    );
    assert_eq!(
        restored(&graph, FoldMode::Compute, &checkpoint.encode(), &candles, &events).processed(),
        60
    );
}

#[test]
fn follow_refuses_a_payload_that_it_cannot_read() {
    let graph = graph(1, 1);
    let candles = prices("1 2 1 2 1 2");
    let mut events = events_of(&graph, &candles);
    events[0].payload.truncate(1);
    let mut engine = genesis(&graph, FoldMode::Follow);
    let mut results = candles.iter().map(|candle| {
        let tick: Vec<LedgerEvent> = events
            .iter()
            .filter(|event| event.visible_time == candle.time())
            .cloned()
            .collect();
        engine.follow(candle, &tick)
    });
    assert!(results.any(|result| matches!(result, Err(EngineError::Codec(_)))));
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    // A valid format byte in front makes it past the first check.
    (any::<bool>(), prop::collection::vec(any::<u8>(), 0..48)).prop_map(|(plausible, mut bytes)| {
        if let Some(first) = bytes.first_mut().filter(|_| plausible) {
            *first = 1;
        }
        bytes
    })
}

proptest! {
    #[test]
    fn payload_decoders_survive_any_bytes(payload in bytes(), time in 0_i64..1 << 33) {
        let graph = graph(2, 1);
        for (number, name) in (0u16..).zip(graph.kind_names()) {
            let event = LedgerEvent {
                kind: KindId(number),
                ord: 0,
                visible_time: CandleTime::new(time).unwrap(),
                anchor_time: CandleTime::MIN,
                payload: payload.clone().into(),
            };
            let kind = graph.kind_spec(graph.kind(name).unwrap()).unwrap();
            let mut json = Vec::new();
            let (key, written) = ((kind.event_key)(&event), (kind.write_json)(&event, &mut json));
            prop_assert_eq!(key.is_ok(), written.is_ok());
        }
    }

    #[test]
    fn a_decoded_payload_is_encoded_back_to_its_bytes(moves in prop::collection::vec(any::<u16>(), 0..120)) {
        let graph = graph(2, 1);
        for event in complete(&graph, &events_of(&graph, &walk(&moves))) {
            let again = match graph.kind_spec(event.kind).unwrap().name {
                pen::CONFIRMED => pen::PenEvent::decode(&event).unwrap().encode(),
                zhongshu::DEAD => zhongshu::DeadZone::decode(&event).unwrap().encode(),
                anchor::SWITCH => anchor::SwitchEvent::decode(&event).unwrap().encode(),
                sr::SNAPSHOT => sr::SrSnapshot::decode(&event).unwrap().encode(),
                _ => pivot::PivotEvent::decode(&event).unwrap().encode(),
            };
            prop_assert_eq!(again, event.payload);
        }
    }

    #[test]
    fn state_decoders_survive_any_bytes(state in bytes(), factor in 0..FACTORS.len(), count in 1usize..100) {
        let graph = graph(2, 1);
        let candles = walk(&moves(3, count));
        let mut engine = genesis(&graph, FoldMode::Compute);
        for candle in &candles {
            engine.compute(candle).unwrap();
        }
        let mut checkpoint = Checkpoint::decode(&saved(&engine)).unwrap();
        checkpoint.factors[factor].state = state;
        let from = checkpoint.needs_from(FoldMode::Follow);
        let tail = from.map_or(&[][..], |from| &candles[candles.partition_point(|candle| candle.time() < from)..]);
        let (tail, events) = (tail.to_vec(), complete(&graph, &events_of(&graph, &candles)));
        let engine =
            FactorEngine::restore(Arc::clone(&graph), one_minute(), FoldMode::Follow, &checkpoint, tail, &events);
        if let Ok(engine) = engine {
            // Whatever was read can be looked at.
            for position in 0..FACTORS.len() {
                prop_assert!(engine.head_json(position).is_ok());
            }
            prop_assert!(engine.checkpoint(checkpoint.fingerprint).is_some());
        }
    }
}
