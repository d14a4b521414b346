//! Section 8, in its order of operations.

mod lines;

use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use tc_market::Candle;

use self::lines::{View, atr};
#[cfg(test)]
pub(super) use self::lines::{crosses, status};
use super::pivot::{Pivot, Side};

/// Levels shown that are not broken.
const MAX_LEVELS: usize = 10;
/// Candles before the first level.
const MIN_CANDLES: usize = 5;

/// What became of a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Never crossed.
    Active,
    /// Crossed once or twice.
    Flip,
    /// Crossed three times.
    Broken,
}

impl Status {
    /// The word of the contract.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Flip => "flip",
            Self::Broken => "broken",
        }
    }
}

/// A line through two pivots. Times in seconds, ordinals from genesis.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// The line.
    pub price: f64,
    /// What its pivots were.
    pub level_type: Side,
    /// What became of it.
    pub status: Status,
    /// Older pivot.
    pub first_idx: usize,
    /// Newer pivot.
    pub last_idx: usize,
    /// Time of the older pivot.
    pub first_time: i64,
    /// Time of the newer pivot.
    pub last_time: i64,
    /// Touches, at least two.
    pub count: usize,
    /// Side of a flipped level on which the price is: `up` or `down`.
    pub flip_dir: Option<&'static str>,
    /// Weight of its touches.
    pub level_score: f64,
    /// Lower edge of the band.
    pub band_low: f64,
    /// Upper edge of the band.
    pub band_high: f64,
    /// Width of the band in average ranges.
    pub band_width_atr: f64,
    /// Last crossing that counted.
    pub death_idx: Option<usize>,
    /// Its time.
    pub death_time: Option<i64>,
}

impl Level {
    /// `flip`, or what the pivots were.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self.status {
            Status::Flip => "flip",
            Status::Active | Status::Broken => self.level_type.word(),
        }
    }

    fn to_json(&self) -> Value {
        json!({
            "price": self.price, "type": self.kind(), "level_type": self.level_type.word(),
            "status": self.status.word(), "first_idx": self.first_idx, "second_idx": self.last_idx,
            "last_idx": self.last_idx, "first_time": self.first_time, "second_time": self.last_time,
            "last_time": self.last_time, "count": self.count, "flip_dir": self.flip_dir,
            "touch_indices": [self.first_idx, self.last_idx], "touch_times": [self.first_time, self.last_time],
            "level_score": self.level_score, "band_low": self.band_low, "band_high": self.band_high,
            "band_width_atr": self.band_width_atr, "death_idx": self.death_idx, "death_time": self.death_time,
            "death_price": self.death_time.map(|_| self.price),
        })
    }
}

/// A pivot of a level that is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct LevelPivot {
    /// Ordinal of its candle.
    pub idx: usize,
    /// Time of its candle, seconds.
    pub time: i64,
    /// Price of the level.
    pub price: f64,
    /// Type of the level.
    pub kind: &'static str,
}

/// What the factor says at a tick with a new major pivot.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The tick, seconds.
    pub visible_time: i64,
    /// Levels in the order shown.
    pub levels: Vec<Level>,
    /// Pivots of the levels by ordinal, then price.
    pub pivots: Vec<LevelPivot>,
}

impl Snapshot {
    /// Event key, 8.5.
    #[must_use]
    pub fn key(&self) -> String {
        let lines: Vec<String> = self
            .levels
            .iter()
            .take(10)
            .map(|level| {
                format!(
                    "{}:{}:{:.8}:{}",
                    level.status.word(),
                    level.kind(),
                    level.price,
                    level.last_time
                )
            })
            .collect();
        let digest = if lines.is_empty() {
            "none".to_owned()
        } else {
            let digest = Sha1::digest(lines.join(";").as_bytes());
            digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
        };
        format!("snapshot:{}:{}:{digest}", self.visible_time, self.levels.len())
    }

    /// Payload, 8.5.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut json = self.head_json();
        json["visible_time"] = self.visible_time.into();
        json
    }

    /// Head, 8.5.
    #[must_use]
    pub fn head_json(&self) -> Value {
        let pivot = |pivot: &LevelPivot| {
            json!({
                "idx": pivot.idx, "time": pivot.time, "price": pivot.price, "type": pivot.kind,
                "source_window": "major",
            })
        };
        json!({
            "algorithm": if self.levels.is_empty() { "" } else { "pivot_wick_overlap" },
            "levels": self.levels.iter().map(Level::to_json).collect::<Vec<_>>(),
            "pivots": self.pivots.iter().map(pivot).collect::<Vec<_>>(),
        })
    }
}

/// The snapshot at the newest candle of `c` over all majors so far.
pub(super) fn snapshot(c: &[Candle], majors: &[Pivot]) -> Snapshot {
    let v = c.len() - 1;
    let mut levels = Vec::new();
    if c.len() >= MIN_CANDLES {
        let view = View { c, atr: &atr(c) };
        levels = view.side(majors, Side::Resistance);
        levels.extend(view.side(majors, Side::Support));
    }
    assemble(levels, c[v].close(), c[v].time().seconds())
}

/// 8.4.
fn assemble(mut levels: Vec<Level>, close: f64, visible_time: i64) -> Snapshot {
    levels.sort_by(|a, b| (a.price - close).abs().total_cmp(&(b.price - close).abs()));
    let (broken, standing): (Vec<Level>, Vec<Level>) = levels
        .into_iter()
        .partition(|level| level.status == Status::Broken);
    let levels: Vec<Level> = standing.into_iter().take(MAX_LEVELS).chain(broken).collect();
    let mut pivots = Vec::new();
    for level in &levels {
        for (idx, time) in [
            (level.first_idx, level.first_time),
            (level.last_idx, level.last_time),
        ] {
            pivots.push(LevelPivot {
                idx,
                time,
                price: level.price,
                kind: level.kind(),
            });
        }
    }
    pivots.sort_by(|a, b| a.idx.cmp(&b.idx).then(a.price.total_cmp(&b.price)));
    Snapshot {
        visible_time,
        levels,
        pivots,
    }
}
