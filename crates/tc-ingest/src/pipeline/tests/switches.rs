//! Switches and settings that change between two runs.

use std::sync::Arc;

use tc_overlay::{OverlayGraph, OverlaySettings, renderers::RENDERERS};
use tc_store::{Savepoint, Storage, WriteTxn};

use super::{World, batch, corrected, refresh, series, setup, walk};
use crate::{IngestError, IngestOptions, RebuildReason, Step};

#[test]
fn a_changed_setting_is_exactly_one_rebuild_over_all_candles() {
    let mut world = World::usual();
    let candles = walk(1, 60);
    world.ingest(&candles);
    let before = world.assert_in_step();
    world.setup = setup(3, 40);
    world.restart();
    let report = world.ingest(&candles[59..]);
    let rebuild = report.rebuilt.unwrap();
    assert_eq!(
        (rebuild.reason, rebuild.from, rebuild.candles, rebuild.trimmed),
        (RebuildReason::Fingerprint, None, 60, 0)
    );
    assert_eq!(report.epoch, 1);
    let after = world.assert_in_step();
    assert_eq!(after.candles, before.candles);
    assert_ne!(after.events, before.events);
    assert_eq!(after.state.resync_floor, candles[59].time());
    assert_eq!(world.ingest(&candles[59..]).rebuilt, None);
    world.restart();
    assert_eq!(world.refresh().rebuilt, None);
    assert_eq!(world.stored(), after);
}

#[test]
fn the_operators_text_is_part_of_the_fingerprint() {
    let mut world = World::usual();
    world.ingest(&walk(1, 30));
    world.setup.settings.logic_version_override = "b".to_owned();
    world.restart();
    assert_eq!(
        world.refresh().rebuilt.unwrap().reason,
        RebuildReason::Fingerprint
    );
    assert_eq!(world.assert_in_step().state.epoch, 1);
}

#[test]
fn a_rebuild_trims_only_when_told_so() {
    let mut world = World::usual();
    let candles = walk(2, 160);
    world.ingest(&candles);
    world.options.rebuild_keep_candles = Some(100);
    world.setup = setup(3, 40);
    world.restart();
    let report = world.ingest(&candles[159..]);
    let rebuild = report.rebuilt.unwrap();
    assert_eq!((rebuild.candles, rebuild.trimmed, report.epoch), (100, 60, 1));
    assert_eq!(world.assert_in_step().candles, candles[60..]);
    // A late or corrected candle never trims.
    let report = world.ingest(&[corrected(&candles[80])]);
    assert_eq!((report.rebuilt.unwrap().trimmed, report.epoch), (0, 2));
    assert_eq!(world.assert_in_step().candles.len(), 100);
    world.ingest(&candles[..60]);
    assert_eq!(world.assert_in_step().candles.len(), 160);
}

#[test]
fn without_the_switch_the_fingerprint_is_neither_checked_nor_written() {
    let options = IngestOptions {
        fingerprint_rebuild: false,
        ..IngestOptions::default()
    };
    let mut world = World::new(setup(2, 40), options);
    let candles = walk(3, 90);
    world.ingest(&candles[..60]);
    assert_eq!(world.assert_in_step().state.fingerprint, None);
    let before = world.stored();

    world.setup = setup(3, 40);
    world.restart();
    let report = world.ingest(&candles[60..80]);
    assert_eq!((report.rebuilt, report.epoch), (None, 0));
    let after = world.stored();
    assert_eq!(
        after.events[..before.events.len()],
        before.events,
        "what is there stays"
    );
    let appended = world.expected(&candles[..80]).events;
    let appended: Vec<_> = appended
        .into_iter()
        .filter(|event| event.visible_time > candles[59].time())
        .collect();
    assert_eq!(
        after.events[before.events.len()..],
        appended,
        "what comes is of the new setting"
    );

    // Switched on again: a ledger of unknown origin is folded again.
    world.options.fingerprint_rebuild = true;
    world.restart();
    let report = world.ingest(&candles[80..]);
    assert_eq!(report.rebuilt.unwrap().reason, RebuildReason::Fingerprint);
    assert_eq!(world.assert_in_step().state.epoch, 1);
}

#[test]
fn without_factors_only_candles_are_kept() {
    let options = IngestOptions {
        factor_ingest: false,
        ..IngestOptions::default()
    };
    let mut world = World::new(setup(2, 40), options);
    let candles = walk(4, 60);
    for chunk in candles.chunks(20) {
        let report = world.ingest(chunk);
        assert_eq!((report.steps.len(), report.events), (4, 0));
    }
    let stored = world.stored();
    assert_eq!(stored.candles, candles);
    assert_eq!(
        (
            stored.state.factor_head,
            stored.state.feature_head,
            stored.state.overlay_head
        ),
        (None, None, None)
    );
    assert_eq!((stored.state.fingerprint, stored.events.len()), (None, 0));
    world.options.factor_ingest = true;
    world.restart();
    let report = world.ingest(&candles[59..]);
    assert_eq!(
        (report.rebuilt, report.epoch),
        (None, 0),
        "a catch-up is no rebuild"
    );
    world.assert_in_step();
}

#[test]
fn late_candles_wait_while_factors_are_off() {
    let mut world = World::usual();
    let candles = walk(5, 60);
    world.ingest(&candles[10..40]);
    world.options.factor_ingest = false;
    world.restart();
    world.ingest(&candles);
    let state = world.stored().state;
    assert_eq!(
        (state.stale_from, state.factor_head, state.epoch),
        (Some(candles[0].time()), Some(candles[39].time()), 0)
    );
    world.options.factor_ingest = true;
    world.restart();
    assert_eq!(world.refresh().epoch, 1);
    world.assert_in_step();
}

