//! Candle rows.

use tc_market::{Candle, CandleTime};

use super::{
    Factory,
    fixture::{BTC, ETH, Fixture, at, candle, candles, id, seconds, times},
};
use crate::PutReport;

/// A series that exists but holds nothing.
pub fn a_new_series_is_empty(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    assert_eq!(fixture.snapshot().series_key(&id(BTC)).unwrap(), None);
    fixture.write_and_check(
        |txn, key| {
            assert_eq!(txn.put_candles(key, &[]).unwrap(), PutReport::default());
            assert_eq!(txn.delete_candles(key, &[]).unwrap(), 0);
            assert_eq!(txn.delete_candles(key, &times(&[0, 60])).unwrap(), 0);
            assert_eq!(txn.trim_candles(key, 0).unwrap(), 0);
            txn.append_events(key, &[]).unwrap();
            txn.append_settled(key, &[]).unwrap();
        },
        |read, key| {
            let (first, last) = (CandleTime::MIN, CandleTime::MAX);
            assert_eq!(read.head_time(key).unwrap(), None);
            assert_eq!(read.first_time(key).unwrap(), None);
            assert_eq!(read.floor_time(key, last).unwrap(), None);
            assert_eq!(read.count_between(key, first, last).unwrap(), 0);
            assert!(read.existing_times(key, &times(&[0, 60])).unwrap().is_empty());
            assert!(read.newest_candles(key, 10).unwrap().is_empty());
            assert!(read.candles_between(key, first, last, 10).unwrap().is_empty());
            assert!(read.events(key, first, last).unwrap().is_empty());
            assert_eq!(read.checkpoint_at(key, last).unwrap(), None);
            assert!(read.settled(key, first, last).unwrap().is_empty());
        },
    );
}

/// The report of an upsert that mixes all three.
pub fn reports_new_equal_and_changed_rows(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    let all_new = fixture.write(|txn, key| {
        txn.put_candles(key, &[candle(60, 1.0), candle(120, 2.0), candle(240, 4.0)])
            .unwrap()
    });
    assert_eq!(
        all_new,
        PutReport {
            inserted: 3,
            first_inserted: Some(at(60)),
            ..PutReport::default()
        }
    );
    let mixed = [
        candle(60, 1.0),
        candle(120, 2.5),
        candle(180, 3.0),
        candle(240, 4.5),
        candle(300, 5.0),
    ];
    fixture.write_and_check(
        |txn, key| {
            let report = txn.put_candles(key, &mixed).unwrap();
            let expected = PutReport {
                inserted: 2,
                equal: 1,
                changed: 2,
                first_inserted: Some(at(180)),
                first_changed: Some(at(120)),
            };
            assert_eq!(report, expected);
        },
        |read, key| assert_eq!(read.newest_candles(key, 10).unwrap(), mixed),
    );
    let all_equal = fixture.write(|txn, key| txn.put_candles(key, &mixed).unwrap());
    assert_eq!(
        all_equal,
        PutReport {
            equal: 5,
            ..PutReport::default()
        }
    );
}

/// `-0.0` is the same volume as `0.0`, and the smallest real difference is one.
pub fn zeros_of_either_sign_are_equal(factory: &dyn Factory) {
    let fixture = Fixture::new(factory);
    let with_volume = |time, volume| Candle::new(at(time), 1.5, 2.0, 1.0, 1.5, volume).unwrap();
    let report = fixture.write(|txn, key| {
        txn.put_candles(key, &[with_volume(60, 0.0), with_volume(120, -0.0)])
            .unwrap();
        txn.put_candles(key, &[with_volume(60, -0.0), with_volume(120, 0.0)])
            .unwrap()
    });
    assert_eq!((report.equal, report.changed), (2, 0));
    fixture.check(|read, key| {
        let volumes: Vec<f64> = read
            .newest_candles(key, 2)
            .unwrap()
            .iter()
            .map(Candle::volume)
            .collect();
        assert_eq!(volumes, [0.0, 0.0]);
    });
    let report = fixture.write(|txn, key| {
        txn.put_candles(key, &[with_volume(60, f64::MIN_POSITIVE)])
            .unwrap()
    });
    assert_eq!(report.changed, 1);
    let exact = Candle::new(at(180), 0.1 + 0.2, 1e300, 5e-324, 1.0, f64::MAX).unwrap();
    fixture.write(|txn, key| txn.put_candles(key, &[exact]).unwrap());
    fixture.check(|read, key| assert_eq!(read.newest_candles(key, 1).unwrap(), [exact]));
}

/// Rows older than everything, between rows, and newer, in one call and in several.
pub fn late_rows_are_inserted_in_order(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    fixture.write_and_check(
        |txn, key| {
            txn.put_candles(key, &candles(&[300, 360])).unwrap();
            let late = txn.put_candles(key, &candles(&[60, 330, 420])).unwrap();
            assert_eq!(
                (late.inserted, late.first_inserted, late.first_changed),
                (3, Some(at(60)), None)
            );
            txn.put_candles(key, &candles(&[0])).unwrap();
        },
        |read, key| {
            let stored = read.newest_candles(key, 100).unwrap();
            assert_eq!(stored, candles(&[0, 60, 300, 330, 360, 420]));
        },
    );
}

