//! The model against the contract: its worked examples, its golden vectors, and what it says of any series.

mod golden;

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{
    sr::{Status, crosses, status},
    zhongshu::Zones,
    *,
};
use crate::{
    testing::{
        candle,
        examples::{self, examples},
        one_minute,
    },
    tests::{candles, widths},
};

fn settings(major: i64, minor: i64) -> Settings {
    Settings::new(major, minor, one_minute())
}

#[test]
fn worked_examples() {
    for example in examples() {
        let mut naive = Naive::new(settings(example.major, example.minor));
        for candle in &example.candles {
            naive.step(candle);
            let heads = naive.heads().to_json();
            for factor in ["pivot", "pen", "zhongshu", "anchor", "sr"] {
                example.check_head(candle.time().seconds(), factor, heads.get(factor));
            }
        }
        let record = |event: &NaiveEvent| {
            (
                event.visible_time,
                event.kind().to_owned(),
                event.key(),
                event.payload_json(),
            )
        };
        example.check_events(naive.events().iter().map(record));
    }
}

fn example(name: &str) -> examples::Example {
    examples()
        .into_iter()
        .find(|example| example.name.starts_with(name))
        .unwrap()
}

/// A model after the candle at `time`.
fn at(example: &examples::Example, time: i64) -> Naive {
    fold(
        up_to(&example.candles, time),
        settings(example.major, example.minor),
    )
}

#[test]
fn the_anchor_takes_the_strength_of_its_pen_even_if_it_is_smaller() {
    let pen_confirmed = example("14.3");
    let strength = |example, time| at(example, time).anchor.strength;
    assert_eq!(strength(&pen_confirmed, 240), None);
    assert_eq!(strength(&pen_confirmed, 300), Some(8.0));
    // At 480 the zone's entry is the anchor already: nothing is emitted.
    assert_eq!(strength(&pen_confirmed, 480), Some(8.0));
    assert_eq!(strength(&pen_confirmed, 660), Some(21.0));
    let price_cross = example("14.4");
    assert_eq!(strength(&price_cross, 540), Some(19.0));
    assert_eq!(strength(&price_cross, 600), Some(5.0));
}

#[test]
fn levels_are_ordered_by_distance_and_the_older_of_two_near_ones_goes() {
    let example = example("14.5");
    let last = at(&example, 540).snapshot.unwrap();
    let [support, resistance] = last.levels.as_slice() else {
        panic!("{last:?}");
    };
    assert_eq!(
        (support.price, support.count, support.level_type),
        (99.0, 2, Side::Support)
    );
    assert_eq!((support.band_low, support.band_high), (99.0, 102.0));
    assert_eq!(
        support.band_width_atr.to_bits(),
        0.879_581_151_832_460_8_f64.to_bits()
    );
    assert_eq!(
        (resistance.first_idx, resistance.last_idx, resistance.count),
        (4, 7, 3)
    );
    assert_eq!(
        (resistance.price, resistance.level_score, resistance.band_low),
        (103.8, 0.875, 101.0)
    );
    assert_eq!(
        resistance.band_high.to_bits(),
        103.800_000_000_000_01_f64.to_bits()
    );
    assert_eq!(
        resistance.band_width_atr.to_bits(),
        0.767_123_287_671_232_2_f64.to_bits()
    );
}

#[test]
fn crossings_are_counted_between_closes_off_the_line() {
    assert_eq!(crosses([11.0, 9.0, 11.0, 9.0, 11.0].into_iter(), 10.0, 0.5), 4);
    assert_eq!(crosses([11.0, 10.5, 9.5, 10.0, 11.0].into_iter(), 10.0, 0.5), 0);
    let walk = |closes: &[f64]| {
        let current = closes[closes.len() - 1];
        status((1..).zip(closes.iter().copied()), 10.0, 0.5, current)
    };
    assert_eq!(
        walk(&[11.0, 9.0, 11.0, 10.5, 9.5, 9.0]),
        (Status::Broken, None, Some(6))
    );
    assert_eq!(
        walk(&[11.0, 9.0, 10.5, 11.0]),
        (Status::Flip, Some("up"), Some(4))
    );
    assert_eq!(
        walk(&[11.0, 9.0, 11.0, 10.5, 9.5, 10.5]),
        (Status::Flip, None, Some(3))
    );
    assert_eq!(walk(&[11.0, 10.0]), (Status::Active, None, None));
}

