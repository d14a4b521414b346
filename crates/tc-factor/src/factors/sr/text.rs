//! Snapshots as JSON. Snapshots that follow each other share most of their levels, so the text of a level is made once
//! and copied for as long as the level stands as it did.

use std::{collections::HashMap, ops::Range};

use serde::Serialize;

use super::{level::Level, snapshot::SrSnapshot};
use crate::{CodecError, LedgerEvent, factors::pivot::Direction};

const ALGORITHM: &str = "pivot_wick_overlap";

/// History object of the snapshots of a window; the first one is complete.
pub(super) fn history<'a>(events: impl Iterator<Item = &'a LedgerEvent>) -> Result<Vec<u8>, CodecError> {
    let mut out = b"{\"snapshots\":[".to_vec();
    let mut texts = LevelTexts::default();
    let mut before: Option<SrSnapshot> = None;
    for event in events {
        if before.is_some() {
            out.push(b',');
        }
        let snapshot = SrSnapshot::decode_after(event, before.as_ref())?;
        write_payload(&snapshot, &mut texts, &mut out)?;
        before = Some(snapshot);
    }
    out.extend_from_slice(b"]}");
    Ok(out)
}

/// The payload as a JSON object.
pub(super) fn payload(snapshot: &SrSnapshot, out: &mut Vec<u8>) -> Result<(), CodecError> {
    write_payload(snapshot, &mut LevelTexts::default(), out)
}

/// The head as a JSON object.
pub(super) fn head(snapshot: &SrSnapshot, out: &mut Vec<u8>) -> Result<(), CodecError> {
    out.push(b'{');
    write_fields(snapshot, &mut LevelTexts::default(), out)
}

fn write_payload(snapshot: &SrSnapshot, texts: &mut LevelTexts, out: &mut Vec<u8>) -> Result<(), CodecError> {
    out.extend_from_slice(b"{\"visible_time\":");
    out.extend_from_slice(snapshot.visible_time.to_string().as_bytes());
    out.push(b',');
    write_fields(snapshot, texts, out)
}

fn write_fields(snapshot: &SrSnapshot, texts: &mut LevelTexts, out: &mut Vec<u8>) -> Result<(), CodecError> {
    let levels = &snapshot.levels;
    let algorithm = if levels.is_empty() { "" } else { ALGORITHM };
    out.extend_from_slice(b"\"algorithm\":\"");
    out.extend_from_slice(algorithm.as_bytes());
    out.extend_from_slice(b"\",\"levels\":[");
    let mut now: Vec<LevelText> = Vec::with_capacity(levels.len());
    for (n, level) in levels.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        now.push(match texts.take(level) {
            Some(text) => {
                out.extend_from_within(text.object.clone());
                text
            }
            None => {
                let begin = out.len();
                level.write_json(out)?;
                LevelText::new(*level, begin..out.len())
            }
        });
    }
    out.extend_from_slice(b"],\"pivots\":[");
    for (n, (position, end)) in pivots(levels).into_iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        let text = &mut now[position];
        match &text.pivots[end] {
            Some(place) => out.extend_from_within(place.clone()),
            None => {
                let begin = out.len();
                write_pivot(&text.level, end, out)?;
                text.pivots[end] = Some(begin..out.len());
            }
        }
    }
    texts.before = now.into_iter().map(|text| (key(&text.level), text)).collect();
    out.extend_from_slice(b"]}");
    Ok(())
}

/// Section 8.4, step 4: both pivots of each level, by the position of the level; the older pivot is 0.
fn pivots(levels: &[Level]) -> Vec<(usize, usize)> {
    let mut pivots: Vec<_> = (0..levels.len())
        .flat_map(|position| [(position, 0), (position, 1)])
        .collect();
    let rank = |(position, end): (usize, usize)| {
        let level = &levels[position];
        ([level.first, level.last][end].idx, level.price)
    };
    pivots.sort_by(|a, b| {
        let (a, b) = (rank(*a), rank(*b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    pivots
}

fn write_pivot(level: &Level, end: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
    let candle = [level.first, level.last][end];
    let json = PivotJson {
        idx: candle.idx,
        time: candle.time.seconds(),
        price: level.price,
        kind: level.kind(),
        source_window: "major",
    };
    serde_json::to_writer(out, &json).map_err(|_| CodecError::Json)
}

#[derive(Serialize)]
struct PivotJson {
    idx: u64,
    time: i64,
    price: f64,
    #[serde(rename = "type")]
    kind: &'static str,
    source_window: &'static str,
}

/// A snapshot has one level per pair of pivots.
type LevelKey = (Direction, u64, u64);

const fn key(level: &Level) -> LevelKey {
    (level.level_type, level.first.idx, level.last.idx)
}

/// Where the text of each level of the snapshot before is.
#[derive(Debug, Default)]
struct LevelTexts {
    before: HashMap<LevelKey, LevelText>,
}

#[derive(Debug)]
struct LevelText {
    level: Level,
    object: Range<usize>,
    pivots: [Option<Range<usize>>; 2],
}

impl LevelText {
    const fn new(level: Level, object: Range<usize>) -> Self {
        Self {
            level,
            object,
            pivots: [None, None],
        }
    }
}

impl LevelTexts {
    /// The text of the level, if it stands as it did.
    fn take(&mut self, level: &Level) -> Option<LevelText> {
        self.before
            .remove(&key(level))
            .filter(|text| text.level == *level)
    }
}
