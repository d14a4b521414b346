//! Draw deltas: what turns the drawing a client holds into the drawing at a candle.

use std::collections::BTreeSet;

use tc_market::{CandleTime, SeriesId};
use tc_overlay::{Instruction, patch};
use tc_store::Snapshot;

use crate::{ReadError, ReadModel, integrity::check_integrity, position::StoredSeries};

/// Which delta is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrawQuery {
    /// Candle whose drawing the client holds; 0: none.
    pub cursor: i64,
    /// Length of the request window, candles.
    pub window_candles: u32,
    /// Instant that is floored to a stored candle; `None`: the newest.
    pub at_time: Option<i64>,
}

/// A draw delta.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DrawDelta {
    /// Candle that the answer is complete up to, and the next cursor; `None`: there is no candle.
    pub to: Option<CandleTime>,
    /// Ids of the drawings inside the request window, ascending.
    pub active_ids: Vec<String>,
    /// Drawings that the client lacks or holds in another form, by version, then id.
    pub patch: Vec<Instruction>,
}

impl ReadModel {
    /// Overlay contract 8.
    ///
    /// # Errors
    /// [`ReadError::OutOfSync`] when a ledger does not cover the candle, [`ReadError::Integrity`] when, at cursor 0,
    /// the stored drawings differ from a fresh render.
    pub fn draw_delta(
        &self,
        snapshot: &dyn Snapshot,
        series: &SeriesId,
        query: &DrawQuery,
    ) -> Result<DrawDelta, ReadError> {
        let Some(stored) = StoredSeries::open(snapshot, series)? else {
            return Ok(DrawDelta::default());
        };
        let Some(to) = stored.floor(query.at_time)? else {
            return Ok(DrawDelta::default());
        };
        stored.require_drawings(self, to)?;
        stored.require_factors(to)?;
        let (drawing, warm) = self.with_fold(&stored, to, |fold| {
            if query.cursor <= 0 {
                check_integrity(&stored, fold, to)?;
            }
            let warm = match held(&stored, query.cursor, to)? {
                Held::Candle(cursor) => fold.patch_since(cursor)?,
                Held::Nothing | Held::All => None,
            };
            Ok((fold.drawing()?, warm))
        })?;
        let patch = match (held(&stored, query.cursor, to)?, warm) {
            (Held::All, _) => Vec::new(),
            (Held::Nothing, _) => patch(&[], &drawing),
            (Held::Candle(_), Some(patch)) => patch,
            (Held::Candle(cursor), None) => {
                let then = self.with_fold(&stored, cursor, |fold| Ok(fold.drawing()?))?;
                patch(&then, &drawing)
            }
        };
        let from = to.shifted(-i64::from(query.window_candles) * series.timeframe().seconds());
        let active: BTreeSet<&str> = drawing
            .iter()
            .filter(|item| item.definition.touches(from, to))
            .map(|item| item.instruction_id.as_str())
            .collect();
        let active_ids = active.into_iter().map(str::to_owned).collect();
        Ok(DrawDelta {
            to: Some(to),
            active_ids,
            patch,
        })
    }
}

/// What the client's cursor proves.
enum Held {
    /// Nothing: everything must be sent.
    Nothing,
    /// The drawing of this processed candle.
    Candle(CandleTime),
    /// The drawing that is asked for, or a newer one.
    All,
}

fn held(stored: &StoredSeries<'_>, cursor: i64, to: CandleTime) -> Result<Held, ReadError> {
    if cursor >= to.seconds() {
        return Ok(Held::All);
    }
    if cursor <= 0 || cursor <= stored.state.resync_floor.seconds() {
        return Ok(Held::Nothing);
    }
    Ok(stored.floor(Some(cursor))?.map_or(Held::Nothing, Held::Candle))
}
