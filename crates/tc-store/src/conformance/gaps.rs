//! Gap records, rebuilds, and the regularity of candles.

use tc_market::{CandleTime, Timeframe};

use super::{
    Factory,
    fixture::{ETH, Fixture, at, candles, id},
};
use crate::{
    CandleStep, CandleSteps, EpochRecord, GapCause, GapQuery, GapRecord, GapState, HealedFrom, MAX_EPOCHS,
    MAX_GAPS, OpenGaps, RebuildReason, Snapshot,
};

/// A record in which every field follows from its ends and `seed`.
pub(super) fn gap(from: i64, to: i64, seed: u8) -> GapRecord {
    let pick = usize::from(seed);
    let states = [
        GapState::Open,
        GapState::Filling,
        GapState::Absent,
        GapState::Healed {
            at_ms: 1_000 + i64::from(seed),
            from: HealedFrom::ALL[pick % HealedFrom::ALL.len()],
        },
    ];
    GapRecord {
        from: at(from),
        to: at(to),
        missing: u64::try_from((to - from) / 60 + 1).unwrap(),
        cause: GapCause::ALL[pick % GapCause::ALL.len()],
        state: states[pick % states.len()],
        detected_at_ms: i64::from(seed) << 32,
        attempts: u32::from(seed),
        last_attempt_at_ms: seed.is_multiple_of(2).then_some(i64::from(seed)),
        last_error: seed.is_multiple_of(3).then(|| format!("error {seed}")),
    }
}

/// A rebuild in which every field follows from its epoch.
pub(super) fn rebuild(epoch: u32) -> EpochRecord {
    let pick = usize::try_from(epoch).unwrap();
    EpochRecord {
        epoch,
        at_ms: i64::from(epoch) * 7,
        reason: RebuildReason::ALL[pick % RebuildReason::ALL.len()],
        from: epoch.is_multiple_of(2).then(|| at(i64::from(epoch))),
        candles: u64::from(epoch) << 33,
    }
}

fn found(read: &dyn Snapshot, key: crate::SeriesKey, query: &GapQuery) -> Vec<i64> {
    let gaps = read.gaps(key, query).unwrap();
    gaps.iter().map(|gap| gap.from.seconds()).collect()
}

/// Every field survives; a record replaces the one that begins at the same time.
pub fn records_round_trip(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    let records: Vec<GapRecord> = (0..30_u8)
        .map(|n| gap(60 + i64::from(n) * 600, 240 + i64::from(n) * 600, n))
        .collect();
    let mut expected = records.clone();
    expected[4] = gap(60 + 4 * 600, 120 + 4 * 600, 99);
    expected.remove(7);
    fixture.write_and_check(
        |txn, key| {
            txn.put_gaps(key, &records).unwrap();
            txn.put_gaps(key, &[gap(60 + 4 * 600, 120 + 4 * 600, 99)])
                .unwrap();
            txn.delete_gaps(key, &[at(60 + 7 * 600), at(61)]).unwrap();
            let other = txn.ensure_series(&id(ETH)).unwrap();
            txn.put_gaps(other, &[gap(60, 60, 1)]).unwrap();
        },
        |read, key| {
            let mut all = read
                .gaps(
                    key,
                    &GapQuery {
                        healed: None,
                        ..GapQuery::OPEN
                    },
                )
                .unwrap();
            all.reverse();
            assert_eq!(all, expected);
            let open = expected.iter().filter(|gap| !gap.state.is_healed());
            let totals = OpenGaps {
                count: open.clone().count() as u64,
                missing: open.map(|gap| gap.missing).sum(),
            };
            assert_eq!(read.open_gaps(key).unwrap(), totals);
        },
    );
}

/// Newest first, by touching a range, by state, with a limit.
pub fn records_are_found_by_range_and_state(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    fixture.write_and_check(
        |txn, key| {
            let records = [
                gap(100, 300, 0),
                gap(500, 500, 3),
                gap(700, 900, 1),
                gap(1_100, 1_200, 2),
            ];
            txn.put_gaps(key, &records).unwrap();
        },
        |read, key| {
            let query = |from, to, healed, limit| GapQuery {
                from: at(from),
                to: at(to),
                healed,
                limit,
            };
            let all = |from, to| found(read, key, &query(from, to, None, 9));
            assert_eq!(all(0, 5_000), [1_100, 700, 500, 100]);
            assert_eq!(all(300, 700), [700, 500, 100]);
            assert_eq!(all(301, 699), [500]);
            assert_eq!(all(901, 1_099), [0; 0]);
            assert_eq!(found(read, key, &query(0, 5_000, Some(true), 9)), [500]);
            assert_eq!(found(read, key, &query(0, 5_000, Some(false), 2)), [1_100, 700]);
            assert_eq!(found(read, key, &query(0, 5_000, None, 0)), [0; 0]);
        },
    );
}

