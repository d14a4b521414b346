//! Feature batches: factor contract 12.

use std::sync::Arc;

use proptest::prelude::*;
use tc_factor::{
    FactorGraph, FactorSettings, FeatureType, FeatureValue, factors::pen, factors::pivot, testing,
};
use tc_market::Candle;
use tc_overlay::FoldSetup;
use tc_store::Storage;

use super::{World, corrected, refused, series, setup, walk};
use crate::{FeatureBatch, FeatureQuery, Ledger, ReadError, ReadModel, ReadOptions};

const FACTOR: Option<Ledger> = Some(Ledger::Factor);
const FEATURE: Option<Ledger> = Some(Ledger::Feature);

impl World {
    fn features(&self, at_time: Option<i64>, window_candles: u32) -> Result<FeatureBatch, ReadError> {
        self.features_by(&self.reader, at_time, window_candles)
    }

    fn features_by(
        &self,
        reader: &ReadModel,
        at_time: Option<i64>,
        window_candles: u32,
    ) -> Result<FeatureBatch, ReadError> {
        let snapshot = self.storage.snapshot().unwrap();
        let query = FeatureQuery {
            at_time,
            window_candles,
        };
        reader.features(&*snapshot, &self.series, &query)
    }

    /// A reader that answers what there is.
    fn lenient(&self) -> ReadModel {
        let options = ReadOptions {
            strict_features: false,
            ..ReadOptions::default()
        };
        ReadModel::new(Arc::new(self.setup.clone()), options)
    }

    fn factors(&mut self, ingest: bool, features: bool) {
        self.options.factor_ingest = ingest;
        self.options.feature_ingest = features;
        self.restart_writer();
    }
}

/// Pivots and pens alone: what others find must not change these tests.
fn two_factors(major: i64) -> FoldSetup {
    let settings = FactorSettings::with_pivot_windows(major, 1);
    FoldSetup {
        factors: Arc::new(FactorGraph::build(&[pen::SPEC, pivot::SPEC], &settings).unwrap()),
        settings,
        ..setup(major, 40)
    }
}

fn keys(batch: &FeatureBatch) -> Vec<&str> {
    batch.columns.iter().map(|column| &*column.key).collect()
}

fn times(batch: &FeatureBatch) -> Vec<i64> {
    batch.rows.iter().map(|row| row.time.seconds()).collect()
}

#[test]
fn nothing_stored_is_an_empty_answer() {
    let mut world = World::new(series(), setup(2, 40));
    assert_eq!(world.features(None, 10).unwrap(), FeatureBatch::default());
    let candles = walk(1, 30);
    world.ingest(&candles);
    let before = candles[0].time().seconds() - 1;
    let expected = FeatureBatch {
        at_time: Some(before),
        ..FeatureBatch::default()
    };
    assert_eq!(world.features(Some(before), 10).unwrap(), expected);
}

#[test]
fn columns_come_in_order_of_first_appearance_and_every_row_has_all() {
    // W = 1: pivots from 180 on, a pen at 360 and at 480. The newest candle is 540.
    let mut world = World::new(series(), two_factors(1));
    world.ingest(&testing::prices("3 5 3 4 5 3 1 3 3.5"));
    let batch = world.features(None, 100).unwrap();
    assert_eq!(
        (batch.at_time, batch.aligned.map(|time| time.seconds())),
        (Some(540), Some(540))
    );
    let pivots = [
        "feature_event_count",
        "pivot_event_count",
        "pivot_major_count",
        "pivot_major_direction",
    ];
    let pens = [
        "pen_confirmed_count",
        "pen_confirmed_direction",
        "pen_event_count",
    ];
    assert_eq!(keys(&batch), [&pivots[..], &pens[..]].concat());
    let kinds: Vec<_> = batch.columns.iter().map(|column| column.kind).collect();
    let (float, int, text) = (FeatureType::Float, FeatureType::Int, FeatureType::Text);
    assert_eq!(kinds, [float, float, float, text, float, int, float]);
    assert_eq!(times(&batch), [180, 240, 360, 480]);
    let count = |value| Some(FeatureValue::Float(value));
    let word = |value| Some(FeatureValue::Text(value));
    assert_eq!(
        batch.rows[0].values,
        [
            count(1.0),
            count(1.0),
            count(1.0),
            word("resistance"),
            None,
            None,
            None
        ]
    );
    assert_eq!(
        batch.rows[3].values[4..],
        [count(1.0), Some(FeatureValue::Int(1)), count(1.0)]
    );

    // A window that begins with a pen: its first row has the pen's columns before those of the pivot.
    let batch = world.features(Some(500), 2).unwrap();
    assert_eq!(
        (batch.at_time, batch.aligned.map(|time| time.seconds())),
        (Some(500), Some(480))
    );
    assert_eq!(
        times(&batch),
        [360, 480],
        "the window reaches back two candles, both ends included"
    );
    let ascending = [&pivots[..1], &pens[..], &pivots[1..]].concat();
    assert_eq!(keys(&batch), ascending);
    // Columns without a value in the window are left out.
    let batch = world.features(Some(299), 1).unwrap();
    assert_eq!((keys(&batch), times(&batch)), (pivots.to_vec(), vec![180, 240]));
    let batch = world.features(Some(120), 5000).unwrap();
    assert_eq!((batch.columns, batch.rows), (vec![], vec![]));
    assert_eq!(batch.aligned.map(|time| time.seconds()), Some(120));
}

#[test]
fn a_window_of_no_candle_counts_as_one() {
    let mut world = World::new(series(), two_factors(1));
    world.ingest(&testing::prices("3 5 3 4"));
    assert_eq!(world.features(None, 0).unwrap(), world.features(None, 1).unwrap());
    assert_eq!(times(&world.features(None, 0).unwrap()), [180, 240]);
}

