//! Rules of the plan.

use proptest::prelude::*;

use super::*;

const fn at(seconds: i64) -> CandleTime {
    CandleTime::clamped(seconds)
}

fn minutes() -> Timeframe {
    "1m".parse().unwrap()
}

fn ranges(plan: &BackfillPlan) -> Vec<(i64, i64)> {
    plan.ranges
        .iter()
        .map(|range| (range.from.seconds(), range.to.seconds()))
        .collect()
}

const BOUNDS: BackfillBounds = BackfillBounds {
    bootstrap_candles: 3,
    hole_candles: 5,
    range_candles: 2,
};

#[test]
fn nothing_is_missing_at_or_above_the_newest_closed_candle() {
    for head in [600, 660, 900] {
        assert!(
            BackfillPlan::up_to(Some(at(head)), at(600), minutes(), BOUNDS).is_empty(),
            "head {head}"
        );
    }
}

#[test]
fn a_hole_is_requested_oldest_first_in_ranges() {
    let plan = BackfillPlan::up_to(Some(at(300)), at(600), minutes(), BOUNDS);
    assert_eq!(ranges(&plan), [(360, 420), (480, 540), (600, 600)]);
    assert_eq!(plan.left_out, None);
}

#[test]
fn a_hole_above_the_bound_is_fetched_from_its_newer_end() {
    let plan = BackfillPlan::up_to(Some(at(60)), at(600), minutes(), BOUNDS);
    assert_eq!(ranges(&plan), [(360, 420), (480, 540), (600, 600)]);
    assert_eq!(
        plan.left_out,
        Some(Gap {
            from: at(120),
            to: at(300)
        })
    );
}

#[test]
fn an_empty_store_gets_the_newest_candles() {
    let plan = BackfillPlan::up_to(None, at(600), minutes(), BOUNDS);
    assert_eq!(
        (ranges(&plan), plan.left_out),
        (vec![(480, 540), (600, 600)], None)
    );
    let plan = BackfillPlan::up_to(None, at(60), minutes(), BOUNDS);
    assert_eq!(ranges(&plan), [(0, 60)], "never before time 0");
}

#[test]
fn an_off_grid_head_leads_back_to_the_grid() {
    let plan = BackfillPlan::up_to(Some(at(310)), at(420), minutes(), BOUNDS);
    assert_eq!(ranges(&plan), [(360, 420)]);
}

#[test]
fn a_window_covers_its_target() {
    let hours: Timeframe = "1h".parse().unwrap();
    let plan = BackfillPlan::window(at(3_600), 2, hours, BackfillBounds::default());
    assert_eq!(ranges(&plan), [(0, 3_600)]);
    assert_eq!(
        ranges(&BackfillPlan::window(CandleTime::MAX, 1, minutes(), BOUNDS)).len(),
        1
    );
}

proptest! {
    #[test]
    fn ranges_and_the_rest_tile_the_hole(
        head in prop::option::of(0i64..5_000), latest in 0i64..5_000,
        bootstrap_candles in 1u32..40, hole_candles in 1u32..40, range_candles in 1u32..10,
    ) {
        let tf = minutes();
        let bounds = BackfillBounds { bootstrap_candles, hole_candles, range_candles };
        let newest = tf.align(at(latest));
        let plan = BackfillPlan::up_to(head.map(at), at(latest), tf, bounds);
        let tiles: Vec<Gap> = plan.left_out.into_iter().chain(plan.ranges.iter().copied()).collect();
        for pair in tiles.windows(2) {
            prop_assert_eq!(tf.next(pair[0].to), pair[1].from);
        }
        for range in &plan.ranges {
            prop_assert!(range.from <= range.to);
            prop_assert!(range.missing_candles(tf) <= i64::from(range_candles));
        }
        match head {
            Some(head) if tf.next(tf.align(at(head))) > newest => prop_assert!(tiles.is_empty()),
            Some(head) => {
                prop_assert_eq!(tiles[0].from, tf.next(tf.align(at(head))));
                prop_assert_eq!(tiles[tiles.len() - 1].to, newest);
            }
            None => prop_assert_eq!(tiles[tiles.len() - 1].to, newest),
        }
    }
}
