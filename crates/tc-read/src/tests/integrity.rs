//! Stored drawings that disagree with the factor ledger: overlay contract 7.

use tc_market::{Candle, CandleTime};
use tc_overlay::SettledRow;
use tc_store::{SeriesKey, SeriesState, Storage, WriteTxn};

use super::{World, reader, walk};
use crate::{DrawingsCheck, Ledger, ReadError};

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
        Err(ReadError::Integrity { findings, .. }) => Some((
            findings.missing.count,
            findings.different.count,
            findings.bogus.count,
        )),
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
fn findings_name_the_drawings() {
    let (world, candles, rows) = healthy();
    store(&world, &[]);
    let head = candles[candles.len() - 1].time();
    let error = world.delta(0, None).unwrap_err();
    let ReadError::Integrity { at, findings } = error else {
        panic!("another error: {error}");
    };
    assert_eq!(at, head);
    let cutoff = head.shifted(-40 * 60);
    let drawn: Vec<&SettledRow> = rows.iter().filter(|row| row.is_part_of(cutoff, head)).collect();
    assert_eq!(
        (findings.missing.count, findings.missing.ids.len()),
        (drawn.len(), drawn.len().min(20))
    );
    let prefix = format!(":{}:", drawn[0].first_time);
    assert!(
        findings.missing.ids[0].starts_with("pivot.") && findings.missing.ids[0].contains(&prefix),
        "{findings:?}"
    );
    assert_eq!((findings.different.count, findings.bogus.count), (0, 0));
    // A row that nobody can read is named by its place.
    let mut unreadable = rows.clone();
    let last = unreadable.len() - 1;
    unreadable[last].ord += 7;
    unreadable[last].payload.clear();
    store(&world, &unreadable);
    let ReadError::Integrity { findings, .. } = world.delta(0, None).unwrap_err() else {
        panic!("another error");
    };
    let place = format!("unreadable:{}:{}", unreadable[last].version, unreadable[last].ord);
    assert_eq!(findings.bogus.ids, [place]);
}

#[test]
fn a_check_covers_heads_and_drawings() {
    let (world, candles, rows) = healthy();
    let check = |at: Option<i64>| {
        let snapshot = world.storage.snapshot().unwrap();
        world.reader.check_drawings(&*snapshot, &world.series, at)
    };
    let time = |n: usize| candles[n].time();
    let head = time(59);
    for (at, aligned) in [
        (None, head),
        (Some(time(30).seconds() + 59), time(30)),
        (Some(i64::MAX), head),
    ] {
        let found = check(at).unwrap().unwrap();
        let expected = DrawingsCheck {
            candle_head: head,
            aligned,
            factor_head: head,
            overlay_head: head,
        };
        assert_eq!(found, expected);
    }
    assert_eq!(check(Some(time(0).seconds() - 1)).unwrap(), None);
    let snapshot = world.storage.snapshot().unwrap();
    let other = "binance:spot:NONE/USDT:1m".parse().unwrap();
    assert_eq!(
        world.reader.check_drawings(&*snapshot, &other, None).unwrap(),
        None
    );
    drop(snapshot);

    store(&world, &rows[..rows.len() - 1]);
    assert!(matches!(check(None), Err(ReadError::Integrity { .. })));
    assert!(
        check(Some(time(20).seconds())).is_ok(),
        "what is damaged is newer"
    );
    let set = |change: &dyn Fn(&mut SeriesState)| {
        world.tamper(|txn: &mut dyn WriteTxn, key: SeriesKey| {
            let mut state = txn.series_state(key).unwrap();
            change(&mut state);
            txn.put_series_state(key, &state).unwrap();
        });
    };
    let refused = |ledger: Ledger| {
        let error = check(Some(time(20).seconds())).unwrap_err();
        assert!(
            matches!(error, ReadError::OutOfSync { ledger: found, at } if found == ledger && at == head),
            "{error}"
        );
    };
    set(&|state| state.overlay_head = None);
    refused(Ledger::Overlay);
    set(&|state| state.factor_head = Some(time(40)));
    refused(Ledger::Factor);
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
