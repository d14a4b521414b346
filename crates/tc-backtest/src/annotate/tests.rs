mod refusals;

use std::{fs, path::Path, sync::Arc};

use proptest::prelude::*;
use serde_json::Value;
use tc_factor::{
    FactorGraph, FactorSettings, FeatureValue,
    factors::FACTORS,
    testing::{candles_from_csv, events_of, graph, market, moves, one_minute, prices, walk},
};

use super::*;

fn set(major: i64, minor: i64) -> SignalSet {
    SignalSet::build(SIGNALS, &graph(major, minor)).unwrap()
}

fn annotated(candles: &[Candle]) -> Annotation {
    annotate_candles(&set(2, 1), one_minute(), candles)
}

/// Rows whose flag is set.
fn flagged(annotation: &Annotation, column: &str) -> Vec<usize> {
    let values = annotation.column(column).unwrap().iter().enumerate();
    values
        .filter(|(_, value)| **value == Some(1))
        .map(|(row, _)| row)
        .collect()
}

/// The columns of these rows.
fn rows(annotation: &Annotation, of: impl Iterator<Item = usize> + Clone) -> Vec<Vec<Option<i64>>> {
    let columns = annotation.columns.iter();
    columns
        .map(|column| of.clone().map(|row| column.values[row]).collect())
        .collect()
}

#[test]
fn waves_have_pens_of_both_ways() {
    let candles = prices("1 2 5 2 1 2 5 2 1 2 5 2 1");
    let annotation = annotated(&candles);
    assert_eq!(annotation.reason, None);
    let names: Vec<&str> = annotation.columns.iter().map(|column| column.name).collect();
    assert_eq!(
        names,
        [
            "tc_ok",
            "tc_pen_confirmed",
            "tc_pen_dir",
            "tc_enter_long",
            "tc_enter_short"
        ]
    );
    assert_eq!(flagged(&annotation, "tc_ok").len(), candles.len());
    let confirmed = flagged(&annotation, "tc_pen_confirmed");
    assert!(!confirmed.is_empty());
    let directions = annotation.column("tc_pen_dir").unwrap();
    for (row, direction) in directions.iter().enumerate() {
        assert_eq!(direction.is_some(), confirmed.contains(&row));
        let [long, short] =
            ["tc_enter_long", "tc_enter_short"].map(|name| annotation.column(name).unwrap()[row] == Some(1));
        assert_eq!((long, short), (*direction == Some(1), *direction == Some(-1)));
    }
    assert!(!flagged(&annotation, "tc_enter_long").is_empty());
    assert!(!flagged(&annotation, "tc_enter_short").is_empty());
}

#[test]
fn only_factors_that_are_read_run() {
    assert_eq!(set(50, 5).factors().names().collect::<Vec<_>>(), ["pivot", "pen"]);
}

#[test]
fn facts_are_those_of_the_feature_vectors() {
    let whole = graph(3, 2);
    let candles = market(5, 3_000);
    let events = events_of(&whole, &candles);
    let set = SignalSet::build(SIGNALS, &whole).unwrap();
    let mut recorder = set.recorder(&whole);
    recorder.push(&events).unwrap();
    let facts = recorder.finish();
    let features = whole.features();
    let column = |key: &str| features.keys().iter().position(|known| &**known == key).unwrap();
    let (count, direction) = (column("pen_confirmed_count"), column("pen_confirmed_direction"));
    let expected: Vec<BucketRow> = features
        .rows(&events)
        .unwrap()
        .iter()
        .filter_map(|row| match row.values[count] {
            Some(FeatureValue::Float(counted)) if counted > 0.0 => Some(BucketRow {
                candle_time: row.time,
                count: format!("{counted}").parse().unwrap(),
                direction: row.values[direction],
            }),
            _ => None,
        })
        .collect();
    assert!(expected.len() > 50);
    assert_eq!(facts.rows("pen_confirmed"), expected);
    // The ledger of all factors says the same as folding those that are needed.
    let times: Vec<CandleTime> = candles.iter().map(Candle::time).collect();
    assert_eq!(
        annotate_times(&set, &times, &facts),
        annotate_candles(&set, one_minute(), &candles)
    );
}

#[test]
fn recorded_features_make_the_recorded_columns() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden/factors");
    let mut pens = 0;
    for case in fs::read_dir(root).unwrap() {
        let folder = case.unwrap().path();
        let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
        let params: Value = serde_json::from_str(&read("params.json")).unwrap();
        let int = |name: &str| params[name].as_i64().unwrap();
        let candles = candles_from_csv(&read("candles.csv"));
        let set = set(int("pivot_window_major"), int("pivot_window_minor"));
        let timeframe = params["timeframe"].as_str().unwrap().parse().unwrap();
        let annotation = annotate_candles(&set, timeframe, &candles);
        let mut expected = vec![None; candles.len()];
        for line in read("features.jsonl").lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            let time = row["candle_time"].as_i64().unwrap();
            let place = candles.iter().position(|candle| candle.time().seconds() == time);
            expected[place.unwrap()] = row["values"]["pen_confirmed_direction"].as_i64();
        }
        assert_eq!(
            annotation.column("tc_pen_dir").unwrap(),
            expected,
            "{}",
            folder.display()
        );
        pens += expected.iter().flatten().count();
    }
    assert!(pens > 20, "{pens}");
}

