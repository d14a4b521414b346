use std::collections::BTreeSet;

use proptest::prelude::*;
use tc_market::gaps_between;

use super::*;

fn minute() -> Timeframe {
    "1m".parse().unwrap()
}

fn at(seconds: i64) -> CandleTime {
    CandleTime::clamped(seconds)
}

fn hole(from: i64, to: i64) -> Gap {
    Gap {
        from: at(from),
        to: at(to),
    }
}

fn run(records: &[GapRecord], holes: &[Gap]) -> Reconciled {
    reconcile(minute(), records, holes, 7, HealedFrom::Rest, |_| {
        GapCause::Ingest
    })
}

fn opened(from: i64, to: i64) -> GapRecord {
    let mut record = run(&[], &[hole(from, to)]).put.remove(0);
    record.attempts = 3;
    record.cause = GapCause::Stall;
    record
}

#[test]
fn a_hole_opens_a_record() {
    let done = run(&[], &[hole(120, 240)]);
    assert_eq!(done.put, done.changes.opened);
    assert_eq!((done.changes.open_count, done.changes.open_missing), (1, 3));
    let record = &done.put[0];
    assert_eq!(
        (record.missing, record.cause, record.detected_at_ms),
        (3, GapCause::Ingest, 7)
    );
    let again = run(&done.put, &[hole(120, 240)]);
    assert!(again.put.is_empty() && again.delete.is_empty());
    assert_eq!(again.changes, GapChanges::default());
}

#[test]
fn what_is_left_of_a_record_keeps_its_history() {
    let split = run(&[opened(120, 420)], &[hole(120, 180), hole(300, 420)]);
    assert_eq!(split.delete, [at(120)]);
    let left: Vec<_> = split
        .put
        .iter()
        .map(|record| {
            (
                record.from.seconds(),
                record.to.seconds(),
                record.missing,
                record.attempts,
            )
        })
        .collect();
    assert_eq!(left, [(120, 180, 2, 3), (300, 420, 3, 3)]);
    assert!(split.changes.opened.is_empty() && split.changes.healed.is_empty());
    assert_eq!((split.changes.open_count, split.changes.open_missing), (1, -1));
}

#[test]
fn a_record_without_a_hole_is_healed() {
    let done = run(&[opened(120, 180), opened(600, 600)], &[hole(600, 600)]);
    let healed = GapState::Healed {
        at_ms: 7,
        from: HealedFrom::Rest,
    };
    assert_eq!(done.delete, [at(120)]);
    assert_eq!(done.put, done.changes.healed);
    assert_eq!((done.put[0].state, done.put[0].cause), (healed, GapCause::Stall));
    assert_eq!((done.changes.open_count, done.changes.open_missing), (-1, -2));
}

#[test]
fn attempts() {
    let record = opened(120, 180);
    let begun = attempted(vec![record.clone()], &GapAttempt::Begun, 50).remove(0);
    assert_eq!(
        (begun.state, begun.attempts, begun.last_attempt_at_ms),
        (GapState::Filling, 3, None)
    );
    let failed = attempted(vec![begun.clone()], &GapAttempt::Failed("no".to_owned()), 60).remove(0);
    assert_eq!(
        (failed.state, failed.attempts, failed.last_attempt_at_ms),
        (GapState::Open, 4, Some(60))
    );
    assert_eq!(
        (failed.last_error.as_deref(), failed.cause),
        (Some("no"), GapCause::Stall)
    );
    let absent = attempted(vec![failed], &GapAttempt::Answered, 70).remove(0);
    assert_eq!(
        (absent.state, absent.cause, absent.last_error),
        (GapState::Absent, GapCause::ExchangeOutage, None)
    );
}

proptest! {
    /// Whatever was stored before and comes now: the records end as the holes, and the totals add up.
    #[test]
    fn records_follow_the_holes(before in prop::collection::btree_set(1..60_i64, 0..20),
                                removed in prop::collection::btree_set(1..60_i64, 0..3),
                                added in prop::collection::btree_set(1..60_i64, 0..20)) {
        let holes = |minutes: &BTreeSet<i64>| -> Vec<Gap> {
            gaps_between(minutes.iter().map(|minute| at(minute * 60)), minute()).collect()
        };
        let records = run(&[], &holes(&before)).put;
        let after: BTreeSet<i64> = before.difference(&removed).chain(&added).copied().collect();
        let done = run(&records, &holes(&after));
        let mut rows: Vec<GapRecord> = records.iter().filter(|record| !done.delete.contains(&record.from)).cloned().collect();
        for put in &done.put {
            rows.retain(|row| row.from != put.from || row.state.is_healed() != put.state.is_healed());
            rows.push(put.clone());
        }
        rows.retain(|row| !row.state.is_healed());
        rows.sort_by_key(|row| row.from);
        let ends: Vec<Gap> = rows.iter().map(|row| Gap { from: row.from, to: row.to }).collect();
        prop_assert_eq!(&ends, &holes(&after));
        let open = |records: &[GapRecord]| records.len() as i64;
        let missing = |records: &[GapRecord]| records.iter().map(|record| record.missing as i64).sum::<i64>();
        prop_assert_eq!(done.changes.open_count, open(&rows) - open(&records));
        prop_assert_eq!(done.changes.open_missing, missing(&rows) - missing(&records));
    }
}
