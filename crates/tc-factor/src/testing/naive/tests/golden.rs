//! Golden vectors: every event, head and slice.

use serde_json::Value;

use super::super::{Naive, NaiveEvent, Settings};
use crate::{
    testing::difference,
    tests::golden::{Case, cases, json, read},
};

fn check(case: &Case) {
    let (major, minor) = (case.int("pivot_window_major"), case.int("pivot_window_minor"));
    let settings = Settings::new(major, minor, case.series.timeframe());
    let mut naive = Naive::new(settings);
    for candle in &case.candles {
        naive.step(candle);
        if case.slice_times.contains(&candle.time()) {
            let at = candle.time();
            let heads = json(&case.folder.join(format!("heads_{at}.json")));
            assert_eq!(
                difference(&naive.heads().to_json(), &heads),
                None,
                "{}: heads at {at}",
                case.name
            );
            check_slices(case, &naive, at.seconds());
        }
    }
    let text = read(&case.folder.join("events.jsonl"));
    let expected: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for (found, expected) in naive.events().iter().map(NaiveEvent::to_json).zip(&expected) {
        assert_eq!(difference(&found, expected), None, "{}: {expected}", case.name);
    }
    assert_eq!(
        naive.events().len(),
        expected.len(),
        "{}: number of events",
        case.name
    );
}

fn check_slices(case: &Case, naive: &Naive, at: i64) {
    let expected = json(&case.folder.join(format!("slices_{at}.json")));
    let found = naive.slices(case.int("window_candles")).to_json();
    let names: Vec<&str> = found.as_object().unwrap().keys().map(String::as_str).collect();
    let listed = expected["factors"].as_array().unwrap();
    assert_eq!(
        names.len(),
        listed.len(),
        "{}: slices at {at}: {names:?}",
        case.name
    );
    for name in names {
        let wanted = &expected["snapshots"][name];
        for part in ["history", "head"] {
            let differs = difference(&found[name][part], &wanted[part]);
            assert_eq!(differs, None, "{}: {part} of {name} at {at}", case.name);
        }
    }
}

#[test]
fn cases_of_the_repository_and_beside_it() {
    let cases = cases(|_| true);
    assert!(cases.len() >= 4, "the cases of the repository are there");
    for case in &cases {
        check(case);
    }
}
