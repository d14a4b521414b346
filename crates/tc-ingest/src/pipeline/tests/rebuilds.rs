//! What an operator may ask for, whole series at a time: overlay contract 12.2.

use proptest::prelude::*;
use tc_market::{Candle, CandleTime};
use tc_store::Operation;

use super::{OPERATIONS, World, batch, corrected, deferred, rebuild, refresh, setup, walk};
use crate::{IngestError, IngestOptions, IngestReport, RebuildReason, Step};

/// A world whose ledgers are damaged in every table.
fn damaged(candles: &[Candle]) -> World {
    let mut world = World::usual();
    world.ingest(candles);
    let middle = candles[candles.len() / 2].time();
    world.tamper(|txn, key| {
        txn.discard_ledger_from(key, middle).unwrap();
        txn.discard_settled_from(key, middle).unwrap();
    });
    world.calm();
    world
}

#[track_caller]
fn assert_rebuilt(report: &IngestReport, candles: usize, epoch: u32) {
    let rebuild = report.rebuilt.unwrap();
    assert_eq!(
        (rebuild.reason, rebuild.from, rebuild.candles, rebuild.trimmed),
        (RebuildReason::Operator, None, candles as u64, 0)
    );
    assert_eq!(report.epoch, epoch);
}

#[test]
fn everything_is_folded_again_from_the_first_candle() {
    let candles = walk(1, 700);
    let mut world = damaged(&candles);
    let head = Some(candles[699].time());
    for epoch in 1..3 {
        let report = world.run_one(rebuild("A", &[])).unwrap();
        assert_rebuilt(&report, 700, epoch);
        assert_eq!((report.inserted, report.equal, report.changed), (0, 0, 0));
        assert_eq!(
            (report.candle_head, report.factor_head, report.overlay_head),
            (head, head, head)
        );
        let told = format!("A: drawn to {}, epoch {epoch}", candles[699].time());
        assert_eq!(world.heard(), ["A: rebuilt".to_owned(), told]);
        let stored = world.assert_in_step();
        assert_eq!(stored.candles, candles);
        assert_eq!(stored.state.resync_floor, candles[699].time());
        assert_eq!(
            stored.state.fingerprint,
            Some(world.setup.fingerprint(&report.series))
        );
    }
    // The live fold goes on from there, and so does a new process.
    let more = walk(1, 720);
    assert_eq!(more[..700], candles);
    assert_eq!(world.ingest(&more[700..710]).rebuilt, None);
    world.restart();
    assert_eq!(world.ingest(&more[710..]).epoch, 2);
    world.assert_in_step();
}

#[test]
fn candles_of_a_source_replace_and_complete_the_stored_ones() {
    let mut world = World::usual();
    let candles = walk(2, 80);
    let held: Vec<Candle> = candles
        .iter()
        .copied()
        .filter(|c| c.time() != candles[30].time())
        .collect();
    world.ingest(&held[10..60]);
    let mut right = candles.clone();
    right[20] = corrected(&right[20]);
    right[50] = corrected(&right[50]);
    let report = world.run_one(rebuild("A", &right)).unwrap();
    assert_rebuilt(&report, 80, 1);
    assert_eq!((report.inserted, report.equal, report.changed), (30, 48, 2));
    assert_eq!(report.work.first_changed, Some(right[20].time()));
    assert_eq!(world.assert_in_step().candles, right);
}

#[test]
fn what_was_deferred_is_done_with_it() {
    let mut world = World::usual();
    let candles = walk(3, 60);
    world.ingest(&candles[20..]);
    world.run_one(deferred("A", &candles[..20])).unwrap();
    assert_rebuilt(&world.run_one(rebuild("A", &[])).unwrap(), 60, 1);
    world.assert_in_step();
    assert_eq!(world.refresh().rebuilt, None);
}

#[test]
fn a_series_without_ledgers_gets_them() {
    let mut world = World::usual();
    world.options.factor_ingest = false;
    world.restart();
    let candles = walk(4, 60);
    world.ingest(&candles);
    world.options.factor_ingest = true;
    world.restart();
    assert_rebuilt(&world.run_one(rebuild("A", &[])).unwrap(), 60, 1);
    world.assert_in_step();
}

#[test]
fn nothing_stored_is_nothing_to_rebuild() {
    let mut world = World::usual();
    let candles = walk(5, 30);
    let report = world.run_one(rebuild("A", &candles)).unwrap();
    assert_eq!(
        (report.candle_head, report.rebuilt, report.steps.len()),
        (None, None, 0)
    );
    assert_eq!(world.stored_of("A"), None);
    world.ingest(&candles);
    world.tamper(|txn, key| {
        let times: Vec<CandleTime> = candles.iter().map(Candle::time).collect();
        txn.delete_candles(key, &times).unwrap();
    });
    world.heard();
    let before = world.stored();
    let report = world.run_one(rebuild("A", &candles)).unwrap();
    assert_eq!(
        (report.candle_head, report.rebuilt, report.epoch),
        (None, None, 0)
    );
    assert_eq!((world.stored(), world.heard()), (before, vec![]));
}

