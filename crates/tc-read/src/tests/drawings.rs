//! Golden drawings through the whole path: pipeline, store, read model. D(t), versions, active ids and patches, read
//! while the candle was the newest and after everything was there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::{Value, json};
use tc_factor::{FactorGraph, FactorSettings, factors::FACTORS, testing};
use tc_market::{Candle, CandleTime};
use tc_overlay::{FoldSetup, Instruction, OverlayGraph, OverlaySettings, renderers::RENDERERS};
use tc_store::Storage;

use super::{World, reader};
use crate::{DrawDelta, DrawQuery, ReadModel};

struct Case {
    folder: PathBuf,
    params: Value,
    candles: Vec<Candle>,
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().unwrap().iter()
}

fn ids(value: &Value) -> Vec<&str> {
    list(value).map(|id| id.as_str().unwrap()).collect()
}

impl Case {
    fn open(folder: PathBuf) -> Self {
        Self {
            params: serde_json::from_str(&read(&folder.join("params.json"))).unwrap(),
            candles: testing::candles_from_csv(&read(&folder.join("candles.csv"))),
            folder,
        }
    }

    fn int(&self, name: &str) -> i64 {
        self.params[name].as_i64().unwrap()
    }

    fn file(&self, folder: &str, name: &str) -> Value {
        serde_json::from_str(&read(&self.folder.join(folder).join(format!("{name}.json")))).unwrap()
    }

    fn setup(&self) -> FoldSetup {
        let settings = FactorSettings::with_pivot_windows(
            self.int("pivot_window_major"),
            self.int("pivot_window_minor"),
        );
        let window = OverlaySettings {
            window_candles: u32::try_from(self.int("overlay_window_candles")).unwrap(),
        };
        FoldSetup {
            factors: Arc::new(FactorGraph::build(FACTORS, &settings).unwrap()),
            overlay: Arc::new(OverlayGraph::build(RENDERERS, window).unwrap()),
            settings,
        }
    }

    /// Feeds the candles in batches of these lengths, again from the first length when they are used up, and with a
    /// restart after every so many batches.
    fn check(&self, lengths: &[usize], restart_every: usize) {
        let series = self.params["series_id"].as_str().unwrap().parse().unwrap();
        let mut world = World::new(series, self.setup());
        let times: BTreeSet<i64> = list(&self.params["times"]).map(|t| t.as_i64().unwrap()).collect();
        let mut rest = &self.candles[..];
        for (n, length) in lengths.iter().cycle().enumerate() {
            let (batch, later) = rest.split_at((*length).min(rest.len()));
            rest = later;
            if n % restart_every == restart_every - 1 {
                world.restart_writer();
                world.reader = reader(&world.setup);
            }
            world.ingest(batch);
            let newest = batch.last().map(|last| last.time().seconds());
            if let Some(t) = newest.filter(|t| times.contains(t)) {
                self.check_frame(&world, &world.reader, t, None);
            }
            if rest.is_empty() {
                break;
            }
        }
        let cold = reader(&world.setup);
        for reader in [&world.reader, &cold] {
            for t in &times {
                self.check_frame(&world, reader, *t, Some(*t));
            }
            for pair in list(&self.params["deltas"]) {
                let [c, t] = [&pair[0], &pair[1]].map(|time| time.as_i64().unwrap());
                self.check_delta(&world, reader, c, t);
            }
        }
    }

    fn delta(world: &World, reader: &ReadModel, cursor: i64, at_time: Option<i64>, window: u32) -> DrawDelta {
        let query = DrawQuery {
            cursor,
            window_candles: window,
            at_time,
        };
        let snapshot = world.storage.snapshot().unwrap();
        reader.draw_delta(&*snapshot, &world.series, &query).unwrap()
    }

    fn check_frame(&self, world: &World, reader: &ReadModel, t: i64, at_time: Option<i64>) {
        let place = format!("{} at {t}", self.folder.display());
        let frame = self.file("frames", &t.to_string());
        for window in list(&self.params["request_windows"]) {
            let candles = u32::try_from(window.as_i64().unwrap()).unwrap();
            let found = Self::delta(world, reader, 0, at_time, candles);
            assert_eq!(found.to.map(CandleTime::seconds), Some(t), "{place}");
            assert_items(&found.patch, &frame["instructions"], &frame["versions"], &place);
            let active = ids(&frame[format!("active_ids_window_{window}")]);
            let active: BTreeSet<&str> = active.into_iter().collect();
            assert!(
                found.active_ids.iter().eq(active),
                "{place}: active in {window} candles"
            );
        }
    }

    fn check_delta(&self, world: &World, reader: &ReadModel, c: i64, t: i64) {
        let place = format!("{} from {c} to {t}", self.folder.display());
        let delta = self.file("deltas", &format!("{c}_{t}"));
        let whole = |at: i64| {
            let drawing = Self::delta(world, reader, 0, Some(at), 2000).patch;
            let ids = drawing.into_iter().map(|item| item.instruction_id);
            ids.collect::<BTreeSet<String>>()
        };
        let patch = Self::delta(world, reader, c, Some(t), 2000).patch;
        assert_items(&patch, &delta["changed"], &delta["versions"], &place);
        assert!(
            patch.is_sorted_by_key(|item| (item.version, item.instruction_id.clone())),
            "{place}"
        );
        let (before, after) = (whole(c), whole(t));
        let removed: BTreeSet<&str> = before.difference(&after).map(String::as_str).collect();
        assert_eq!(
            removed,
            ids(&delta["removed_ids"]).into_iter().collect(),
            "{place}"
        );
    }
}

fn assert_items(found: &[Instruction], items: &Value, versions: &Value, place: &str) {
    let found: BTreeMap<&str, Value> = found
        .iter()
        .map(|item| {
            let json = json!({
                "kind": item.definition.kind(), "definition": item.definition, "version": item.version.seconds(),
            });
            (item.instruction_id.as_str(), json)
        })
        .collect();
    let expected: BTreeMap<&str, Value> = list(items)
        .map(|item| {
            let id = item["instruction_id"].as_str().unwrap();
            let json = json!({
                "kind": item["kind"], "definition": item["definition"], "version": versions[id],
            });
            (id, json)
        })
        .collect();
    assert!(
        found.keys().eq(expected.keys()),
        "{place}: {:?} for {:?}",
        found.keys(),
        expected.keys()
    );
    for (id, item) in found {
        assert_eq!(item, expected[id], "{place}: {id}");
    }
}

/// A case of the repository.
fn check(name: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden/frames");
    let case = Case::open(root.join(name));
    case.check(&[case.candles.len()], usize::MAX);
    case.check(&[1], usize::MAX);
    case.check(&[7, 1, 64, 3, 19, 2, 2, 130], 1);
    case.check(&[1], 50);
}

#[test]
fn small_window() {
    check("choppy_1m_small_window");
}

#[test]
fn window_of_300() {
    check("regime_5m_window300");
}

#[test]
fn default_settings() {
    check("walk_4h_defaults");
}

/// Cases that lie next to the checkout only; none where there is only the checkout.
#[test]
fn further_cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/golden/frames");
    for name in ["ties_15m_gaps", "trend_1h"] {
        let folder = root.join(name);
        if folder.is_dir() {
            let case = Case::open(folder);
            case.check(&[case.candles.len()], usize::MAX);
            case.check(&[64, 3, 19, 2, 1, 130], 3);
        }
    }
}
