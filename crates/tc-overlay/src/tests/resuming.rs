//! Folds resumed from checkpoints draw what a fold from genesis draws, versions included.

use proptest::prelude::*;
use tc_factor::{FoldMode, testing};
use tc_market::CandleTime;

use super::{Stored, one_minute_series, setup, stored};
use crate::{FoldOutput, SeriesFold};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn a_resumed_fold_goes_on_as_if_it_had_never_stopped(stored in stored(1..120), starts in prop::collection::vec(any::<prop::sample::Index>(), 4)) {
        let expected = stored.drawings();
        for start in starts {
            let start = start.index(stored.candles.len());
            let mut fold = stored.resumed(&stored.setup, stored.candles[start].time());
            for (candle, expected) in stored.candles.iter().zip(&expected).skip(start) {
                stored.advance(&mut fold, candle.time(), false);
                prop_assert_eq!(&fold.drawing().unwrap(), expected, "resumed for {}, at {}", start, candle.time());
            }
        }
    }

    #[test]
    fn checkpoints_of_the_write_side_do_not_depend_on_restarts(stored in stored(1..120), every in 1_usize..=20) {
        let fingerprint = stored.setup.fingerprint(&stored.series);
        let mut fold = SeriesFold::genesis(&stored.setup, &stored.series, FoldMode::Compute);
        let mut out = FoldOutput::default();
        for (n, candle) in stored.candles.iter().enumerate() {
            if n % every == 0 && n > 0 {
                let head = stored.candles[n - 1].time();
                let resumed = SeriesFold::resume(&stored.setup, &stored.series, FoldMode::Compute, fingerprint, &stored, head);
                fold = resumed.unwrap().fold;
                let done = fold.head().map_or(0, |head| stored.candles.partition_point(|candle| candle.time() <= head));
                for candle in &stored.candles[done..n] {
                    fold.compute(candle, &mut FoldOutput::default()).unwrap();
                }
            }
            fold.compute(candle, &mut out).unwrap();
            if let Some(expected) = stored.checkpoints.get(&candle.time()) {
                prop_assert_eq!(&fold.checkpoint().unwrap().encode(), expected);
            }
        }
        prop_assert_eq!(out.events, stored.out.events.clone());
        prop_assert_eq!(out.settled, stored.out.settled.clone());
    }

    #[test]
    fn another_overlay_window_needs_no_new_checkpoints(stored in stored(60..160), window in 3_u32..=25, starts in prop::collection::vec(any::<prop::sample::Index>(), 6)) {
        let other = Stored { setup: setup_like(&stored, window), candles: stored.candles.clone(), series: stored.series.clone(), out: FoldOutput::default(), checkpoints: stored.checkpoints.clone() };
        let other = Stored { out: FoldOutput { events: stored.out.events.clone(), ..FoldOutput::default() }, ..other };
        let expected = other.drawings();
        for start in starts {
            let start = start.index(stored.candles.len());
            let mut fold = other.resumed(&other.setup, other.candles[start].time());
            for (candle, expected) in other.candles.iter().zip(&expected).skip(start) {
                other.advance(&mut fold, candle.time(), false);
                prop_assert_eq!(&fold.drawing().unwrap(), expected, "resumed for {}, at {}", start, candle.time());
            }
        }
    }
}

/// The same factors with another overlay window.
fn setup_like(stored: &Stored, window_candles: u32) -> crate::FoldSetup {
    let other = setup(1, 1, window_candles);
    crate::FoldSetup {
        overlay: other.overlay,
        ..stored.setup.clone()
    }
}

fn long() -> Stored {
    Stored::new(
        setup(3, 2, 40),
        one_minute_series(),
        testing::walk(&testing::moves(3, 300)),
        50,
    )
}

#[test]
fn a_checkpoint_of_another_window_is_used_once_everything_drawn_has_changed() {
    let stored = long();
    let other = setup_like(&stored, 30);
    let at = |n: usize| stored.candles[n].time();
    let head = |n: usize| stored.resumed(&other, at(n)).head();
    let oldest = *stored.checkpoints.keys().next().unwrap();
    assert!(head(299).is_some_and(|time| time > oldest && time <= at(299)));
    assert_eq!(head(20), None);
}

#[test]
fn damaged_and_foreign_checkpoints_are_passed_over() {
    let mut stored = long();
    let times: Vec<CandleTime> = stored.checkpoints.keys().copied().collect();
    let at = stored.candles[299].time();
    let resume = |stored: &Stored, setup: &crate::FoldSetup| {
        let fingerprint = setup.fingerprint(&stored.series);
        let resumed =
            SeriesFold::resume(setup, &stored.series, FoldMode::Follow, fingerprint, stored, at).unwrap();
        (resumed.fold.head(), resumed.damaged)
    };
    assert_eq!(resume(&stored, &stored.setup), (Some(times[5]), 0));
    stored.checkpoints.get_mut(&times[5]).unwrap()[40] ^= 1;
    stored.checkpoints.get_mut(&times[4]).unwrap().truncate(30);
    assert_eq!(resume(&stored, &stored.setup), (Some(times[3]), 2));

    let mut changed = stored.setup.clone();
    changed.settings.logic_version_override = "next".to_owned();
    assert_eq!(resume(&stored, &changed), (None, 2), "of another fingerprint");

    // As above, but the ledger is taken as it is; then a checkpoint must still fit the factors that run.
    let fingerprint = stored.setup.fingerprint(&stored.series);
    let mut specs = tc_factor::factors::FACTORS.to_vec();
    specs[1].logic_version = "next";
    changed.factors = std::sync::Arc::new(tc_factor::FactorGraph::build(&specs, &changed.settings).unwrap());
    let resumed = SeriesFold::resume(
        &changed,
        &stored.series,
        FoldMode::Follow,
        fingerprint,
        &stored,
        at,
    )
    .unwrap();
    assert_eq!(resumed.fold.head(), None);
    assert_eq!(resumed.fold.fingerprint(), fingerprint);
}
