//! Derived timeframes: whatever way the base candles arrive, the derived rows are the roll-up of what is stored.

use proptest::prelude::*;
use tc_factor::testing::Dice;
use tc_market::{DerivedTimeframes, roll_up};

use super::*;
use crate::RebuildReason;

fn five() -> SeriesId {
    in_minutes("5m")
}

fn in_minutes(timeframe: &str) -> SeriesId {
    series("A").with_timeframe(timeframe.parse().unwrap()).unwrap()
}

/// 5m and 15m are built of 1m; a first subscription takes 20 base candles.
fn world() -> World {
    let tf = |text: &str| text.parse().unwrap();
    let options = IngestOptions {
        derived: DerivedTimeframes::new(tf("1m"), &[tf("5m"), tf("15m")]).0,
        derived_backfill_base_candles: 20,
        ..IngestOptions::default()
    };
    World::new(setup(2, 40), options)
}

/// The same with the 5m series followed.
fn followed() -> World {
    let mut world = world();
    world.run_one(Job::derive(five())).unwrap();
    world
}

fn minute(time: i64, o: f64, h: f64, l: f64, c: f64, v: f64) -> Candle {
    Candle::new(CandleTime::clamped(time), o, h, l, c, v).unwrap()
}

fn worked() -> Vec<Candle> {
    vec![
        minute(0, 10.0, 11.0, 9.0, 10.5, 1.0),
        minute(60, 10.5, 12.0, 10.0, 11.0, 2.0),
        minute(120, 11.0, 13.0, 10.8, 12.0, 3.0),
        minute(180, 12.0, 12.2, 11.5, 11.8, 4.0),
        minute(240, 11.8, 12.5, 11.7, 12.4, 5.0),
    ]
}

const ROLLED: [f64; 5] = [10.0, 13.0, 9.0, 12.4, 15.0];

fn rolled() -> Candle {
    let [o, h, l, c, v] = ROLLED;
    minute(0, o, h, l, c, v)
}

fn read(world: &World, of: &SeriesId) -> Option<Stored> {
    let snapshot = world.storage.snapshot().unwrap();
    let key = snapshot.series_key(of).unwrap()?;
    Some(Stored::read(&*snapshot, key))
}

fn candles(world: &World, of: &SeriesId) -> Vec<Candle> {
    read(world, of).map_or_else(Vec::new, |stored| stored.candles)
}

/// The derived rows are the roll-up of the base rows, and their ledgers the fold over them.
#[track_caller]
fn assert_rolled(world: &World) {
    let expected = roll_up(
        &candles(world, &series("A")),
        series("A").timeframe(),
        five().timeframe(),
    );
    assert_eq!(Ok(candles(world, &five())), expected);
    let stored = read(world, &five()).unwrap();
    let head = stored.candles.last().map(Candle::time);
    assert_eq!(
        (stored.state.factor_head, stored.state.overlay_head),
        (head, head)
    );
    assert_eq!(stored.state.stale_from, None);
    let mut fold = SeriesFold::genesis(&world.setup, &five(), FoldMode::Compute);
    let mut out = FoldOutput::default();
    for candle in &stored.candles {
        fold.compute(candle, &mut out).unwrap();
    }
    assert_eq!((stored.events, stored.settled), (out.events, out.settled));
}

#[test]
fn the_worked_example_closes_once_whatever_restarts() {
    for stop in 1..=5 {
        let mut world = followed();
        for (n, candle) in worked().iter().enumerate() {
            let report = world.ingest(&[*candle]);
            let closed: Vec<_> = report.derived.iter().map(|derived| derived.inserted).collect();
            assert_eq!(closed, if n == 4 { vec![1] } else { vec![] });
            if n + 1 == stop {
                world.restart();
            }
        }
        assert_eq!(candles(&world, &five()), [rolled()]);
        world.heard();
        for again in [&worked()[..], &worked()[4..]] {
            assert_eq!(world.ingest(again).derived, []);
        }
        let candles_told = world
            .heard()
            .iter()
            .filter(|told| told.contains("candles"))
            .count();
        assert_eq!(candles_told, 2, "the repetitions of the base and nothing derived");
    }
}

#[test]
fn the_base_is_told_before_what_is_derived() {
    let mut world = followed();
    world.ingest(&worked()[..4]);
    world.ears.heard.lock().unwrap().clear();
    world.ingest(&worked()[4..]);
    let heard = world.ears.heard.lock().unwrap();
    let told: Vec<_> = heard
        .iter()
        .filter(|told| matches!(told, Publication::Candles { .. }))
        .map(|told| told.series().clone())
        .collect();
    assert_eq!(told, [series("A"), five()]);
}

#[test]
fn only_what_somebody_asked_for_is_built() {
    let mut world = followed();
    world.ingest(&walk(1, 40));
    assert_eq!(read(&world, &in_minutes("15m")), None);
    assert_rolled(&world);
    world.run_one(Job::derive(in_minutes("30m"))).unwrap();
    assert_eq!(read(&world, &in_minutes("30m")), None, "not of the set");
}

#[test]
fn a_first_subscription_builds_from_the_newest_stored_candles_once() {
    let mut world = world();
    let minutes: Vec<_> = (0..43).map(|n| minute(n * 60, 1.0, 2.0, 0.5, 1.5, 1.0)).collect();
    world.ingest(&minutes);
    let report = world.run_one(Job::derive(five())).unwrap();
    let opens = |world: &World| -> Vec<i64> {
        candles(world, &five())
            .iter()
            .map(|candle| candle.time().seconds() / 60)
            .collect()
    };
    // Candles 23 to 42 are read; the first and the last bucket are incomplete.
    assert_eq!((report.inserted, opens(&world)), (3, vec![25, 30, 35]));
    assert_eq!(world.run_one(Job::derive(five())).unwrap().inserted, 0);
    assert_eq!(opens(&world), [25, 30, 35]);
}

