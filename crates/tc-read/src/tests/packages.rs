//! Packages: recorded windows, and frames rebuilt from a package against those read live.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use proptest::prelude::*;
use serde_json::{Value, json};
use tc_factor::{FactorGraph, FactorSettings, factors::FACTORS, testing};
use tc_market::{Candle, CandleTime};
use tc_overlay::{FoldSetup, OverlayGraph, OverlaySettings, renderers::RENDERERS};
use tc_replay::{Bar, PackageKind, PackageMetadata, RecordedWindow, WindowContent, rebuild};
use tc_store::Storage;

use super::{World, reader, series, setup, walk};
use crate::{
    DrawQuery, FrameQuery, PackageError, PackageOutlook, PackageRequest, PackageSink, PackageState,
    ReadError, SliceSelection, WorldFrame,
};

/// Keeps what it is given.
#[derive(Debug, Default)]
struct Kept {
    windows: Vec<WindowContent>,
    done: Vec<usize>,
    refuses_after: Option<usize>,
}

impl PackageSink for Kept {
    type Error = &'static str;

    fn window(&mut self, window: RecordedWindow) -> Result<(), Self::Error> {
        let content: WindowContent = serde_json::from_slice(&window.json).unwrap();
        let kept = &content.window;
        assert_eq!(
            (kept.window_index, kept.start_idx, kept.end_idx),
            (window.window_index, window.start_idx, window.end_idx)
        );
        let time = |bar: Option<&Bar>| bar.map(|bar| bar.time);
        assert_eq!(time(kept.kline.first()), Some(window.start_time.seconds()));
        assert_eq!(time(kept.kline.last()), Some(window.end_time.seconds()));
        self.windows.push(content);
        Ok(())
    }

    fn bars_done(&mut self, done: usize, total: usize) -> Result<(), Self::Error> {
        assert!(done <= total);
        self.done.push(done);
        match self.refuses_after {
            Some(bars) if done >= bars => Err("enough"),
            _ => Ok(()),
        }
    }
}

impl World {
    fn outlook(&self, request: &PackageRequest) -> Result<PackageOutlook, ReadError> {
        let snapshot = self.storage.snapshot().unwrap();
        self.reader.package_outlook(&*snapshot, &self.series, request)
    }

    fn package(&self, request: &PackageRequest) -> (PackageMetadata, Vec<WindowContent>) {
        let outlook = self.outlook(request).unwrap();
        let snapshot = self.storage.snapshot().unwrap();
        let mut kept = Kept::default();
        let metadata = self
            .reader
            .build_package(&*snapshot, &outlook.plan, &mut kept)
            .unwrap();
        assert_eq!(kept.done.last(), Some(&metadata.total_candles));
        (metadata, kept.windows)
    }

    fn frame_at(&self, at: CandleTime, window_candles: u32) -> WorldFrame {
        let snapshot = self.storage.snapshot().unwrap();
        let query = FrameQuery {
            at_time: Some(at.seconds()),
            window_candles,
            selection: SliceSelection::default(),
        };
        self.reader.frame(&*snapshot, &self.series, &query).unwrap()
    }

    /// The frame as a rebuilt one is compared: active drawings by id, and slices by factor.
    fn seen(&self, frame: &WorldFrame) -> (Vec<Value>, BTreeMap<String, Value>) {
        let catalogue = &frame.drawing.patch;
        let drawing = frame.drawing.active_ids.iter().map(|id| {
            let item = catalogue.iter().find(|item| item.instruction_id == *id).unwrap();
            json!({
                "id": id,
                "version": item.version.seconds(),
                "definition": serde_json::to_value(&item.definition).unwrap(),
            })
        });
        let at = frame.aligned.seconds();
        let slices = frame.slices.factors.iter().map(|slice| {
            let part = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
            let whole = json!({
                "schema_version": 1,
                "history": part(&slice.history),
                "head": part(&slice.head),
                "meta": {
                    "series_id": self.series.as_str(),
                    "epoch": frame.slices.epoch,
                    "at_time": at,
                    "candle_id": format!("{}:{at}", self.series),
                    "factor_name": slice.factor_name,
                },
            });
            (slice.factor_name.to_owned(), whole)
        });
        (drawing.collect(), slices.collect())
    }
}

