//! Ledger events and checkpoints.

use tc_factor::{KindId, LedgerEvent, Payload};
use tc_market::CandleTime;

use super::{
    Factory,
    fixture::{BTC, ETH, Fixture, at, event, id, named},
};
use crate::{EventQuery, Order, Payloads, Snapshot, StoredCheckpoint};

/// Everything, oldest first.
const ALL: EventQuery<'static> = EventQuery {
    from: CandleTime::MIN,
    to: CandleTime::MAX,
    kinds: None,
    order: Order::Ascending,
    limit: usize::MAX,
    payloads: Payloads::Stored,
};

fn checkpoint(time: i64, bytes: &[u8]) -> StoredCheckpoint {
    StoredCheckpoint {
        time: at(time),
        bytes: bytes.to_vec(),
    }
}

/// Order by `(visible_time, ord)`, inclusive bounds.
pub fn events_are_ordered_and_bounded(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    let events = [
        event(0, 0, 0, 0, &[1]),
        event(60, 0, 1, 0, &[1, 2]),
        event(60, 1, 0, 60, &[]),
        event(60, 4095, 2, 30, &[3]),
        event(180, 0, 2, 60, &[4]),
        event(CandleTime::MAX.seconds(), u16::MAX, 0, 0, &[5]),
    ];
    fixture.write_and_check(
        |txn, key| {
            txn.append_events(key, &events[3..]).unwrap();
            txn.append_events(key, &events[..3]).unwrap();
            let other = txn.ensure_series(&id(ETH)).unwrap();
            txn.append_events(other, &[event(60, 2, 0, 0, &[9])]).unwrap();
        },
        |read, key| {
            let within = |from, to| read.events(key, at(from), at(to)).unwrap();
            assert_eq!(within(0, CandleTime::MAX.seconds()), events);
            assert_eq!(within(60, 60), events[1..4]);
            assert_eq!(within(61, 179), []);
            assert_eq!(within(60, 180), events[1..5]);
            assert_eq!(within(180, 60), []);
            assert_eq!(within(0, 0), events[..1]);
        },
    );
}

/// Kinds, direction, bounds and limit together; payloads are left out on request and nothing else is.
pub fn events_are_found_by_kind_and_direction(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    let events = [
        event(60, 0, 0, 0, &[1; 40]),
        event(60, 1, 1, 60, &[2]),
        event(120, 0, 2, 60, &[]),
        event(120, 1, 0, 60, &[3]),
        event(120, 2, 1, 60, &[4]),
        event(240, 0, 1, 120, &[5; 9000]),
    ];
    fixture.write_and_check(
        |txn, key| {
            txn.append_events(key, &events).unwrap();
            let other = txn.ensure_series(&id(ETH)).unwrap();
            txn.append_events(other, &[event(60, 3, 1, 0, &[9])]).unwrap();
        },
        |read, key| {
            let find = |query: EventQuery<'_>| read.find_events(key, &query).unwrap();
            let picked =
                |positions: &[usize]| positions.iter().map(|n| events[*n].clone()).collect::<Vec<_>>();
            let newest_first = |query| EventQuery {
                order: Order::Descending,
                ..query
            };
            assert_eq!(find(ALL), events);
            assert_eq!(find(newest_first(ALL)), picked(&[5, 4, 3, 2, 1, 0]));
            for limit in 0..8 {
                let limited = EventQuery { limit, ..ALL };
                assert_eq!(find(limited), events[..limit.min(6)]);
                assert_eq!(
                    find(newest_first(limited)),
                    picked(&[5, 4, 3, 2, 1, 0][..limit.min(6)])
                );
            }
            let kinds = [KindId(1), KindId(2)];
            let some = EventQuery {
                kinds: Some(&kinds),
                ..ALL
            };
            assert_eq!(find(some), picked(&[1, 2, 4, 5]));
            assert_eq!(find(EventQuery { limit: 2, ..some }), picked(&[1, 2]));
            assert_eq!(
                find(newest_first(EventQuery { limit: 3, ..some })),
                picked(&[5, 4, 2])
            );
            let bounded = EventQuery {
                from: at(61),
                to: at(239),
                ..some
            };
            assert_eq!(find(bounded), picked(&[2, 4]));
            assert_eq!(find(newest_first(bounded)), picked(&[4, 2]));
            assert_eq!(
                find(EventQuery {
                    kinds: Some(&[]),
                    ..ALL
                }),
                []
            );
            assert_eq!(
                find(EventQuery {
                    from: at(240),
                    to: at(60),
                    ..ALL
                }),
                []
            );
            let bare = find(EventQuery {
                payloads: Payloads::LeftOut,
                ..some
            });
            let expected: Vec<LedgerEvent> = picked(&[1, 2, 4, 5])
                .into_iter()
                .map(|event| LedgerEvent {
                    payload: Payload::new(),
                    ..event
                })
                .collect();
            assert_eq!(bare, expected);
        },
    );
}

/// Events whose kind has no name in this process do not count against the limit.
pub fn unknown_kinds_take_no_place(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    let events: Vec<LedgerEvent> = (0..20)
        .map(|n| event(60 * i64::from(n), 0, n % 2, 0, &[]))
        .collect();
    fixture.write(|txn, key| txn.append_events(key, &events).unwrap());
    fixture.reopen(named(&["pivot.minor"], &[]));
    let find = |read: &dyn Snapshot, order| {
        let key = read.series_key(&id(BTC)).unwrap().unwrap();
        let query = EventQuery {
            limit: 3,
            order,
            ..ALL
        };
        let found = read.find_events(key, &query).unwrap();
        found
            .iter()
            .map(|event| (event.kind.0, event.visible_time.seconds()))
            .collect::<Vec<_>>()
    };
    let snapshot = fixture.snapshot();
    assert_eq!(find(&*snapshot, Order::Ascending), [(0, 60), (0, 180), (0, 300)]);
    assert_eq!(
        find(&*snapshot, Order::Descending),
        [(0, 1140), (0, 1020), (0, 900)]
    );
}