const PIVOTS: SignalSpec = SignalSpec {
    name: "signal.top",
    depends_on: &["signal.pen_direction"],
    buckets: &[BucketSpec {
        factor: "pivot",
        event_kind: "pivot.minor",
        bucket: "minor",
    }],
    columns: &[ColumnSpec {
        name: "tc_top",
        default: Some(-7),
    }],
    apply: |facts, sheet| {
        for row in facts.rows("minor") {
            if row.direction == Some(FeatureValue::Text("resistance")) {
                let long = sheet.value(row.candle_time, "tc_enter_long");
                sheet.set(row.candle_time, "tc_top", 10 + long.unwrap_or(-1));
            }
        }
    },
};

#[test]
fn a_signal_of_ones_own_fills_its_column_and_reads_those_before_it() {
    let set = SignalSet::build(&[PIVOTS, SIGNALS[0]], &graph(2, 1)).unwrap();
    let names: Vec<_> = set.signals().iter().map(|signal| signal.name).collect();
    assert_eq!(names, ["signal.pen_direction", "signal.top"]);
    let annotation = annotate_candles(&set, one_minute(), &walk(&moves(3, 400)));
    let tops = annotation.column("tc_top").unwrap();
    let long = annotation.column("tc_enter_long").unwrap();
    assert!(tops.contains(&Some(10)) && tops.contains(&Some(-7)), "{tops:?}");
    for (top, long) in tops.iter().zip(long) {
        assert!(*top == Some(-7) || *top == long.map(|long| 10 + long));
    }
}

#[test]
fn signals_of_factors_that_do_not_run_stay_neutral() {
    let graph = graph(2, 1);
    let candles = walk(&moves(3, 400));
    let set = SignalSet::build(&[PIVOTS, SIGNALS[0]], &graph).unwrap();
    let limited = set.clone().limited_to(&["pivot"], &graph).unwrap();
    // The one signal has no pens, the other depends on it: nothing has to run.
    assert_eq!(limited.factors().names().count(), 0);
    let neutral = Annotation::neutral(limited.signals(), candles.len(), None);
    assert_eq!(annotate_candles(&limited, one_minute(), &candles), neutral);
    let all = set.clone().limited_to(&["pen"], &graph).unwrap();
    assert_eq!(
        annotate_candles(&all, one_minute(), &candles),
        annotate_candles(&set, one_minute(), &candles)
    );
    let unknown = set.limited_to(&["moon"], &graph).unwrap_err();
    assert_eq!(unknown.to_string(), "factors:unknown_factor:moon");
}

#[test]
fn parameters_reach_the_factors() {
    let candles = market(5, 2_000);
    let pens = |major, minor| {
        let annotation = annotate_candles(&set(major, minor), one_minute(), &candles);
        flagged(&annotation, "tc_pen_confirmed").len()
    };
    assert!(pens(2, 1) > 2 * pens(20, 5));
}

proptest! {
    #[test]
    fn a_prefix_has_the_rows_of_the_whole(
        moves in prop::collection::vec(0u16..4_000, 1..300), at in any::<prop::sample::Index>(),
    ) {
        let candles = walk(&moves);
        let whole = annotated(&candles);
        let cut = at.index(candles.len()) + 1;
        let part = annotated(&candles[..cut]);
        prop_assert_eq!(rows(&part, 0..cut), rows(&whole, 0..cut));
    }

    #[test]
    fn many_small_calls_say_what_one_large_says(moves in prop::collection::vec(0u16..4_000, 1..120)) {
        let candles = walk(&moves);
        let whole = annotated(&candles);
        for row in 0..candles.len() {
            let step = annotated(&candles[..=row]);
            prop_assert_eq!(rows(&step, row..row + 1), rows(&whole, row..row + 1));
        }
    }

    #[test]
    fn rows_keep_their_order(
        (candles, mixed) in prop::collection::vec(0u16..4_000, 1..200).prop_flat_map(|moves| {
            let candles = walk(&moves);
            let places: Vec<usize> = (0..candles.len()).collect();
            (Just(candles), Just(places).prop_shuffle())
        }),
    ) {
        let ordered = annotated(&candles);
        let shuffled: Vec<Candle> = mixed.iter().map(|place| candles[*place]).collect();
        let annotation = annotated(&shuffled);
        prop_assert_eq!(&annotation.reason, &None);
        prop_assert_eq!(rows(&annotation, 0..candles.len()), rows(&ordered, mixed.iter().copied()));
    }
}

#[test]
fn two_candles_of_one_time_are_out_of_sync() {
    let mut candles = prices("1 2 5 2 1 2 5 2 1");
    candles.push(candles[3]);
    let annotation = annotated(&candles);
    let expected = Annotation::neutral(SIGNALS, candles.len(), Some(Reason::LedgerOutOfSync));
    assert_eq!(annotation, expected);
    assert_eq!(flagged(&annotation, "tc_ok"), Vec::<usize>::new());
}

#[test]
fn facts_of_candles_outside_of_the_frame_are_passed_over() {
    let graph = graph(2, 1);
    let set = SignalSet::build(SIGNALS, &graph).unwrap();
    let candles = prices("1 2 5 2 1 2 5 2 1 2 5 2 1");
    let mut recorder = set.recorder(&graph);
    recorder.push(&events_of(&graph, &candles)).unwrap();
    let times: Vec<CandleTime> = candles[6..9].iter().map(Candle::time).collect();
    let part = annotate_times(&set, &times, &recorder.finish());
    let whole = annotated(&candles);
    assert_eq!(rows(&part, 0..3), rows(&whole, 6..9));
}

#[test]
fn an_empty_frame_has_columns() {
    let annotation = annotated(&[]);
    assert_eq!(annotation.reason, None);
    assert_eq!(annotation.columns.len(), 5);
    assert!(annotation.columns.iter().all(|column| column.values.is_empty()));
}
