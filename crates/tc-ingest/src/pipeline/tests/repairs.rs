//! Drawings made again from the ledger: overlay contract 12.1.

use tc_market::CandleTime;

use super::{OPERATIONS, World, corrected, deferred, repair, setup, walk};
use crate::RebuildReason;

/// A world whose stored drawings lack a half and hold a row that no event gives.
fn damaged(count: usize) -> World {
    let mut world = World::usual();
    let candles = walk(1, count);
    world.ingest(&candles);
    let rows = world.stored().settled;
    world.tamper(|txn, key| {
        let mut bogus = rows[rows.len() - 1].clone();
        bogus.ord += 9;
        txn.discard_settled_from(key, rows[rows.len() / 2].version)
            .unwrap();
        txn.append_settled(key, &[bogus]).unwrap();
    });
    world.calm();
    world
}

#[test]
fn the_drawings_are_made_again_and_nothing_else() {
    let mut world = damaged(700);
    let before = world.stored();
    let head = before.state.factor_head;
    let report = world.run_one(repair("A")).unwrap();
    assert_eq!((report.rebuilt, report.epoch), (None, 0));
    assert_eq!((report.factor_head, report.overlay_head), (head, head));
    let names: Vec<&str> = report
        .steps
        .iter()
        .filter_map(|step| step.name.split(':').next())
        .collect();
    assert_eq!(names.first(), Some(&"factor.ingest_closed"));
    assert!(names.ends_with(&[
        "overlay.ingest_closed",
        "overlay.reset_series",
        "overlay.ingest_closed"
    ]));
    let told = format!("A: drawn to {}, epoch 0", head.unwrap());
    assert_eq!(world.heard(), [told], "clients have something to fetch");
    let after = world.assert_in_step();
    assert_eq!((&after.candles, &after.events), (&before.candles, &before.events));
    assert_eq!(Some(after.state.resync_floor), head);
    assert!(after.state.generation > before.state.generation);
    assert_eq!(report.work.drawn_rows, after.settled.len());
}

#[test]
fn ledgers_that_are_behind_are_brought_forward_first() {
    let mut world = World::usual();
    let candles = walk(2, 60);
    world.ingest(&candles[..40]);
    world.options.overlay_ingest = false;
    world.restart();
    world.ingest(&candles[40..50]);
    world.options.factor_ingest = false;
    world.restart();
    world.ingest(&candles[50..]);
    world.options.factor_ingest = true;
    world.options.overlay_ingest = true;
    world.restart();
    let report = world.run_one(repair("A")).unwrap();
    assert_eq!((report.epoch, report.overlay_head), (0, Some(candles[59].time())));
    world.assert_in_step();
}

#[test]
fn what_waits_for_a_fold_is_folded_first() {
    let mut world = World::usual();
    let candles = walk(3, 60);
    world.ingest(&candles[20..]);
    world.run_one(deferred("A", &candles[..20])).unwrap();
    world.heard();
    let report = world.run_one(repair("A")).unwrap();
    assert_eq!(report.rebuilt.unwrap().reason, RebuildReason::LateCandle);
    world.assert_in_step();
    let told = format!("A: drawn to {}, epoch 1", candles[59].time());
    assert_eq!(world.heard(), ["A: rebuilt".to_owned(), told]);
}

#[test]
fn another_render_key_is_taken_over() {
    let mut world = damaged(60);
    world.setup = setup(2, 100);
    world.restart();
    world.run_one(repair("A")).unwrap();
    assert_eq!(world.assert_in_step().state.epoch, 0);
}

#[test]
fn without_drawings_or_factors_nothing_is_touched() {
    for (factor_ingest, overlay_ingest) in [(true, false), (false, true)] {
        let mut world = damaged(60);
        world.options.factor_ingest = factor_ingest;
        world.options.overlay_ingest = overlay_ingest;
        world.restart();
        let before = world.stored();
        let report = world.run_one(repair("A")).unwrap();
        assert!(!report.work.redrawn);
        assert_eq!((world.stored(), world.heard()), (before, vec![]));
    }
}

#[test]
fn an_unknown_series_is_not_made() {
    let mut world = World::usual();
    let report = world.run_one(repair("A")).unwrap();
    assert_eq!((report.candle_head, report.steps.len()), (None, 0));
    assert_eq!(world.stored_of("A"), None);
}

#[test]
fn whatever_fails_leaves_everything_as_it_was() {
    for operation in OPERATIONS {
        for nth in 1..8 {
            let mut world = damaged(120);
            world.options.compensate_overlay_error = true;
            world.calm();
            let before = world.stored();
            world.storage.fail_nth(operation, nth);
            let outcome = world.run_one(repair("A"));
            let heard = world.heard();
            world.calm();
            if outcome.is_err() {
                assert_eq!((world.stored(), heard.len()), (before, 0), "{operation:?} {nth}");
                world.run_one(repair("A")).unwrap();
            }
            world.assert_in_step();
        }
    }
}

#[test]
fn a_repair_again_changes_no_row() {
    let mut world = damaged(60);
    world.run_one(repair("A")).unwrap();
    let once = world.assert_in_step();
    world.run_one(repair("A")).unwrap();
    let twice = world.assert_in_step();
    assert_eq!((once.settled, once.events), (twice.settled, twice.events));
    let candles = walk(1, 60);
    assert_eq!(world.ingest(&[corrected(&candles[30])]).epoch, 1);
    world.assert_in_step();
    assert_eq!(
        world.run_one(repair("A")).unwrap().candle_head,
        Some(candles[59].time())
    );
    assert!(world.stored().state.overlay_head > Some(CandleTime::MIN));
}