/// `start-end from->to @visible`, as the contract writes pens.
fn pens(text: &str) -> Vec<Pen> {
    let pen = |text: &str| {
        let words: Vec<i64> = text
            .split([' ', '-', '>', '@'])
            .filter_map(|word| word.parse().ok())
            .collect();
        let prices: Vec<f64> = text
            .split([' ', '-', '>', '@'])
            .filter_map(|word| word.parse().ok())
            .collect();
        let (start_price, end_price) = (prices[2], prices[3]);
        Pen {
            start_time: words[0],
            end_time: words[1],
            start_price,
            end_price,
            direction: if end_price > start_price { 1 } else { -1 },
            visible_time: *words.last().unwrap(),
            start_idx: 0,
            end_idx: 0,
        }
    };
    text.split(',').map(|text| pen(text.trim())).collect()
}

#[test]
fn a_pen_that_touches_the_edge_of_a_zone_does_not_end_it() {
    let mut zones = Zones::default();
    let mut formed = Vec::new();
    for pen in pens("10-20 100->130 @100, 20-30 130->110 @200, 30-40 110->125 @300, 40-50 125->115 @400") {
        let (entry, dead) = zones.on_pen(&pen);
        assert_eq!(dead, None);
        formed.extend(entry.map(|entry| (entry.start_time, pen.visible_time)));
    }
    assert_eq!(formed, [(10, 400)]);
    let zone = zones.alive.clone().unwrap();
    assert_eq!((zone.zd, zone.zg, zone.formed_time), (115.0, 125.0, 400));
    for pen in pens("50-60 125->140 @500, 60-70 115->100 @600") {
        assert_eq!(zones.on_pen(&pen), (None, None));
    }
    let (entry, dead) = zones.on_pen(&pens("70-80 125.5->140 @700")[0]);
    assert_eq!(entry, None);
    let dead = dead.unwrap();
    assert_eq!((dead.death_time, dead.zone.end_time), (700, 70));
    assert_eq!(zones.reseed_floor, 60);
    assert_eq!(zones.alive, None);
}

#[test]
fn a_price_that_crosses_makes_no_zone_outside_of_the_entry() {
    let mut zones = Zones::default();
    for pen in pens("10-20 128->140 @100, 20-30 140->110 @200, 30-40 110->125 @300") {
        zones.on_pen(&pen);
    }
    assert_eq!(zones.on_candle(&candle(300, 112.0, 113.0, 109.0, 112.0)), None);
    assert_eq!(zones.alive, None);
    assert_eq!(
        zones.pending.unwrap().cross_time,
        Some(300),
        "the crossing is remembered"
    );
}

/// Steps 1 and 2 of 9.3 and the rules of 9.4 on a series that needs them.
#[test]
fn slices_show_each_anchor_once_and_a_stronger_candidate() {
    let example = example("14.3");
    let slices = at(&example, 660).slices(2000);
    let anchor = slices.anchor.unwrap();
    assert_eq!(
        anchor
            .switches
            .iter()
            .map(|row| row.new_anchor.start_time)
            .collect::<Vec<_>>(),
        [120, 540]
    );
    // The candidate of 4 is weaker than the extending leg that is the anchor.
    assert_eq!(anchor.current.unwrap().start_time, 540);
    // With the first pens out of the window the strength of the anchor is unknown: any candidate is shown.
    let early = at(&example, 480);
    assert_eq!(early.heads().anchor.unwrap().unwrap().start_time, 120);
    let narrow = early.slices(1).anchor.unwrap();
    let candidate = early.heads().pen.unwrap().candidate;
    assert_eq!(
        narrow.current.unwrap().start_time,
        candidate.map_or(120, |leg| leg.start_time)
    );
    assert!(at(&example, 600).slices(1).sr.is_some());
}

proptest! {
    #[test]
    fn keys_are_unique_and_heads_follow_from_the_history(candles in candles(0..160), (major, minor) in widths()) {
        let mut naive = Naive::new(settings(major, minor));
        for candle in &candles {
            naive.step(candle);
            let (heads, t) = (naive.heads(), candle.time().seconds());
            let pens: Vec<Pen> = naive.events().iter().filter_map(|event| match &event.payload {
                NaivePayload::Pen(pen) => Some(pen.clone()),
                _ => None,
            }).collect();
            // 5.4 and 6.7 over the whole history are the heads.
            prop_assert_eq!(heads.pen.is_some(), !pens.is_empty());
            if let Some(head) = heads.pen {
                prop_assert_eq!(pen_head(&naive.majors, naive.candles(), t), head);
            }
            if let Some(zone) = heads.zhongshu {
                prop_assert_eq!(alive_in_window(&pens, naive.candles(), t), zone);
            }
        }
        let keys: BTreeSet<_> = naive.events().iter().map(|event| (event.factor(), event.key())).collect();
        prop_assert_eq!(keys.len(), naive.events().len());
    }
}
