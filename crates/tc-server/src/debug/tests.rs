//! The ring, and what a watcher sees.

use serde_json::json;

use super::*;
use crate::hub::{CloseReason, HubOptions};

fn event(n: usize) -> DebugEvent {
    DebugEvent {
        pipe: Pipe::Write,
        event: "write.test",
        series: n.is_multiple_of(2).then(crate::fixture::series),
        level: Level::Info,
        message: format!("Number {n}."),
        data: if n == 0 { Value::Null } else { json!({ "n": n }) },
    }
}

fn watcher(options: &HubOptions) -> Arc<Outbound> {
    Arc::new(Outbound::for_socket(options))
}

fn next(watcher: &Outbound) -> Option<Value> {
    let entry = watcher.try_next().unwrap()?;
    Some(serde_json::from_str(&entry.body).unwrap())
}

fn numbers(snapshot: &Value) -> Vec<u64> {
    assert_eq!(snapshot["type"], "debug_snapshot");
    let events = snapshot["events"].as_array().unwrap().iter();
    events
        .map(|event| event["data"]["n"].as_u64().unwrap_or(0))
        .collect()
}

#[test]
fn switched_off_nothing_is_made() {
    let log = DebugLog::off();
    assert!(!log.is_on());
    log.record(|| panic!("made for nobody"));
    let watcher = watcher(&HubOptions::default());
    log.watch(&watcher);
    log.repeat(&watcher);
    assert_eq!(next(&watcher), None);
}

#[test]
fn events_as_they_are_on_the_wire() {
    let log = DebugLog::on();
    let watcher = watcher(&HubOptions::default());
    log.watch(&watcher);
    log.record(|| event(0));
    log.record(|| event(1));
    assert_eq!(
        next(&watcher),
        Some(json!({ "type": "debug_snapshot", "events": [] }))
    );
    let mut first = next(&watcher).unwrap();
    let ts_ms = first["event"]["ts_ms"].take().as_i64().unwrap();
    assert!(ts_ms > 1_700_000_000_000);
    assert_eq!(
        first,
        json!({ "type": "debug_event", "event": {
            "ts_ms": null, "source": "backend", "pipe": "write", "event": "write.test",
            "series_id": "binance:futures:GLD/USDT:1m", "level": "info", "message": "Number 0.",
        } }),
        "no data, no key"
    );
    let second = next(&watcher).unwrap();
    assert_eq!(
        (&second["event"]["series_id"], &second["event"]["data"]),
        (&Value::Null, &json!({ "n": 1 }))
    );
}

#[test]
fn the_newest_events_are_kept_in_order() {
    let log = DebugLog::on();
    log.record_all((0..KEPT_EVENTS + 10).map(event));
    let watcher = watcher(&HubOptions::default());
    log.watch(&watcher);
    let expected: Vec<u64> = (10..2_010).collect();
    assert_eq!(numbers(&next(&watcher).unwrap()), expected);
    assert_eq!(next(&watcher), None);
    log.record(|| event(5));
    assert_eq!(next(&watcher).unwrap()["type"], "debug_event");
    log.repeat(&watcher);
    let again = numbers(&next(&watcher).unwrap());
    assert_eq!(
        (again.len(), again.first(), again.last()),
        (2_000, Some(&11), Some(&5))
    );
    log.forget(&watcher);
    log.record(|| event(6));
    assert_eq!(next(&watcher), None);
}

#[test]
fn a_watcher_misses_and_repeats_nothing_while_others_write() {
    let log = DebugLog::on();
    let watcher = watcher(&HubOptions {
        queue_frames: 10_000,
        ..HubOptions::default()
    });
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let log = &log;
            scope.spawn(move || {
                for n in 0..200 {
                    log.record(|| event(1 + thread * 200 + n));
                }
            });
        }
        log.watch(&watcher);
    });
    let mut seen = numbers(&next(&watcher).unwrap());
    while let Some(frame) = next(&watcher) {
        seen.push(frame["event"]["data"]["n"].as_u64().unwrap());
    }
    for thread in 0..4 {
        let own = seen.iter().filter(|n| (**n - 1) / 200 == thread);
        assert!(own.is_sorted(), "in the order of each thread");
    }
    seen.sort_unstable();
    assert_eq!(seen, (1..=800).collect::<Vec<u64>>());
}

#[test]
fn a_watcher_that_does_not_read_is_given_up() {
    let log = DebugLog::on();
    let slow = watcher(&HubOptions {
        queue_frames: 4,
        ..HubOptions::default()
    });
    let other = watcher(&HubOptions::default());
    log.watch(&slow);
    log.watch(&other);
    log.record_all((0..10).map(event));
    assert_eq!(slow.reason(), Some(CloseReason::SlowConsumer));
    assert_eq!(std::iter::from_fn(|| next(&other)).count(), 11);
}