#[test]
fn a_hole_is_never_closed_over_and_heals() {
    let mut world = followed();
    let minutes: Vec<_> = (0..15).map(|n| minute(n * 60, 1.0, 2.0, 0.5, 1.5, 1.0)).collect();
    let (missing, rest): (Vec<_>, Vec<_>) = minutes.iter().partition(|c| c.time().seconds() == 420);
    world.ingest(&rest);
    let opens = |world: &World| candles(world, &five()).len();
    assert_eq!(opens(&world), 2);
    let report = world.ingest(&missing);
    assert_eq!(opens(&world), 3);
    assert_eq!(
        report.derived[0].rebuilt.unwrap().reason,
        RebuildReason::LateCandle
    );
    assert_rolled(&world);
}

#[test]
fn a_corrected_minute_corrects_its_bucket_only() {
    let mut world = followed();
    let minutes = walk(7, 30);
    world.ingest(&minutes);
    let before = candles(&world, &five());
    // The walk has holes: a minute of a bucket that is closed.
    let inside = minutes.iter().find(|minute| minute.time() == before[1].time());
    let report = world.ingest(&[corrected(inside.unwrap())]);
    assert_eq!((report.derived[0].changed, report.derived[0].inserted), (1, 0));
    let after = candles(&world, &five());
    let changed = before.iter().zip(&after).filter(|(a, b)| a != b).count();
    assert_eq!(changed, 1);
    assert_eq!(report.derived[0].epoch, 1);
    assert_rolled(&world);
}

#[test]
fn candles_off_the_grid_are_no_minutes() {
    let mut world = followed();
    let mut minutes = worked();
    minutes.insert(2, minute(100, 50.0, 60.0, 1.0, 50.0, 9.0));
    world.ingest(&minutes);
    assert_eq!(candles(&world, &five()), [rolled()]);
}

#[test]
fn deferred_history_is_folded_with_the_refresh_of_its_base() {
    let mut world = followed();
    let minutes = walk(3, 60);
    world.ingest(&minutes[30..]);
    world.run_one(deferred("A", &minutes[..30])).unwrap();
    assert!(read(&world, &five()).unwrap().state.stale_from.is_some());
    world.refresh();
    assert_rolled(&world);
}

#[test]
fn a_rebuild_rolls_up_again() {
    let mut world = followed();
    let minutes = walk(5, 40);
    world.ingest(&minutes);
    let fixed: Vec<_> = minutes.iter().map(corrected).collect();
    let report = world.run_one(rebuild("A", &fixed)).unwrap();
    assert_eq!(report.derived.len(), 1);
    assert_eq!(report.derived[0].rebuilt.unwrap().reason, RebuildReason::Operator);
    assert_rolled(&world);
}

#[test]
fn what_was_not_built_for_a_while_goes_on_from_its_head() {
    let mut world = followed();
    let minutes: Vec<Candle> = (0..30)
        .map(|n| {
            let price = 100.0 + f64::from(n);
            minute(
                1_700_000_100 + 60 * i64::from(n),
                price,
                price + 2.0,
                price - 2.0,
                price + 1.0,
                1.0,
            )
        })
        .collect();
    world.ingest(&minutes[..12]);
    let built = std::mem::take(&mut world.options.derived);
    world.restart();
    world.ingest(&minutes[12..24]);
    world.options.derived = built;
    world.restart();
    assert_eq!(candles(&world, &five()).len(), 2);
    for candle in &minutes[24..] {
        world.ingest(&[*candle]);
    }
    assert_eq!(candles(&world, &five()).len(), 6);
    assert_rolled(&world);
}

#[test]
fn a_failed_commit_leaves_neither_and_the_retry_writes_both() {
    let mut world = followed();
    world.ingest(&worked()[..4]);
    world.storage.fail_next(Operation::Commit);
    world.run_one(batch("A", &worked()[4..])).unwrap_err();
    assert_eq!(
        (
            candles(&world, &series("A")).len(),
            candles(&world, &five()).len()
        ),
        (4, 0)
    );
    world.ingest(&worked()[4..]);
    assert_eq!(candles(&world, &five()), [rolled()]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_order_and_any_cut_give_the_same_rows(seed in any::<u64>()) {
        let minutes = walk(seed, 70);
        let mut dice = Dice::new(seed);
        let mut order: Vec<usize> = (0..minutes.len()).collect();
        if dice.below(2) == 0 {
            for n in (1..order.len()).rev() {
                order.swap(n, dice.index(n + 1));
            }
        }
        let mut world = followed();
        let mut rest = order.as_slice();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(1 + dice.index(9)));
            let batch: Vec<_> = now.iter().map(|n| minutes[*n]).collect();
            world.ingest(&batch);
            if dice.below(5) == 0 {
                world.ingest(&[corrected(&batch[0])]);
                world.ingest(&batch);
            }
            if dice.below(6) == 0 {
                world.restart();
            }
            rest = later;
        }
        assert_rolled(&world);
        let expected = roll_up(&minutes, series("A").timeframe(), five().timeframe());
        prop_assert_eq!(Ok(candles(&world, &five())), expected);
    }
}
