//! Whether the stored drawings are those that the factor ledger gives: overlay contract 7. Nothing is repaired.

use std::collections::BTreeMap;

use tc_market::{CandleTime, SeriesId};
use tc_overlay::{OverlayEngine, SeriesFold, SettledRow};
use tc_store::Snapshot;

use crate::{
    ReadError, ReadModel,
    position::{Need, StoredSeries},
};

/// Ids that a finding lists.
const LISTED_IDS: usize = 20;

/// Drawings of one kind of disagreement.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Finding {
    /// How many there are.
    pub count: usize,
    /// Instruction ids of the first 20, in the order of the ledger.
    pub ids: Vec<String>,
}

/// How stored drawings and a fresh render differ.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IntegrityFindings {
    /// Rendered, but not stored.
    pub missing: Finding,
    /// Stored with another look.
    pub different: Finding,
    /// Stored, but not rendered.
    pub bogus: Finding,
}

/// A series whose drawings were checked, and where its ledgers end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrawingsCheck {
    /// Newest stored candle.
    pub candle_head: CandleTime,
    /// Stored candle at which stored drawings and a fresh render were compared.
    pub aligned: CandleTime,
    /// Newest candle that the factors cover; at or after the candle head.
    pub factor_head: CandleTime,
    /// Newest candle that the drawings cover; at or after the candle head.
    pub overlay_head: CandleTime,
}

/// The newest stored candle of a series at or before `at`, or the newest of all.
///
/// # Errors
/// [`ReadError::Store`].
pub fn aligned_time(
    snapshot: &dyn Snapshot,
    series: &SeriesId,
    at: Option<i64>,
) -> Result<Option<CandleTime>, ReadError> {
    match StoredSeries::open(snapshot, series)? {
        Some(stored) => stored.floor(at),
        None => Ok(None),
    }
}

impl ReadModel {
    /// Overlay contract 12.1, after a repair: that both ledgers cover the candle head, and that at the candle at or
    /// before `at` (`None`: the newest) the stored drawings are those of the factor ledger. `None` when there is no
    /// such candle.
    ///
    /// # Errors
    /// [`ReadError::OutOfSync`], [`ReadError::Integrity`], or what the storage says.
    pub fn check_drawings(
        &self,
        snapshot: &dyn Snapshot,
        series: &SeriesId,
        at: Option<i64>,
    ) -> Result<Option<DrawingsCheck>, ReadError> {
        let Some(stored) = StoredSeries::open(snapshot, series)? else {
            return Ok(None);
        };
        let (Some(candle_head), Some(aligned)) = (stored.floor(None)?, stored.floor(at)?) else {
            return Ok(None);
        };
        stored.require_factors(candle_head)?;
        stored.require_drawings(self, candle_head)?;
        self.with_fold(&stored, aligned, Need::default(), |fold, _| {
            check_integrity(&stored, fold, aligned)
        })?;
        Ok(Some(DrawingsCheck {
            candle_head,
            aligned,
            factor_head: stored.state.factor_head.unwrap_or(candle_head),
            overlay_head: stored.state.overlay_head.unwrap_or(candle_head),
        }))
    }
}

/// The stored rows of D(to) against those that the factor ledger gives.
pub(crate) fn check_integrity(
    stored: &StoredSeries<'_>,
    fold: &SeriesFold,
    to: CandleTime,
) -> Result<(), ReadError> {
    let overlay = fold.overlay();
    let cutoff = overlay.cutoff(to);
    let rows = stored.snapshot.settled(stored.key, cutoff, to)?;
    let key = |row: &SettledRow| (row.version, row.ord, row.drawing);
    let mut kept: BTreeMap<_, _> = rows
        .iter()
        .filter(|row| row.is_part_of(cutoff, to))
        .map(|row| (key(row), row))
        .collect();
    let mut findings = IntegrityFindings::default();
    for rendered in overlay.settled_rows() {
        match kept.remove(&key(rendered)) {
            None => findings.missing.add(overlay, rendered),
            Some(row) if row != rendered => findings.different.add(overlay, rendered),
            Some(_) => {}
        }
    }
    for row in kept.into_values() {
        findings.bogus.add(overlay, row);
    }
    if findings == IntegrityFindings::default() {
        return Ok(());
    }
    Err(ReadError::Integrity {
        at: to,
        findings: Box::new(findings),
    })
}

impl Finding {
    fn add(&mut self, overlay: &OverlayEngine, row: &SettledRow) {
        self.count += 1;
        if self.ids.len() < LISTED_IDS {
            // A row that cannot be read has no id; its place in the ledger leads to it.
            self.ids.push(match overlay.instruction(row) {
                Ok(instruction) => instruction.instruction_id,
                Err(_) => format!("unreadable:{}:{}", row.version, row.ord),
            });
        }
    }
}
