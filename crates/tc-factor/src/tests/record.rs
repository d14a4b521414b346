//! The property of record for every factor: prefixes, restarts and following give what one uninterrupted run gives.

use std::sync::Arc;

use proptest::prelude::*;
use tc_market::Candle;

use super::{candles, genesis, restored, saved, widths};
use crate::{
    FactorEngine, FactorGraph, FoldMode, LedgerEvent,
    testing::{events_of, graph, market, moves, walk},
};

/// What the heads of all factors look like, to the bit: those of a long series are too many to keep.
fn heads(engine: &FactorEngine) -> blake3::Hash {
    let mut text = Vec::new();
    for (position, name) in engine.graph().names().enumerate() {
        if let Some(head) = engine.head_json(position).unwrap() {
            text.extend_from_slice(name.as_bytes());
            text.extend_from_slice(&head);
        }
    }
    blake3::hash(&text)
}

/// Everything that an uninterrupted run leaves.
struct Run {
    graph: Arc<FactorGraph>,
    candles: Vec<Candle>,
    events: Vec<LedgerEvent>,
    /// After every candle.
    heads: Vec<blake3::Hash>,
    checkpoints: Vec<Vec<u8>>,
}

impl Run {
    fn new(candles: Vec<Candle>, major: i64, minor: i64) -> Self {
        let graph = graph(major, minor);
        let mut engine = genesis(&graph, FoldMode::Compute);
        let (mut all_events, mut all_heads, mut checkpoints) = (Vec::new(), Vec::new(), Vec::new());
        for candle in &candles {
            all_events.extend_from_slice(engine.compute(candle).unwrap());
            all_heads.push(heads(&engine));
            checkpoints.push(saved(&engine));
        }
        Self {
            graph,
            candles,
            events: all_events,
            heads: all_heads,
            checkpoints,
        }
    }

    fn tick(&self, n: usize) -> &[LedgerEvent] {
        let time = self.candles[n].time();
        let from = self.events.partition_point(|event| event.visible_time < time);
        let to = self.events.partition_point(|event| event.visible_time <= time);
        &self.events[from..to]
    }

    fn restored(&self, mode: FoldMode, n: usize) -> FactorEngine {
        restored(
            &self.graph,
            mode,
            &self.checkpoints[n],
            &self.candles,
            &self.events,
        )
    }

    /// The engine that stopped after candle `from` goes on to the end in compute mode.
    fn check_computed_on(&self, from: usize) {
        let mut engine = self.restored(FoldMode::Compute, from);
        assert_eq!(heads(&engine), self.heads[from], "restored at {from}");
        for n in from + 1..self.candles.len() {
            assert_eq!(
                engine.compute(&self.candles[n]).unwrap(),
                self.tick(n),
                "events of {n} from {from}"
            );
            assert_eq!(heads(&engine), self.heads[n], "heads of {n} from {from}");
        }
        assert_eq!(
            saved(&engine),
            *self.checkpoints.last().unwrap(),
            "state at the end from {from}"
        );
    }

    /// The same with the events of the ledger.
    fn check_followed_on(&self, from: usize) {
        let mut engine = self.restored(FoldMode::Follow, from);
        assert_eq!(heads(&engine), self.heads[from], "restored at {from}");
        for n in from + 1..self.candles.len() {
            engine.follow(&self.candles[n], self.tick(n)).unwrap();
            assert_eq!(heads(&engine), self.heads[n], "heads of {n} from {from}");
        }
    }

    /// A new process for every candle, in both modes.
    fn check_restart_everywhere(&self) {
        for n in 1..self.candles.len() {
            let mut engine = self.restored(FoldMode::Compute, n - 1);
            assert_eq!(
                engine.compute(&self.candles[n]).unwrap(),
                self.tick(n),
                "events of {n}"
            );
            assert_eq!(heads(&engine), self.heads[n], "heads of {n}");
            assert_eq!(saved(&engine), self.checkpoints[n], "state of {n}");
            let mut engine = self.restored(FoldMode::Follow, n - 1);
            engine.follow(&self.candles[n], self.tick(n)).unwrap();
            assert_eq!(heads(&engine), self.heads[n], "heads of {n} that is followed");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn a_restart_between_any_two_candles_changes_nothing(candles in candles(1..150), (major, minor) in widths()) {
        Run::new(candles, major, minor).check_restart_everywhere();
    }

    #[test]
    fn a_run_goes_on_from_anywhere_in_both_modes(candles in candles(1..150), (major, minor) in widths(), starts in prop::collection::vec(any::<prop::sample::Index>(), 4)) {
        let run = Run::new(candles, major, minor);
        for start in starts {
            let start = start.index(run.candles.len());
            run.check_computed_on(start);
            run.check_followed_on(start);
        }
    }

    #[test]
    fn a_prefix_gives_a_prefix(candles in candles(1..150), (major, minor) in widths(), cut in any::<prop::sample::Index>()) {
        let cut = cut.index(candles.len());
        let run = Run::new(candles, major, minor);
        let prefix = Run::new(run.candles[..=cut].to_vec(), major, minor);
        prop_assert_eq!(&run.events[..prefix.events.len()], &prefix.events[..]);
        prop_assert!(run.events[prefix.events.len()..].iter().all(|event| event.visible_time > run.candles[cut].time()));
        prop_assert_eq!(&run.heads[..=cut], &prefix.heads[..]);
        prop_assert_eq!(&run.checkpoints[..=cut], &prefix.checkpoints[..]);
    }
}

/// With more than 200 majors a side, so that snapshots look at the newest ones only.
#[test]
fn a_long_run_goes_on_from_anywhere_in_both_modes() {
    for candles in [walk(&moves(29, 1_400)), market(31, 1_400)] {
        let run = Run::new(candles, 1, 2);
        for start in (0..run.candles.len()).step_by(700) {
            run.check_computed_on(start);
            run.check_followed_on(start);
        }
        let events = events_of(&run.graph, &run.candles[..1_000]);
        assert_eq!(run.events[..events.len()], events);
    }
}
