//! What readers see while somebody writes.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use tc_market::CandleTime;

use super::{
    Factory,
    fixture::{BTC, Fixture, at, candles, drawing, event, id, seconds, state},
};
use crate::Snapshot;

fn stored_times(snapshot: &dyn Snapshot) -> Vec<i64> {
    let key = snapshot.series_key(&id(BTC)).unwrap().unwrap();
    seconds(&snapshot.newest_candles(key, 100).unwrap())
}

/// A snapshot shows its moment, before, during and after a transaction, even when it is first read after it.
pub fn snapshot_is_immutable(factory: &dyn Factory) {
    let fixture = Fixture::new(factory);
    fixture.write(|txn, key| txn.put_candles(key, &candles(&[60, 120])).unwrap());
    let read_early = fixture.snapshot();
    let read_late = fixture.snapshot();
    assert_eq!(stored_times(&*read_early), [60, 120]);
    let mut txn = fixture.storage().begin().unwrap();
    let key = txn.ensure_series(&id(BTC)).unwrap();
    txn.put_candles(key, &candles(&[0, 180])).unwrap();
    txn.delete_candles(key, &[at(60)]).unwrap();
    txn.append_events(key, &[event(180, 0, 0, 0, &[1])]).unwrap();
    txn.append_settled(key, &[drawing(180, 0, 0, 0, 180)]).unwrap();
    txn.put_series_state(key, &state(1)).unwrap();
    assert_eq!(stored_times(&*read_early), [60, 120]);
    {
        let opened_meanwhile = fixture.snapshot();
        assert_eq!(stored_times(&*opened_meanwhile), [60, 120]);
    }
    txn.commit().unwrap();
    for old in [&read_early, &read_late] {
        assert_eq!(stored_times(&**old), [60, 120]);
        assert_eq!(old.events(key, at(0), CandleTime::MAX).unwrap(), []);
        assert_eq!(old.settled(key, at(0), CandleTime::MAX).unwrap(), []);
        assert_eq!(old.series_state(key).unwrap().epoch, 0);
    }
    assert_eq!(stored_times(&*fixture.snapshot()), [0, 120, 180]);
}

/// Snapshots of different moments side by side.
pub fn several_snapshots_at_once(factory: &dyn Factory) {
    let fixture = Fixture::new(factory);
    fixture.write(|txn, key| txn.put_candles(key, &candles(&[60])).unwrap());
    let first = fixture.snapshot();
    fixture.write(|txn, key| txn.put_candles(key, &candles(&[120])).unwrap());
    let second = fixture.snapshot();
    fixture.write(|txn, key| txn.trim_candles(key, 1).unwrap());
    let third = fixture.snapshot();
    assert_eq!(stored_times(&*first), [60]);
    assert_eq!(stored_times(&*second), [60, 120]);
    assert_eq!(stored_times(&*third), [120]);
    drop(first);
    assert_eq!(stored_times(&*second), [60, 120]);
}

/// While a writer adds a candle, its event and its head together, no reader sees one without the others.
pub fn a_reader_sees_whole_transactions(factory: &dyn Factory) {
    const ROUNDS: i64 = 60;
    let fixture = Fixture::new(factory);
    fixture.write(|_, _| {});
    let storage = fixture.storage();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut last_seen = 0;
            loop {
                let finished = done.load(Ordering::Acquire);
                let snapshot = storage.snapshot().unwrap();
                let key = snapshot.series_key(&id(BTC)).unwrap().unwrap();
                let head = snapshot.head_time(key).unwrap();
                let events = snapshot.events(key, at(0), CandleTime::MAX).unwrap();
                let state = snapshot.series_state(key).unwrap();
                let count = snapshot.count_between(key, at(0), CandleTime::MAX).unwrap();
                assert_eq!(events.last().map(|event| event.visible_time), head);
                assert_eq!(state.factor_head, head);
                assert_eq!(events.len() as u64, count);
                assert!(count >= last_seen, "time runs forward");
                last_seen = count;
                if finished {
                    break last_seen;
                }
            }
        });
        for round in 1..=ROUNDS {
            fixture.write(|txn, key| {
                let time = round * 60;
                txn.put_candles(key, &candles(&[time])).unwrap();
                txn.append_events(key, &[event(time, 0, 0, time, &[0])]).unwrap();
                let mut state = txn.series_state(key).unwrap();
                state.factor_head = Some(at(time));
                txn.put_series_state(key, &state).unwrap();
            });
        }
        done.store(true, Ordering::Release);
        assert_eq!(reader.join().unwrap(), ROUNDS.cast_unsigned());
    });
}
