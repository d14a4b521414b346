//! The gap ledger and the list of rebuilds, written with the candles.

use std::sync::Arc;

use tc_market::{Candle, CandleTime, Gap};
use tc_store::{EpochRecord, GapCause, GapQuery, GapRecord, GapState, HealedFrom, RebuildReason, Storage};

use super::{World, batch, corrected, deferred, rebuild, refresh, series};
use crate::{GapAttempt, Interruption, Job, JobInput, JobOrigin};

const NOW_MS: i64 = 1_700_000_000_123;

/// Random candles without a hole.
fn walk(seed: u64, count: usize) -> Vec<Candle> {
    let candles = super::walk(seed, count);
    let first = candles[0].time();
    let at = |n: usize| first.shifted(60 * i64::try_from(n).unwrap());
    let even = candles.iter().enumerate().map(|(n, candle)| {
        let (open, high, low, close) = (candle.open(), candle.high(), candle.low(), candle.close());
        Candle::new(at(n), open, high, low, close, candle.volume()).unwrap()
    });
    even.collect()
}

fn world() -> World {
    let mut world = World::usual();
    world.pipeline = stamped(&world);
    world
}

fn stamped(world: &World) -> crate::IngestPipeline {
    super::pipeline(&world.setup, &world.options).stamped_by(Arc::new(|| NOW_MS))
}

fn from(origin: JobOrigin, candles: &[Candle]) -> Job {
    Job {
        origin,
        ..batch("A", candles)
    }
}

fn records(world: &World) -> Vec<GapRecord> {
    let snapshot = world.storage.snapshot().unwrap();
    let key = snapshot.series_key(&series("A")).unwrap().unwrap();
    let query = GapQuery {
        healed: None,
        ..GapQuery::OPEN
    };
    let mut records = snapshot.gaps(key, &query).unwrap();
    records.reverse();
    records
}

fn rebuilds(world: &World) -> Vec<EpochRecord> {
    let snapshot = world.storage.snapshot().unwrap();
    let key = snapshot.series_key(&series("A")).unwrap().unwrap();
    snapshot.epochs(key, 100).unwrap()
}

fn about(input: JobInput) -> Job {
    Job::about_gaps(input)
}

#[test]
fn whoever_leaves_a_hole_is_its_cause() {
    let c = walk(1, 60);
    let mut world = world();
    let origins = [
        (JobOrigin::Ingest, GapCause::Ingest),
        (JobOrigin::Stream(Interruption::Disconnect), GapCause::Disconnect),
        (JobOrigin::Stream(Interruption::Stall), GapCause::Stall),
        (JobOrigin::Stream(Interruption::HeadJump), GapCause::HeadJump),
        (JobOrigin::Rest, GapCause::Import),
        (JobOrigin::Fill(Interruption::Stall), GapCause::Stall),
        (JobOrigin::Files, GapCause::Import),
    ];
    world.run_one(from(JobOrigin::Ingest, &c[..2])).unwrap();
    for (n, (origin, cause)) in origins.into_iter().enumerate() {
        let at = 4 + n * 4;
        let report = world.run_one(from(origin, &c[at..at + 2])).unwrap();
        assert_eq!(report.gaps.opened.len(), 1);
        let record = &report.gaps.opened[0];
        assert_eq!(
            (record.cause, record.missing, record.detected_at_ms),
            (cause, 2, NOW_MS)
        );
        assert_eq!((record.from, record.to), (c[at - 2].time(), c[at - 1].time()));
        assert_eq!((report.gaps.open_count, report.gaps.open_missing), (1, 2));
    }
    assert_eq!(records(&world).len(), origins.len());
    let quiet = world.run_one(from(JobOrigin::Ingest, &c[30..40])).unwrap();
    assert_eq!(quiet.gaps, crate::GapChanges::default());
}

#[test]
fn part_of_a_hole_shrinks_it_and_the_last_candle_heals_it() {
    let c = walk(2, 40);
    let mut world = world();
    world
        .run_one(from(JobOrigin::Stream(Interruption::Stall), &c[..3]))
        .unwrap();
    world
        .run_one(from(JobOrigin::Stream(Interruption::Stall), &c[10..12]))
        .unwrap();
    let middle = world.run_one(from(JobOrigin::Rest, &c[5..7])).unwrap();
    assert!(middle.gaps.opened.is_empty() && middle.gaps.healed.is_empty());
    let left: Vec<_> = records(&world)
        .iter()
        .map(|record| (record.from, record.to, record.cause))
        .collect();
    let stall = GapCause::Stall;
    assert_eq!(
        left,
        [
            (c[3].time(), c[4].time(), stall),
            (c[7].time(), c[9].time(), stall)
        ]
    );
    let whole = world.run_one(from(JobOrigin::Rest, &c[..12])).unwrap();
    let healed = GapState::Healed {
        at_ms: NOW_MS,
        from: HealedFrom::Rest,
    };
    assert_eq!(whole.gaps.healed.len(), 2);
    assert!(records(&world).iter().all(|record| record.state == healed));
    assert_eq!((whole.gaps.open_count, whole.gaps.open_missing), (-2, -5));
    world.assert_in_step();
}

