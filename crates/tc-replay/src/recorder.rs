//! Making the windows of a package, bar by bar.

mod schema;

use std::{collections::HashSet, sync::Arc};

use tc_factor::{CodecError, FactorGraph, LedgerEvent};
use tc_market::{Candle, CandleTime};
use tc_overlay::{Instruction, SeriesFold};

use self::schema::Schema;
use crate::{
    ActiveCheckpoint, ActiveDiff, DrawItem, DrawingChange, DrawingTracker, FactorChange, FactorRow,
    PackageKind, PackageMetadata, ReplayPlan, SliceMeta, SliceTracker, Window, WindowContent,
};

/// Why a bar cannot be recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A payload cannot be read or written.
    #[error("frame cannot be read: {0}")]
    Codec(#[from] CodecError),
    /// A value cannot be written as JSON.
    #[error("frame cannot be written: {0}")]
    Json(#[from] serde_json::Error),
    /// There is no bar.
    #[error("a package needs at least one bar")]
    NoBars,
}

/// Follows a fold over the bars of a plan and hands out a window as soon as it is full. Memory is bounded by one window.
#[derive(Debug)]
pub struct Recorder {
    plan: ReplayPlan,
    epoch: u32,
    drawings: DrawingTracker,
    slices: Option<SliceTracker>,
    schema: Schema,
    first: Option<CandleTime>,
    last: CandleTime,
    bars: usize,
    window: Option<WindowContent>,
}

impl Recorder {
    /// A recorder before the first bar of `plan`. `epoch` is that of the ledgers.
    #[must_use]
    pub fn new(plan: ReplayPlan, graph: &Arc<FactorGraph>, epoch: u32) -> Self {
        let window_s = i64::from(plan.window_candles) * plan.series.timeframe().seconds();
        let with_slices = plan.kind == PackageKind::Replay;
        Self {
            epoch,
            drawings: DrawingTracker::default(),
            slices: with_slices.then(|| SliceTracker::new(Arc::clone(graph), window_s)),
            schema: Schema::new(with_slices.then_some(&**graph)),
            first: None,
            last: CandleTime::MIN,
            bars: 0,
            window: None,
            plan,
        }
    }

    /// Takes the next bar: `fold` after it, and the events since the bar before in ledger order with complete payloads
    /// (at the first bar all of the window of its frame). Answers the window that is full with it.
    ///
    /// # Errors
    /// [`RecordError`]; the recorder is then of no further use.
    pub fn push(
        &mut self,
        candle: &Candle,
        fold: &SeriesFold,
        new: &[LedgerEvent],
    ) -> Result<Option<WindowContent>, RecordError> {
        let (idx, at) = (self.bars, candle.time());
        let from = self.plan.window_start(at);
        let items = fold.items()?;
        let shown = items
            .iter()
            .copied()
            .filter(|item| item.definition.touches(from, at));
        let drawn = self.drawings.take(shown.clone());
        let changes = match &mut self.slices {
            Some(slices) => {
                slices.advance(at, new);
                slices.take(fold)?
            }
            None => Vec::new(),
        };
        self.schema.learn(&changes)?;

        self.first.get_or_insert(at);
        self.last = at;
        self.bars += 1;
        let meta = SliceMeta {
            series: &self.plan.series,
            epoch: self.epoch,
            at,
        };
        let mut content = match self.window.take() {
            Some(mut content) => {
                add_bar(&mut content, idx, drawn, &changes, &meta)?;
                content
            }
            None => {
                let slices = self
                    .slices
                    .as_ref()
                    .map(SliceTracker::full)
                    .transpose()?
                    .unwrap_or_default();
                let window_index = idx / self.plan.window_size.max(1) as usize;
                first_bar(window_index, idx, shown.collect(), &slices, &meta)?
            }
        };
        let window = &mut content.window;
        window.kline.push(candle.into());
        window.end_idx = idx + 1;
        if (idx - window.start_idx).is_multiple_of(self.plan.snapshot_interval.max(1) as usize) {
            window.draw_active_checkpoints.push(ActiveCheckpoint {
                at_idx: idx,
                active_ids: self.drawings.ids(),
            });
        }
        if window.kline.len() >= self.plan.window_size as usize {
            return Ok(Some(content));
        }
        self.window = Some(content);
        Ok(None)
    }

    /// The last window, if it is not full, and what readers of the package need to know first.
    ///
    /// # Errors
    /// [`RecordError::NoBars`].
    pub fn finish(self) -> Result<(Option<WindowContent>, PackageMetadata), RecordError> {
        let first = self.first.ok_or(RecordError::NoBars)?;
        let metadata = PackageMetadata::new(&self.plan, self.bars, first, self.last, self.schema.finish());
        Ok((self.window, metadata))
    }
}

/// A window that begins with the bar `idx`, at which these drawings are active and these slices there.
fn first_bar(
    window_index: usize,
    idx: usize,
    mut active: Vec<&Instruction>,
    slices: &[FactorChange],
    meta: &SliceMeta<'_>,
) -> Result<WindowContent, RecordError> {
    // Where two drawings share an id, the first in emission order is shown.
    let mut taken = HashSet::new();
    active.retain(|item| taken.insert(item.instruction_id.as_str()));
    active.sort_unstable_by(|a, b| (a.version, &a.instruction_id).cmp(&(b.version, &b.instruction_id)));
    Ok(WindowContent {
        factor_snapshots: rows(slices, meta)?,
        window: Window {
            window_index,
            start_idx: idx,
            end_idx: idx,
            kline: Vec::new(),
            draw_catalog_base: active.into_iter().map(draw_item).collect::<Result<_, _>>()?,
            draw_catalog_patch: Vec::new(),
            draw_active_checkpoints: Vec::new(),
            draw_active_diffs: Vec::new(),
        },
    })
}

/// What a later bar of a window changes.
fn add_bar(
    content: &mut WindowContent,
    idx: usize,
    drawn: DrawingChange,
    slices: &[FactorChange],
    meta: &SliceMeta<'_>,
) -> Result<(), RecordError> {
    content.factor_snapshots.append(&mut rows(slices, meta)?);
    let window = &mut content.window;
    for item in &drawn.patch {
        window.draw_catalog_patch.push(draw_item(item)?);
    }
    if !drawn.added.is_empty() || !drawn.removed.is_empty() {
        window.draw_active_diffs.push(ActiveDiff {
            at_idx: idx,
            add_ids: drawn.added,
            remove_ids: drawn.removed,
        });
    }
    Ok(())
}

fn rows(slices: &[FactorChange], meta: &SliceMeta<'_>) -> Result<Vec<FactorRow>, serde_json::Error> {
    slices.iter().map(|change| change.row(meta)).collect()
}

fn draw_item(item: &Instruction) -> Result<DrawItem, serde_json::Error> {
    Ok(DrawItem {
        version_id: item.version.seconds(),
        instruction_id: item.instruction_id.clone(),
        kind: match item.definition.kind() {
            tc_overlay::InstructionKind::Marker => "marker",
            tc_overlay::InstructionKind::Polyline => "polyline",
        }
        .to_owned(),
        visible_time: item.version.seconds(),
        definition: serde_json::value::to_raw_value(&item.definition)?,
    })
}