/// A few candles spread over many stored rows, and many candles between a few.
pub fn sparse_and_dense_overlaps_are_compared(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    let stored: Vec<i64> = (0..3000).map(|step| 1000 + step * 60).collect();
    fixture.write(|txn, key| txn.put_candles(key, &candles(&stored)).unwrap());
    let head = *stored.last().unwrap();
    let sparse = [
        candle(0, 1.0),
        candles(&[1000])[0],
        candle(1030, 2.0),
        candle(1000 + 60 * 1500, 3.0),
        candle(head - 30, 4.0),
        candles(&[head])[0],
        candle(head + 60, 5.0),
    ];
    let mut expected: Vec<Candle> = candles(&stored);
    expected.retain(|stored| sparse.iter().all(|candle| candle.time() != stored.time()));
    expected.extend(sparse);
    expected.sort_by_key(Candle::time);
    fixture.write_and_check(
        |txn, key| {
            let report = txn.put_candles(key, &sparse).unwrap();
            assert_eq!((report.inserted, report.equal, report.changed), (4, 2, 1));
            assert_eq!(report.first_inserted, Some(at(0)));
            assert_eq!(report.first_changed, Some(at(1000 + 60 * 1500)));
        },
        |read, key| assert_eq!(read.newest_candles(key, 10_000).unwrap(), expected),
    );
    let dense: Vec<i64> = (0..=head).step_by(10).collect();
    let report = fixture.write(|txn, key| txn.put_candles(key, &candles(&dense)).unwrap());
    assert_eq!(report.inserted + report.equal + report.changed, dense.len());
    // The 3,003 times stored up to the head are all multiples of ten; four of them hold other values.
    assert_eq!((report.inserted, report.changed), (dense.len() - 3003, 4));
    fixture.check(|read, key| {
        let stored = read.candles_between(key, at(0), at(head), usize::MAX).unwrap();
        assert_eq!(stored, candles(&dense));
    });
}

/// Batch sizes around the boundaries of multi-row statements.
pub fn bulk_batches_round_trip(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    let mut next = 60;
    let mut all = Vec::new();
    for size in [1_i64, 2, 31, 63, 64, 65, 127, 128, 129, 1000] {
        let batch: Vec<i64> = (0..size).map(|step| next + step * 60).collect();
        next += size * 60;
        let report = fixture.write(|txn, key| txn.put_candles(key, &candles(&batch)).unwrap());
        assert_eq!(report.inserted, batch.len());
        all.extend(batch);
    }
    fixture.write_and_check(
        |_, _| {},
        |read, key| {
            let stored = read.candles_between(key, at(0), CandleTime::MAX, usize::MAX);
            assert_eq!(stored.unwrap(), candles(&all));
        },
    );
}

/// Both ends of the range of times.
pub fn extreme_times_are_stored(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    let max = CandleTime::MAX.seconds();
    let all = candles(&[0, 1, 1 << 31, 1 << 32, max - 1, max]);
    fixture.write_and_check(
        |txn, key| {
            txn.put_candles(key, &all).unwrap();
        },
        |read, key| {
            assert_eq!(read.newest_candles(key, usize::MAX).unwrap(), all);
            assert_eq!(read.first_time(key).unwrap(), Some(at(0)));
            assert_eq!(read.head_time(key).unwrap(), Some(CandleTime::MAX));
            assert_eq!(read.floor_time(key, at(0)).unwrap(), Some(at(0)));
            let last_two = read.candles_between(key, at(max - 1), CandleTime::MAX, 10);
            assert_eq!(last_two.unwrap(), all[4..]);
        },
    );
    fixture.write(|txn, key| assert_eq!(txn.delete_candles(key, &times(&[0, max])).unwrap(), 2));
    fixture.check(|read, key| assert_eq!(read.head_time(key).unwrap(), Some(at(max - 1))));
}

/// Inclusive bounds, empty ranges, limits of none and one.
pub fn bounds_and_limits(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    fixture.write_and_check(
        |txn, key| {
            txn.put_candles(key, &candles(&[100, 160, 220, 280])).unwrap();
        },
        |read, key| {
            let newest = |limit| seconds(&read.newest_candles(key, limit).unwrap());
            assert_eq!(newest(0), [0; 0]);
            assert_eq!(newest(1), [280]);
            assert_eq!(newest(2), [220, 280]);
            assert_eq!(newest(usize::MAX), [100, 160, 220, 280]);
            let between =
                |from, to, limit| seconds(&read.candles_between(key, at(from), at(to), limit).unwrap());
            assert_eq!(between(100, 220, 10), [100, 160, 220]);
            assert_eq!(between(101, 219, 10), [160]);
            assert_eq!(between(160, 160, 1), [160]);
            assert_eq!(between(0, 1000, 1), [100]);
            assert_eq!(between(0, 1000, 0), [0; 0]);
            assert_eq!(between(220, 100, 10), [0; 0]);
            assert_eq!(between(281, 1000, 10), [0; 0]);
        },
    );
}