fn rebuilt(world: &World, content: &WindowContent, idx: usize) -> (Vec<Value>, BTreeMap<String, Value>) {
    let frame = rebuild(world.series.as_str(), content, idx).unwrap();
    let drawing = frame.drawing.iter().map(|item| {
        assert_eq!(item.version_id, item.visible_time);
        json!({
            "id": item.instruction_id,
            "version": item.version_id,
            "definition": serde_json::from_str::<Value>(item.definition.get()).unwrap(),
        })
    });
    (drawing.collect(), frame.slices)
}

fn request(window_candles: u32, window_size: u32, snapshot_interval: u32) -> PackageRequest {
    PackageRequest {
        kind: PackageKind::Replay,
        to_time: None,
        window_candles,
        window_size,
        snapshot_interval,
    }
}

fn golden(folder: &Path) -> Option<(World, Value)> {
    let text = |file: &str| fs::read_to_string(folder.join(file)).unwrap();
    let params: Value = serde_json::from_str(&text("params.json")).unwrap();
    params.get("replay")?;
    let int = |key: &str| params[key].as_i64().unwrap();
    let settings = FactorSettings::with_pivot_windows(int("pivot_window_major"), int("pivot_window_minor"));
    let window_candles = u32::try_from(int("overlay_window_candles")).unwrap();
    let setup = FoldSetup {
        factors: Arc::new(FactorGraph::build(FACTORS, &settings).unwrap()),
        overlay: Arc::new(OverlayGraph::build(RENDERERS, OverlaySettings { window_candles }).unwrap()),
        settings,
    };
    let mut world = World::new(params["series_id"].as_str().unwrap().parse().unwrap(), setup);
    world.ingest(&testing::candles_from_csv(&text("candles.csv")));
    Some((world, params["replay"].clone()))
}

/// Folders of recorded frames, those of the repository first.
fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let roots = ["../../golden/frames", "../../../shared/golden/frames"].map(|base| root.join(base));
    let found = roots.iter().filter_map(|root| fs::read_dir(root).ok()).flatten();
    let mut folders: Vec<PathBuf> = found.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

/// The recorded factors are a part of those that exist.
fn keep_recorded(found: &mut Value, recorded: &Value) {
    let name = |row: &Value| row["factor_name"].as_str().map(str::to_owned);
    let known: Vec<_> = recorded.as_array().unwrap().iter().filter_map(name).collect();
    let rows = found.as_array_mut().unwrap();
    rows.retain(|row| name(row).is_some_and(|name| known.contains(&name)));
}

