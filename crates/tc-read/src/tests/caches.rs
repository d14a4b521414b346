//! Caches cost time when they miss and never show in an answer.

use std::cell::Cell;

use tc_store::{Snapshot, Storage};

use super::{World, corrected, reader, series, setup, walk};
use crate::{CandleQuery, DrawQuery, ReadModel, ReadOptions, SliceQuery, SliceSelection};

/// Everything that is asked of one candle, as one snapshot sees it.
fn answers(
    world: &World,
    reader: &ReadModel,
    snapshot: &dyn Snapshot,
    at: i64,
) -> (crate::FactorSlices, Vec<crate::DrawDelta>) {
    let slices = SliceQuery {
        at_time: at,
        window_candles: 50,
        selection: SliceSelection::default(),
    };
    let deltas = [0, at - 60, at - 600].map(|cursor| {
        let query = DrawQuery {
            cursor,
            window_candles: 50,
            at_time: Some(at),
        };
        reader.draw_delta(snapshot, &world.series, &query).unwrap()
    });
    (
        reader.slices(snapshot, &world.series, &slices).unwrap(),
        deltas.to_vec(),
    )
}

#[test]
fn two_generations_are_read_side_by_side() {
    let candles = walk(1, 80);
    let mut world = World::with(&candles);
    let times: Vec<i64> = [5, 20, 41, 60, 79].map(|n| candles[n].time().seconds()).to_vec();
    let cold =
        |snapshot: &dyn Snapshot, world: &World, at: i64| answers(world, &reader(&world.setup), snapshot, at);
    let storage = std::mem::replace(
        &mut world.storage,
        tc_store::MemoryStorage::new(super::names(&setup(2, 40))),
    );
    let old = storage.snapshot().unwrap();
    let expected_old: Vec<_> = times.iter().map(|at| cold(&*old, &world, *at)).collect();
    // The head is warm in the old generation.
    answers(&world, &world.reader, &*old, times[4]);
    world.storage = storage.reopen(super::names(&world.setup));
    world.ingest(&[corrected(&candles[40])]);
    let new = world.storage.snapshot().unwrap();
    let expected_new: Vec<_> = times.iter().map(|at| cold(&*new, &world, *at)).collect();
    let (before, after) = (&expected_old[1], &expected_new[1]);
    assert_eq!(before.1[0], after.1[0], "up to the correction they agree");
    assert_eq!(before.0.factors, after.0.factors);
    assert_ne!(expected_old[2..], expected_new[2..]);
    for _ in 0..2 {
        for (n, at) in times.iter().enumerate() {
            assert_eq!(
                answers(&world, &world.reader, &*new, *at),
                expected_new[n],
                "new, at {n}"
            );
            assert_eq!(
                answers(&world, &world.reader, &*old, *at),
                expected_old[n],
                "old, at {n}"
            );
        }
    }
    world.reader.clear();
    assert_eq!(answers(&world, &world.reader, &*new, times[4]), expected_new[4]);
}

#[test]
fn an_older_snapshot_is_not_answered_from_a_newer_fold() {
    let candles = walk(2, 80);
    let mut world = World::with(&candles[..60]);
    let storage = world.storage.reopen(super::names(&world.setup));
    let old = storage.snapshot().unwrap();
    world.ingest(&candles[60..]);
    let new = world.storage.snapshot().unwrap();
    let live = |snapshot: &dyn Snapshot, reader: &ReadModel| {
        let query = DrawQuery {
            cursor: 0,
            window_candles: 50,
            at_time: None,
        };
        reader.draw_delta(snapshot, &world.series, &query).unwrap()
    };
    let cold = live(&*old, &reader(&world.setup));
    for _ in 0..2 {
        assert_eq!(live(&*new, &world.reader).to, Some(candles[79].time()));
        assert_eq!(live(&*old, &world.reader), cold);
    }
}

#[test]
fn a_cache_of_no_size_answers_the_same() {
    let candles = walk(3, 80);
    let world = World::with(&candles);
    let snapshot = world.storage.snapshot().unwrap();
    let none = ReadModel::new(
        std::sync::Arc::new(world.setup.clone()),
        ReadOptions {
            cache_bytes: 0,
            ..ReadOptions::default()
        },
    );
    for n in [79, 10, 50, 79, 78] {
        let at = candles[n].time().seconds();
        assert_eq!(
            answers(&world, &none, &*snapshot, at),
            answers(&world, &world.reader, &*snapshot, at)
        );
    }
}

/// A page as text, and whether it was encoded for this call.
fn page(world: &World, now_s: i64) -> (String, bool) {
    let snapshot = world.storage.snapshot().unwrap();
    let query = CandleQuery {
        since: None,
        limit: 3,
        now_s,
    };
    let encoded = Cell::new(false);
    let bytes = world
        .reader
        .encoded_candles(&*snapshot, &world.series, &query, |page| {
            encoded.set(true);
            let rows = page
                .candles
                .iter()
                .map(|candle| format!("{}={} ", candle.time(), candle.high()));
            rows.collect::<String>().into_bytes()
        })
        .unwrap();
    (String::from_utf8(bytes.to_vec()).unwrap(), encoded.get())
}

