//! Frames and polls: overlay contract 9 and 10.

use proptest::prelude::*;
use tc_market::Candle;
use tc_store::Storage;

use super::{World, corrected, reader, refused, setup, walk};
use crate::{
    DrawDelta, FrameQuery, Ledger, PollQuery, ReadError, ReadModel, SliceSelection, WorldFrame, WorldRecord,
};

fn frame(world: &World, reader: &ReadModel, at_time: Option<i64>) -> Result<WorldFrame, ReadError> {
    let snapshot = world.storage.snapshot().unwrap();
    let query = FrameQuery {
        at_time,
        window_candles: 30,
        selection: SliceSelection::default(),
    };
    reader.frame(&*snapshot, &world.series, &query)
}

fn poll(world: &World, after_id: i64) -> Result<Option<WorldRecord>, ReadError> {
    let snapshot = world.storage.snapshot().unwrap();
    let query = PollQuery {
        after_id,
        window_candles: 20,
    };
    world.reader.poll(&*snapshot, &world.series, &query)
}

/// What three questions answer about a candle.
fn composed(world: &World, candle: &Candle) -> WorldFrame {
    let snapshot = world.storage.snapshot().unwrap();
    let at = candle.time().seconds();
    let query = crate::DrawQuery {
        cursor: 0,
        window_candles: 30,
        at_time: Some(at),
    };
    WorldFrame {
        at_time: at,
        aligned: candle.time(),
        slices: world.slices(at).unwrap(),
        drawing: world
            .reader
            .draw_delta(&*snapshot, &world.series, &query)
            .unwrap(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_frame_is_the_same_whenever_it_is_asked_for(seed in any::<u64>(), picks in prop::collection::vec(any::<prop::sample::Index>(), 12)) {
        let candles = walk(seed, 90);
        let mut world = World::new(super::series(), setup(2, 40));
        let mut then = Vec::new();
        for candle in &candles {
            world.ingest(std::slice::from_ref(candle));
            then.push(frame(&world, &world.reader, None).unwrap());
        }
        for pick in picks {
            let n = pick.index(candles.len());
            let at = candles[n].time().seconds();
            prop_assert_eq!(&frame(&world, &world.reader, Some(at)).unwrap(), &then[n], "warm, at {}", n);
            prop_assert_eq!(&frame(&world, &reader(&world.setup), Some(at)).unwrap(), &then[n], "cold, at {}", n);
            prop_assert_eq!(&composed(&world, &candles[n]), &then[n], "composed, at {}", n);
        }
    }

    #[test]
    fn polls_lead_to_the_newest_drawing(seed in any::<u64>(), steps in prop::collection::vec(1_usize..9, 12)) {
        let candles = walk(seed, 90);
        let mut world = World::with(&candles[..10]);
        let mut held = std::collections::BTreeMap::new();
        let (mut after, mut done) = (0, 10);
        for step in steps {
            let record = poll(&world, after).unwrap().unwrap();
            prop_assert_eq!(record.to, candles[done - 1].time());
            prop_assert_eq!(&record.delta, &world.delta(after, None).unwrap());
            prop_assert_eq!(record.slices.aligned, Some(record.to));
            after = record.to.seconds();
            prop_assert_eq!(poll(&world, after).unwrap(), None);
            held.extend(record.delta.patch.into_iter().map(|item| (item.instruction_id.clone(), item)));
            let whole = world.delta(0, None).unwrap();
            // What left and came back as it was is not sent again, so its version may be the former one (5.2).
            for item in &whole.patch {
                let mine = held.get(&item.instruction_id);
                prop_assert_eq!(mine.map(|mine| &mine.definition), Some(&item.definition));
            }
            let next = (done + step).min(candles.len());
            world.ingest(&candles[done..next]);
            done = next;
        }
    }
}

#[test]
fn the_instant_is_told_and_the_candle() {
    let candles = walk(1, 30);
    let world = World::with(&candles);
    let at = candles[20].time().seconds();
    let between = frame(&world, &world.reader, Some(at + 59)).unwrap();
    assert_eq!((between.at_time, between.aligned), (at + 59, candles[20].time()));
    assert_eq!(between.drawing.to, Some(candles[20].time()));
    assert_eq!(between.slices.aligned, Some(candles[20].time()));
    let far = frame(&world, &world.reader, Some(i64::MAX)).unwrap();
    assert_eq!((far.at_time, far.aligned), (i64::MAX, candles[29].time()));
    let live = frame(&world, &world.reader, None).unwrap();
    assert_eq!(live.at_time, candles[29].time().seconds());
}

#[test]
fn without_candles_there_is_no_frame() {
    let candles = walk(1, 30);
    let mut world = World::new(super::series(), setup(2, 40));
    let is_missing = |world: &World, at| matches!(frame(world, &world.reader, at), Err(ReadError::NoData));
    assert!(is_missing(&world, None) && is_missing(&world, Some(60)));
    assert_eq!(poll(&world, 0).unwrap(), None);
    world.ingest(&candles);
    assert!(is_missing(&world, Some(candles[0].time().seconds() - 1)) && is_missing(&world, Some(-1)));
}

#[test]
fn the_factors_are_looked_at_first_and_polls_look_at_the_drawings_first() {
    let candles = walk(2, 40);
    let mut world = World::new(super::series(), setup(2, 40));
    world.options.factor_ingest = false;
    world.restart_writer();
    world.ingest(&candles[..20]);
    let at = Some(candles[10].time().seconds());
    let no_overlay = |world: &World| matches!(frame(world, &world.reader, None), Err(ReadError::NoOverlay));
    assert!(no_overlay(&world));
    assert_eq!(refused(frame(&world, &world.reader, at)), Some(Ledger::Factor));
    assert_eq!(refused(poll(&world, 0)), Some(Ledger::Overlay));
    world.options.factor_ingest = true;
    world.options.overlay_ingest = false;
    world.restart_writer();
    world.refresh();
    assert!(no_overlay(&world));
    assert_eq!(refused(frame(&world, &world.reader, at)), Some(Ledger::Overlay));
    world.options.overlay_ingest = true;
    world.restart_writer();
    world.refresh();
    assert_eq!(refused(frame(&world, &world.reader, None)), None);
    // Drawings that are merely behind are not missing.
    world.options.overlay_ingest = false;
    world.restart_writer();
    world.ingest(&candles[20..30]);
    assert_eq!(refused(frame(&world, &world.reader, None)), Some(Ledger::Overlay));
    assert_eq!(refused(frame(&world, &world.reader, at)), None);
    world.options.factor_ingest = false;
    world.restart_writer();
    world.ingest(&candles[30..]);
    assert_eq!(refused(frame(&world, &world.reader, None)), Some(Ledger::Factor));
    assert_eq!(refused(poll(&world, 1)), Some(Ledger::Overlay));
}

#[test]
fn damaged_drawings_are_never_shown_as_a_frame() {
    let candles = walk(3, 60);
    let world = World::with(&candles);
    let fine = frame(&world, &world.reader, None).unwrap();
    assert_ne!(fine.drawing, DrawDelta::default());
    world.tamper(|txn, key| txn.discard_settled_from(key, candles[30].time()).unwrap());
    let damaged = frame(&world, &world.reader, None);
    assert!(
        matches!(&damaged, Err(ReadError::Integrity { findings, .. }) if findings.missing.count > 0),
        "{damaged:?}"
    );
    assert!(matches!(poll(&world, 0), Err(ReadError::Integrity { .. })));
    assert!(poll(&world, candles[58].time().seconds()).is_ok());
}

#[test]
fn a_rebuild_changes_the_frame() {
    let candles = walk(4, 60);
    let mut world = World::with(&candles);
    let at = Some(candles[50].time().seconds());
    let before = frame(&world, &world.reader, at).unwrap();
    world.ingest(&[corrected(&candles[30])]);
    let after = frame(&world, &world.reader, at).unwrap();
    assert_eq!((before.slices.epoch, after.slices.epoch), (0, 1));
    assert_eq!(after, frame(&world, &reader(&world.setup), at).unwrap());
}
