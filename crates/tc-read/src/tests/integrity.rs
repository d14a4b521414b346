//! Stored drawings that disagree with the factor ledger: overlay contract 7.

use tc_market::{Candle, CandleTime};
use tc_overlay::SettledRow;
use tc_store::{SeriesKey, Storage, WriteTxn};

use super::{World, reader, walk};
use crate::ReadError;

fn rows(world: &World) -> Vec<SettledRow> {
    let snapshot = world.storage.snapshot().unwrap();
    let key = snapshot.series_key(&world.series).unwrap().unwrap();
    snapshot.settled(key, CandleTime::MIN, CandleTime::MAX).unwrap()
}

/// Replaces the stored rows.
fn store(world: &World, rows: &[SettledRow]) {
    world.tamper(|txn: &mut dyn WriteTxn, key: SeriesKey| {
        txn.discard_settled_from(key, CandleTime::MIN).unwrap();
        txn.append_settled(key, rows).unwrap();
    });
}

/// Counts of missing, different and bogus rows, warm and cold.
#[track_caller]
fn verdict(world: &World, at: Option<i64>) -> Option<(usize, usize, usize)> {
    let judge = |reader: &crate::ReadModel| match world.delta_by(reader, 0, at) {
        Ok(_) => None,
        Err(ReadError::Integrity {
            missing,
            different,
            bogus,
            ..
        }) => Some((missing, different, bogus)),
        Err(error) => panic!("another error: {error}"),
    };
    let cold = judge(&reader(&world.setup));
    assert_eq!(judge(&world.reader), cold);
    cold
}

fn healthy() -> (World, Vec<Candle>, Vec<SettledRow>) {
    let candles = walk(1, 60);
    let world = World::with(&candles);
    let rows = rows(&world);
    assert!(rows.len() > 20, "the walk has pivots");
    (world, candles, rows)
}

#[test]
fn a_healthy_store_never_fails() {
    let (world, candles, rows) = healthy();
    for candle in &candles {
        assert_eq!(verdict(&world, Some(candle.time().seconds())), None);
    }
    store(&world, &rows);
    assert_eq!(verdict(&world, None), None);
}

#[test]
fn a_missing_row_is_noticed_wherever_it_belongs_and_nowhere_else() {
    let (world, candles, rows) = healthy();
    let mut fewer = rows.clone();
    let gone = fewer.remove(rows.len() / 2);
    store(&world, &fewer);
    for candle in &candles {
        let belongs = gone.is_part_of(candle.time().shifted(-40 * 60), candle.time());
        let at = Some(candle.time().seconds());
        assert_eq!(verdict(&world, at), belongs.then_some((1, 0, 0)), "at {at:?}");
    }
}

#[test]
fn a_changed_row_is_noticed() {
    let (world, _, mut rows) = healthy();
    let last = rows.len() - 1;
    // The other direction.
    rows[last].payload[1] ^= 1;
    store(&world, &rows);
    assert_eq!(verdict(&world, None), Some((0, 1, 0)));
    rows[last].payload[1] ^= 1;
    rows[last].first_time = rows[last].first_time.shifted(-60);
    store(&world, &rows);
    assert_eq!(verdict(&world, None), Some((0, 1, 0)));
}

#[test]
fn a_row_without_an_event_is_noticed() {
    let (world, candles, mut rows) = healthy();
    let mut bogus = rows[rows.len() - 1].clone();
    bogus.ord += 7;
    rows.push(bogus.clone());
    store(&world, &rows);
    assert_eq!(verdict(&world, None), Some((0, 0, 1)));
    // One that lies outside the window disturbs nobody.
    rows.pop();
    bogus.version = candles[0].time();
    (bogus.first_time, bogus.last_time) = (candles[0].time(), candles[0].time());
    rows.insert(0, bogus);
    store(&world, &rows);
    assert_eq!(verdict(&world, None), None);
    assert_eq!(
        verdict(&world, Some(candles[5].time().seconds())),
        Some((0, 0, 1))
    );
}

#[test]
fn only_a_client_that_holds_nothing_asks_for_it() {
    let (world, candles, rows) = healthy();
    store(&world, &rows[..rows.len() - 1]);
    let at = |n: usize| candles[n].time().seconds();
    assert_eq!(verdict(&world, None), Some((1, 0, 0)));
    assert!(world.delta(at(58), None).is_ok());
    assert!(world.slices(at(59)).is_ok());
    // Repeating the question repairs nothing.
    assert_eq!(verdict(&world, None), Some((1, 0, 0)));
    assert_eq!(self::rows(&world), rows[..rows.len() - 1]);
}
