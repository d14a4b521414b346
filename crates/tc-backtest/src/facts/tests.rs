use std::sync::Arc;

use tc_factor::{
    FactorGraph,
    testing::{events_of, graph, moves, one_minute, walk},
};

use super::*;

fn recorded(
    graph: &Arc<FactorGraph>,
    candles: &[Candle],
    mode: FoldMode,
    events: &[LedgerEvent],
) -> FactorFacts {
    let engine = FactorEngine::genesis(Arc::clone(graph), one_minute(), mode);
    let mut recorder = FactsRecorder::new(engine);
    for candle in candles {
        let from = events.partition_point(|event| event.visible_time < candle.time());
        let to = events.partition_point(|event| event.visible_time <= candle.time());
        recorder.push(candle, &events[from..to]).unwrap();
    }
    recorder.finish()
}

#[test]
fn the_stored_ledger_says_the_same_as_computing() {
    let graph = graph(3, 2);
    let candles = walk(&moves(7, 1_500));
    let events = events_of(&graph, &candles);
    let computed = recorded(&graph, &candles, FoldMode::Compute, &[]);
    let followed = recorded(&graph, &candles, FoldMode::Follow, &events);
    assert_eq!(computed, followed);
    assert_eq!(computed.rows(), candles.len());
    let counts = [
        computed.pens.facts.len(),
        computed.dead_zones.facts.len(),
        computed.zones.facts.len(),
        computed.anchors.facts.len(),
        computed.snapshots.facts.len(),
        computed.levels.len(),
    ];
    assert!(counts.iter().all(|count| *count > 5), "{counts:?}");
}

#[test]
fn a_shorter_history_is_the_beginning_of_a_longer_one() {
    let graph = graph(2, 1);
    let candles = walk(&moves(11, 600));
    let whole = recorded(&graph, &candles, FoldMode::Compute, &[]);
    for count in [1, 50, 333, 599] {
        let part = recorded(&graph, &candles[..count], FoldMode::Compute, &[]);
        let rows = part.pens.rows.len();
        assert_eq!(part.pens.facts, whole.pens.facts[..rows]);
        assert!(whole.pens.rows.get(rows).is_none_or(|row| *row as usize >= count));
        assert_eq!(part.zones.facts, whole.zones.facts[..part.zones.facts.len()]);
        assert_eq!(part.levels, whole.levels[..part.levels.len()]);
    }
}