/// An event that is stored already is left as it is.
pub fn events_are_idempotent(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    let stored = event(60, 0, 1, 0, b"first");
    fixture.write(|txn, key| txn.append_events(key, std::slice::from_ref(&stored)).unwrap());
    let next = event(60, 1, 1, 0, b"next");
    fixture.write_and_check(
        |txn, key| {
            let again = [event(60, 0, 2, 60, b"second"), next.clone(), next.clone()];
            txn.append_events(key, &again).unwrap();
        },
        |read, key| {
            let events = read.events(key, at(0), at(60)).unwrap();
            assert_eq!(events, [stored.clone(), next.clone()]);
        },
    );
}

/// Empty, small and large payloads come back byte for byte.
pub fn payloads_of_any_size(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    let events: Vec<LedgerEvent> = [0_usize, 1, 16, 32, 33, 1000, 5000, 70_000]
        .iter()
        .zip(0..)
        .map(|(&size, ord)| event(60, ord, 0, 60, &vec![0xa5; size]))
        .collect();
    fixture.write_and_check(
        |txn, key| txn.append_events(key, &events).unwrap(),
        |read, key| assert_eq!(read.events(key, at(60), at(60)).unwrap(), events),
    );
}

/// Batch sizes around the boundaries of multi-row statements.
pub fn many_events_round_trip(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    let event_at = |index: i64| {
        let tick = index / 3;
        let place = u16::try_from(index % 3).unwrap();
        event(
            tick * 60,
            place,
            place,
            tick * 60 - tick.min(40),
            &index.to_le_bytes(),
        )
    };
    let events: Vec<LedgerEvent> = (0..1000).map(event_at).collect();
    fixture.write_and_check(
        |txn, key| {
            let (mut start, mut size) = (0, 1);
            while start < events.len() {
                let end = (start + size).min(events.len());
                txn.append_events(key, &events[start..end]).unwrap();
                (start, size) = (end, size * 2);
            }
        },
        |read, key| assert_eq!(read.events(key, at(0), CandleTime::MAX).unwrap(), events),
    );
}

/// Lookup, and replacement of one of the same time.
pub fn newest_checkpoint_at_or_before(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    let large = vec![7; 20_000];
    fixture.write_and_check(
        |txn, key| {
            for point in [
                checkpoint(600, b"c"),
                checkpoint(0, &large),
                checkpoint(300, b"old"),
            ] {
                txn.put_checkpoint(key, &point).unwrap();
            }
            txn.put_checkpoint(key, &checkpoint(300, b"")).unwrap();
            let other = txn.ensure_series(&id(ETH)).unwrap();
            txn.put_checkpoint(other, &checkpoint(450, b"other")).unwrap();
        },
        |read, key| {
            let newest = |time| read.checkpoint_at(key, at(time)).unwrap();
            assert_eq!(newest(0), Some(checkpoint(0, &large)));
            assert_eq!(newest(299), Some(checkpoint(0, &large)));
            assert_eq!(newest(300), Some(checkpoint(300, b"")));
            assert_eq!(newest(599), Some(checkpoint(300, b"")));
            assert_eq!(newest(CandleTime::MAX.seconds()), Some(checkpoint(600, b"c")));
        },
    );
}

/// Events and checkpoints at or after the time go, those before it and other series stay.
pub fn discarding_from_a_time(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    let events = [
        event(60, 0, 0, 0, &[1]),
        event(120, 0, 0, 0, &[2]),
        event(180, 0, 0, 0, &[3]),
    ];
    fixture.write(|txn, key| {
        let other = txn.ensure_series(&id(ETH)).unwrap();
        for series in [key, other] {
            txn.append_events(series, &events).unwrap();
            txn.put_checkpoint(series, &checkpoint(60, b"a")).unwrap();
            txn.put_checkpoint(series, &checkpoint(120, b"b")).unwrap();
        }
    });
    fixture.write_and_check(
        |txn, key| {
            txn.discard_ledger_from(key, at(181)).unwrap();
            txn.discard_ledger_from(key, at(120)).unwrap();
        },
        |read, key| {
            let last = CandleTime::MAX;
            assert_eq!(read.events(key, at(0), last).unwrap(), events[..1]);
            assert_eq!(read.checkpoint_at(key, last).unwrap(), Some(checkpoint(60, b"a")));
            let other = read.series_key(&id(ETH)).unwrap().unwrap();
            assert_eq!(read.events(other, at(0), last).unwrap(), events);
            assert_eq!(
                read.checkpoint_at(other, last).unwrap(),
                Some(checkpoint(120, b"b"))
            );
        },
    );
    let again = event(120, 0, 2, 60, b"after the re-fold");
    fixture.write_and_check(
        |txn, key| {
            txn.append_events(key, std::slice::from_ref(&again)).unwrap();
        },
        |read, key| {
            let events = read.events(key, at(61), CandleTime::MAX).unwrap();
            assert_eq!(events, std::slice::from_ref(&again));
        },
    );
    fixture.write_and_check(
        |txn, key| txn.discard_ledger_from(key, at(0)).unwrap(),
        |read, key| {
            assert!(read.events(key, at(0), CandleTime::MAX).unwrap().is_empty());
            assert_eq!(read.checkpoint_at(key, CandleTime::MAX).unwrap(), None);
        },
    );
}
