//! A writing process that dies at any point loses nothing that it acknowledged and leaves nothing half written.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use rusqlite::Connection;
use tc_market::CandleTime;
use tc_store::{Savepoint, SeriesState, Storage, StoredCheckpoint};
use tempfile::tempdir;

use super::{at, candles, drawing, event, open, series};

/// Candles per batch: several pages of every table.
const BATCH: i64 = 300;

/// Where the child finds its file, its next batch and the step at which it dies.
const STORE: &str = "TC_CRASH_STORE";
const FIRST_BATCH: &str = "TC_CRASH_FIRST_BATCH";
const DIE_AT: &str = "TC_CRASH_DIE_AT";

/// Steps of a batch at which the child can end itself, in order.
const STEPS: [&str; 9] = [
    "begin",
    "candles",
    "savepoint",
    "events",
    "drawings",
    "checkpoint",
    "release",
    "state",
    "commit",
];

/// The body of the child process: writes batches and acknowledges each on its output until it is killed. Does nothing
/// when it is run as a test among the others.
#[test]
fn child_that_writes_until_it_dies() {
    #[expect(
        clippy::disallowed_methods,
        reason = "the parent test speaks to its child this way"
    )]
    let setting = |name: &str| env::var(name).ok();
    let Some(path) = setting(STORE).map(PathBuf::from) else {
        return;
    };
    let first: i64 = setting(FIRST_BATCH).unwrap().parse().unwrap();
    let die_at = setting(DIE_AT);
    let store = open(&path).unwrap();
    for batch in first.. {
        // With a step to die at, one batch gets through first.
        write_batch(&store, batch, |step| {
            if batch > first && die_at.as_deref() == Some(step) {
                std::process::abort();
            }
        });
        // Not `println`, which the test runner may hold back; on a line of its own, after what the runner began.
        let mut output = std::io::stdout().lock();
        writeln!(output, "\nstored {batch}").unwrap();
        output.flush().unwrap();
    }
}

fn write_batch(store: &dyn Storage, batch: i64, reached: impl Fn(&str)) {
    let minutes = batch * BATCH..(batch + 1) * BATCH;
    let mut txn = store.begin().unwrap();
    let key = txn.ensure_series(&series()).unwrap();
    reached("begin");
    txn.put_candles(key, &candles(minutes.start, BATCH)).unwrap();
    reached("candles");
    txn.savepoint(Savepoint::Derived).unwrap();
    reached("savepoint");
    let events: Vec<_> = minutes.clone().map(event).collect();
    txn.append_events(key, &events).unwrap();
    reached("events");
    let drawings: Vec<_> = minutes.clone().map(drawing).collect();
    txn.append_settled(key, &drawings).unwrap();
    reached("drawings");
    let head = at((minutes.end - 1) * 60);
    let checkpoint = StoredCheckpoint {
        time: head,
        bytes: vec![7; 1000],
    };
    txn.put_checkpoint(key, &checkpoint).unwrap();
    reached("checkpoint");
    txn.release(Savepoint::Derived).unwrap();
    reached("release");
    let state = SeriesState {
        factor_head: Some(head),
        ..SeriesState::default()
    };
    txn.put_series_state(key, &state).unwrap();
    reached("state");
    txn.commit().unwrap();
    reached("commit");
}

fn start_child(path: &Path, first_batch: i64, die_at: Option<&str>) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args([
            "--exact",
            "tests::crash::child_that_writes_until_it_dies",
            "--nocapture",
        ])
        .env(STORE, path)
        .env(FIRST_BATCH, first_batch.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if let Some(step) = die_at {
        command.env(DIE_AT, step);
    }
    command.spawn().unwrap()
}

/// Reads acknowledgements until there are `enough` or the child ends; returns the number of batches they prove.
fn acknowledged(output: &mut impl BufRead, enough: usize) -> i64 {
    let mut proven = 0;
    output
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| line.strip_prefix("stored ")?.parse::<i64>().ok())
        .take(enough)
        .for_each(|batch| proven = batch + 1);
    proven
}

/// Whole batches in the store, which must be sound and hold nothing else.
fn stored_batches(path: &Path) -> i64 {
    let verdict: String = Connection::open(path)
        .unwrap()
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
    let store = open(path).unwrap();
    let snapshot = store.snapshot().unwrap();
    let Some(key) = snapshot.series_key(&series()).unwrap() else {
        return 0;
    };
    let stored = snapshot.newest_candles(key, usize::MAX).unwrap();
    let minutes = i64::try_from(stored.len()).unwrap();
    assert_eq!(minutes % BATCH, 0, "whole batches");
    assert_eq!(stored, candles(0, minutes));
    let all = (CandleTime::MIN, CandleTime::MAX);
    let events: Vec<_> = (0..minutes).map(event).collect();
    assert_eq!(snapshot.events(key, all.0, all.1).unwrap(), events);
    let drawings: Vec<_> = (0..minutes).map(drawing).collect();
    assert_eq!(snapshot.settled(key, all.0, all.1).unwrap(), drawings);
    let head = snapshot.head_time(key).unwrap();
    assert_eq!(snapshot.series_state(key).unwrap().factor_head, head);
    let checkpoint = snapshot.checkpoint_at(key, all.1).unwrap();
    assert_eq!(checkpoint.map(|checkpoint| checkpoint.time), head);
    minutes / BATCH
}

#[test]
fn death_at_every_step_of_a_batch() {
    let place = tempdir().unwrap();
    let path = place.path().join("market.db");
    let mut stored = 0;
    for step in STEPS {
        let mut child = start_child(&path, stored, Some(step));
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let proven = acknowledged(&mut output, usize::MAX);
        assert!(!child.wait().unwrap().success());
        assert_eq!(proven, stored + 1, "one batch got through before {step}");
        let committed = if step == "commit" { 1 } else { 0 };
        stored = stored_batches(&path);
        assert_eq!(stored, proven + committed, "{step}");
    }
}

#[test]
fn death_at_any_moment() {
    let place = tempdir().unwrap();
    let path = place.path().join("market.db");
    let mut stored = 0;
    for round in 0..12_u32 {
        let mut child = start_child(&path, stored, None);
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let proven = acknowledged(&mut output, 1 + round as usize % 5);
        // A different stretch of the following batch each time, from nothing to a few milliseconds.
        for _ in 0..round * 40_000 {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let proven = acknowledged(&mut output, usize::MAX).max(proven);
        stored = stored_batches(&path);
        assert!(
            (proven..=proven + 1).contains(&stored),
            "{proven} batches acknowledged, {stored} stored"
        );
    }
}
