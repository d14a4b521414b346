//! Commit, rollback, savepoints, turns.

use std::{sync::Barrier, thread};

use super::{
    Factory,
    fixture::{BTC, ETH, Fixture, assert_refused, at, candles, drawing, event, id, names, seconds, state},
};
use crate::{Savepoint, SeriesKey, SeriesState, StoredCheckpoint, WriteTxn};

/// Writes one row of every kind at `time`.
fn write_all_kinds(txn: &mut dyn WriteTxn, key: SeriesKey, time: i64) {
    txn.put_candles(key, &candles(&[time])).unwrap();
    txn.append_events(key, &[event(time, 0, 0, 0, &[1])]).unwrap();
    txn.append_settled(key, &[drawing(time, 0, 0, 0, time)]).unwrap();
    let checkpoint = StoredCheckpoint {
        time: at(time),
        bytes: vec![1],
    };
    txn.put_checkpoint(key, &checkpoint).unwrap();
    txn.put_series_state(key, &state(5)).unwrap();
}

fn candle_times(txn: &dyn WriteTxn, key: SeriesKey) -> Vec<i64> {
    seconds(&txn.newest_candles(key, 100).unwrap())
}

/// Nothing of a dropped transaction is kept.
pub fn dropped_without_commit(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    fixture.write(|txn, key| txn.put_candles(key, &candles(&[60])).unwrap());
    {
        let mut txn = fixture.storage().begin().unwrap();
        let key = txn.ensure_series(&id(BTC)).unwrap();
        write_all_kinds(&mut *txn, key, 120);
        txn.savepoint(Savepoint::Unit).unwrap();
        txn.delete_candles(key, &[at(60)]).unwrap();
        txn.ensure_series(&id(ETH)).unwrap();
    }
    fixture.write_and_check(
        |_, _| {},
        |read, key| {
            assert_eq!(seconds(&read.newest_candles(key, 10).unwrap()), [60]);
            assert!(read.events(key, at(0), at(120)).unwrap().is_empty());
            assert!(read.settled(key, at(0), at(120)).unwrap().is_empty());
            assert_eq!(read.checkpoint_at(key, at(120)).unwrap(), None);
            assert_eq!(read.series_state(key).unwrap(), SeriesState::default());
            assert_eq!(read.series_key(&id(ETH)).unwrap(), None);
        },
    );
}

/// What was written since the savepoint goes, what was written before it stays.
pub fn savepoint_rolls_back(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    fixture.write_and_check(
        |txn, key| {
            txn.put_candles(key, &candles(&[60])).unwrap();
            txn.savepoint(Savepoint::Derived).unwrap();
            write_all_kinds(txn, key, 120);
            txn.delete_candles(key, &[at(60)]).unwrap();
            txn.rollback_to(Savepoint::Derived).unwrap();
            txn.put_candles(key, &candles(&[180])).unwrap();
        },
        |read, key| {
            assert_eq!(seconds(&read.newest_candles(key, 10).unwrap()), [60, 180]);
            assert!(read.events(key, at(0), at(180)).unwrap().is_empty());
            assert!(read.settled(key, at(0), at(180)).unwrap().is_empty());
            assert_eq!(read.checkpoint_at(key, at(180)).unwrap(), None);
            assert_eq!(read.series_state(key).unwrap(), SeriesState::default());
        },
    );
}

/// `Derived` inside `Unit`, several units in one transaction.
pub fn savepoints_nest(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    fixture.write_and_check(
        |txn, key| {
            txn.savepoint(Savepoint::Unit).unwrap();
            txn.put_candles(key, &candles(&[60])).unwrap();
            txn.savepoint(Savepoint::Derived).unwrap();
            txn.append_events(key, &[event(60, 0, 0, 0, &[1])]).unwrap();
            txn.rollback_to(Savepoint::Derived).unwrap();
            txn.savepoint(Savepoint::Derived).unwrap();
            txn.append_events(key, &[event(60, 1, 0, 0, &[2])]).unwrap();
            txn.release(Savepoint::Derived).unwrap();
            txn.release(Savepoint::Unit).unwrap();

            txn.savepoint(Savepoint::Unit).unwrap();
            txn.put_candles(key, &candles(&[120])).unwrap();
            txn.savepoint(Savepoint::Derived).unwrap();
            txn.append_events(key, &[event(120, 0, 0, 0, &[3])]).unwrap();
            txn.release(Savepoint::Derived).unwrap();
            assert_eq!(candle_times(txn, key), [60, 120]);
            txn.rollback_to(Savepoint::Unit).unwrap();
        },
        |read, key| {
            assert_eq!(seconds(&read.newest_candles(key, 10).unwrap()), [60]);
            let events = read.events(key, at(0), at(999)).unwrap();
            assert_eq!(events, [event(60, 1, 0, 0, &[2])]);
        },
    );
}

