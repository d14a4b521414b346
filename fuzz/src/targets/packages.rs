//! Replay packages that somebody sends: manifests and windows.

use tc_replay::{CacheKey, Manifest, WindowContent, rebuild, unpack};

/// The first byte says which part of a package the rest is.
pub(crate) fn run(data: &[u8]) {
    let Some((part, data)) = data.split_first() else {
        return;
    };
    match part % 3 {
        0 => manifest(data),
        1 => {
            let _unpacked = unpack(data);
        }
        _ => window(data),
    }
}

/// What was read is written and read again as the same.
fn manifest(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let key = text.parse::<CacheKey>();
        assert!(key.is_err() || key.is_ok_and(|key| key.as_str() == text));
    }
    if let Ok(manifest) = Manifest::parse(data) {
        let again = Manifest::parse(&manifest.to_bytes().expect("it can be written"));
        assert_eq!(again.expect("it can be read"), manifest);
    }
}

/// A window gives frames, or says why not.
fn window(data: &[u8]) {
    if let Ok(content) = serde_json::from_slice::<WindowContent>(data) {
        let start = content.window.start_idx;
        for idx in [0, start, start.saturating_add(1), content.window.end_idx] {
            let _frame = rebuild("binance:spot:A/B:1m", &content, idx);
        }
    }
}
