//! Any cut of the same candles into batches, with and without restarts between them, gives the same rows.

use tc_factor::testing::market;
use tc_market::Candle;

use super::{
    Stored, batch, folded,
    place::{Place, Process},
    setup, walk,
};

/// Sizes of batches that the contract names; the last one is all at once.
const SIZES: [usize; 4] = [1, 7, 500, usize::MAX];

fn written(mut process: Process, candles: &[Candle], size: usize, restart: bool) -> Stored {
    for given in candles.chunks(size.min(candles.len())) {
        process.run(batch("A", given));
        if restart {
            process.restart();
        }
    }
    process.assert_in_step()
}

#[test]
fn batches_of_any_size_give_the_same_rows() {
    let setup = setup(3, 60);
    for candles in [walk(41, 1_300), market(43, 1_300)] {
        let expected = folded(&setup, &candles);
        assert!(expected.checkpoints.len() >= 2 && expected.events.len() > 500);
        for size in SIZES {
            for restart in [false, true] {
                // A new process folds up to 511 candles again: one for every candle of a shorter series is enough.
                let candles = if size == 1 && restart {
                    &candles[..600]
                } else {
                    &candles[..]
                };
                let process = Process::new(Place::memory(&setup), setup.clone());
                let stored = written(process, candles, size, restart);
                assert_eq!(stored.candles, candles);
                if candles.len() == 1_300 {
                    stored.assert_folded(&expected);
                }
            }
        }
    }
}

#[test]
fn batches_of_any_size_give_the_same_rows_in_a_file() {
    let setup = setup(3, 60);
    let candles = walk(47, 1_100);
    let mut first: Option<Stored> = None;
    for size in SIZES {
        // One by one, a shorter series: every candle is a commit of its own.
        let candles = if size == 1 { &candles[..150] } else { &candles[..] };
        let process = Process::new(Place::file(&setup), setup.clone());
        let stored = written(process, candles, size, size > 1);
        assert_eq!(stored.candles, candles);
        if size > 1 {
            let first = first.get_or_insert_with(|| stored.clone());
            assert_eq!(stored, *first, "batches of {size}");
        }
    }
}