/// Rolling back or releasing `Unit` closes an open `Derived` with it.
pub fn closing_the_outer_closes_the_inner(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    fixture.write_and_check(
        |txn, key| {
            txn.savepoint(Savepoint::Unit).unwrap();
            txn.put_candles(key, &candles(&[60])).unwrap();
            txn.savepoint(Savepoint::Derived).unwrap();
            txn.put_candles(key, &candles(&[120])).unwrap();
            txn.rollback_to(Savepoint::Unit).unwrap();
            assert_eq!(candle_times(txn, key), [0; 0]);
            assert_refused(txn.release(Savepoint::Derived));

            txn.savepoint(Savepoint::Unit).unwrap();
            txn.put_candles(key, &candles(&[180])).unwrap();
            txn.savepoint(Savepoint::Derived).unwrap();
            txn.put_candles(key, &candles(&[240])).unwrap();
            txn.release(Savepoint::Unit).unwrap();
            assert_refused(txn.rollback_to(Savepoint::Derived));
        },
        |read, key| assert_eq!(seconds(&read.newest_candles(key, 10).unwrap()), [180, 240]),
    );
}

/// A commit keeps what open savepoints hold.
pub fn open_savepoints_are_committed(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    fixture.write_and_check(
        |txn, key| {
            txn.savepoint(Savepoint::Unit).unwrap();
            txn.savepoint(Savepoint::Derived).unwrap();
            txn.put_candles(key, &candles(&[60])).unwrap();
        },
        |read, key| assert_eq!(seconds(&read.newest_candles(key, 10).unwrap()), [60]),
    );
}

/// Savepoints that do not fit are errors, and change nothing.
pub fn misplaced_savepoints_are_refused(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    fixture.write_and_check(
        |txn, key| {
            assert_refused(txn.release(Savepoint::Unit));
            assert_refused(txn.rollback_to(Savepoint::Derived));
            txn.savepoint(Savepoint::Derived).unwrap();
            assert_refused(txn.savepoint(Savepoint::Derived));
            assert_refused(txn.savepoint(Savepoint::Unit));
            txn.put_candles(key, &candles(&[60])).unwrap();
            assert_refused(txn.rollback_to(Savepoint::Unit));
            assert_refused(txn.release(Savepoint::Unit));
            assert_eq!(candle_times(txn, key), [60]);
            txn.release(Savepoint::Derived).unwrap();
            assert_refused(txn.release(Savepoint::Derived));
        },
        |read, key| assert_eq!(seconds(&read.newest_candles(key, 10).unwrap()), [60]),
    );
}

/// A series made inside a savepoint goes with it and can be made again.
pub fn a_rolled_back_series_is_unknown(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    fixture.write_and_check(
        |txn, key| {
            txn.savepoint(Savepoint::Unit).unwrap();
            let other = txn.ensure_series(&id(ETH)).unwrap();
            txn.put_candles(other, &candles(&[60])).unwrap();
            txn.rollback_to(Savepoint::Unit).unwrap();
            assert_eq!(txn.series_key(&id(ETH)).unwrap(), None);
            let again = txn.ensure_series(&id(ETH)).unwrap();
            assert_ne!(again, key);
            assert_eq!(txn.head_time(again).unwrap(), None);
            txn.put_candles(again, &candles(&[120])).unwrap();
        },
        |read, _| {
            let other = read.series_key(&id(ETH)).unwrap().unwrap();
            assert_eq!(seconds(&read.newest_candles(other, 10).unwrap()), [120]);
        },
    );
}

/// Reading and writing back in one transaction loses no update of another thread.
pub fn writers_take_turns(factory: &dyn Factory) {
    const THREADS: usize = 4;
    const TURNS: u64 = 8;
    let mut fixture = Fixture::new(factory);
    fixture.write(|_, _| {});
    let storage = fixture.storage();
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                start.wait();
                for _ in 0..TURNS {
                    let mut txn = storage.begin().unwrap();
                    let key = txn.series_key(&id(BTC)).unwrap().unwrap();
                    let mut state = txn.series_state(key).unwrap();
                    state.generation += 1;
                    txn.put_series_state(key, &state).unwrap();
                    txn.commit().unwrap();
                }
            });
        }
    });
    fixture.reopen(names());
    fixture.check(|read, key| {
        let generation = read.series_state(key).unwrap().generation;
        assert_eq!(generation, THREADS as u64 * TURNS);
    });
}
