//! The file that keeps backfill progress: `{"version": 1, "states": {series: state}}`.

use std::{collections::BTreeMap, fs, io, path::Path};

use serde::{Deserialize, Serialize};
use tc_ingest::{BackfillProgress, BackfillState, Missing, ProgressTracker};
use tc_market::SeriesId;

const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    version: u32,
    states: BTreeMap<String, KeptState>,
}

#[derive(Debug, Serialize, Deserialize, Default)]
#[serde(default)]
struct KeptState {
    state: String,
    started_at: Option<i64>,
    updated_at: Option<i64>,
    start_missing_seconds: i64,
    start_missing_candles: i64,
    current_missing_seconds: i64,
    current_missing_candles: i64,
    reason: Option<String>,
    note: Option<String>,
    error: Option<String>,
}

/// What the file holds; nothing when it is missing or broken. Series ids that are none are left out.
pub(super) fn read(path: &Path) -> ProgressTracker {
    let kept = fs::read(path)
        .ok()
        .and_then(|text| serde_json::from_slice::<Kept>(&text).ok())
        .filter(|kept| kept.version == VERSION);
    let states = kept.map(|kept| kept.states).unwrap_or_default();
    ProgressTracker::resumed(states.into_iter().filter_map(|(series, state)| {
        let series: SeriesId = series.parse().ok()?;
        Some((series, state.into()))
    }))
}

/// The text of the file.
pub(super) fn encode(tracker: &ProgressTracker) -> Vec<u8> {
    let states = tracker
        .states()
        .map(|(series, progress)| (series.to_string(), progress.into()))
        .collect();
    let kept = Kept {
        version: VERSION,
        states,
    };
    serde_json::to_vec(&kept).unwrap_or_default()
}

/// Puts `text` in the place of the file, whole or not at all.
pub(super) fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = path.with_added_extension("new");
    fs::write(&new, text)?;
    fs::rename(&new, path)
}

impl From<KeptState> for BackfillProgress {
    fn from(kept: KeptState) -> Self {
        Self {
            state: BackfillState::named(&kept.state),
            started_at_s: kept.started_at,
            updated_at_s: kept.updated_at,
            start: Missing {
                seconds: kept.start_missing_seconds,
                candles: kept.start_missing_candles,
            },
            current: Missing {
                seconds: kept.current_missing_seconds,
                candles: kept.current_missing_candles,
            },
            reason: kept.reason,
            note: kept.note,
            error: kept.error,
        }
    }
}

impl From<&BackfillProgress> for KeptState {
    fn from(progress: &BackfillProgress) -> Self {
        Self {
            state: progress.state.name().to_owned(),
            started_at: progress.started_at_s,
            updated_at: progress.updated_at_s,
            start_missing_seconds: progress.start.seconds,
            start_missing_candles: progress.start.candles,
            current_missing_seconds: progress.current.seconds,
            current_missing_candles: progress.current.candles,
            reason: progress.reason.clone(),
            note: progress.note.clone(),
            error: progress.error.clone(),
        }
    }
}