#[test]
fn drawings_are_made_up_for_when_they_are_switched_on() {
    let options = IngestOptions {
        overlay_ingest: false,
        ..IngestOptions::default()
    };
    let mut world = World::new(setup(2, 40), options);
    let candles = walk(6, 80);
    world.ingest(&candles[..40]);
    let stored = world.stored();
    assert_eq!((stored.state.overlay_head, stored.settled.len()), (None, 0));
    assert_eq!(stored.state.factor_head, Some(candles[39].time()));
    assert!(!stored.events.is_empty());
    for (on, n) in [(true, 50), (false, 60), (false, 70), (true, 80)] {
        world.options.overlay_ingest = on;
        world.restart();
        let report = world.ingest(&candles[n - 10..n]);
        assert_eq!(report.overlay_head == report.factor_head, on);
    }
    assert_eq!(world.assert_in_step().state.epoch, 0);
    // A late candle while they are off.
    world.options.overlay_ingest = false;
    world.restart();
    world.ingest(&[corrected(&candles[30])]);
    assert_eq!(world.stored().state.overlay_head, Some(candles[29].time()));
    world.options.overlay_ingest = true;
    world.restart();
    world.refresh();
    world.assert_in_step();
}

#[test]
fn another_overlay_window_makes_the_drawings_again_and_raises_no_epoch() {
    let mut world = World::usual();
    let candles = walk(7, 60);
    world.ingest(&candles[..50]);
    let before = world.assert_in_step();
    let window = OverlaySettings { window_candles: 7 };
    world.setup.overlay = Arc::new(OverlayGraph::build(RENDERERS, window).unwrap());
    world.restart();
    let report = world.ingest(&candles[50..]);
    assert_eq!((report.rebuilt, report.epoch), (None, 0));
    let after = world.assert_in_step();
    assert_eq!(after.state.resync_floor, candles[49].time());
    assert!(after.state.generation > before.state.generation);
    // Nothing new to draw is reason enough.
    world.setup = setup(2, 9);
    world.restart();
    world.refresh();
    assert_eq!(world.assert_in_step().state.resync_floor, candles[59].time());
}

#[test]
fn a_warm_fold_of_another_generation_is_not_used() {
    // Somebody else corrects a candle while this pipeline keeps a fold at the same head.
    let mut world = World::usual();
    let candles = walk(8, 60);
    world.ingest(&candles[..50]);
    let mut other = super::pipeline(&world.setup, &world.options);
    let outcomes = other.run(
        &world.storage,
        &world.ears,
        vec![batch("A", &[corrected(&candles[48])])],
    );
    assert_eq!(outcomes[0].as_ref().unwrap().epoch, 1);
    world.ingest(&candles[50..]);
    world.assert_in_step();
}

#[test]
fn drawings_that_somebody_else_cleared_are_made_again() {
    let mut world = World::usual();
    let candles = walk(8, 60);
    world.ingest(&candles[..50]);
    let mut txn = world.storage.begin().unwrap();
    txn.savepoint(Savepoint::Unit).unwrap();
    let key = txn.series_key(&series("A")).unwrap().unwrap();
    let mut state = txn.series_state(key).unwrap();
    txn.discard_settled_from(key, tc_market::CandleTime::MIN).unwrap();
    state.overlay_head = None;
    state.generation += 1;
    txn.put_series_state(key, &state).unwrap();
    txn.release(Savepoint::Unit).unwrap();
    txn.commit().unwrap();
    world.ingest(&candles[50..]);
    world.assert_in_step();
}

#[test]
fn a_ledger_that_differs_from_its_candles_is_noticed_and_nothing_is_built_on_it() {
    let mut world = World::usual();
    let candles = walk(9, 60);
    world.ingest(&candles[..50]);
    let event = world.stored().events[3].clone();
    let tamper = |world: &World, change: &dyn Fn(&mut dyn WriteTxn, tc_store::SeriesKey)| {
        let mut txn = world.storage.begin().unwrap();
        let key = txn.series_key(&series("A")).unwrap().unwrap();
        change(&mut *txn, key);
        txn.commit().unwrap();
    };
    tamper(&world, &|txn, key| {
        txn.discard_ledger_from(key, event.visible_time.shifted(1))
            .unwrap();
    });
    world.restart();
    let failure = world.run_one(batch("A", &candles[50..])).unwrap_err();
    assert_eq!(failure.step, Step::Factor);
    assert!(matches!(*failure.cause, IngestError::LedgerMismatch(at) if at > event.visible_time));
    assert_eq!(world.stored().candles.len(), 60, "the candles are kept");
    assert_eq!(world.stored().state.factor_head, Some(candles[49].time()));
    // A late candle before the damage folds it away.
    world.ingest(&[corrected(&candles[0])]);
    world.assert_in_step();
    assert!(world.run_one(refresh("A", candles[59].time())).is_ok());
}

#[test]
fn a_cache_of_no_size_only_costs_time() {
    let options = IngestOptions {
        engine_cache_bytes: 0,
        ..IngestOptions::default()
    };
    let mut world = World::new(setup(2, 40), options);
    let candles = walk(10, 60);
    for candle in &candles {
        world.ingest(std::slice::from_ref(candle));
        world.run_one(batch("B", std::slice::from_ref(candle))).unwrap();
    }
    let of_a = world.assert_in_step();
    let of_b = world.stored_of("B").unwrap();
    assert_eq!((of_b.events, of_b.settled), (of_a.events, of_a.settled));
}