#[test]
fn without_factors_it_is_refused() {
    let candles = walk(6, 60);
    let mut world = damaged(&candles);
    world.options.factor_ingest = false;
    world.restart();
    let before = world.stored();
    let failure = world
        .run_one(rebuild("A", &[corrected(&candles[3])]))
        .unwrap_err();
    assert_eq!(failure.step, Step::Factor);
    assert!(matches!(*failure.cause, IngestError::FactorsOff));
    assert_eq!((world.stored(), world.heard()), (before, vec![]));
}

#[test]
fn settings_decide_what_is_written_and_no_candle_is_trimmed() {
    let candles = walk(7, 160);
    let mut world = damaged(&candles);
    world.options.rebuild_keep_candles = Some(100);
    world.options.fingerprint_rebuild = false;
    world.options.overlay_ingest = false;
    world.setup = setup(3, 40);
    world.restart();
    assert_rebuilt(&world.run_one(rebuild("A", &[])).unwrap(), 160, 1);
    let stored = world.stored();
    assert_eq!(stored.candles, candles);
    assert_eq!(stored.state.fingerprint, None, "not checked, not written");
    assert_eq!((stored.state.overlay_head, stored.settled.len()), (None, 0));
    assert_eq!(stored.events, world.expected(&candles).events);
    world.options = IngestOptions::default();
    world.restart();
    let report = world.refresh();
    assert_eq!(report.rebuilt.unwrap().reason, RebuildReason::Fingerprint);
    world.assert_in_step();
}

#[test]
fn other_series_are_left_alone() {
    let mut world = World::usual();
    let candles = walk(8, 60);
    world.ingest(&candles);
    world.run_one(batch("B", &candles)).unwrap();
    let before = world.stored_of("B");
    let reports = world.run(vec![rebuild("A", &[]), refresh("B", CandleTime::MAX)]);
    assert!(reports.into_iter().all(|report| report.is_ok()));
    assert_eq!(world.stored_of("B"), before);
}

#[test]
fn whatever_fails_leaves_everything_as_it_was() {
    for (operation, nth) in OPERATIONS
        .into_iter()
        .flat_map(|operation| (1..7).map(move |nth| (operation, nth)))
    {
        // A checkpoint is written after every 512th candle.
        let count = if operation == Operation::PutCheckpoint {
            530
        } else {
            90
        };
        let candles = walk(9, count);
        let mut right = candles.clone();
        right[5] = corrected(&right[5]);
        let mut world = damaged(&candles[..count - 10]);
        world.options.compensate_overlay_error = nth % 2 == 0;
        world.options.compensate_new_candles = nth % 2 == 0;
        world.calm();
        let before = world.stored();
        world.storage.fail_nth(operation, nth);
        let outcome = world.run_one(rebuild("A", &right));
        let heard = world.heard();
        world.calm();
        let about = format!("{operation:?} {nth}");
        if outcome.is_err() {
            assert_eq!((world.stored(), heard.len()), (before, 0), "{about}");
        } else {
            assert_eq!(heard.len(), 2, "{about}");
            assert_eq!(world.assert_in_step().candles, right, "{about}");
        }
        world.run_one(rebuild("A", &right)).unwrap();
        world.assert_in_step();
    }
}

proptest! {
    #[test]
    fn the_ledgers_are_the_fold_whatever_was_there(
        seed in any::<u64>(),
        ranges in prop::collection::vec((0_usize..80, 1_usize..40, any::<bool>()), 1..6),
        fixes in prop::collection::vec(0_usize..100, 0..20),
        restart in any::<bool>(),
    ) {
        let candles = walk(seed, 120);
        let mut world = World::usual();
        for (from, count, defer) in ranges {
            let given = &candles[from..from + count];
            let job = if defer { deferred("A", given) } else { batch("A", given) };
            world.run_one(job).unwrap();
        }
        if restart {
            world.restart();
        }
        let epoch = world.stored().state.epoch;
        let fixed: Vec<Candle> = fixes.iter().map(|n| corrected(&candles[*n])).collect();
        let report = world.run_one(rebuild("A", &fixed)).unwrap();
        let stored = world.assert_in_step();
        assert_rebuilt(&report, stored.candles.len(), epoch + 1);
        for fix in &fixed {
            prop_assert!(stored.candles.contains(fix));
        }
    }
}
