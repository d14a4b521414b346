//! What is kept of a job that fails, and what its error says: overlay contract 1.4.

use proptest::prelude::*;
use tc_market::Candle;
use tc_store::{Operation, StoreError};

use super::{World, batch, corrected, deferred, refresh, setup, walk};
use crate::{IngestError, IngestOptions, PipelineError, Step};

fn world(compensate_new_candles: bool, compensate_overlay_error: bool) -> World {
    let options = IngestOptions {
        compensate_new_candles,
        compensate_overlay_error,
        ..IngestOptions::default()
    };
    World::new(setup(2, 40), options)
}

/// The read of the feature step, counted in a job that only appends: after the three that open the series.
const FEATURE_READ: (Operation, usize) = (Operation::Read, 4);

/// A world with 40 of 50 candles, of which the next job fails at these operations.
fn failing(world: World, operations: &[Operation]) -> (World, Vec<Candle>, PipelineError) {
    let next: Vec<_> = operations.iter().map(|operation| (*operation, 1)).collect();
    failing_at(world, &next)
}

/// The same, counted from the next call of each operation.
fn failing_at(mut world: World, operations: &[(Operation, usize)]) -> (World, Vec<Candle>, PipelineError) {
    let candles = walk(1, 50);
    world.ingest(&candles[..40]);
    world.heard();
    for (operation, nth) in operations {
        world.storage.fail_nth(*operation, *nth);
    }
    let failure = world.run_one(batch("A", &candles[40..])).unwrap_err();
    (world, candles, failure)
}

const CAUSE: &str = "an operation chosen by a test failed";

#[track_caller]
fn assert_text(failure: &PipelineError, step: &str, suffix: &str) {
    assert_eq!(
        failure.to_string(),
        format!("ingest_pipeline_failed:{step}:binance:spot:A/USDT:1m:{CAUSE}{suffix}")
    );
    let source = std::error::Error::source(failure).unwrap();
    assert!(source.is::<IngestError>());
}

/// The next run of the same candles, by the same process or another one, catches up.
#[track_caller]
fn assert_catches_up(mut world: World, candles: &[Candle], restart: bool) {
    if restart {
        world.restart();
    }
    let report = world.ingest(&candles[40..]);
    assert_eq!(
        (report.rebuilt, report.epoch),
        (None, 0),
        "a catch-up is no rebuild"
    );
    let stored = world.assert_in_step();
    assert_eq!(stored.candles, candles);
}

#[test]
fn failed_candle_step_keeps_nothing() {
    for operation in [Operation::PutCandles, Operation::EnsureSeries, Operation::Read] {
        for restart in [false, true] {
            let (world, candles, failure) = failing(world(false, false), &[operation]);
            assert_eq!(failure.step, Step::Store);
            assert_text(&failure, "store.upsert_many_closed", "");
            assert_eq!(world.heard(), [""; 0]);
            assert_eq!(world.assert_in_step().candles, candles[..40]);
            assert_catches_up(world, &candles, restart);
        }
    }
}

#[test]
fn failed_commit_keeps_nothing() {
    for operation in [Operation::Commit, Operation::Begin] {
        let (world, candles, failure) = failing(world(true, true), &[operation]);
        assert!(matches!(*failure.cause, IngestError::Commit(_)));
        assert_eq!(
            failure.to_string(),
            format!(
                "ingest_pipeline_failed:store.upsert_many_closed:binance:spot:A/USDT:1m:commit failed: {CAUSE}"
            )
        );
        assert!(!failure.compensated());
        assert_eq!(world.heard(), [""; 0]);
        assert_eq!(world.assert_in_step().candles, candles[..40]);
        assert_catches_up(world, &candles, false);
    }
}

#[test]
fn failed_derived_step_keeps_the_candles() {
    for (operation, step) in [
        ((Operation::AppendEvents, 1), Step::Factor),
        (FEATURE_READ, Step::Feature),
        ((Operation::AppendSettled, 1), Step::Overlay),
        ((Operation::PutSeriesState, 1), Step::Overlay),
    ] {
        for restart in [false, true] {
            let (world, candles, failure) = failing_at(world(false, false), &[operation]);
            assert_eq!(failure.step, step);
            assert_text(&failure, step.name(), "");
            assert!(!failure.compensated());
            let stored = world.stored();
            assert_eq!(stored.candles, candles);
            let head = Some(candles[39].time());
            assert_eq!(
                (
                    stored.state.factor_head,
                    stored.state.feature_head,
                    stored.state.overlay_head
                ),
                (head, head, head)
            );
            stored.assert_folded(&world.expected(&candles[..40]));
            assert_eq!(
                world.heard(),
                ["A: 10 candles"],
                "what was committed is told, and nothing else"
            );
            assert_catches_up(world, &candles, restart);
        }
    }
}