#[test]
fn history_before_the_first_candle_opens_the_hole_between() {
    let c = walk(3, 40);
    let mut world = world();
    world.ingest(&c[20..]);
    let report = world.run_one(from(JobOrigin::Files, &c[..10])).unwrap();
    let [opened] = &report.gaps.opened[..] else {
        panic!("{:?}", report.gaps)
    };
    assert_eq!(
        (opened.from, opened.to, opened.cause),
        (c[10].time(), c[19].time(), GapCause::Import)
    );
    world.assert_in_step();
}

#[test]
fn a_store_from_before_is_looked_through_once() {
    let c = walk(4, 60);
    let holed: Vec<Candle> = [&c[..10], &c[15..30]].concat();
    let mut old = world();
    old.ingest(&c[..1]);
    old.tamper(|txn, key| {
        txn.put_candles(key, &holed).unwrap();
        let state = tc_store::SeriesState::default();
        txn.put_series_state(key, &state).unwrap();
    });
    let mut scanned = world();
    scanned.storage = old.storage.reopen(super::names(&old.setup));
    let look = || about(JobInput::LookForGaps { series: series("A") });
    let report = scanned.run_one(look()).unwrap();
    assert_eq!(report.gaps.opened.len(), 1);
    assert_eq!(report.gaps.opened[0].cause, GapCause::Unknown);
    assert_eq!(
        scanned.run_one(look()).unwrap().gaps,
        crate::GapChanges::default()
    );

    // The first write does the same, and knows its own hole from an old one.
    let mut world = world();
    world.ingest(&c[..1]);
    world.tamper(|txn, key| {
        txn.put_candles(key, &holed).unwrap();
        txn.put_series_state(key, &tc_store::SeriesState::default())
            .unwrap();
    });
    world.run_one(from(JobOrigin::Ingest, &c[33..40])).unwrap();
    let causes: Vec<_> = records(&world).iter().map(|record| record.cause).collect();
    // The first record is the one of the ordinary first write; the tampering hid its hole.
    assert_eq!(causes, [GapCause::Unknown, GapCause::Ingest]);
}

#[test]
fn tries_are_noted() {
    let c = walk(5, 40);
    let mut world = world();
    world.ingest(&[&c[..3], &c[6..9], &c[12..20]].concat());
    world.heard();
    let range = Gap {
        from: c[9].time(),
        to: c[11].time(),
    };
    let attempt = |attempt| {
        about(JobInput::GapAttempt {
            series: series("A"),
            range,
            attempt,
        })
    };
    let states = |world: &World| -> Vec<_> {
        records(world)
            .iter()
            .map(|record| (record.state.name(), record.attempts))
            .collect()
    };
    world.run_one(attempt(GapAttempt::Begun)).unwrap();
    assert_eq!(states(&world), [("open", 0), ("filling", 0)]);
    world.pipeline = stamped(&world);
    world
        .run_one(about(JobInput::LookForGaps { series: series("A") }))
        .unwrap();
    assert_eq!(states(&world), [("open", 0), ("open", 1)]);
    assert_eq!(records(&world)[1].last_error.as_deref(), Some("interrupted"));
    world.run_one(attempt(GapAttempt::Answered)).unwrap();
    assert_eq!(states(&world), [("open", 0), ("absent", 2)]);
    assert_eq!(records(&world)[1].cause, GapCause::ExchangeOutage);
    assert_eq!(world.heard(), [""; 0], "nobody is told of tries");
    // It came after all, from elsewhere.
    world.ingest(&c[9..12]);
    assert_eq!(states(&world), [("open", 0), ("healed", 2)]);
}

#[test]
fn rebuilds_are_remembered() {
    let c = walk(6, 60);
    let mut world = world();
    world.ingest(&[&c[..20], &c[21..40]].concat());
    assert_eq!(rebuilds(&world), []);
    world.ingest(&c[20..21]);
    world.ingest(&[corrected(&c[30])]);
    world.run_one(deferred("A", &[corrected(&c[31])])).unwrap();
    assert_eq!(rebuilds(&world).len(), 2, "a deferred candle is folded in later");
    world.run_one(refresh("A", CandleTime::MAX)).unwrap();
    world.run_one(rebuild("A", &[])).unwrap();
    let told: Vec<_> = rebuilds(&world)
        .iter()
        .map(|record| (record.epoch, record.reason, record.from, record.candles))
        .collect();
    let (late, changed, operator) = (
        RebuildReason::LateCandle,
        RebuildReason::CorrectedCandle,
        RebuildReason::Operator,
    );
    assert_eq!(told[0], (4, operator, None, 40));
    assert_eq!(told[2], (2, changed, Some(c[30].time()), 10));
    assert_eq!(told[3], (1, late, Some(c[20].time()), 20));
    assert!(rebuilds(&world).iter().all(|record| record.at_ms == NOW_MS));
}

#[test]
fn trimmed_candles_leave_no_gaps_behind() {
    let c = walk(7, 60);
    let mut world = world();
    world.ingest(&[&c[..10], &c[15..20], &c[30..60]].concat());
    world.options.rebuild_keep_candles = Some(32);
    world.setup = super::setup(3, 40);
    world.restart();
    world.run_one(refresh("A", CandleTime::MAX)).unwrap();
    assert_eq!(rebuilds(&world)[0].reason, RebuildReason::Trim);
    let ends: Vec<_> = records(&world)
        .iter()
        .map(|record| (record.from, record.to))
        .collect();
    assert_eq!(ends, [(c[20].time(), c[29].time())]);
    world.assert_in_step();
}
