//! The reader pool, the read-only view, and the size of rows.

use std::thread;

use rusqlite::Connection;
use tc_market::CandleTime;
use tc_store::{Names, Storage, StoreError};
use tempfile::tempdir;

use super::{at, candles, drawing, event, names, open, series};
use crate::{SqliteOptions, SqliteReader, SqliteStorage};

#[test]
fn snapshots_are_bounded_and_given_back() {
    let place = tempdir().unwrap();
    let options = SqliteOptions {
        busy_timeout_ms: 1,
        readers: 2,
    };
    let store = SqliteStorage::open(&place.path().join("market.db"), names(), options).unwrap();
    let first = store.snapshot().unwrap();
    let _second = store.snapshot().unwrap();
    assert!(matches!(store.snapshot().map(drop), Err(StoreError::Busy)));
    drop(first);
    store.snapshot().unwrap();
}

#[test]
fn a_waiting_reader_gets_the_connection_that_comes_back() {
    let place = tempdir().unwrap();
    let options = SqliteOptions {
        readers: 1,
        ..SqliteOptions::default()
    };
    let store = SqliteStorage::open(&place.path().join("market.db"), names(), options).unwrap();
    let lists: Vec<usize> = thread::scope(|scope| {
        let readers: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| store.snapshot().unwrap().list_series().unwrap().len()))
            .collect();
        readers.into_iter().map(|reader| reader.join().unwrap()).collect()
    });
    assert_eq!(lists, [0; 8]);
}

#[test]
fn a_read_only_view_follows_a_living_writer() {
    let place = tempdir().unwrap();
    let path = place.path().join("market.db");
    let store = open(&path).unwrap();
    let only_pens = Names {
        event_kinds: vec!["unknown".to_owned(), "pen.confirmed".to_owned()],
        drawings: Vec::new(),
    };
    let view = SqliteReader::open(&path, only_pens).unwrap();
    assert!(view.snapshot().unwrap().list_series().unwrap().is_empty());
    let mut txn = store.begin().unwrap();
    let key = txn.ensure_series(&series()).unwrap();
    txn.put_candles(key, &candles(1, 3)).unwrap();
    txn.append_events(key, &[event(2)]).unwrap();
    txn.append_settled(key, &[drawing(2)]).unwrap();
    txn.commit().unwrap();
    let snapshot = view.snapshot().unwrap();
    assert_eq!(snapshot.newest_candles(key, 9).unwrap(), candles(1, 3));
    assert_eq!(snapshot.events(key, at(0), CandleTime::MAX).unwrap(), [event(2)]);
    assert!(snapshot.settled(key, at(0), CandleTime::MAX).unwrap().is_empty());
    drop(snapshot);
    drop(store);
    let head = view.snapshot().unwrap().head_time(key).unwrap();
    assert_eq!(head, Some(at(180)), "also after the writer is gone");
}

#[test]
fn the_log_is_emptied_once_no_reader_needs_it() {
    let place = tempdir().unwrap();
    let path = place.path().join("market.db");
    let options = SqliteOptions {
        busy_timeout_ms: 1,
        ..SqliteOptions::default()
    };
    let store = SqliteStorage::open(&path, names(), options).unwrap();
    let snapshot = store.snapshot().unwrap();
    let mut txn = store.begin().unwrap();
    let key = txn.ensure_series(&series()).unwrap();
    txn.put_candles(key, &candles(0, 100)).unwrap();
    txn.commit().unwrap();
    let log_bytes = || {
        std::fs::metadata(place.path().join("market.db-wal"))
            .unwrap()
            .len()
    };
    assert!(matches!(store.checkpoint_log(), Err(StoreError::Busy)));
    assert!(log_bytes() > 0);
    drop(snapshot);
    store.checkpoint_log().unwrap();
    assert_eq!(log_bytes(), 0);
    assert_eq!(
        store.snapshot().unwrap().newest_candles(key, 100).unwrap(),
        candles(0, 100)
    );
}

#[test]
fn a_plain_shell_sees_the_documented_view() {
    let place = tempdir().unwrap();
    let path = place.path().join("market.db");
    let store = open(&path).unwrap();
    let mut txn = store.begin().unwrap();
    let key = txn.ensure_series(&series()).unwrap();
    txn.put_candles(key, &candles(1, 3)).unwrap();
    txn.commit().unwrap();
    drop(store);
    let shell = Connection::open(&path).unwrap();
    let sql = "SELECT series_id, candle_time, open, high, low, close, volume FROM candles
               WHERE series_id = 'binance:futures:BTC/USDT:1m' AND candle_time > 120";
    let row: (String, i64, f64, f64, f64, f64, f64) = shell.query_row(sql, [], |row| row.try_into()).unwrap();
    assert_eq!(row, (series().to_string(), 180, 103.0, 103.0, 103.0, 103.0, 1.0));
}

#[test]
fn a_panic_in_a_transaction_rolls_back_and_frees_the_writer() {
    let place = tempdir().unwrap();
    let store = open(&place.path().join("market.db")).unwrap();
    let panicked = thread::scope(|scope| {
        scope
            .spawn(|| {
                let mut txn = store.begin().unwrap();
                txn.ensure_series(&series()).unwrap();
                panic!("a bug in the write path");
            })
            .join()
    });
    assert!(panicked.is_err());
    let mut txn = store.begin().unwrap();
    assert_eq!(txn.series_key(&series()).unwrap(), None);
    txn.ensure_series(&series()).unwrap();
    txn.commit().unwrap();
    assert_eq!(store.snapshot().unwrap().list_series().unwrap().len(), 1);
}