#[test]
fn a_refresh_catches_up_too() {
    let (mut world, candles, _) = failing(world(false, false), &[Operation::AppendSettled]);
    let report = world.refresh();
    assert_eq!((report.epoch, report.overlay_head), (0, Some(candles[49].time())));
    world.assert_in_step();
    assert_eq!(
        world.heard().last().unwrap(),
        &format!("A: drawn to {}, epoch 0", candles[49].time())
    );
}

#[test]
fn new_candles_are_given_up_when_told_so() {
    for (operation, step) in [
        ((Operation::AppendEvents, 1), Step::Factor),
        (FEATURE_READ, Step::Feature),
        ((Operation::AppendSettled, 1), Step::Overlay),
    ] {
        let (world, candles, failure) = failing_at(world(true, false), &[operation]);
        assert_text(&failure, step.name(), ":compensated:candle_rows:10");
        assert_eq!(
            (failure.candle_compensated_rows, failure.overlay_compensated),
            (10, false)
        );
        assert_eq!(world.assert_in_step().candles, candles[..40]);
        assert_eq!(world.heard(), [""; 0]);
        assert_catches_up(world, &candles, false);
    }
}

#[test]
fn drawings_are_cleared_when_told_so() {
    let (world, candles, failure) = failing(world(false, true), &[Operation::AppendSettled]);
    assert_text(&failure, "overlay.ingest_closed", ":compensated:overlay_reset");
    let stored = world.stored();
    assert_eq!(stored.candles, candles);
    assert_eq!((stored.state.overlay_head, stored.settled.len()), (None, 0));
    assert_eq!(
        stored.state.factor_head,
        Some(candles[39].time()),
        "the factor step is rolled back with it"
    );
    assert_eq!(stored.state.resync_floor, candles[39].time());
    assert!(stored.state.generation > 0);
    assert_catches_up(world, &candles, false);

    for (operation, step) in [
        ((Operation::AppendEvents, 1), Step::Factor),
        (FEATURE_READ, Step::Feature),
    ] {
        let (world, candles, failure) = failing_at(self::world(false, true), &[operation]);
        assert_text(&failure, step.name(), "");
        assert_eq!(
            world.stored().state.overlay_head,
            Some(candles[39].time()),
            "only after the overlay step"
        );
    }
}

#[test]
fn both_switches_keep_no_candle_and_no_drawing() {
    let (world, candles, failure) = failing(world(true, true), &[Operation::AppendSettled]);
    assert_text(
        &failure,
        "overlay.ingest_closed",
        ":compensated:overlay_reset:candle_rows:10",
    );
    let stored = world.stored();
    assert_eq!(stored.candles, candles[..40]);
    assert_eq!((stored.state.overlay_head, stored.settled.len()), (None, 0));
    assert_eq!(world.heard(), [""; 0]);
    assert_catches_up(world, &candles, true);
}

#[test]
fn both_switches_on_a_new_series_leave_nothing_behind() {
    let mut world = world(true, true);
    world.storage.fail_next(Operation::AppendSettled);
    let failure = world.run_one(batch("A", &walk(1, 20))).unwrap_err();
    assert_text(&failure, "overlay.ingest_closed", ":compensated:candle_rows:20");
    assert_eq!(world.stored_of("A"), None);
    world.ingest(&walk(1, 20));
    world.assert_in_step();
}

#[test]
fn when_clearing_fails_too_everything_is_rolled_back() {
    for new_candles in [false, true] {
        let (world, candles, failure) = failing(
            world(new_candles, true),
            &[Operation::AppendSettled, Operation::DiscardSettledFrom],
        );
        let suffix = format!(":compensated:candle_rows:10:compensation_error:{CAUSE}");
        assert_text(&failure, "overlay.ingest_closed", &suffix);
        assert_eq!(world.assert_in_step().candles, candles[..40]);
        assert_eq!(world.heard(), [""; 0]);
        assert_catches_up(world, &candles, false);
    }
}

#[test]
fn a_refresh_has_no_candles_to_give_up() {
    let mut world = world(true, false);
    let candles = walk(2, 40);
    world.options.factor_ingest = false;
    world.restart();
    world.ingest(&candles);
    world.options.factor_ingest = true;
    world.restart();
    world.storage.fail_next(Operation::AppendEvents);
    let failure = world.run_one(refresh("A", candles[39].time())).unwrap_err();
    assert_text(&failure, "factor.ingest_closed", "");
    assert_eq!(world.stored().candles, candles);
    world.refresh();
    world.assert_in_step();
}

