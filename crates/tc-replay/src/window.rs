//! What a window holds; wire form and file form in one.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tc_market::Candle;

/// A closed candle.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// Open time, Unix seconds.
    pub time: i64,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Traded amount of the base asset.
    pub volume: f64,
}

impl From<&Candle> for Bar {
    fn from(candle: &Candle) -> Self {
        Self {
            time: candle.time().seconds(),
            open: candle.open(),
            high: candle.high(),
            low: candle.low(),
            close: candle.close(),
            volume: candle.volume(),
        }
    }
}

/// One drawing as it looks from a bar on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DrawItem {
    /// Candle at which it became what it is, Unix seconds.
    pub version_id: i64,
    /// Stable name.
    pub instruction_id: String,
    /// `marker` or `polyline`.
    pub kind: String,
    /// Equals `version_id`.
    pub visible_time: i64,
    /// What to draw.
    pub definition: Box<RawValue>,
}

/// All active drawings of a bar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveCheckpoint {
    /// The bar, counted over the package.
    pub at_idx: usize,
    /// Ids, ascending.
    pub active_ids: Vec<String>,
}

/// Which drawings came and went at a bar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveDiff {
    /// The bar, counted over the package.
    pub at_idx: usize,
    /// Ids that were not active before, ascending.
    pub add_ids: Vec<String>,
    /// Ids that are no longer active, ascending.
    pub remove_ids: Vec<String>,
}

/// Bars and drawings of a run of bars.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Window {
    /// Position of the window.
    pub window_index: usize,
    /// First bar, counted over the package.
    pub start_idx: usize,
    /// One past the last bar.
    pub end_idx: usize,
    /// The bars.
    pub kline: Vec<Bar>,
    /// Active drawings of the first bar, by version, then id.
    pub draw_catalog_base: Vec<DrawItem>,
    /// What later bars add or change, by version, then id.
    pub draw_catalog_patch: Vec<DrawItem>,
    /// Complete lists of active drawings.
    pub draw_active_checkpoints: Vec<ActiveCheckpoint>,
    /// What changed between two bars.
    pub draw_active_diffs: Vec<ActiveDiff>,
}

/// What becomes of the slice of a factor at a bar.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FactorRow {
    /// The factor.
    pub factor_name: String,
    /// The bar, Unix seconds.
    pub candle_time: i64,
    /// A whole slice, a difference to the slice before, or null: the factor has none any more.
    pub snapshot: Option<Box<RawValue>>,
}

/// A window with the slices of its bars.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WindowContent {
    /// Bars and drawings.
    pub window: Window,
    /// By time, then factor.
    pub factor_snapshots: Vec<FactorRow>,
}