#[test]
fn a_page_is_encoded_once_per_state() {
    let candles = tc_factor::testing::prices("1 2 3 4 +1 5 6");
    let mut world = World::new(series(), setup(2, 40));
    assert_eq!(page(&world, 10_000), (String::new(), true));
    world.ingest(&candles[..4]);
    assert_eq!(page(&world, 10_000), ("120=2 180=3 240=4 ".to_owned(), true));
    assert_eq!(page(&world, 10_000), ("120=2 180=3 240=4 ".to_owned(), false));
    world.ingest(&candles[3..4]);
    assert!(!page(&world, 10_000).1, "an equal candle changes nothing");
    world.ingest(&candles[4..5]);
    assert_eq!(page(&world, 10_000), ("180=3 240=4 360=5 ".to_owned(), true));
    world.ingest(&[corrected(&candles[4])]);
    assert_eq!(page(&world, 10_000), ("180=3 240=4 360=8 ".to_owned(), true));
    // The clock decides which candles are closed.
    assert_eq!(page(&world, 360), ("180=3 240=4 ".to_owned(), true));
    assert_eq!(page(&world, 420), ("180=3 240=4 360=8 ".to_owned(), true));
}

#[test]
fn a_page_without_ledgers_follows_the_candles_too() {
    // No factor head, so nothing is late; a candle behind the newest one still changes the page.
    let candles = tc_factor::testing::prices("1 2 3 4 5 6");
    let mut world = World::new(series(), setup(2, 40));
    world.options.factor_ingest = false;
    world.restart_writer();
    world.ingest(&[candles[0], candles[1], candles[3]]);
    assert_eq!(page(&world, 10_000).0, "60=1 120=2 240=4 ");
    world.ingest(&candles[2..3]);
    assert_eq!(page(&world, 10_000), ("120=2 180=3 240=4 ".to_owned(), true));
    world.ingest(&[corrected(&candles[3])]);
    assert_eq!(page(&world, 10_000), ("120=2 180=3 240=7 ".to_owned(), true));
}

#[test]
fn readers_at_the_same_time_get_the_same_answer() {
    let candles = walk(4, 700);
    let mut world = World::with(&candles[..690]);
    for end in [690, 691, 700] {
        if end > 690 {
            world.ingest(&candles[end - 1..end]);
        }
        let at = candles[end - 1].time().seconds();
        let (storage, series) = (&world.storage, &world.series);
        let ask = |model: &ReadModel| {
            let snapshot = storage.snapshot().unwrap();
            let deltas = [0, at - 60].map(|cursor| {
                let query = DrawQuery {
                    cursor,
                    window_candles: 50,
                    at_time: Some(at),
                };
                model.draw_delta(&*snapshot, series, &query).unwrap()
            });
            let query = SliceQuery {
                at_time: at,
                window_candles: 50,
                selection: SliceSelection::default(),
            };
            (deltas, model.slices(&*snapshot, series, &query).unwrap())
        };
        let expected = ask(&reader(&world.setup));
        let shared = &world.reader;
        std::thread::scope(|scope| {
            let readers: Vec<_> = (0..4).map(|_| scope.spawn(|| ask(shared))).collect();
            for answer in readers {
                assert_eq!(answer.join().unwrap(), expected);
            }
        });
    }
}

#[test]
fn a_fold_that_could_not_go_on_is_not_used_again() {
    let candles = walk(5, 60);
    let world = World::with(&candles);
    let at = |n: usize| candles[n].time().seconds();
    let expected = world.slices_by(&reader(&world.setup), at(59)).unwrap();
    let snapshot = world.storage.snapshot().unwrap();
    let key = snapshot.series_key(&world.series).unwrap().unwrap();
    let rest = snapshot
        .events(key, candles[41].time(), tc_market::CandleTime::MAX)
        .unwrap();
    drop(snapshot);
    world.slices(at(40)).unwrap();
    // Events that no factor can read.
    let replace = |events: &[tc_factor::LedgerEvent]| {
        world.tamper(|txn, key| {
            txn.discard_ledger_from(key, candles[41].time()).unwrap();
            txn.append_events(key, events).unwrap();
        });
    };
    let unreadable: Vec<_> = rest
        .iter()
        .map(|event| tc_factor::LedgerEvent {
            payload: tc_factor::Payload::from_slice(&[255]),
            ..event.clone()
        })
        .collect();
    replace(&unreadable);
    for _ in 0..2 {
        assert!(matches!(
            world.slices(at(59)),
            Err(crate::ReadError::Codec(_) | crate::ReadError::Fold(_))
        ));
    }
    replace(&rest);
    assert_eq!(world.slices(at(59)).unwrap(), expected);
}