#[test]
fn a_late_candle_whose_fold_failed_is_folded_by_the_next_run() {
    let mut world = world(false, false);
    let candles = walk(3, 60);
    let mut early = candles[..50].to_vec();
    let late = early.remove(20);
    world.ingest(&early);
    world.storage.fail_next(Operation::AppendEvents);
    let failure = world.run_one(batch("A", &[late])).unwrap_err();
    assert_eq!(failure.step, Step::Factor);
    let stored = world.stored();
    assert_eq!(
        (stored.state.stale_from, stored.state.epoch),
        (Some(late.time()), 0)
    );
    stored.assert_folded(&world.expected(&early));
    world.restart();
    let report = world.ingest(&candles[50..]);
    assert_eq!(
        (report.rebuilt.unwrap().from, report.epoch),
        (Some(late.time()), 1)
    );
    assert_eq!(world.assert_in_step().candles, candles);
}

#[test]
fn a_failed_rebuild_does_not_take_the_new_fingerprint() {
    let mut world = world(false, false);
    world.ingest(&walk(4, 50));
    let before = world.stored();
    world.setup = setup(3, 40);
    world.restart();
    world.storage.fail_next(Operation::AppendEvents);
    assert!(world.run_one(refresh("A", tc_market::CandleTime::MAX)).is_err());
    assert_eq!(world.stored(), before);
    assert_eq!(world.refresh().epoch, 1);
    world.assert_in_step();
}

#[test]
fn errors_keep_their_cause() {
    let (_, _, failure) = failing(world(false, false), &[Operation::AppendEvents]);
    let IngestError::Store(StoreError::Backend { source, .. }) = *failure.cause else {
        panic!("another cause");
    };
    assert_eq!(source.to_string(), "AppendEvents was told to fail");
}

#[derive(Debug, Clone, Copy)]
struct Call {
    from: usize,
    count: usize,
    correct: bool,
    defer: bool,
    restart: bool,
    fault: Option<(Operation, usize)>,
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let operation = prop::sample::select(vec![
        Operation::Read,
        Operation::EnsureSeries,
        Operation::PutSeriesState,
        Operation::PutCandles,
        Operation::AppendEvents,
        Operation::AppendSettled,
        Operation::DiscardLedgerFrom,
        Operation::DiscardSettledFrom,
        Operation::Savepoint,
        Operation::RollbackTo,
        Operation::Release,
        Operation::Commit,
    ]);
    let fault = prop::option::of((operation, 1_usize..4));
    let call = (
        0_usize..55,
        1_usize..25,
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.2),
        fault,
    );
    let call = call.prop_map(|(from, count, correct, defer, restart, fault)| Call {
        from,
        count,
        correct,
        defer,
        restart,
        fault,
    });
    prop::collection::vec(call, 1..14)
}

proptest! {
    #[test]
    fn whatever_fails_nothing_is_half_done(calls in calls(), new_candles in any::<bool>(), overlay in any::<bool>(), seed in any::<u64>()) {
        let mut world = world(new_candles, overlay);
        let candles = walk(seed, 60);
        let mut epoch = 0;
        for call in calls {
            if call.restart {
                world.restart();
            }
            let mut given = candles[call.from..(call.from + call.count).min(60)].to_vec();
            if call.correct {
                given[0] = corrected(&given[0]);
            }
            let before = world.stored_of("A");
            if let Some((operation, nth)) = call.fault {
                world.storage.fail_nth(operation, nth);
            }
            let job = if call.defer { deferred("A", &given) } else { batch("A", &given) };
            let outcome = world.run_one(job);
            // Faults that were not reached must not hit the checks.
            world.storage = world.storage.reopen(super::names(&world.setup));
            let after = world.stored_of("A");
            match outcome {
                Ok(report) => {
                    epoch += u32::from(report.rebuilt.is_some());
                    prop_assert_eq!(report.epoch, epoch);
                }
                Err(failure) if failure.step == Step::Store => prop_assert_eq!(&after, &before),
                Err(failure) => {
                    let old = before.as_ref().map_or(&[][..], |stored| &stored.candles);
                    let new = after.as_ref().map_or(&[][..], |stored| &stored.candles);
                    let kept = given.iter().all(|candle| new.contains(candle));
                    let gives_up = new_candles || failure.compensation_error.is_some();
                    prop_assert!(if gives_up { new == old } else { kept }, "{}", failure);
                }
            }
            if let Some(stored) = after {
                // The ledger is the fold over the candles that it covers, unless it says that it is stale.
                prop_assert_eq!(stored.state.epoch, epoch);
                prop_assert_eq!(stored.state.feature_head, stored.state.factor_head);
                if stored.state.stale_from.is_none() {
                    let covered = stored.candles.partition_point(|candle| Some(candle.time()) <= stored.state.factor_head);
                    let expected = world.expected(&stored.candles[..covered]);
                    prop_assert_eq!(&stored.events, &expected.events);
                    let drawn = expected.settled.iter().filter(|row| Some(row.version) <= stored.state.overlay_head);
                    prop_assert!(stored.settled.iter().eq(drawn));
                }
            }
        }
        world.refresh();
        if world.stored_of("A").is_some() {
            world.assert_in_step();
        }
    }
}
