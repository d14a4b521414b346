//! Kinds keep their meaning under another registry.

use tc_market::CandleTime;

use super::{
    Factory,
    fixture::{Fixture, assert_refused, at, candles, drawing, event, named},
};
use crate::Savepoint;

/// The same names in another order, with a new one in front.
pub fn survive_another_order(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    fixture.write(|txn, key| {
        txn.append_events(key, &[event(60, 0, 0, 0, b"major"), event(60, 1, 2, 0, b"pen")])
            .unwrap();
        txn.append_settled(key, &[drawing(60, 0, 0, 10, 60), drawing(60, 0, 1, 20, 60)])
            .unwrap();
    });
    fixture.reopen(named(
        &["sr.snapshot", "pen.confirmed", "pivot.minor", "pivot.major"],
        &["ring", "dot"],
    ));
    fixture.write(|txn, key| {
        txn.append_events(
            key,
            &[event(60, 2, 0, 0, b"sr"), event(60, 3, 3, 0, b"major again")],
        )
        .unwrap();
    });
    fixture.check(|read, key| {
        let events = read.events(key, at(0), CandleTime::MAX).unwrap();
        let expected = [
            event(60, 0, 3, 0, b"major"),
            event(60, 1, 1, 0, b"pen"),
            event(60, 2, 0, 0, b"sr"),
            event(60, 3, 3, 0, b"major again"),
        ];
        assert_eq!(events, expected);
        let settled = read.settled(key, at(0), CandleTime::MAX).unwrap();
        assert_eq!(settled, [drawing(60, 0, 0, 20, 60), drawing(60, 0, 1, 10, 60)]);
    });
}

/// Rows of a name that this process does not know are not shown, and are back when it is known again.
pub fn unlisted_rows_are_skipped_and_kept(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    let events = [event(60, 0, 0, 0, b"a"), event(60, 1, 1, 0, b"b")];
    let settled = [drawing(60, 0, 0, 0, 60), drawing(60, 0, 1, 0, 60)];
    fixture.write(|txn, key| {
        txn.append_events(key, &events).unwrap();
        txn.append_settled(key, &settled).unwrap();
    });
    fixture.reopen(named(&["pivot.minor"], &["ring"]));
    fixture.check(|read, key| {
        let shown = read.events(key, at(0), CandleTime::MAX).unwrap();
        assert_eq!(shown, [event(60, 1, 0, 0, b"b")]);
        let shown = read.settled(key, at(0), CandleTime::MAX).unwrap();
        assert_eq!(shown, [drawing(60, 0, 0, 0, 60)]);
    });
    // The place of a hidden row is taken: appending there leaves it as it is.
    fixture.write(|txn, key| txn.append_events(key, &[event(60, 0, 0, 0, b"late")]).unwrap());
    fixture.reopen(super::fixture::names());
    fixture.check(|read, key| {
        assert_eq!(read.events(key, at(0), CandleTime::MAX).unwrap(), events);
        assert_eq!(read.settled(key, at(0), CandleTime::MAX).unwrap(), settled);
    });
}

/// A row without a name could not be read back; the transaction goes on after its savepoint.
pub fn unnamed_ids_are_refused(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    fixture.write_and_check(
        |txn, key| {
            txn.put_candles(key, &candles(&[60])).unwrap();
            txn.savepoint(Savepoint::Derived).unwrap();
            assert_refused(txn.append_events(key, &[event(60, 0, 3, 0, b"")]));
            assert_refused(txn.append_settled(key, &[drawing(60, 0, 2, 0, 60)]));
            txn.rollback_to(Savepoint::Derived).unwrap();
        },
        |read, key| {
            assert_eq!(read.head_time(key).unwrap(), Some(at(60)));
            assert!(read.events(key, at(0), at(60)).unwrap().is_empty());
            assert!(read.settled(key, at(0), at(60)).unwrap().is_empty());
        },
    );
}
