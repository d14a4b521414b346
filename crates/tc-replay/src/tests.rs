//! Keys, manifests and window bytes; frames are tested by `tc-read`, against the engine.

use serde_json::json;

use crate::{
    CacheKey, KeyPayload, Manifest, ManifestError, PackageMetadata, PackedError, RebuildError, WindowContent,
    WindowEntry, pack, rebuild, sha256_hex, unpack, window_file,
};

fn payload() -> KeyPayload {
    KeyPayload {
        epoch: 0,
        factor_fingerprint: "ab".to_owned(),
        preload_offset: 0,
        render_key: "cd".to_owned(),
        schema: "replay_package_v2".to_owned(),
        series_id: "binance:spot:Ä/B:1m".to_owned(),
        snapshot_interval: 25,
        to_candle_time: 120,
        window_candles: 2,
        window_size: 1,
    }
}

fn entry(window_index: usize) -> WindowEntry {
    WindowEntry {
        window_index,
        start_idx: window_index,
        end_idx: window_index + 1,
        start_time: 60,
        end_time: 60,
        file: window_file(window_index),
        bytes: 1,
        sha256: sha256_hex(b"x"),
    }
}

fn manifest() -> Manifest {
    Manifest {
        schema_version: 1,
        cache_key: payload().cache_key().unwrap(),
        key_payload: payload(),
        metadata: PackageMetadata {
            schema_version: 1,
            series_id: payload().series_id,
            timeframe_s: 60,
            total_candles: 2,
            from_candle_time: 60,
            to_candle_time: 120,
            window_size: 1,
            snapshot_interval: 25,
            preload_offset: 0,
            idx_to_time: "windows[*].kline[idx].time".to_owned(),
            factor_schema: Vec::new(),
        },
        created_at_ms: 7,
        windows: vec![entry(0), entry(1)],
    }
}

#[test]
fn the_key_is_the_hash_of_canonical_json() {
    let canonical = r#"{"epoch":0,"factor_fingerprint":"ab","preload_offset":0,"render_key":"cd","schema":"replay_package_v2","series_id":"binance:spot:Ä/B:1m","snapshot_interval":25,"to_candle_time":120,"window_candles":2,"window_size":1}"#;
    let key = payload().cache_key().unwrap();
    assert_eq!(key.as_str(), &sha256_hex(canonical.as_bytes())[..24]);
    for bad in [
        "",
        "0123",
        "0123456789ABCDEF01234567",
        "0123456789abcdef0123456g",
        "../../../../etc/passwd..",
    ] {
        assert!(bad.parse::<CacheKey>().is_err(), "{bad}");
    }
    assert_eq!(key.as_str().parse::<CacheKey>().unwrap(), key);
}

#[test]
fn a_manifest_that_contradicts_itself_is_refused() {
    let bytes = manifest().to_bytes().unwrap();
    assert_eq!(Manifest::parse(&bytes).unwrap(), manifest());
    type Change = fn(&mut Manifest);
    let changes: [Change; 8] = [
        |m| m.key_payload.epoch = 1,
        |m| m.metadata.series_id = "binance:spot:C/B:1m".to_owned(),
        |m| m.metadata.total_candles = 3,
        |m| m.metadata.schema_version = 2,
        |m| m.windows.swap(0, 1),
        |m| drop(m.windows.pop()),
        |m| m.windows[1].file = "../window".to_owned(),
        |m| m.windows[1].end_idx = 9,
    ];
    for (n, change) in changes.into_iter().enumerate() {
        let mut changed = manifest();
        change(&mut changed);
        let refused = Manifest::parse(&changed.to_bytes().unwrap());
        assert!(
            matches!(refused, Err(ManifestError::Contradiction(_))),
            "{n}: {refused:?}"
        );
    }
    let newer = Manifest {
        schema_version: 2,
        ..manifest()
    };
    let refused = Manifest::parse(&newer.to_bytes().unwrap());
    assert!(matches!(refused, Err(ManifestError::Version(2))), "{refused:?}");
}

#[test]
fn what_is_packed_is_unpacked_and_damage_is_told() {
    let content = json!({"window": [1.5, "a"]});
    let json = serde_json::to_vec(&content).unwrap();
    let packed = pack(&json).unwrap();
    assert_eq!(unpack(&packed).unwrap(), json);
    assert!(matches!(
        unpack(&packed[..packed.len() - 3]),
        Err(PackedError::Compression(_))
    ));
    assert!(unpack(b"no frame at all").is_err());
}

/// A window of one bar with these rows and this active drawing.
fn window(rows: serde_json::Value, active: &str) -> WindowContent {
    serde_json::from_value(json!({
        "window": {
            "window_index": 0, "start_idx": 3, "end_idx": 5,
            "kline": [
                {"time": 60, "open": 1.0, "high": 1.0, "low": 1.0, "close": 1.0, "volume": 0.0},
                {"time": 120, "open": 1.0, "high": 1.0, "low": 1.0, "close": 1.0, "volume": 0.0},
            ],
            "draw_catalog_base": [], "draw_catalog_patch": [],
            "draw_active_checkpoints": [{"at_idx": 3, "active_ids": if active.is_empty() { vec![] } else { vec![active] }}],
            "draw_active_diffs": [],
        },
        "factor_snapshots": rows,
    }))
    .unwrap()
}

#[test]
fn a_window_that_contradicts_itself_gives_no_frame() {
    let full = json!({"factor_name": "pen", "candle_time": 60, "snapshot": {
        "schema_version": 1, "history": {"confirmed": [1, 2]}, "head": {}, "meta": {"at_time": 60},
    }});
    let delta = |drop: usize| {
        json!({"factor_name": "pen", "candle_time": 120, "snapshot": {
            "schema_version": 1, "history_delta": {"confirmed": {"drop": drop, "append": [3]}},
        }})
    };
    let sound = window(json!([full, delta(1)]), "");
    let frame = rebuild("a", &sound, 4).unwrap();
    assert_eq!(frame.slices["pen"]["history"]["confirmed"], json!([2, 3]));
    assert_eq!(
        frame.slices["pen"]["meta"],
        json!({"at_time": 120, "candle_id": "a:120"})
    );
    let gone = json!({"factor_name": "pen", "candle_time": 120, "snapshot": null});
    assert!(
        rebuild("a", &window(json!([full, gone]), ""), 4)
            .unwrap()
            .slices
            .is_empty()
    );

    for idx in [0, 2, 5] {
        assert!(
            matches!(rebuild("a", &sound, idx), Err(RebuildError::OtherWindow { .. })),
            "{idx}"
        );
    }
    for broken in [json!([delta(0)]), json!([full, delta(3)])] {
        assert!(matches!(
            rebuild("a", &window(broken, ""), 4),
            Err(RebuildError::BrokenRow { .. })
        ));
    }
    let unknown = rebuild("a", &window(json!([]), "pen.confirmed"), 3);
    assert!(matches!(unknown, Err(RebuildError::UnknownDrawing(id)) if id == "pen.confirmed"));
}
