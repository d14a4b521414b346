//! Golden vectors through the whole path: pipeline, store, read model. Events, features, and slices at the recorded
//! candles, read while they were newest and after everything was there.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::{Map, Value};
use tc_factor::{FactorGraph, FactorSettings, factors::FACTORS, testing};
use tc_market::{Candle, CandleTime};
use tc_overlay::{FoldSetup, OverlayGraph, OverlaySettings, renderers::RENDERERS};
use tc_store::Storage;

use super::{World, reader};
use crate::{FeatureQuery, ReadModel, SliceQuery, SliceSelection};

struct Case {
    folder: PathBuf,
    params: Value,
    candles: Vec<Candle>,
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

impl Case {
    fn open(name: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden/factors");
        let folder = root.join(name);
        Self {
            params: serde_json::from_str(&read(&folder.join("params.json"))).unwrap(),
            candles: testing::candles_from_csv(&read(&folder.join("candles.csv"))),
            folder,
        }
    }

    fn int(&self, name: &str) -> i64 {
        self.params[name].as_i64().unwrap()
    }

    fn setup(&self) -> FoldSetup {
        let settings = FactorSettings::with_pivot_windows(
            self.int("pivot_window_major"),
            self.int("pivot_window_minor"),
        );
        FoldSetup {
            factors: Arc::new(FactorGraph::build(FACTORS, &settings).unwrap()),
            overlay: Arc::new(OverlayGraph::build(RENDERERS, OverlaySettings::default()).unwrap()),
            settings,
        }
    }

    /// Feeds the candles in batches of these lengths, again from the first length when they are used up, and with a
    /// restart after every so many batches.
    fn check(&self, lengths: &[usize], restart_every: usize) {
        let series = self.params["series_id"].as_str().unwrap().parse().unwrap();
        let mut world = World::new(series, self.setup());
        let mut rest = &self.candles[..];
        for (n, length) in lengths.iter().cycle().enumerate() {
            let (batch, later) = rest.split_at((*length).min(rest.len()));
            rest = later;
            if n % restart_every == restart_every - 1 {
                world.restart_writer();
                world.reader = reader(&world.setup);
            }
            let report = world.ingest(batch);
            assert_eq!((report.rebuilt, report.epoch), (None, 0));
            for at in self
                .slice_times()
                .filter(|at| batch.last().is_some_and(|last| last.time() == *at))
            {
                self.check_slices(&world, &world.reader, at);
            }
            if rest.is_empty() {
                break;
            }
        }
        self.check_events(&world);
        self.check_features(&world);
        for at in self.slice_times() {
            self.check_slices(&world, &world.reader, at);
            self.check_slices(&world, &reader(&world.setup), at);
        }
    }

    fn slice_times(&self) -> impl Iterator<Item = CandleTime> + '_ {
        let times = self.params["slice_times"].as_array().unwrap().iter();
        times.map(|time| CandleTime::clamped(time.as_i64().unwrap()))
    }

    fn check_events(&self, world: &World) {
        let graph = &world.setup.factors;
        let snapshot = world.storage.snapshot().unwrap();
        let key = snapshot.series_key(&world.series).unwrap().unwrap();
        let events = snapshot.events(key, CandleTime::MIN, CandleTime::MAX).unwrap();
        let found = testing::lines(graph, &events);
        let mut found = found.lines();
        let expected = read(&self.folder.join("events.jsonl"));
        let expected = expected
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        for event in expected.filter(|event| exists(graph, &event["factor_name"])) {
            let line = found.next().expect("as many events as recorded");
            let (head, payload) = line.split_at(line.find(" {").unwrap());
            let word = |name: &str| event[name].as_str().unwrap();
            assert_eq!(
                head,
                format!("{} {} {}", event["candle_time"], word("kind"), word("event_key"))
            );
            // Prices are positive: numbers that are equal have the same bits.
            assert_eq!(
                serde_json::from_str::<Value>(payload).unwrap(),
                event["payload"],
                "{head}"
            );
        }
        assert_eq!(found.next(), None);
    }