#[test]
fn a_head_that_is_missing_or_behind_refuses() {
    let candles = walk(3, 50);
    let mut world = World::new(series(), setup(2, 40));
    let at = |n: usize| Some(candles[n].time().seconds());
    world.factors(false, true);
    world.ingest(&candles[..10]);
    assert_eq!(refused(world.features(None, 10)), FEATURE);
    world.factors(true, false);
    world.ingest(&candles[10..20]);
    assert_eq!(refused(world.features(None, 10)), FEATURE);
    assert_eq!(refused(world.slices(candles[19].time().seconds())), None);
    world.factors(true, true);
    world.ingest(&candles[20..30]);
    let live = world.features(None, 2000).unwrap();
    world.factors(true, false);
    world.ingest(&candles[30..]);
    assert_eq!(refused(world.features(None, 10)), FEATURE);
    assert_eq!(refused(world.features(at(30), 10)), FEATURE);
    assert_eq!(world.features(at(29), 2000).unwrap(), live);
    world.factors(true, true);
    world.refresh();
    assert_eq!(refused(world.features(None, 10)), None);
    assert_eq!(world.features(at(29), 2000).unwrap(), live);
}

#[test]
fn a_lenient_reader_answers_what_there_is() {
    let candles = walk(3, 50);
    let mut world = World::new(series(), setup(2, 40));
    let lenient = world.lenient();
    let read = |world: &World| world.features_by(&lenient, None, 2000).unwrap();
    world.factors(true, false);
    world.ingest(&candles[..30]);
    let batch = read(&world);
    assert_eq!(
        (batch.aligned, batch.columns, batch.rows),
        (Some(candles[29].time()), vec![], vec![])
    );
    world.factors(true, true);
    world.refresh();
    let covered = read(&world);
    assert!(!covered.rows.is_empty());
    assert_eq!(covered, world.features(None, 2000).unwrap());
    world.factors(true, false);
    world.ingest(&candles[30..]);
    let behind = read(&world);
    assert_eq!(behind.aligned, Some(candles[49].time()));
    assert_eq!(
        (behind.columns, behind.rows),
        (covered.columns, covered.rows),
        "events after the head are no rows yet"
    );
}

#[test]
fn a_late_candle_that_waits_makes_everything_after_it_stale() {
    let candles = walk(4, 50);
    let mut early = candles.clone();
    let late = early.remove(25);
    let mut world = World::with(&early);
    let before: Vec<_> = (0..49)
        .map(|n| world.features(Some(early[n].time().seconds()), 20).unwrap())
        .collect();
    world.ingest_deferred(&[late]);
    for (n, candle) in candles.iter().enumerate() {
        let batch = world.features(Some(candle.time().seconds()), 20);
        if n < 25 {
            assert_eq!(batch.unwrap(), before[n]);
        } else {
            assert_eq!(refused(batch), FACTOR, "at {n}");
        }
    }
    world.refresh();
    assert_eq!(refused(world.features(None, 20)), None);
}

#[test]
fn a_rebuild_without_features_empties_them() {
    let candles = walk(5, 40);
    let mut world = World::with(&candles);
    assert_eq!(refused(world.features(None, 20)), None);
    world.setup = setup(3, 40);
    world.reader = super::reader(&world.setup);
    world.factors(true, false);
    world.refresh();
    assert_eq!(
        refused(world.features(Some(candles[0].time().seconds()), 20)),
        FEATURE
    );
    let lenient = world.lenient();
    assert_eq!(world.features_by(&lenient, None, 20).unwrap().rows, []);
    world.factors(true, true);
    world.refresh();
    assert_eq!(refused(world.features(None, 20)), None);
}

/// Every row of a batch as keys and values, without the gaps.
fn sparse(batch: &FeatureBatch) -> Vec<(i64, Vec<(String, FeatureValue)>)> {
    let row = |row: &tc_factor::FeatureRow| {
        let cells = batch.columns.iter().zip(&row.values);
        let mut cells: Vec<_> = cells
            .filter_map(|(column, value)| Some((column.key.to_string(), (*value)?)))
            .collect();
        cells.sort_by(|a, b| a.0.cmp(&b.0));
        (row.time.seconds(), cells)
    };
    batch.rows.iter().map(row).collect()
}

proptest! {
    #[test]
    fn a_window_is_a_part_of_the_whole_and_the_order_of_arrival_does_not_matter(
        seed in any::<u64>(),
        cut in 1_usize..60,
        late in 0_usize..60,
        at in 0_usize..60,
        window in 1_u32..70,
    ) {
        let candles = walk(seed, 60);
        let mut world = World::with(&candles[..cut]);
        world.ingest(&candles[cut..]);
        let whole = world.features(None, 5000).unwrap();
        let time = candles[at].time().seconds();
        let part = world.features(Some(time), window).unwrap();
        let from = time - i64::from(window) * 60;
        let expected: Vec<_> = sparse(&whole)
            .into_iter()
            .filter(|(row, _)| (from..=time).contains(row))
            .collect();
        prop_assert_eq!(sparse(&part), expected);
        // A correction that is taken back again, and a candle that comes late.
        world.ingest(&[corrected(&candles[late])]);
        world.ingest(&[candles[late]]);
        prop_assert_eq!(&world.features(None, 5000).unwrap(), &whole);
        let mut others: Vec<Candle> = candles;
        let missing = others.remove(late);
        let mut world = World::with(&others);
        world.ingest(&[missing]);
        prop_assert_eq!(&world.features(None, 5000).unwrap(), &whole);
    }
}
