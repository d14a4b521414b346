//! What a cursor proves: overlay contract 5.2, 5.3 and 8.

use super::{World, corrected, reader, setup, walk};

#[test]
fn cursor_rules() {
    let candles = walk(1, 60);
    let world = World::with(&candles);
    let at = |n: usize| candles[n].time().seconds();
    let all = world.delta(0, None).unwrap();
    assert_eq!(all.to, Some(candles[59].time()));
    assert!(!all.patch.is_empty() && !all.active_ids.is_empty());
    assert!(
        all.patch
            .is_sorted_by(|a, b| (a.version, &a.instruction_id) < (b.version, &b.instruction_id))
    );
    assert!(all.active_ids.is_sorted());

    for cursor in [-5, 0, 1, at(0) - 1] {
        assert_eq!(
            world.delta(cursor, None).unwrap(),
            all,
            "before the first candle: nothing is held"
        );
    }
    for cursor in [at(59), at(59) + 1, i64::MAX] {
        let delta = world.delta(cursor, None).unwrap();
        assert_eq!(delta.patch, []);
        assert_eq!((&delta.active_ids, delta.to), (&all.active_ids, all.to));
    }
    // Between two candles the older one is held.
    assert_eq!(
        world.delta(at(40) + 59, None).unwrap(),
        world.delta(at(40), None).unwrap()
    );
    assert_ne!(world.delta(at(40), None).unwrap(), all);
    // A cursor newer than an older candle that is asked for.
    let past = world.delta(at(59), Some(at(30))).unwrap();
    assert_eq!((past.to, past.patch.len()), (Some(candles[30].time()), 0));
    assert_eq!(past.active_ids, world.delta(0, Some(at(30))).unwrap().active_ids);
}

#[test]
fn an_answer_about_the_past_can_be_continued() {
    let candles = walk(2, 60);
    let world = World::with(&candles);
    let mut held = std::collections::BTreeMap::new();
    let mut cursor = 0;
    for n in [3, 20, 21, 50, 59] {
        let delta = world.delta(cursor, Some(candles[n].time().seconds())).unwrap();
        held.extend(
            delta
                .patch
                .into_iter()
                .map(|item| (item.instruction_id, item.definition)),
        );
        cursor = delta.to.unwrap().seconds();
    }
    for item in world.delta(0, None).unwrap().patch {
        assert_eq!(held.get(&item.instruction_id), Some(&item.definition));
    }
}

#[test]
fn a_cursor_from_before_a_rebuild_proves_nothing() {
    let candles = walk(3, 60);
    let mut world = World::with(&candles[..50]);
    let at = |n: usize| candles[n].time().seconds();
    world.ingest(&[corrected(&candles[20])]);
    world.ingest(&candles[50..]);
    assert_eq!(world.state().resync_floor, candles[49].time());
    let all = world.delta(0, None).unwrap();
    for n in [0, 10, 30, 49] {
        assert_eq!(world.delta(at(n), None).unwrap(), all, "from {n}");
    }
    assert!(world.delta(at(50), None).unwrap().patch.len() < all.patch.len());
    // The floor is about cursors only: what lies before it can be read.
    assert_eq!(world.delta(at(10), Some(at(10))).unwrap().patch, []);
    let past = world.delta(0, Some(at(30))).unwrap();
    assert_eq!(world.delta(at(10), Some(at(30))).unwrap(), past);
}

#[test]
fn drawings_that_were_cleared_count_like_a_rebuild() {
    let candles = walk(4, 60);
    let mut world = World::with(&candles[..50]);
    world.setup = setup(2, 25);
    world.reader = reader(&world.setup);
    world.restart_writer();
    world.ingest(&candles[50..]);
    assert_eq!(
        (world.state().epoch, world.state().resync_floor),
        (0, candles[49].time())
    );
    let all = world.delta(0, None).unwrap();
    assert_eq!(world.delta(candles[49].time().seconds(), None).unwrap(), all);
}

#[test]
fn what_is_active_depends_on_the_requested_window_only() {
    use tc_store::Storage;

    use crate::DrawQuery;

    let candles = walk(5, 80);
    let world = World::with(&candles);
    let snapshot = world.storage.snapshot().unwrap();
    let read = |window_candles| {
        let query = DrawQuery {
            cursor: 0,
            window_candles,
            at_time: None,
        };
        world
            .reader
            .draw_delta(&*snapshot, &world.series, &query)
            .unwrap()
    };
    let (short, long) = (read(3), read(5_000));
    assert_eq!(
        short.patch, long.patch,
        "the request window plays no part in the patch"
    );
    let ids: Vec<&String> = long.patch.iter().map(|item| &item.instruction_id).collect();
    assert!(long.active_ids.iter().all(|id| ids.contains(&id)));
    assert_eq!(
        long.active_ids.len(),
        ids.len(),
        "a longer window shows the overlay window"
    );
    assert!(short.active_ids.len() < ids.len());
    let from = candles[79].time().shifted(-3 * 60);
    let expected = long
        .patch
        .iter()
        .filter(|item| item.definition.touches(from, candles[79].time()));
    let mut expected: Vec<&String> = expected.map(|item| &item.instruction_id).collect();
    expected.sort_unstable();
    assert_eq!(short.active_ids.iter().collect::<Vec<_>>(), expected);
}
