//! The feature head: what moves it, and what takes it back.

use std::sync::Arc;

use tc_factor::{FactorGraph, FactorSpec, factors::FACTORS};

use super::{World, corrected, refresh, setup, walk};
use crate::{IngestOptions, RebuildReason};

fn without_features() -> World {
    let options = IngestOptions {
        feature_ingest: false,
        ..IngestOptions::default()
    };
    World::new(setup(2, 40), options)
}

#[test]
fn the_steps_are_reported_in_order_whatever_is_switched_off() {
    let names = [
        "store.upsert_many_closed:binance:spot:A/USDT:1m",
        "factor.ingest_closed:binance:spot:A/USDT:1m",
        "feature.ingest_closed:binance:spot:A/USDT:1m",
        "overlay.ingest_closed:binance:spot:A/USDT:1m",
    ];
    for mut world in [World::usual(), without_features()] {
        let report = world.ingest(&walk(1, 5));
        let found: Vec<_> = report.steps.iter().map(|step| step.name.as_str()).collect();
        assert_eq!(found, names);
    }
}

#[test]
fn features_catch_up_when_they_are_switched_on() {
    let mut world = without_features();
    let candles = walk(11, 80);
    let report = world.ingest(&candles[..40]);
    assert_eq!(
        (report.feature_head, report.factor_head),
        (None, Some(candles[39].time()))
    );
    assert_eq!(world.stored().state.feature_head, None);
    for (on, n, head) in [(true, 50, 50), (false, 60, 50), (false, 70, 50), (true, 80, 80)] {
        world.options.feature_ingest = on;
        world.restart();
        let report = world.ingest(&candles[n - 10..n]);
        assert_eq!(report.feature_head, Some(candles[head - 1].time()));
        assert_eq!(
            (report.rebuilt, report.epoch),
            (None, 0),
            "a catch-up is no rebuild"
        );
    }
    world.assert_in_step();
    // A refresh is enough, and it goes no further than it is told.
    world.options.feature_ingest = false;
    world.restart();
    let more = walk(11, 90);
    world.ingest(&more[80..]);
    world.options.feature_ingest = true;
    world.restart();
    let report = world.run_one(refresh("A", more[84].time())).unwrap();
    assert_eq!(report.feature_head, Some(more[84].time()));
    assert_eq!(world.refresh().feature_head, Some(more[89].time()));
    world.assert_in_step();
}

#[test]
fn a_late_candle_takes_the_features_back_to_the_candle_before_it() {
    let mut world = World::usual();
    let candles = walk(12, 60);
    world.ingest(&candles[..50]);
    world.options.feature_ingest = false;
    world.restart();
    let report = world.ingest(&[corrected(&candles[30])]);
    assert_eq!((report.epoch, report.feature_head), (1, Some(candles[29].time())));
    world.ingest(&[corrected(&candles[45])]);
    assert_eq!(
        world.stored().state.feature_head,
        Some(candles[29].time()),
        "never forward"
    );
    world.options.feature_ingest = true;
    world.restart();
    world.ingest(&candles[50..]);
    world.assert_in_step();
    // The first candle of all: nothing is left.
    world.options.feature_ingest = false;
    world.restart();
    assert_eq!(world.ingest(&[corrected(&candles[0])]).feature_head, None);
}

#[test]
fn a_changed_setting_empties_the_features_even_if_they_are_switched_off() {
    let mut world = World::usual();
    let candles = walk(13, 60);
    world.ingest(&candles);
    world.options.feature_ingest = false;
    world.setup = setup(3, 40);
    world.restart();
    let report = world.refresh();
    assert_eq!(report.rebuilt.unwrap().reason, RebuildReason::Fingerprint);
    assert_eq!(
        (report.feature_head, report.factor_head),
        (None, Some(candles[59].time()))
    );
    world.options.feature_ingest = true;
    world.restart();
    assert_eq!(world.refresh().rebuilt, None);
    world.assert_in_step();
}

#[test]
fn without_a_factor_that_takes_part_there_are_no_features() {
    let mut world = World::usual();
    let specs: Vec<_> = FACTORS
        .iter()
        .map(|spec| FactorSpec {
            enable_feature: false,
            ..*spec
        })
        .collect();
    let graph = FactorGraph::build(&specs, &world.setup.settings).unwrap();
    world.setup.factors = Arc::new(graph);
    world.restart();
    let candles = walk(14, 30);
    let report = world.ingest(&candles);
    assert_eq!(
        (report.feature_head, report.overlay_head),
        (None, Some(candles[29].time()))
    );
    // It is no part of the fingerprint: taking part is no other result.
    world.setup = setup(2, 40);
    world.restart();
    assert_eq!(world.refresh().rebuilt, None);
    world.assert_in_step();
}
