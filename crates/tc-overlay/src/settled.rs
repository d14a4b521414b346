//! Settled drawings: functions of one ledger event alone, stored, never changed.

use tc_factor::{CodecError, FactorGraph, KindId, LedgerEvent, Payload};
use tc_market::CandleTime;

use crate::{DrawingSpec, OverlayGraph};

/// Position of a settled drawing kind in its [`OverlayGraph`](crate::OverlayGraph); process-local, stores keep the
/// name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DrawingId(pub u16);

/// One settled drawing as it is stored: its id and definition are computed from these fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledRow {
    /// Tick of the event it comes from.
    pub version: CandleTime,
    /// Position of that event within its tick.
    pub ord: u16,
    /// Which kind of drawing.
    pub drawing: DrawingId,
    /// First candle it touches.
    pub first_time: CandleTime,
    /// Last candle it touches.
    pub last_time: CandleTime,
    /// Further fields, encoded by the renderer.
    pub payload: Payload,
}

impl SettledRow {
    /// Whether the row belongs to D(to) with the window that begins at `cutoff`.
    #[must_use]
    pub fn is_part_of(&self, cutoff: CandleTime, to: CandleTime) -> bool {
        self.version <= to && self.first_time <= to && self.last_time >= cutoff
    }
}

/// Makes the settled drawings of ledger events: a pure function of each event.
#[derive(Debug, Clone)]
pub struct Settler {
    by_kind: Vec<(KindId, DrawingId, DrawingSpec)>,
}

impl Settler {
    /// Looks up which event kinds lead to which drawings.
    #[must_use]
    pub fn new(overlay: &OverlayGraph, factors: &FactorGraph) -> Self {
        let by_kind = (0u16..)
            .zip(overlay.drawings())
            .filter_map(|(id, drawing)| Some((factors.kind(drawing.event_kind)?, DrawingId(id), *drawing)))
            .collect();
        Self { by_kind }
    }

    /// Appends the rows of `events`, in their order.
    ///
    /// # Errors
    /// [`CodecError`] when a payload cannot be read.
    pub fn settle(&self, events: &[LedgerEvent], out: &mut Vec<SettledRow>) -> Result<(), CodecError> {
        for event in events {
            for (_, drawing, spec) in self.by_kind.iter().filter(|(kind, ..)| *kind == event.kind) {
                out.extend((spec.settle)(event)?.map(|row| SettledRow {
                    drawing: *drawing,
                    ..row
                }));
            }
        }
        Ok(())
    }
}
