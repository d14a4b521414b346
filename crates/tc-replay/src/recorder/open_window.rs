//! A window while it is being recorded: its lists as the JSON that they will be sent as.

use serde::Serialize;
use tc_market::{Candle, CandleTime};
use tc_overlay::{Definition, Instruction, InstructionKind};

use crate::{Bar, DrawingChange, FactorChange, SliceMeta};

/// A window that is full, as JSON of [`WindowContent`](crate::WindowContent).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedWindow {
    /// Position of the window.
    pub window_index: usize,
    /// First bar, counted over the package.
    pub start_idx: usize,
    /// One past the last bar.
    pub end_idx: usize,
    /// First bar.
    pub start_time: CandleTime,
    /// Last bar.
    pub end_time: CandleTime,
    /// The bars, drawings and slices.
    pub json: Vec<u8>,
}

/// Items of a list, with commas between them.
#[derive(Debug, Default)]
struct List(Vec<u8>);

impl List {
    fn push(&mut self, item: &impl Serialize) -> Result<(), serde_json::Error> {
        self.begin();
        serde_json::to_writer(&mut self.0, item)
    }

    fn begin(&mut self) -> &mut Vec<u8> {
        if !self.0.is_empty() {
            self.0.push(b',');
        }
        &mut self.0
    }
}

/// [`DrawItem`](crate::DrawItem), borrowed.
#[derive(Serialize)]
struct Item<'a> {
    version_id: i64,
    instruction_id: &'a str,
    kind: InstructionKind,
    visible_time: i64,
    definition: &'a Definition,
}

impl<'a> From<&'a Instruction> for Item<'a> {
    fn from(item: &'a Instruction) -> Self {
        Self {
            version_id: item.version.seconds(),
            instruction_id: &item.instruction_id,
            kind: item.definition.kind(),
            visible_time: item.version.seconds(),
            definition: &item.definition,
        }
    }
}

/// [`ActiveCheckpoint`](crate::ActiveCheckpoint), borrowed.
#[derive(Serialize)]
struct Checkpoint<'a> {
    at_idx: usize,
    active_ids: &'a [&'a str],
}

/// [`ActiveDiff`](crate::ActiveDiff), borrowed.
#[derive(Serialize)]
struct Diff<'a> {
    at_idx: usize,
    add_ids: &'a [String],
    remove_ids: &'a [String],
}

#[derive(Debug)]
pub(super) struct OpenWindow {
    window_index: usize,
    start_idx: usize,
    end_idx: usize,
    start_time: CandleTime,
    end_time: CandleTime,
    bars: List,
    base: List,
    patch: List,
    checkpoints: List,
    diffs: List,
    rows: List,
}

impl OpenWindow {
    /// A window that begins with the bar `idx`, at which these drawings, by version and id, are active.
    pub(super) fn begin<'a>(
        window_index: usize,
        idx: usize,
        at: CandleTime,
        active: impl IntoIterator<Item = &'a Instruction>,
    ) -> Result<Self, serde_json::Error> {
        let mut window = Self {
            window_index,
            start_idx: idx,
            end_idx: idx,
            start_time: at,
            end_time: at,
            bars: List::default(),
            base: List::default(),
            patch: List::default(),
            checkpoints: List::default(),
            diffs: List::default(),
            rows: List::default(),
        };
        for item in active {
            window.base.push(&Item::from(item))?;
        }
        Ok(window)
    }

    /// Bars so far.
    pub(super) const fn len(&self) -> usize {
        self.end_idx - self.start_idx
    }

    pub(super) fn bar(&mut self, candle: &Candle) -> Result<(), serde_json::Error> {
        self.end_idx += 1;
        self.end_time = candle.time();
        self.bars.push(&Bar::from(candle))
    }

    pub(super) fn rows(
        &mut self,
        slices: &[FactorChange],
        meta: &SliceMeta<'_>,
    ) -> Result<(), serde_json::Error> {
        slices
            .iter()
            .try_for_each(|change| change.write_row(meta, self.rows.begin()))
    }

    /// What the drawings of a later bar change.
    pub(super) fn drawn(&mut self, idx: usize, drawn: &DrawingChange<'_>) -> Result<(), serde_json::Error> {
        for item in &drawn.patch {
            self.patch.push(&Item::from(*item))?;
        }
        if drawn.added.is_empty() && drawn.removed.is_empty() {
            return Ok(());
        }
        self.diffs.push(&Diff {
            at_idx: idx,
            add_ids: &drawn.added,
            remove_ids: &drawn.removed,
        })
    }

    pub(super) fn checkpoint(&mut self, idx: usize, active_ids: &[&str]) -> Result<(), serde_json::Error> {
        self.checkpoints.push(&Checkpoint {
            at_idx: idx,
            active_ids,
        })
    }

    pub(super) fn close(self) -> RecordedWindow {
        let mut json = format!(
            "{{\"window\":{{\"window_index\":{},\"start_idx\":{},\"end_idx\":{}",
            self.window_index, self.start_idx, self.end_idx
        )
        .into_bytes();
        let lists = [
            ("kline", self.bars),
            ("draw_catalog_base", self.base),
            ("draw_catalog_patch", self.patch),
            ("draw_active_checkpoints", self.checkpoints),
            ("draw_active_diffs", self.diffs),
        ];
        for (name, list) in lists {
            json.extend_from_slice(b",\"");
            json.extend_from_slice(name.as_bytes());
            json.extend_from_slice(b"\":[");
            json.extend_from_slice(&list.0);
            json.push(b']');
        }
        json.extend_from_slice(b"},\"factor_snapshots\":[");
        json.extend_from_slice(&self.rows.0);
        json.extend_from_slice(b"]}");
        RecordedWindow {
            window_index: self.window_index,
            start_idx: self.start_idx,
            end_idx: self.end_idx,
            start_time: self.start_time,
            end_time: self.end_time,
            json,
        }
    }
}
