use tc_factor::{
    FactorEngine, FoldMode,
    testing::{events_of, graph, moves, one_minute, walk},
};

use super::*;
use crate::facts::FactsRecorder;

/// Notes what it sees, and asks for nothing.
#[derive(Debug, Default)]
struct Watcher {
    seen: Vec<(usize, usize, usize)>,
}

impl Strategy for Watcher {
    fn on_candle(&mut self, view: &View<'_>, _out: &mut SignalSink<'_>) {
        let now = view.candle().time();
        assert_eq!(
            view.candles().last().map(Candle::time),
            Some(now),
            "the view ends at the newest candle"
        );
        assert!(view.pens().iter().all(|pen| pen.visible_time <= now));
        assert!(view.new_pens().iter().all(|pen| pen.visible_time == now));
        assert!(view.dead_zones().iter().all(|zone| zone.death_time <= now));
        assert!(view.new_dead_zones().iter().all(|zone| zone.death_time == now));
        assert!(view.zone().is_none_or(|zone| zone.formed_time <= now));
        assert!(view.anchor().is_none_or(|anchor| anchor.end_time <= now));
        self.seen.push((
            view.candles().len(),
            view.new_pens().len(),
            view.new_dead_zones().len(),
        ));
    }
}

#[test]
fn a_view_ends_at_its_candle_and_every_fact_is_new_once() {
    let candles = walk(&moves(3, 1_000));
    let mut recorder = FactsRecorder::new(FactorEngine::genesis(
        graph(3, 2),
        one_minute(),
        FoldMode::Compute,
    ));
    for candle in &candles {
        recorder.push(candle, &[]).unwrap();
    }
    let facts = recorder.finish();
    let mut watcher = Watcher::default();
    let columns = signals(&mut watcher, &candles, &facts);
    assert_eq!((columns.len(), watcher.seen.len()), (1_000, 1_000));
    assert!(
        watcher
            .seen
            .iter()
            .enumerate()
            .all(|(row, (candles, ..))| *candles == row + 1)
    );
    let new: usize = watcher.seen.iter().map(|(_, pens, _)| pens).sum();
    let kind = graph(3, 2).kind("pen.confirmed");
    let events = events_of(&graph(3, 2), &candles);
    assert_eq!(
        new,
        events.iter().filter(|event| Some(event.kind) == kind).count()
    );
    assert!(new > 10);
}

#[test]
fn candles_beyond_the_record_have_no_signals() {
    let candles = walk(&moves(3, 20));
    let mut watcher = Watcher::default();
    let columns = signals(&mut watcher, &candles, &FactorFacts::default());
    assert_eq!((columns.len(), watcher.seen.len()), (20, 0));
}