#[test]
fn windows_are_the_recorded_ones() {
    let mut checked = 0;
    for folder in folders() {
        let Some((world, replay)) = golden(&folder) else {
            continue;
        };
        checked += 1;
        let name = folder.display();
        let int = |key: &str| u32::try_from(replay[key].as_i64().unwrap()).unwrap();
        let request = PackageRequest {
            to_time: replay["to_candle_time"].as_i64(),
            ..request(
                int("window_candles"),
                int("window_size"),
                int("snapshot_interval"),
            )
        };
        let (metadata, windows) = world.package(&request);
        assert_eq!(
            (
                metadata.total_candles,
                metadata.from_candle_time,
                metadata.to_candle_time
            ),
            (
                int("total_candles") as usize,
                replay["from_candle_time"].as_i64().unwrap(),
                replay["to_candle_time"].as_i64().unwrap()
            )
        );
        let mut schema = serde_json::to_value(&metadata.factor_schema).unwrap();
        keep_recorded(&mut schema, &replay["factor_schema"]);
        assert_eq!(schema, replay["factor_schema"]);
        for (n, content) in windows.iter().enumerate() {
            let text = fs::read_to_string(folder.join(format!("replay/window_{n}.json"))).unwrap();
            let recorded: Value = serde_json::from_str(&text).unwrap();
            let mut found = serde_json::to_value(content).unwrap();
            keep_recorded(&mut found["factor_snapshots"], &replay["factor_schema"]);
            assert_eq!(found["window"], recorded["window"], "{name} window {n}");
            let rows = found["factor_snapshots"].as_array().unwrap().iter();
            let mut recorded = recorded["factor_snapshots"].as_array().unwrap().iter();
            for row in rows {
                assert_eq!(Some(row), recorded.next(), "{name} window {n}");
            }
            assert_eq!(recorded.next(), None);
        }
        assert!(
            !folder
                .join(format!("replay/window_{}.json", windows.len()))
                .exists()
        );
    }
    assert!(checked > 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// What was read when a bar was the newest, what is read of the past, and what a package says are the same.
    #[test]
    fn a_rebuilt_frame_is_the_one_that_was_live(
        seed in any::<u64>(),
        window_candles in 1_u32..90,
        window_size in 1_u32..60,
        snapshot_interval in 1_u32..20,
        overlay in 5_u32..120,
    ) {
        let candles = walk(seed, 160);
        let mut world = World::new(series(), setup(2, overlay));
        let mut live = BTreeMap::new();
        for candle in &candles {
            world.ingest(std::slice::from_ref(candle));
            let frame = world.frame_at(candle.time(), window_candles);
            live.insert(candle.time().seconds(), world.seen(&frame));
        }
        let (metadata, windows) = world.package(&request(window_candles, window_size, snapshot_interval));
        let fresh = reader(&world.setup);
        let warm = std::mem::replace(&mut world.reader, fresh);
        for idx in 0..metadata.total_candles {
            let content = &windows[metadata.window_of(idx).unwrap()];
            let time = content.window.kline[idx - content.window.start_idx].time;
            let frame = rebuilt(&world, content, idx);
            prop_assert_eq!(&frame, &live[&time]);
            let past = world.frame_at(CandleTime::clamped(time), window_candles);
            prop_assert_eq!(&frame, &world.seen(&past));
        }
        drop(warm);
    }

    /// Batches, later candles and warm caches leave no trace in a package.
    #[test]
    fn a_package_depends_on_its_candles_alone(seed in any::<u64>(), cut in 1_usize..119, later in 0_usize..60) {
        let candles = walk(seed, 120 + later);
        let (known, further) = candles.split_at(120);
        let request = PackageRequest { to_time: known.last().map(|c| c.time().seconds()), ..request(50, 20, 7) };
        let mut whole = World::new(series(), setup(2, 40));
        whole.ingest(known);
        let (first, second) = known.split_at(cut);
        let mut parts = World::new(series(), setup(2, 40));
        parts.ingest(first);
        parts.ingest(second);
        if !further.is_empty() {
            parts.ingest(further);
            parts.frame_at(further[0].time(), 30);
        }
        let bytes = |(metadata, windows): (PackageMetadata, Vec<WindowContent>)| {
            serde_json::to_string(&(metadata, windows)).unwrap()
        };
        prop_assert_eq!(whole.outlook(&request).unwrap().cache_key, parts.outlook(&request).unwrap().cache_key);
        prop_assert_eq!(bytes(whole.package(&request)), bytes(parts.package(&request)));
    }
}

#[test]
fn a_package_of_drawings_has_the_same_drawings_and_no_rows() {
    let world = World::with(&walk(5, 150));
    let (_, with_slices) = world.package(&request(60, 25, 7));
    let drawings = PackageRequest {
        kind: PackageKind::Drawings,
        ..request(60, 25, 7)
    };
    let (metadata, windows) = world.package(&drawings);
    assert!(metadata.factor_schema.is_empty());
    let drawn = |windows: &[WindowContent]| {
        let windows = windows
            .iter()
            .map(|content| serde_json::to_value(&content.window).unwrap());
        windows.collect::<Vec<_>>()
    };
    assert_eq!(drawn(&windows), drawn(&with_slices));
    assert!(windows.iter().all(|content| content.factor_snapshots.is_empty()));
    assert_ne!(
        world.outlook(&drawings).unwrap().cache_key,
        world.outlook(&request(60, 25, 7)).unwrap().cache_key
    );
}

#[test]
fn missing_candles_and_ledgers_that_are_behind_are_told_apart() {
    let candles: Vec<Candle> = (0_i64..)
        .zip(walk(1, 30))
        .map(|(n, c)| c.at(CandleTime::clamped(6000 + 60 * n)))
        .collect();
    let world = World::with(&candles);
    let short = world.outlook(&request(31, 10, 5)).unwrap();
    assert_eq!(
        (
            short.state,
            short.coverage.candles_ready,
            short.coverage.required_candles
        ),
        (PackageState::CoverageMissing, 30, 31)
    );
    assert_eq!(
        world.outlook(&request(30, 10, 5)).unwrap().state,
        PackageState::Ready
    );
    let drawings = PackageRequest {
        kind: PackageKind::Drawings,
        ..request(31, 10, 5)
    };
    assert_eq!(world.outlook(&drawings).unwrap().state, PackageState::Ready);

    let behind = World::with(&candles);
    behind.tamper(|txn, key| {
        let mut state = txn.series_state(key).unwrap();
        state.overlay_head = None;
        txn.put_series_state(key, &state).unwrap();
    });
    assert_eq!(
        behind.outlook(&request(30, 10, 5)).unwrap().state,
        PackageState::OutOfSync
    );

    let before = PackageRequest {
        to_time: Some(candles[0].time().seconds() - 1),
        ..request(30, 10, 5)
    };
    assert!(matches!(world.outlook(&before), Err(ReadError::NoData)));
    let nobody = World::new(series(), setup(2, 40));
    assert!(matches!(
        nobody.outlook(&request(30, 10, 5)),
        Err(ReadError::NoData)
    ));
}

#[test]
fn a_sink_that_has_enough_ends_the_making() {
    let world = World::with(&walk(1, 60));
    let outlook = world.outlook(&request(60, 10, 5)).unwrap();
    let snapshot = world.storage.snapshot().unwrap();
    let mut sink = Kept {
        refuses_after: Some(1),
        ..Kept::default()
    };
    let made = world.reader.build_package(&*snapshot, &outlook.plan, &mut sink);
    assert!(matches!(made, Err(PackageError::Sink("enough"))));
}

#[test]
fn the_key_changes_with_whatever_changes_frames() {
    let candles = walk(3, 80);
    let mut world = World::with(&candles);
    let key = |world: &World, request: &PackageRequest| world.outlook(request).unwrap().cache_key;
    let asked = PackageRequest {
        to_time: Some(candles[69].time().seconds()),
        ..request(40, 10, 5)
    };
    let first = key(&world, &asked);
    assert_ne!(first, key(&world, &request(40, 10, 5)));
    assert_ne!(
        first,
        key(
            &world,
            &PackageRequest {
                window_size: 11,
                ..asked
            }
        )
    );
    assert_ne!(
        first,
        key(
            &world,
            &PackageRequest {
                snapshot_interval: 6,
                ..asked
            }
        )
    );
    world.ingest(&[super::corrected(&candles[20])]);
    assert_ne!(first, key(&world, &asked));
    let query = DrawQuery {
        cursor: 0,
        window_candles: 40,
        at_time: asked.to_time,
    };
    let snapshot = world.storage.snapshot().unwrap();
    assert!(world.reader.draw_delta(&*snapshot, &world.series, &query).is_ok());
}
