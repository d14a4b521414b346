//! Golden vectors: events, heads, slices and features of the factors that exist, to the bit.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::{Map, Value};
use tc_market::{Candle, CandleTime, SeriesId};

use crate::{
    Checkpoint, FactorEngine, FactorGraph, FactorSettings, Fingerprint, FoldMode, LedgerEvent, SliceInput,
    SlicePart, WindowEvents,
    factors::FACTORS,
    testing::{
        RECORDED_FACTORS, candles_from_csv, compares_feature, complete, difference, feature_json, lines,
    },
};

pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    params: Value,
    pub(crate) series: SeriesId,
    graph: Arc<FactorGraph>,
    pub(crate) candles: Vec<Candle>,
    window_s: i64,
    pub(crate) slice_times: Vec<CandleTime>,
}

/// How the candles of a case reach the engine.
#[derive(Clone, Copy)]
enum Feed {
    /// Without interruption.
    Whole,
    /// With a restart after every so many candles.
    Restarts(u64),
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn json(path: &Path) -> Value {
    serde_json::from_str(&read(path)).unwrap()
}

impl Case {
    fn open(folder: &Path) -> Self {
        let params = json(&folder.join("params.json"));
        let int = |name: &str| params[name].as_i64().unwrap();
        let settings =
            FactorSettings::with_pivot_windows(int("pivot_window_major"), int("pivot_window_minor"));
        Self {
            name: folder.file_name().unwrap().to_string_lossy().into_owned(),
            folder: folder.to_owned(),
            series: params["series_id"].as_str().unwrap().parse().unwrap(),
            graph: Arc::new(FactorGraph::build(FACTORS, &settings).unwrap()),
            candles: candles_from_csv(&read(&folder.join("candles.csv"))),
            window_s: int("window_candles") * int("timeframe_seconds"),
            slice_times: params["slice_times"]
                .as_array()
                .unwrap()
                .iter()
                .map(|time| CandleTime::clamped(time.as_i64().unwrap()))
                .collect(),
            params,
        }
    }

    /// A whole number of the case's parameters.
    pub(crate) fn int(&self, name: &str) -> i64 {
        self.params[name].as_i64().unwrap()
    }

    fn exists(&self, factor: &Value) -> bool {
        self.graph.names().any(|name| Some(name) == factor.as_str())
    }

    /// `visible kind key payload` of every event of a factor that exists.
    fn expected_events(&self) -> Vec<(String, Value)> {
        let text = read(&self.folder.join("events.jsonl"));
        let events = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        events
            .filter(|event| self.exists(&event["factor_name"]))
            .map(|mut event| {
                let word = |name: &str| event[name].as_str().unwrap().to_owned();
                let head = format!("{} {} {}", event["candle_time"], word("kind"), word("event_key"));
                (head, event["payload"].take())
            })
            .collect()
    }

    fn check(&self, feed: Feed) {
        let timeframe = self.series.timeframe();
        let mut engine = FactorEngine::genesis(Arc::clone(&self.graph), timeframe, FoldMode::Compute);
        let mut follower = FactorEngine::genesis(Arc::clone(&self.graph), timeframe, FoldMode::Follow);
        let mut events: Vec<LedgerEvent> = Vec::new();
        for candle in &self.candles {
            let first = events.len();
            events.extend_from_slice(engine.compute(candle).unwrap());
            follower.follow(candle, &events[first..]).unwrap();
            if let Feed::Restarts(every) = feed
                && engine.processed().is_multiple_of(every)
            {
                engine = self.restart(&engine, FoldMode::Compute, &events);
                follower = self.restart(&engine, FoldMode::Follow, &events);
            }
            if self.slice_times.contains(&candle.time()) {
                self.check_heads(&engine, candle.time());
                self.check_heads(&follower, candle.time());
                let complete = complete(&self.graph, &events);
                self.check_slices(&engine, &complete, candle.time());
                self.check_slices(&follower, &complete, candle.time());
            }
        }
        self.check_events(&events);
        self.check_features(&events);
    }

    fn restart(&self, engine: &FactorEngine, mode: FoldMode, events: &[LedgerEvent]) -> FactorEngine {
        let bytes = engine
            .checkpoint(Fingerprint::from_bytes([0; 32]))
            .unwrap()
            .encode();
        let checkpoint = Checkpoint::decode(&bytes).unwrap();
        let to = checkpoint.time;
        let tail = checkpoint.needs_from(mode).map_or(Vec::new(), |from| {
            let tail = self
                .candles
                .iter()
                .filter(|candle| (from..=to).contains(&candle.time()));
            tail.copied().collect()
        });
        FactorEngine::restore(
            Arc::clone(&self.graph),
            self.series.timeframe(),
            mode,
            &checkpoint,
            tail,
            &complete(&self.graph, events),
        )
        .unwrap()
    }

    fn check_events(&self, events: &[LedgerEvent]) {
        let expected = self.expected_events();
        let text = lines(&self.graph, events);
        for (line, (head, payload)) in text.lines().zip(&expected) {
            let brace = line.find(" {").unwrap();
            assert_eq!(&line[..brace], head, "{}", self.name);
            let found: Value = serde_json::from_str(&line[brace + 1..]).unwrap();
            assert_same(&found, payload, &format!("{}: {head}", self.name));
        }
        assert_eq!(events.len(), expected.len(), "{}: number of events", self.name);
    }