    fn check_features(&self, world: &World) {
        let graph = &world.setup.factors;
        let snapshot = world.storage.snapshot().unwrap();
        let query = FeatureQuery {
            at_time: None,
            window_candles: 5000,
        };
        let batch = world.reader.features(&*snapshot, &world.series, &query).unwrap();
        assert_eq!(batch.aligned, self.candles.last().map(Candle::time));
        let mut rows = batch.rows.iter().filter_map(|row| {
            let cells = batch.columns.iter().zip(&row.values);
            let cells = cells.filter_map(|(column, value)| {
                Some((column.key.to_string(), testing::feature_json((*value)?)))
            });
            let cells: Map<_, _> = cells
                .filter(|(key, _)| testing::compares_feature(graph, key))
                .collect();
            (!cells.is_empty()).then(|| (row.time.seconds(), cells))
        });
        for line in read(&self.folder.join("features.jsonl")).lines() {
            let mut row: Value = serde_json::from_str(line).unwrap();
            let time = row["candle_time"].as_i64().unwrap();
            let expected = row["values"].as_object_mut().unwrap();
            expected.retain(|key, _| testing::compares_feature(graph, key));
            if !expected.is_empty() {
                assert_eq!(rows.next().as_ref(), Some(&(time, expected.clone())));
            }
        }
        assert_eq!(rows.next(), None);
    }

    fn check_slices(&self, world: &World, reader: &ReadModel, at: CandleTime) {
        let snapshot = world.storage.snapshot().unwrap();
        let query = SliceQuery {
            at_time: at.seconds(),
            window_candles: u32::try_from(self.int("window_candles")).unwrap(),
            selection: SliceSelection::default(),
        };
        let slices = reader.slices(&*snapshot, &world.series, &query).unwrap();
        assert_eq!((slices.aligned, slices.epoch), (Some(at), 0));
        let expected: Value =
            serde_json::from_str(&read(&self.folder.join(format!("slices_{at}.json")))).unwrap();
        let names = expected["factors"].as_array().unwrap().iter();
        let names = names.filter(|name| exists(&world.setup.factors, name));
        let mut slices = slices.factors;
        slices.retain(|slice| testing::RECORDED_FACTORS.contains(&slice.factor_name));
        let found: Vec<&str> = slices.iter().map(|slice| slice.factor_name).collect();
        assert_eq!(
            found,
            names.map(|name| name.as_str().unwrap()).collect::<Vec<_>>()
        );
        for slice in slices {
            let recorded = &expected["snapshots"][slice.factor_name];
            let json = |bytes: &[u8]| serde_json::from_slice::<Map<String, Value>>(bytes).unwrap();
            let place = format!("{} at {at}", slice.factor_name);
            assert_eq!(
                Value::Object(json(&slice.history)),
                recorded["history"],
                "{place}"
            );
            assert_eq!(Value::Object(json(&slice.head)), recorded["head"], "{place}");
        }
    }
}

fn exists(graph: &FactorGraph, factor: &Value) -> bool {
    graph.names().any(|name| Some(name) == factor.as_str())
}

fn check(name: &str) {
    let case = Case::open(name);
    let whole = case.candles.len();
    case.check(&[whole], usize::MAX);
    case.check(&[1], usize::MAX);
    case.check(&[1], 50);
    case.check(&[7, 1, 64, 3, 19, 2, 2, 130], 1);
}

#[test]
fn plain_walk() {
    check("g1_plain_1m");
}

#[test]
fn flat_ticks() {
    check("g3_flat_ticks_1m");
}

#[test]
fn wave_with_gaps() {
    check("g4_wave_gaps_15m");
}

#[test]
fn minor_wider_than_half_of_major() {
    check("g5_minor_wider_1h");
}
