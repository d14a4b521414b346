//! Candles that arrive in any order, repeated, and wrong at first: the ledgers are the fold over what is stored, after
//! every delivery and in every store.

use tc_factor::testing::{Dice, market};
use tc_market::Candle;

use super::{
    batch, corrected,
    place::{Place, Process},
    setup, walk,
};

/// Batches that leave exactly `candles` behind: shuffled, cut, repeated, some with wrong values that a later one puts
/// right.
fn deliveries(candles: &[Candle], dice: &mut Dice) -> Vec<Vec<Candle>> {
    let mut order: Vec<usize> = (0..candles.len()).collect();
    for n in (1..order.len()).rev() {
        order.swap(n, dice.index(n + 1));
    }
    // Sometimes nearly in order, as a back-fill that overtakes the live stream.
    if dice.below(3) == 0 {
        order.sort_by_key(|n| n / 10);
    }
    let mut batches: Vec<Vec<(usize, bool)>> = Vec::new();
    let mut rest = order.as_slice();
    while !rest.is_empty() {
        let (now, later) = rest.split_at(rest.len().min(1 + dice.index(12)));
        let mut now: Vec<_> = now.iter().map(|n| (*n, dice.below(8) == 0)).collect();
        now.sort_unstable();
        batches.push(now);
        if dice.below(4) == 0 {
            let again = dice.index(batches.len());
            batches.push(batches[again].clone());
        }
        rest = later;
    }
    let mut wrong = vec![false; candles.len()];
    for (n, is_wrong) in batches.iter().flatten() {
        wrong[*n] = *is_wrong;
    }
    let mut wrong: Vec<usize> = (0..candles.len()).filter(|n| wrong[*n]).collect();
    while !wrong.is_empty() {
        let fixed = wrong.split_off(wrong.len().saturating_sub(1 + dice.index(5)));
        batches.push(fixed.into_iter().map(|n| (n, false)).collect());
    }
    let candle = |(n, is_wrong): (usize, bool)| {
        if is_wrong {
            corrected(&candles[n])
        } else {
            candles[n]
        }
    };
    batches
        .into_iter()
        .map(|batch| batch.into_iter().map(candle).collect())
        .collect()
}

/// Delivers, with restarts; returns how often the ledgers were folded again.
fn check(process: &mut Process, candles: &[Candle], dice: &mut Dice) -> u32 {
    for given in deliveries(candles, dice) {
        if dice.below(5) == 0 {
            process.restart();
        }
        process.run(batch("A", &given));
        process.assert_in_step();
    }
    let stored = process.assert_in_step();
    assert_eq!(stored.candles, candles, "everything has arrived");
    // All of it again changes nothing.
    process.run(batch("A", candles));
    assert_eq!(process.stored(), stored);
    stored.state.epoch
}

fn series_of(case: u64, count: usize) -> Vec<Candle> {
    if case.is_multiple_of(3) {
        market(case, count)
    } else {
        walk(case, count)
    }
}

#[test]
fn any_order_of_arrival_gives_one_fold_in_memory() {
    let mut epochs = 0;
    for case in 0..80_u64 {
        let setup = setup(1 + case.cast_signed() % 4, 40);
        let mut process = Process::new(Place::memory(&setup), setup);
        epochs += check(&mut process, &series_of(case, 90), &mut Dice::new(case));
    }
    assert!(epochs > 200, "{epochs} times only were ledgers folded again");
}

#[test]
fn any_order_of_arrival_gives_one_fold_in_a_file() {
    let mut epochs = 0;
    for case in 100..112_u64 {
        let setup = setup(1 + case.cast_signed() % 4, 40);
        let mut process = Process::new(Place::file(&setup), setup);
        epochs += check(&mut process, &series_of(case, 60), &mut Dice::new(case));
    }
    assert!(epochs > 30, "{epochs} times only were ledgers folded again");
}

#[test]
fn memory_and_file_hold_the_same_rows() {
    for case in 200..204_u64 {
        let setup = setup(2, 40);
        let candles = series_of(case, 60);
        let mut memory = Process::new(Place::memory(&setup), setup.clone());
        let mut file = Process::new(Place::file(&setup), setup);
        for given in deliveries(&candles, &mut Dice::new(case)) {
            assert_eq!(memory.run(batch("A", &given)), file.run(batch("A", &given)));
            assert_eq!(memory.stored(), file.stored());
        }
    }
}
