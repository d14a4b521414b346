//! Files that can be opened, files that cannot, and what is said then.

use std::{fs, path::Path};

use rusqlite::{Connection, types::Value};
use tc_store::{Storage, StoreError};
use tempfile::tempdir;

use super::{candles, names, open, series};
use crate::{SqliteReader, lock::lock_path};

/// The reason of an [`StoreError::Open`] that names `path`.
fn reason<T: std::fmt::Debug>(path: &Path, result: Result<T, StoreError>) -> String {
    match result {
        Err(StoreError::Open { path: named, reason }) => {
            assert_eq!(named, path.display().to_string());
            reason
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn folders_are_made_and_rows_survive() {
    let place = tempdir().unwrap();
    let path = place.path().join("a/b/market.db");
    let store = open(&path).unwrap();
    let mut txn = store.begin().unwrap();
    let key = txn.ensure_series(&series()).unwrap();
    txn.put_candles(key, &candles(1, 3)).unwrap();
    txn.commit().unwrap();
    drop(store);
    let store = open(&path).unwrap();
    assert_eq!(
        store.snapshot().unwrap().newest_candles(key, 9).unwrap(),
        candles(1, 3)
    );
}

#[test]
fn settings_of_the_file_and_of_the_writer() {
    let place = tempdir().unwrap();
    let path = place.path().join("market.db");
    let store = open(&path).unwrap();
    let setting = |name: &str| -> Value {
        let writer = store.writer_for_tests();
        writer
            .query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(setting("journal_mode"), Value::Text("wal".to_owned()));
    assert_eq!(setting("synchronous"), Value::Integer(2));
    assert_eq!(setting("foreign_keys"), Value::Integer(1));
    assert_eq!(setting("busy_timeout"), Value::Integer(5000));
}

#[test]
fn one_process_writes_and_is_named() {
    let place = tempdir().unwrap();
    let path = place.path().join("market.db");
    let first = open(&path).unwrap();
    let error = open(&path).unwrap_err();
    let own_id = std::process::id().to_string();
    assert!(
        matches!(&error, StoreError::Locked { holder, .. } if *holder == own_id),
        "{error:?}"
    );
    assert_eq!(
        error.to_string(),
        format!(
            "store {} is held by process {own_id}; stop it first",
            path.display()
        )
    );
    SqliteReader::open(&path, names()).unwrap();
    drop(first);
    assert!(lock_path(&path).exists());
    open(&path).unwrap();
}

#[test]
fn a_left_over_lock_file_of_a_dead_process_does_not_matter() {
    let place = tempdir().unwrap();
    let path = place.path().join("market.db");
    fs::write(lock_path(&path), "123456789 and more\n").unwrap();
    let _store = open(&path).unwrap();
    let id = fs::read_to_string(lock_path(&path)).unwrap();
    assert_eq!(id, format!("{}\n", std::process::id()));
}

#[test]
fn what_is_not_a_database_stays_as_it_is() {
    let place = tempdir().unwrap();
    let path = place.path().join("market.db");
    let text = "time,open,high,low,close\n".repeat(100);
    fs::write(&path, &text).unwrap();
    let expected = "it is not an SQLite database; move it away or choose another path";
    assert_eq!(reason(&path, open(&path)), expected);
    assert_eq!(reason(&path, SqliteReader::open(&path, names())), expected);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_foreign_database_stays_as_it_is() {
    let place = tempdir().unwrap();
    let path = place.path().join("market.db");
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE notes (text)")
        .unwrap();
    let before = fs::read(&path).unwrap();
    let expected = "it is a database of another program; choose another path";
    assert_eq!(reason(&path, open(&path)), expected);
    assert_eq!(reason(&path, SqliteReader::open(&path, names())), expected);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_newer_schema_is_refused_by_both() {
    let place = tempdir().unwrap();
    let path = place.path().join("market.db");
    drop(open(&path).unwrap());
    Connection::open(&path)
        .unwrap()
        .execute("INSERT INTO tc_schema_migrations VALUES ('candles', 7, 0)", [])
        .unwrap();
    let expected =
        "it was written by a newer version of this program (candles 7); use that version, or another path";
    assert_eq!(reason(&path, open(&path)), expected);
    assert_eq!(reason(&path, SqliteReader::open(&path, names())), expected);
}

#[test]
fn folders_and_missing_files() {
    let place = tempdir().unwrap();
    let folder = place.path().join("market.db");
    fs::create_dir(&folder).unwrap();
    assert_eq!(
        reason(&folder, open(&folder)),
        "it is a folder; name a file in it"
    );
    let missing = place.path().join("missing.db");
    let said = reason(&missing, SqliteReader::open(&missing, names()));
    assert!(said.starts_with("the file is missing or unreadable"), "{said}");
    assert!(!missing.exists());
    let below_a_file = place.path().join("file/market.db");
    fs::write(place.path().join("file"), "").unwrap();
    let said = reason(&below_a_file, open(&below_a_file));
    assert!(said.starts_with("its folder cannot be made"), "{said}");
}

#[test]
fn rows_that_no_candle_could_have_are_reported_not_returned() {
    let place = tempdir().unwrap();
    let path = place.path().join("market.db");
    let store = open(&path).unwrap();
    let mut txn = store.begin().unwrap();
    let key = txn.ensure_series(&series()).unwrap();
    txn.commit().unwrap();
    for values in [
        "60, 1, 2, 0.5, -1, 3",
        "60, 1, 2, 0.5, 'x', 3",
        "-5, 1, 2, 0.5, 1, 3",
    ] {
        store
            .writer_for_tests()
            .execute_batch(&format!(
                "DELETE FROM candle_rows; INSERT INTO candle_rows VALUES ({}, {values})",
                key.0
            ))
            .unwrap();
        let answer = store.snapshot().unwrap().newest_candles(key, 1);
        assert!(
            matches!(
                answer,
                Err(StoreError::Corrupt {
                    table: "candle_rows",
                    ..
                })
            ),
            "{answer:?}"
        );
    }
}