/// `floor_time` and `count_between` on, between and outside of rows.
pub fn floor_and_count(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    fixture.write_and_check(
        |txn, key| {
            txn.put_candles(key, &candles(&[100, 160, 220])).unwrap();
        },
        |read, key| {
            let floor = |time| read.floor_time(key, at(time)).unwrap().map(CandleTime::seconds);
            assert_eq!(floor(0), None);
            assert_eq!(floor(99), None);
            assert_eq!(floor(100), Some(100));
            assert_eq!(floor(159), Some(100));
            assert_eq!(floor(9999), Some(220));
            let count = |from, to| read.count_between(key, at(from), at(to)).unwrap();
            assert_eq!(count(0, 9999), 3);
            assert_eq!(count(100, 220), 3);
            assert_eq!(count(101, 219), 1);
            assert_eq!(count(161, 219), 0);
            assert_eq!(count(220, 100), 0);
        },
    );
}

/// Any order and repetition in the question, ascending and unique in the answer.
pub fn existing_times_are_ascending_and_unique(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    fixture.write_and_check(
        |txn, key| {
            txn.put_candles(key, &candles(&[0, 60, 120, 180])).unwrap();
        },
        |read, key| {
            let existing = |asked: &[i64]| read.existing_times(key, &times(asked)).unwrap();
            assert_eq!(existing(&[]), []);
            assert_eq!(existing(&[180, 61, 0, 60, 180]), times(&[0, 60, 180]));
            assert_eq!(existing(&[30, 240]), []);
        },
    );
}

/// Head and first are computed from the rows.
pub fn deleting_moves_head_and_first(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    fixture.write(|txn, key| txn.put_candles(key, &candles(&[60, 120, 180, 240])).unwrap());
    fixture.write_and_check(
        |txn, key| {
            let deleted = txn.delete_candles(key, &times(&[240, 60, 61, 240])).unwrap();
            assert_eq!(deleted, 2);
        },
        |read, key| {
            assert_eq!(read.first_time(key).unwrap(), Some(at(120)));
            assert_eq!(read.head_time(key).unwrap(), Some(at(180)));
        },
    );
    let report = fixture.write(|txn, key| txn.put_candles(key, &candles(&[240])).unwrap());
    assert_eq!(report.inserted, 1);
}

/// `trim_candles` with nothing, one and more than there is to keep.
pub fn trimming_keeps_the_newest(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    let trim = |fixture: &Fixture<'_>, keep| {
        fixture.write(|txn, key| {
            txn.put_candles(key, &candles(&[0, 60, 120, 180, 240])).unwrap();
            txn.trim_candles(key, keep).unwrap()
        })
    };
    let left = |fixture: &Fixture<'_>, expected: &[i64]| {
        fixture.check(|read, key| assert_eq!(seconds(&read.newest_candles(key, 10).unwrap()), expected));
    };
    assert_eq!(trim(&fixture, 5), 0);
    assert_eq!(trim(&fixture, u64::MAX), 0);
    left(&fixture, &[0, 60, 120, 180, 240]);
    assert_eq!(trim(&fixture, 2), 3);
    left(&fixture, &[180, 240]);
    assert_eq!(trim(&fixture, 0), 4);
    left(&fixture, &[240]);
    assert_eq!(trim(&fixture, 1), 4);
    fixture.reopen(super::fixture::names());
    left(&fixture, &[240]);
}

/// Every operation keeps to its series.
pub fn series_do_not_mix(factory: &dyn Factory) {
    let fixture = Fixture::new(factory);
    let other = fixture.write(|txn, key| {
        let other = txn.ensure_series(&id(ETH)).unwrap();
        assert_ne!(key, other);
        txn.put_candles(key, &candles(&[60, 120])).unwrap();
        txn.put_candles(other, &candles(&[0, 120, 180, 240])).unwrap();
        assert_eq!(txn.trim_candles(other, 3).unwrap(), 1);
        assert_eq!(txn.delete_candles(other, &times(&[60, 180])).unwrap(), 1);
        other
    });
    fixture.check(|read, key| {
        assert_eq!(seconds(&read.newest_candles(key, 9).unwrap()), [60, 120]);
        assert_eq!(seconds(&read.newest_candles(other, 9).unwrap()), [120, 240]);
        assert_eq!(read.floor_time(other, at(60)).unwrap(), None);
        assert_eq!(read.count_between(key, at(0), at(999)).unwrap(), 2);
    });
}
