//! Settled drawings.

use tc_market::CandleTime;
use tc_overlay::SettledRow;

use super::{
    Factory,
    fixture::{ETH, Fixture, at, drawing, id},
};

/// `version <= to` and `last_time >= cutoff`.
pub fn windows(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    let rows = [
        drawing(0, 0, 0, 0, 0),
        drawing(100, 0, 0, 40, 40),
        drawing(160, 0, 0, 20, 120),
        drawing(220, 0, 0, 160, 160),
        drawing(220, 1, 1, 20, 220),
    ];
    fixture.write_and_check(
        |txn, key| {
            txn.append_settled(key, &rows).unwrap();
            let other = txn.ensure_series(&id(ETH)).unwrap();
            txn.append_settled(other, &[drawing(160, 9, 1, 160, 160)])
                .unwrap();
        },
        |read, key| {
            let window = |cutoff, to| read.settled(key, at(cutoff), at(to)).unwrap();
            assert_eq!(window(0, CandleTime::MAX.seconds()), rows);
            assert_eq!(window(0, 0), rows[..1]);
            assert_eq!(window(0, 219), rows[..3]);
            assert_eq!(window(40, 220), rows[1..]);
            assert_eq!(window(41, 220), rows[2..]);
            assert_eq!(window(121, 220), rows[3..]);
            assert_eq!(window(161, 220), rows[4..]);
            assert_eq!(window(221, 220), []);
            assert_eq!(window(41, 100), []);
            assert_eq!(window(120, 160), rows[2..3]);
        },
    );
}

/// Order by `(version, ord, drawing)`; a row that is stored already is left as it is.
pub fn order_and_idempotence(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    let rows = [
        drawing(60, 0, 0, 10, 20),
        drawing(60, 0, 1, 10, 20),
        drawing(60, 1, 0, 10, 20),
        drawing(60, u16::MAX, 0, 10, 20),
        drawing(120, 0, 1, 10, 20),
    ];
    fixture.write(|txn, key| {
        let mut backwards = rows.to_vec();
        backwards.reverse();
        txn.append_settled(key, &backwards).unwrap();
    });
    fixture.write_and_check(
        |txn, key| {
            let changed = SettledRow {
                first_time: at(1),
                last_time: at(2),
                ..drawing(60, 0, 1, 0, 0)
            };
            txn.append_settled(key, &[changed]).unwrap();
        },
        |read, key| assert_eq!(read.settled(key, at(0), at(120)).unwrap(), rows),
    );
}

/// A last time after the version, as the port allows it.
pub fn drawings_that_reach_ahead(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    let max = CandleTime::MAX.seconds();
    let rows = [
        drawing(60, 0, 0, 0, 60),
        drawing(60, 1, 0, 90, 180),
        drawing(60, 2, 1, 0, max),
        drawing(120, 0, 0, max, max),
        drawing(180, 0, 0, 0, 0),
    ];
    fixture.write_and_check(
        |txn, key| txn.append_settled(key, &rows).unwrap(),
        |read, key| {
            let window = |cutoff, to| read.settled(key, at(cutoff), at(to)).unwrap();
            assert_eq!(window(61, 200), rows[1..4]);
            assert_eq!(window(180, 60), rows[1..3]);
            assert_eq!(window(181, 119), rows[2..3]);
            assert_eq!(window(max, max), rows[2..4]);
            assert_eq!(window(max, 59), []);
        },
    );
}

/// Drawings of the version and later ones go, those before it and other series stay; the rest can be filled again.
pub fn discarding_from_a_version(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    let rows = [
        drawing(0, 0, 0, 0, 0),
        drawing(60, 0, 0, 10, 90),
        drawing(120, 0, 1, 10, 100),
    ];
    fixture.write(|txn, key| {
        let other = txn.ensure_series(&id(ETH)).unwrap();
        for series in [key, other] {
            txn.append_settled(series, &rows).unwrap();
        }
    });
    fixture.write_and_check(
        |txn, key| {
            txn.discard_settled_from(key, at(121)).unwrap();
            txn.discard_settled_from(key, at(60)).unwrap();
        },
        |read, key| {
            let all = |series| read.settled(series, at(0), CandleTime::MAX).unwrap();
            assert_eq!(all(key), rows[..1]);
            assert_eq!(read.settled(key, at(61), CandleTime::MAX).unwrap(), []);
            assert_eq!(all(read.series_key(&id(ETH)).unwrap().unwrap()), rows);
        },
    );
    let again = drawing(60, 0, 0, 0, 5);
    fixture.write_and_check(
        |txn, key| {
            txn.discard_settled_from(key, at(0)).unwrap();
            txn.append_settled(key, std::slice::from_ref(&again)).unwrap();
        },
        |read, key| {
            let settled = read.settled(key, at(0), at(60)).unwrap();
            assert_eq!(settled, std::slice::from_ref(&again));
        },
    );
}