/// Healed records make room first, then the oldest.
pub fn records_are_bounded(factory: &dyn Factory) {
    let fixture = Fixture::new(factory);
    let count = i64::try_from(MAX_GAPS).unwrap();
    fixture.write(|txn, key| {
        let records: Vec<GapRecord> = (0..count).map(|n| gap(n * 120, n * 120, 0)).collect();
        txn.put_gaps(key, &records).unwrap();
        txn.put_gaps(key, &[gap(600, 600, 3), gap(1_200, 1_200, 3)])
            .unwrap();
        txn.put_gaps(key, &[gap(count * 120, count * 120, 0)]).unwrap();
        let oldest = |read: &dyn Snapshot| {
            let query = GapQuery {
                to: at(1_300),
                healed: None,
                ..GapQuery::OPEN
            };
            let mut from = found(read, key, &query);
            from.reverse();
            from
        };
        assert_eq!(
            oldest(&*txn)[..7],
            [0, 120, 240, 360, 480, 720, 840],
            "the oldest healed one went"
        );
        let newer: Vec<GapRecord> = (1..3)
            .map(|n| gap((count + n) * 120, (count + n) * 120, 0))
            .collect();
        txn.put_gaps(key, &newer).unwrap();
        assert_eq!(
            oldest(&*txn)[..4],
            [120, 240, 360, 480],
            "the last healed one, then the oldest"
        );
        let everything = GapQuery {
            limit: usize::MAX,
            healed: None,
            ..GapQuery::OPEN
        };
        assert_eq!(txn.gaps(key, &everything).unwrap().len(), MAX_GAPS);
    });
}

/// Newest first, and only so many.
pub fn rebuilds_are_listed_and_bounded(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    fixture.write_and_check(
        |txn, key| {
            for epoch in 1..=MAX_EPOCHS + 5 {
                txn.put_epoch(key, &rebuild(epoch)).unwrap();
            }
        },
        |read, key| {
            let newest = [MAX_EPOCHS + 5, MAX_EPOCHS + 4, MAX_EPOCHS + 3].map(rebuild);
            assert_eq!(read.epochs(key, 3).unwrap(), newest);
            let all = read.epochs(key, usize::MAX).unwrap();
            assert_eq!((all.len(), all.last().unwrap().epoch), (MAX_EPOCHS as usize, 6));
        },
    );
}

/// Steps larger than the timeframe are counted, the newest are listed, times off the grid are counted.
pub fn steps_of_candles(factory: &dyn Factory) {
    let mut fixture = Fixture::new(factory);
    let minute: Timeframe = "1m".parse().unwrap();
    let everything = (CandleTime::MIN, CandleTime::MAX);
    fixture.write_and_check(
        |txn, key| {
            assert_eq!(
                txn.candle_steps(key, minute, everything, 5).unwrap(),
                CandleSteps::default()
            );
            txn.put_candles(key, &candles(&[60, 120, 300, 360, 370, 430, 1_000]))
                .unwrap();
        },
        |read, key| {
            let step = |prev, next| CandleStep {
                prev: at(prev),
                next: at(next),
            };
            let all = read.candle_steps(key, minute, everything, 9).unwrap();
            let expected = CandleSteps {
                count: 7,
                first: Some(at(60)),
                last: Some(at(1_000)),
                gaps: 2,
                max_gap_s: Some(570),
                off_grid: 3,
                newest: vec![step(430, 1_000), step(120, 300)],
            };
            assert_eq!(all, expected);
            let part = read.candle_steps(key, minute, (at(61), at(430)), 0).unwrap();
            assert_eq!((part.count, part.gaps, part.max_gap_s), (5, 1, Some(180)));
            assert!(part.newest.is_empty());
        },
    );
}
