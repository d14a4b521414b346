//! Answers that are refused, and those that are not: overlay contract 11, factor contract 9.2.

use tc_store::WriteTxn;

use super::{World, corrected, reader, refused, series, setup, walk};
use crate::{DrawDelta, Ledger};

const FACTOR: Option<Ledger> = Some(Ledger::Factor);
const OVERLAY: Option<Ledger> = Some(Ledger::Overlay);

#[test]
fn nothing_stored_is_an_empty_answer() {
    let mut world = World::new(series(), setup(2, 40));
    for at in [0, 1_700_000_040] {
        let slices = world.slices(at).unwrap();
        assert_eq!((slices.aligned, slices.epoch, slices.factors.len()), (None, 0, 0));
    }
    assert_eq!(world.delta(0, None).unwrap(), DrawDelta::default());
    let candles = walk(1, 30);
    world.ingest(&candles);
    let before = candles[0].time().seconds() - 1;
    assert_eq!(world.slices(before).unwrap().aligned, None);
    assert_eq!(world.delta(0, Some(before)).unwrap(), DrawDelta::default());
    assert_eq!(world.delta(5, Some(-1)).unwrap(), DrawDelta::default());
}

#[test]
fn any_instant_is_floored_to_a_candle() {
    let candles = walk(1, 30);
    let world = World::with(&candles);
    for (n, candle) in candles.iter().enumerate() {
        let at = candle.time().seconds();
        for later in [0, 1, 59] {
            assert_eq!(world.slices(at + later).unwrap().aligned, Some(candle.time()));
            assert_eq!(
                world.delta(0, Some(at + later)).unwrap(),
                world.delta(0, Some(at)).unwrap()
            );
        }
        assert_eq!(
            n == 29,
            world.delta(0, None).unwrap() == world.delta(0, Some(at)).unwrap()
        );
    }
    assert_eq!(world.slices(i64::MAX).unwrap().aligned, Some(candles[29].time()));
}

#[test]
fn missing_ledgers() {
    let candles = walk(2, 30);
    let mut world = World::new(series(), setup(2, 40));
    world.options.factor_ingest = false;
    world.restart_writer();
    world.ingest(&candles);
    let at = candles[10].time().seconds();
    assert_eq!(refused(world.slices(at)), FACTOR);
    assert_eq!(
        refused(world.delta(0, Some(at))),
        OVERLAY,
        "drawings are asked first"
    );
    world.options.factor_ingest = true;
    world.options.overlay_ingest = false;
    world.restart_writer();
    world.refresh();
    assert_eq!(refused(world.slices(at)), None);
    assert_eq!(refused(world.delta(0, Some(at))), OVERLAY);
    assert_eq!(
        refused(world.delta(at - 60, Some(at))),
        OVERLAY,
        "for every cursor"
    );
    world.options.overlay_ingest = true;
    world.restart_writer();
    world.refresh();
    assert_eq!(refused(world.delta(0, Some(at))), None);
}

#[test]
fn ledgers_that_are_behind_answer_up_to_their_head() {
    let candles = walk(3, 50);
    let mut world = World::with(&candles[..30]);
    let at = |n: usize| candles[n].time().seconds();
    let live = world.delta(0, None).unwrap();
    world.options.factor_ingest = false;
    world.restart_writer();
    world.ingest(&candles[30..]);
    assert_eq!(refused(world.delta(0, None)), OVERLAY);
    assert_eq!(refused(world.delta(at(29), None)), OVERLAY);
    for n in [30, 49] {
        assert_eq!(refused(world.slices(at(n))), FACTOR);
    }
    assert_eq!(refused(world.slices(at(29))), None);
    assert_eq!(world.delta(0, Some(at(29))).unwrap(), live);
    // The factors have caught up, the drawings have not.
    world.options.factor_ingest = true;
    world.options.overlay_ingest = false;
    world.restart_writer();
    world.refresh();
    assert_eq!(refused(world.slices(at(49))), None);
    assert_eq!(refused(world.delta(0, None)), OVERLAY);
    assert_eq!(world.delta(0, Some(at(29))).unwrap(), live);
}

#[test]
fn a_late_candle_that_waits_makes_everything_after_it_stale() {
    let candles = walk(4, 50);
    let mut early = candles.clone();
    let late = early.remove(25);
    let mut world = World::with(&early);
    let before: Vec<_> = early[..25]
        .iter()
        .map(|candle| {
            let at = candle.time().seconds();
            (world.slices(at).unwrap(), world.delta(0, Some(at)).unwrap())
        })
        .collect();
    world.ingest_deferred(&[late]);
    for (n, candle) in candles.iter().enumerate() {
        let at = candle.time().seconds();
        if n < 25 {
            assert_eq!(world.slices(at).unwrap(), before[n].0);
            assert_eq!(world.delta(0, Some(at)).unwrap(), before[n].1);
        } else {
            assert_eq!(refused(world.slices(at)), FACTOR, "at {n}");
            assert_eq!(
                refused(world.delta(0, Some(at))),
                FACTOR,
                "the drawings reach there, but of what?"
            );
        }
    }
    world.refresh();
    assert_eq!(refused(world.delta(0, None)), None);
    assert_eq!(world.slices(late.time().seconds()).unwrap().epoch, 1);
    // A corrected one as well, from its own time on.
    world.ingest_deferred(&[corrected(&candles[40])]);
    assert_eq!(refused(world.slices(candles[39].time().seconds())), None);
    assert_eq!(refused(world.slices(candles[40].time().seconds())), FACTOR);
}

#[test]
fn drawings_of_another_window_count_as_missing() {
    let candles = walk(5, 40);
    let mut world = World::with(&candles);
    world.setup = setup(2, 15);
    world.reader = reader(&world.setup);
    assert_eq!(refused(world.delta(0, None)), OVERLAY);
    assert_eq!(refused(world.slices(candles[39].time().seconds())), None);
    world.restart_writer();
    world.refresh();
    assert_eq!(refused(world.delta(0, None)), None);
}

#[test]
fn candles_that_the_ledger_never_saw_are_noticed() {
    // A head that claims more than its candles: the answer must not be one of an older candle.
    let candles = walk(6, 40);
    let world = World::with(&candles);
    let at = candles[39].time().seconds();
    world.tamper(|txn: &mut dyn WriteTxn, key| {
        let mut state = txn.series_state(key).unwrap();
        state.factor_head = Some(candles[38].time());
        txn.put_series_state(key, &state).unwrap();
    });
    assert_eq!(refused(world.slices(at)), FACTOR);
    assert_eq!(refused(world.delta(0, None)), FACTOR);
}

#[test]
fn a_ledger_of_former_factors_is_read_as_it_is_while_its_check_is_off() {
    let candles = walk(7, 1_200);
    let mut world = World::with(&candles);
    let at = candles[1_100].time().seconds();
    let (slices, delta) = (world.slices(at).unwrap(), world.delta(0, Some(at)).unwrap());
    let mut specs = tc_factor::factors::FACTORS.to_vec();
    specs[1].logic_version = "next";
    let graph = tc_factor::FactorGraph::build(&specs, &world.setup.settings).unwrap();
    world.setup.factors = std::sync::Arc::new(graph);
    world.options.fingerprint_rebuild = false;
    world.restart_writer();
    world.reader = reader(&world.setup);
    // Its checkpoints are of no use, its events are.
    for _ in 0..2 {
        assert_eq!(world.slices(at).unwrap(), slices);
        assert_eq!(world.delta(0, Some(at)).unwrap(), delta);
    }
}
