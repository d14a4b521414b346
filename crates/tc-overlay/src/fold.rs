//! Factor engine and drawings of one series after one candle.

use std::sync::Arc;

use tc_factor::{
    CHECKPOINT_EVERY, Checkpoint, CodecError, EngineError, FactorEngine, FactorGraph, FactorSettings,
    Fingerprint, FoldMode, LedgerEvent,
};
use tc_market::{Candle, CandleTime, SeriesId};

use crate::{
    Instruction, OverlayEngine, OverlayGraph, SettledRow, change_log::ChangeLog, engine::Keep, patch,
};

/// Why a fold cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// The factor engine refused.
    #[error("factor step failed: {0}")]
    Engine(#[from] EngineError),
    /// A drawing could not be made.
    #[error("drawing step failed: {0}")]
    Drawing(#[source] CodecError),
}

/// What every fold of a process shares.
#[derive(Debug, Clone)]
pub struct FoldSetup {
    /// The factors.
    pub factors: Arc<FactorGraph>,
    /// The renderers.
    pub overlay: Arc<OverlayGraph>,
    /// Settings that enter the fingerprint.
    pub settings: FactorSettings,
}

impl FoldSetup {
    /// What the ledgers of `series` are computed with.
    #[must_use]
    pub fn fingerprint(&self, series: &SeriesId) -> Fingerprint {
        Fingerprint::of(series, &self.factors, &self.settings)
    }
}

/// Everything that a run of computed candles adds to the ledgers.
#[derive(Debug, Default)]
pub struct FoldOutput {
    /// Ledger events in order.
    pub events: Vec<LedgerEvent>,
    /// Settled drawings in order.
    pub settled: Vec<SettledRow>,
    /// Checkpoints that fell due.
    pub checkpoints: Vec<Checkpoint>,
}

/// What the factors of a checkpoint need again of the store.
#[derive(Debug, Default)]
pub struct FactorTail {
    /// The candles from `checkpoint.needs_from(mode)` to the checkpoint.
    pub candles: Vec<Candle>,
    /// The events of the ticks that the factors named, complete.
    pub events: Vec<LedgerEvent>,
}

impl FactorTail {
    fn restore(
        self,
        setup: &FoldSetup,
        series: &SeriesId,
        mode: FoldMode,
        checkpoint: &Checkpoint,
    ) -> Result<FactorEngine, EngineError> {
        FactorEngine::restore(
            Arc::clone(&setup.factors),
            series.timeframe(),
            mode,
            checkpoint,
            self.candles,
            &self.events,
        )
    }
}

/// Heads, drawings and the version of every drawing of one series after one candle. The one implementation of "move
/// forward by a candle", used by the write side (compute) and the read side (follow).
#[derive(Debug)]
pub struct SeriesFold {
    factors: FactorEngine,
    overlay: OverlayEngine,
    fingerprint: Fingerprint,
    log: ChangeLog,
}

impl SeriesFold {
    /// A fold that has seen nothing.
    #[must_use]
    pub fn genesis(setup: &FoldSetup, series: &SeriesId, mode: FoldMode) -> Self {
        let timeframe = series.timeframe();
        let factors = FactorEngine::genesis(Arc::clone(&setup.factors), timeframe, mode);
        let overlay = OverlayEngine::genesis(Arc::clone(&setup.overlay), &factors, timeframe, keep(mode));
        Self {
            factors,
            overlay,
            fingerprint: setup.fingerprint(series),
            log: ChangeLog::starting_at(CandleTime::MIN),
        }
    }

    /// Continues from a checkpoint. What is drawn there is exact; since when it has looked the way it does is not known
    /// when the checkpoint was made with another render key.
    ///
    /// `tail` is what the factors need again, `window` are the events of the overlay window that ends at the checkpoint,
    /// in ledger order.
    ///
    /// # Errors
    /// [`FoldError`] when checkpoint, candles or events do not fit.
    pub fn restore(
        setup: &FoldSetup,
        series: &SeriesId,
        mode: FoldMode,
        checkpoint: &Checkpoint,
        tail: FactorTail,
        window: &[LedgerEvent],
    ) -> Result<Self, FoldError> {
        let timeframe = series.timeframe();
        let factors = tail.restore(setup, series, mode, checkpoint)?;
        let mut overlay = OverlayEngine::genesis(Arc::clone(&setup.overlay), &factors, timeframe, keep(mode));
        overlay
            .restore(&factors, checkpoint.time, window, &checkpoint.overlay)
            .map_err(FoldError::Drawing)?;
        let log = ChangeLog::starting_at(checkpoint.time);
        Ok(Self {
            factors,
            overlay,
            fingerprint: checkpoint.fingerprint,
            log,
        })
    }

    /// Computes the next candle.
    ///
    /// # Errors
    /// [`FoldError`]; the fold is then of no further use.
    pub fn compute(&mut self, candle: &Candle, out: &mut FoldOutput) -> Result<(), FoldError> {
        let first_new = out.events.len();
        out.events.extend_from_slice(self.factors.compute(candle)?);
        self.overlay
            .on_closed(
                &self.factors,
                candle.time(),
                &out.events[first_new..],
                &mut out.settled,
            )
            .map_err(FoldError::Drawing)?;
        if self.factors.processed().is_multiple_of(CHECKPOINT_EVERY) {
            out.checkpoints.extend(self.checkpoint());
        }
        Ok(())
    }

    /// Moves on to the next candle with its stored events.
    ///
    /// # Errors
    /// [`FoldError`]; the fold is then of no further use.
    pub fn follow(&mut self, candle: &Candle, stored: &[LedgerEvent]) -> Result<(), FoldError> {
        self.factors.follow(candle, stored)?;
        let mut settled = Vec::new();
        self.overlay
            .on_closed(&self.factors, candle.time(), stored, &mut settled)
            .map_err(FoldError::Drawing)?;
        self.log = ChangeLog::starting_at(candle.time());
        Ok(())
    }

    /// As [`SeriesFold::follow`], and remembers what the candle changed, so that patches from the candles before
    /// need no other fold.
    ///
    /// # Errors
    /// As [`SeriesFold::follow`].
    pub fn follow_live(&mut self, candle: &Candle, stored: &[LedgerEvent]) -> Result<(), FoldError> {
        let before = self.overlay.take_head_drawings();
        let mut log = std::mem::replace(&mut self.log, ChangeLog::starting_at(candle.time()));
        self.follow(candle, stored)?;
        log.record(candle.time(), before, self.overlay.head_drawings());
        self.log = log;
        Ok(())
    }

    /// D(newest candle) in emission order: settled drawings, then head drawings.
    ///
    /// # Errors
    /// [`CodecError`] when a settled drawing cannot be read.
    pub fn items(&self) -> Result<Vec<&Instruction>, CodecError> {
        let mut all = self.overlay.settled_drawings(None)?;
        all.extend(self.overlay.head_drawings());
        Ok(all)
    }

    /// The same as values of their own.
    ///
    /// # Errors
    /// As [`SeriesFold::items`].
    pub fn drawing(&self) -> Result<Vec<Instruction>, CodecError> {
        Ok(self.items()?.into_iter().cloned().collect())
    }

    /// `patch(cursor, newest candle)` for a processed candle `cursor`; `None` when the way back is not remembered.
    ///
    /// # Errors
    /// [`CodecError`] when a settled drawing cannot be read.
    pub fn patch_since(&self, cursor: CandleTime) -> Result<Option<Vec<Instruction>>, CodecError> {
        let head = self.overlay.head_drawings();
        let Some(then) = self.log.head_drawings_at(cursor, head) else {
            return Ok(None);
        };
        let mut now = self.overlay.settled_drawings(Some(cursor))?;
        now.extend(head);
        Ok(Some(patch(then, now)))
    }

    /// The same fold over a ledger that was computed with something else; what is stored is followed all the same.
    pub(crate) fn with_fingerprint(self, fingerprint: Fingerprint) -> Self {
        Self { fingerprint, ..self }
    }

    /// Whether it is known of everything drawn since when it has looked the way it does.
    pub(crate) fn knows_versions(&self) -> bool {
        self.overlay.knows_versions()
    }

    /// The factors.
    #[must_use]
    pub const fn factors(&self) -> &FactorEngine {
        &self.factors
    }

    /// The drawings.
    #[must_use]
    pub const fn overlay(&self) -> &OverlayEngine {
        &self.overlay
    }

    /// What the fold computes with.
    #[must_use]
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Newest candle processed.
    #[must_use]
    pub const fn head(&self) -> Option<CandleTime> {
        self.factors.head()
    }

    /// State after the newest candle.
    #[must_use]
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        let checkpoint = self.factors.checkpoint(self.fingerprint)?;
        Some(Checkpoint {
            overlay: self.overlay.save(),
            ..checkpoint
        })
    }

    /// Approximate heap use in bytes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.factors.heap_bytes() + self.overlay.heap_bytes() + self.log.heap_bytes()
    }
}

/// Readers draw, the write side only stores.
const fn keep(mode: FoldMode) -> Keep {
    match mode {
        FoldMode::Compute => Keep::Nothing,
        FoldMode::Follow => Keep::Window,
    }
}
