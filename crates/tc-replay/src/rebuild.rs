//! The frame of a bar, from its window alone: replay contract, section 7.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{Bar, DrawItem, WindowContent};

/// What was known at a bar.
#[derive(Debug, Clone)]
pub struct RebuiltFrame {
    /// The bar.
    pub bar: Bar,
    /// Active drawings, by id.
    pub drawing: Vec<DrawItem>,
    /// Slice of each factor that had one: `{schema_version, history, head, meta}`.
    pub slices: BTreeMap<String, Value>,
}

/// Why a window gives no frame.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The bar lies in another window.
    #[error("bar {idx} is not in the window of bars {start} to {end}")]
    OtherWindow {
        /// The bar.
        idx: usize,
        /// First bar of the window.
        start: usize,
        /// One past its last bar.
        end: usize,
    },
    /// An active drawing is not in the catalogue of the window.
    #[error("drawing {0} is active but not in the catalogue")]
    UnknownDrawing(String),
    /// A row does not follow from the row before.
    #[error("row of factor {factor} at {time} does not follow from the one before")]
    BrokenRow {
        /// The factor.
        factor: String,
        /// Its candle, Unix seconds.
        time: i64,
    },
    /// A snapshot is not of the known forms.
    #[error("window cannot be read: {0}")]
    Json(#[from] serde_json::Error),
}

/// A row in either of its forms.
#[derive(Deserialize)]
struct Row {
    schema_version: u32,
    history: Option<Map<String, Value>>,
    head: Option<Value>,
    meta: Option<Value>,
    #[serde(default)]
    history_delta: BTreeMap<String, ListDelta>,
}

#[derive(Deserialize)]
struct ListDelta {
    drop: usize,
    append: Vec<Value>,
}

/// The frame of bar `idx`, counted over the package.
///
/// # Errors
/// [`RebuildError`] when the bar is in another window or the window contradicts itself.
pub fn rebuild(series_id: &str, content: &WindowContent, idx: usize) -> Result<RebuiltFrame, RebuildError> {
    let window = &content.window;
    let bar = idx
        .checked_sub(window.start_idx)
        .and_then(|position| window.kline.get(position))
        .ok_or(RebuildError::OtherWindow {
            idx,
            start: window.start_idx,
            end: window.end_idx,
        })?;
    Ok(RebuiltFrame {
        bar: *bar,
        drawing: drawing(content, idx, bar.time)?,
        slices: slices(series_id, content, bar.time)?,
    })
}

fn drawing(content: &WindowContent, idx: usize, time: i64) -> Result<Vec<DrawItem>, RebuildError> {
    let window = &content.window;
    let patch = window.draw_catalog_patch.iter();
    let known = window
        .draw_catalog_base
        .iter()
        .chain(patch.filter(|item| item.visible_time <= time));
    let catalogue: HashMap<&str, &DrawItem> =
        known.map(|item| (item.instruction_id.as_str(), item)).collect();
    let checkpoints = window.draw_active_checkpoints.iter();
    let checkpoint = checkpoints.rev().find(|checkpoint| checkpoint.at_idx <= idx);
    let since = checkpoint.map_or(window.start_idx, |checkpoint| checkpoint.at_idx);
    let mut active: BTreeSet<&str> = checkpoint
        .into_iter()
        .flat_map(|checkpoint| &checkpoint.active_ids)
        .map(String::as_str)
        .collect();
    for diff in &window.draw_active_diffs {
        if diff.at_idx > since && diff.at_idx <= idx {
            active.extend(diff.add_ids.iter().map(String::as_str));
            for id in &diff.remove_ids {
                active.remove(id.as_str());
            }
        }
    }
    active
        .into_iter()
        .map(|id| {
            let item = catalogue.get(id).copied().cloned();
            item.ok_or_else(|| RebuildError::UnknownDrawing(id.to_owned()))
        })
        .collect()
}

fn slices(
    series_id: &str,
    content: &WindowContent,
    time: i64,
) -> Result<BTreeMap<String, Value>, RebuildError> {
    let mut slices: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for row in content
        .factor_snapshots
        .iter()
        .filter(|row| row.candle_time <= time)
    {
        let Some(snapshot) = &row.snapshot else {
            slices.remove(&row.factor_name);
            continue;
        };
        let broken = || RebuildError::BrokenRow {
            factor: row.factor_name.clone(),
            time: row.candle_time,
        };
        let change: Row = serde_json::from_str(snapshot.get())?;
        if let (Some(history), Some(head), Some(meta)) = (change.history, &change.head, change.meta) {
            let full = [
                ("schema_version", change.schema_version.into()),
                ("history", Value::Object(history)),
                ("head", head.clone()),
                ("meta", meta),
            ];
            let full = full.into_iter().map(|(key, value)| (key.to_owned(), value));
            slices.insert(row.factor_name.clone(), full.collect());
            continue;
        }
        let slice = slices.get_mut(&row.factor_name).ok_or_else(broken)?;
        if let Some(head) = change.head {
            slice.insert("head".to_owned(), head);
        }
        for (key, delta) in change.history_delta {
            let list = slice.get_mut("history").and_then(|history| history.get_mut(&key));
            let list = list.and_then(Value::as_array_mut).ok_or_else(broken)?;
            if delta.drop > list.len() {
                return Err(broken());
            }
            list.drain(..delta.drop);
            list.extend(delta.append);
        }
    }
    for slice in slices.values_mut() {
        if let Some(meta) = slice.get_mut("meta") {
            meta["at_time"] = time.into();
            meta["candle_id"] = format!("{series_id}:{time}").into();
        }
    }
    Ok(slices
        .into_iter()
        .map(|(name, slice)| (name, Value::Object(slice)))
        .collect())
}
