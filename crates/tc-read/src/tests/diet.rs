//! Slices of which only a part is wanted.

use tc_factor::SlicePart;
use tc_store::Storage;

use super::{World, reader, walk};
use crate::{FactorSlice, FactorSlices, FrameQuery, SliceQuery, SliceSelection};

const PARTS: [SlicePart; 3] = [SlicePart::All, SlicePart::Head, SlicePart::History];

fn slices(world: &World, at_time: i64, selection: &SliceSelection) -> FactorSlices {
    let snapshot = world.storage.snapshot().unwrap();
    let query = SliceQuery {
        at_time,
        window_candles: 30,
        selection: selection.clone(),
    };
    let warm = world.reader.slices(&*snapshot, &world.series, &query).unwrap();
    let cold = reader(&world.setup)
        .slices(&*snapshot, &world.series, &query)
        .unwrap();
    assert_eq!(warm, cold);
    let query = FrameQuery {
        at_time: Some(at_time),
        window_candles: 30,
        selection: selection.clone(),
    };
    let frame = world.reader.frame(&*snapshot, &world.series, &query).unwrap();
    assert_eq!(frame.slices, warm);
    warm
}

/// The part of a whole slice.
fn cut(slice: &FactorSlice, part: SlicePart) -> FactorSlice {
    let mut slice = slice.clone();
    match part {
        SlicePart::All => {}
        SlicePart::Head => slice.history = b"{}".to_vec(),
        SlicePart::History => slice.head = b"{}".to_vec(),
    }
    slice
}

#[test]
fn a_selection_leaves_out_and_changes_nothing_else() {
    let candles = walk(1, 90);
    let world = World::with(&candles);
    let names: Vec<&str> = world.setup.factors.names().collect();
    let (mut heads, mut histories) = (0, 0);
    for candle in candles.iter().rev().step_by(11) {
        let at = candle.time().seconds();
        let all = slices(&world, at, &SliceSelection::default());
        // Every set of factors, once in graph order and once the other way round.
        for set in 0..1_usize << names.len() {
            let mut wanted: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let mut n = 0;
            wanted.retain(|_| {
                n += 1;
                set >> (n - 1) & 1 == 1
            });
            if set % 2 == 0 {
                wanted.reverse();
            }
            let part = PARTS[set % 3];
            let kept = all
                .factors
                .iter()
                .filter(|slice| wanted.iter().any(|name| name == slice.factor_name));
            let expected: Vec<FactorSlice> = kept.map(|slice| cut(slice, part)).collect();
            heads += expected.iter().filter(|slice| slice.head != b"{}").count();
            histories += expected.iter().filter(|slice| slice.history != b"{}").count();
            let selection = SliceSelection {
                factors: Some(wanted),
                part,
            };
            let found = slices(&world, at, &selection);
            assert_eq!((found.aligned, found.epoch), (all.aligned, all.epoch));
            assert_eq!(found.factors, expected, "{selection:?} at {at}");
        }
    }
    assert!(heads > 0 && histories > 0);
}