    fn check_features(&self, events: &[LedgerEvent]) {
        let columns = self.graph.features();
        let rows = columns.rows(events).unwrap();
        let mut rows = rows.iter().filter_map(|row| {
            let cells = columns.keys().iter().zip(&row.values);
            let cells = cells.filter_map(|(key, value)| Some((key.to_string(), feature_json((*value)?))));
            let cells: Map<_, _> = cells
                .filter(|(key, _)| compares_feature(&self.graph, key))
                .collect();
            (!cells.is_empty()).then(|| (row.time.seconds(), Value::Object(cells)))
        });
        let text = read(&self.folder.join("features.jsonl"));
        for line in text.lines() {
            let mut row: Value = serde_json::from_str(line).unwrap();
            let expected = row["values"].as_object_mut().unwrap();
            expected.retain(|key, _| compares_feature(&self.graph, key));
            if expected.is_empty() {
                continue;
            }
            let (time, cells) = rows.next().expect("as many rows as recorded");
            assert_eq!(row["candle_time"], time, "{}", self.name);
            assert_same(
                &cells,
                &row["values"],
                &format!("{}: features at {time}", self.name),
            );
        }
        assert_eq!(rows.next(), None, "{}: rows", self.name);
    }

    fn check_heads(&self, engine: &FactorEngine, at: CandleTime) {
        let expected = json(&self.folder.join(format!("heads_{at}.json")));
        let factors = self.graph.names().enumerate();
        for (position, name) in factors.filter(|(_, name)| RECORDED_FACTORS.contains(name)) {
            let found = engine.head_json(position).unwrap();
            let found = found.map_or(Value::Null, |head| serde_json::from_slice(&head).unwrap());
            assert_same(
                &found,
                &expected[name],
                &format!("{}: head of {name} at {at}", self.name),
            );
        }
    }

    fn check_slices(&self, engine: &FactorEngine, events: &[LedgerEvent], at: CandleTime) {
        let expected = json(&self.folder.join(format!("slices_{at}.json")));
        let from = at.shifted(-self.window_s);
        let window = &events[events.partition_point(|event| event.visible_time < from)..];
        let mut found = Map::new();
        let factors = self.graph.specs().enumerate();
        for (position, spec) in factors.filter(|(_, spec)| RECORDED_FACTORS.contains(&spec.factor_name)) {
            let input = SliceInput {
                position,
                events: WindowEvents::new(&self.graph, window),
                engine,
                at,
                part: SlicePart::All,
            };
            let Some(slice) = (spec.slice)(&input).unwrap() else {
                continue;
            };
            let name = spec.factor_name;
            let (history, head): (Value, Value) = (
                serde_json::from_slice(&slice.history).unwrap(),
                serde_json::from_slice(&slice.head).unwrap(),
            );
            let wanted = &expected["snapshots"][name];
            assert_same(
                &history,
                &wanted["history"],
                &format!("{}: {name} history at {at}", self.name),
            );
            assert_same(
                &head,
                &wanted["head"],
                &format!("{}: {name} head at {at}", self.name),
            );
            found.insert(name.to_owned(), history);
        }
        let present: BTreeSet<&str> = expected["factors"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|name| self.exists(name))
            .filter_map(Value::as_str)
            .collect();
        assert!(
            present.into_iter().eq(found.keys().map(String::as_str)),
            "{}: slices at {at}",
            self.name
        );
    }
}

fn assert_same(found: &Value, expected: &Value, place: &str) {
    assert_eq!(difference(found, expected), None, "{place}");
}

/// Cases of the repository, and those next to the checkout that are too large for it.
pub(crate) fn cases(wanted: impl Fn(&str) -> bool) -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut folders = Vec::new();
    for base in ["golden/factors", "../shared/golden/factors"] {
        let Ok(entries) = fs::read_dir(root.join(base)) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            let known = folders
                .iter()
                .any(|other: &PathBuf| other.file_name() == path.file_name());
            if path.is_dir() && !known {
                folders.push(path);
            }
        }
    }
    folders.retain(|folder| wanted(&folder.file_name().unwrap().to_string_lossy()));
    folders.sort();
    folders.iter().map(|folder| Case::open(folder)).collect()
}

fn check(name: &str) {
    let cases = cases(|folder| folder.starts_with(name));
    assert_eq!(cases.len(), 1, "{name} is in the repository");
    for case in cases {
        case.check(Feed::Whole);
        for every in [1, 7, 64] {
            case.check(Feed::Restarts(every));
        }
    }
}

#[test]
fn plain_walk() {
    check("g1_");
}

#[test]
fn flat_ticks() {
    check("g3_");
}

#[test]
fn wave_with_gaps() {
    check("g4_");
}

#[test]
fn minor_wider_than_half_of_major() {
    check("g5_");
}

/// Cases that lie next to the checkout only; none where there is only the checkout.
#[test]
fn further_cases() {
    for case in cases(|name| {
        !["g1_", "g3_", "g4_", "g5_"]
            .iter()
            .any(|own| name.starts_with(own))
    }) {
        case.check(Feed::Whole);
        case.check(Feed::Restarts(97));
    }
}
