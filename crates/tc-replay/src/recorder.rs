//! Making the windows of a package, bar by bar.

mod open_window;
mod schema;

use std::{collections::HashSet, sync::Arc};

use tc_factor::{CodecError, FactorGraph, LedgerEvent};
use tc_market::{Candle, CandleTime};
use tc_overlay::{Instruction, SeriesFold};

pub use self::open_window::RecordedWindow;
use self::{open_window::OpenWindow, schema::Schema};
use crate::{DrawingTracker, PackageKind, PackageMetadata, ReplayPlan, SliceMeta, SliceTracker};

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
    window: Option<OpenWindow>,
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
    ) -> Result<Option<RecordedWindow>, RecordError> {
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
        let mut window = match self.window.take() {
            Some(mut window) => {
                window.rows(&changes, &meta)?;
                window.drawn(idx, &drawn)?;
                window
            }
            None => {
                let window_index = idx / self.plan.window_size.max(1) as usize;
                let mut window = OpenWindow::begin(window_index, idx, at, by_version(shown))?;
                if let Some(slices) = &self.slices {
                    window.rows(&slices.full()?, &meta)?;
                }
                window
            }
        };
        if window
            .len()
            .is_multiple_of(self.plan.snapshot_interval.max(1) as usize)
        {
            window.checkpoint(idx, &self.drawings.ids())?;
        }
        window.bar(candle)?;
        if window.len() >= self.plan.window_size as usize {
            return Ok(Some(window.close()));
        }
        self.window = Some(window);
        Ok(None)
    }

    /// The last window, if it is not full, and what readers of the package need to know first.
    ///
    /// # Errors
    /// [`RecordError::NoBars`].
    pub fn finish(self) -> Result<(Option<RecordedWindow>, PackageMetadata), RecordError> {
        let first = self.first.ok_or(RecordError::NoBars)?;
        let metadata = PackageMetadata::new(&self.plan, self.bars, first, self.last, self.schema.finish());
        Ok((self.window.map(OpenWindow::close), metadata))
    }
}

/// Active drawings by version, then id. Where two share an id, the first in emission order is shown.
fn by_version<'a>(active: impl Iterator<Item = &'a Instruction>) -> Vec<&'a Instruction> {
    let mut active: Vec<&Instruction> = active.collect();
    let mut taken = HashSet::new();
    active.retain(|item| taken.insert(item.instruction_id.as_str()));
    active.sort_unstable_by(|a, b| (a.version, &a.instruction_id).cmp(&(b.version, &b.instruction_id)));
    active
}
