//! Golden vectors: drawings, versions, active ids and patches, to the bit.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::{Value, json};
use tc_factor::{FactorGraph, FactorSettings, factors::FACTORS, testing::candles_from_csv};
use tc_market::CandleTime;

use super::Stored;
use crate::{FoldSetup, Instruction, OverlayGraph, OverlaySettings, SeriesFold, patch, renderers::RENDERERS};

struct Case {
    folder: PathBuf,
    params: Value,
    stored: Stored,
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn time(value: &Value) -> CandleTime {
    CandleTime::new(value.as_i64().unwrap()).unwrap()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().unwrap().iter()
}

impl Case {
    fn open(folder: &Path) -> Self {
        let params: Value = serde_json::from_str(&read(&folder.join("params.json"))).unwrap();
        let int = |name: &str| params[name].as_i64().unwrap();
        let settings =
            FactorSettings::with_pivot_windows(int("pivot_window_major"), int("pivot_window_minor"));
        let factors = Arc::new(FactorGraph::build(FACTORS, &settings).unwrap());
        let window = OverlaySettings {
            window_candles: u32::try_from(int("overlay_window_candles")).unwrap(),
        };
        let setup = FoldSetup {
            factors,
            overlay: Arc::new(OverlayGraph::build(RENDERERS, window).unwrap()),
            settings,
        };
        let candles = candles_from_csv(&read(&folder.join("candles.csv")));
        let series = params["series_id"].as_str().unwrap().parse().unwrap();
        Self {
            folder: folder.to_owned(),
            stored: Stored::new(setup, series, candles, 64),
            params,
        }
    }

    fn name(&self) -> &str {
        self.params["case"].as_str().unwrap()
    }

    fn times(&self) -> Vec<CandleTime> {
        list(&self.params["times"]).map(time).collect()
    }

    fn expected(&self, folder: &str, name: &str) -> Value {
        serde_json::from_str(&read(&self.folder.join(folder).join(format!("{name}.json")))).unwrap()
    }

    fn check_frame(&self, t: CandleTime, drawing: &[Instruction], how: &str) {
        let place = format!("{} at {t}, {how}", self.name());
        let frame = self.expected("frames", &t.to_string());
        let expected = expected_items(&frame["instructions"], &frame["versions"]);
        assert_items(drawing, &expected, &place);
        for window in list(&self.params["request_windows"]) {
            let tf = self.stored.series.timeframe().seconds();
            let from = t.shifted(-window.as_i64().unwrap() * tf);
            let active: BTreeSet<&str> = drawing
                .iter()
                .filter(|item| item.definition.touches(from, t))
                .map(|item| item.instruction_id.as_str())
                .collect();
            let expected: BTreeSet<&str> = list(&frame[format!("active_ids_window_{window}")])
                .map(|id| id.as_str().unwrap())
                .collect();
            assert_eq!(active, expected, "{place}: active in {window} candles");
        }
    }

    fn check_delta(&self, c: CandleTime, before: &[Instruction], after: &[Instruction], fold: &SeriesFold) {
        let t = fold.head().unwrap();
        let place = format!("{} from {c} to {t}", self.name());
        let delta = self.expected("deltas", &format!("{c}_{t}"));
        let expected = expected_items(&delta["changed"], &delta["versions"]);
        let found = patch(before, after);
        assert_items(&found, &expected, &place);
        assert!(
            found.is_sorted_by_key(|item| (item.version, item.instruction_id.clone())),
            "{place}"
        );
        if let Some(remembered) = fold.patch_since(c).unwrap() {
            assert_eq!(remembered, found, "{place}");
        }
        let ids = |drawing: &[Instruction]| -> BTreeSet<String> {
            drawing.iter().map(|item| item.instruction_id.clone()).collect()
        };
        let removed: BTreeSet<String> = ids(before).difference(&ids(after)).cloned().collect();
        let expected = list(&delta["removed_ids"]).map(|id| id.as_str().unwrap().to_owned());
        assert_eq!(removed, expected.collect(), "{place}: removed");
    }

    fn check(&self) {
        let mut live = self.stored.reader();
        let mut silent = self.stored.reader();
        let mut frames = BTreeMap::new();
        for (n, candle) in self.stored.candles.iter().enumerate() {
            let t = candle.time();
            self.stored.advance(&mut live, t, true);
            if !self.times().contains(&t) {
                continue;
            }
            let drawing = live.drawing().unwrap();
            self.check_frame(t, &drawing, "one by one");
            self.stored.advance(&mut silent, t, false);
            assert_eq!(silent.drawing().unwrap(), drawing, "in one go to {t}");
            let mut resumed = self.stored.resumed(&self.stored.setup, t);
            assert_eq!(resumed.head().is_some(), n >= 63, "from a checkpoint to {t}");
            self.stored.advance(&mut resumed, t, false);
            assert_eq!(resumed.drawing().unwrap(), drawing, "resumed for {t}");
            frames.insert(t, drawing);
            for pair in list(&self.params["deltas"]).filter(|pair| time(&pair[1]) == t) {
                let c = time(&pair[0]);
                self.check_delta(c, &frames[&c], &frames[&t], &live);
            }
        }
        assert_eq!(
            frames.len(),
            self.times().len(),
            "{}: every frame was read",
            self.name()
        );
    }
}

/// Id to `{kind, definition, version}`.
fn expected_items(items: &Value, versions: &Value) -> BTreeMap<String, Value> {
    list(items)
        .map(|item| {
            let id = item["instruction_id"].as_str().unwrap();
            let item = json!({
                "kind": item["kind"], "definition": item["definition"], "version": versions[id],
            });
            (id.to_owned(), item)
        })
        .collect()
}

fn assert_items(found: &[Instruction], expected: &BTreeMap<String, Value>, place: &str) {
    let ids: BTreeSet<&String> = found.iter().map(|item| &item.instruction_id).collect();
    assert_eq!(ids.len(), found.len(), "{place}: an id twice");
    assert_eq!(ids, expected.keys().collect(), "{place}");
    for item in found {
        let found = json!({
            "kind": item.definition.kind(), "definition": item.definition, "version": item.version.seconds(),
        });
        // Prices are positive: numbers that are equal have the same bits.
        assert_eq!(
            found, expected[&item.instruction_id],
            "{place}: {}",
            item.instruction_id
        );
    }
}

/// Cases of the repository, and those next to the checkout that are too large for it.
fn cases(wanted: impl Fn(&str) -> bool) -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut folders: BTreeMap<String, PathBuf> = BTreeMap::new();
    for base in ["golden/frames", "../shared/golden/frames"] {
        for entry in fs::read_dir(root.join(base)).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && wanted(&name) {
                folders.entry(name).or_insert(path);
            }
        }
    }
    folders.values().map(|folder| Case::open(folder)).collect()
}

const IN_REPOSITORY: [&str; 3] = [
    "regime_5m_window300",
    "walk_4h_defaults",
    "choppy_1m_small_window",
];

fn check(name: &str) {
    let [case] = &cases(|other| other == name)[..] else {
        panic!("{name} is in the repository");
    };
    case.check();
}

#[test]
fn window_shorter_than_the_series() {
    check(IN_REPOSITORY[0]);
}

#[test]
fn default_settings() {
    check(IN_REPOSITORY[1]);
}

#[test]
fn many_levels_in_a_small_window() {
    check(IN_REPOSITORY[2]);
}

/// Cases that lie next to the checkout only; none where there is only the checkout.
#[test]
fn further_cases() {
    for case in cases(|name| !IN_REPOSITORY.contains(&name)) {
        case.check();
    }
}
