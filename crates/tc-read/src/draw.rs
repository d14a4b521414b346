//! Draw deltas: what turns the drawing a client holds into the drawing at a candle.

use tc_factor::LedgerEvent;
use tc_market::{CandleTime, SeriesId};
use tc_overlay::{Instruction, SeriesFold, patch};
use tc_store::Snapshot;

use crate::{
    ReadError, ReadModel,
    integrity::check_integrity,
    position::{Need, StoredSeries, Window},
};

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
        let wanted = Delta {
            to,
            cursor: query.cursor,
            from: stored.window_start(to, query.window_candles),
        };
        let (delta, ()) = self.delta(&stored, &wanted, None, |_, _| Ok(()))?;
        Ok(delta)
    }

    /// The delta to a candle that both ledgers cover, and what `read` takes from the same fold and the events of
    /// `window`.
    pub(crate) fn delta<T>(
        &self,
        stored: &StoredSeries<'_>,
        wanted: &Delta,
        window: Option<Window>,
        read: impl FnOnce(&SeriesFold, &[LedgerEvent]) -> Result<T, ReadError>,
    ) -> Result<(DrawDelta, T), ReadError> {
        let held = held(stored, wanted)?;
        let need = Need {
            window,
            back_to: held.candle(),
        };
        let (active_ids, change, further) = self.with_fold(stored, wanted.to, need, |fold, events| {
            if wanted.cursor <= 0 {
                check_integrity(stored, fold, wanted.to)?;
            }
            let items = fold.items()?;
            let active_ids = active_ids(&items, wanted);
            let change = match held {
                Held::All => Change::Patch(Vec::new()),
                Held::Nothing => Change::Patch(patch([], items)),
                Held::Candle(cursor) => match fold.patch_since(cursor)? {
                    Some(patch) => Change::Patch(patch),
                    None => Change::Since(cursor, items.into_iter().cloned().collect()),
                },
            };
            Ok((active_ids, change, read(fold, events)?))
        })?;
        let patch = match change {
            Change::Patch(patch) => patch,
            Change::Since(cursor, drawing) => {
                self.with_fold(stored, cursor, Need::default(), |fold, _| {
                    Ok(patch(fold.items()?, &drawing))
                })?
            }
        };
        let delta = DrawDelta {
            to: Some(wanted.to),
            active_ids,
            patch,
        };
        Ok((delta, further))
    }
}

/// A delta between two candles.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delta {
    /// Candle to be drawn; both ledgers cover it.
    pub(crate) to: CandleTime,
    /// Candle whose drawing the client holds; 0 or less: none.
    pub(crate) cursor: i64,
    /// First time of the request window.
    pub(crate) from: CandleTime,
}

/// What the client's cursor proves.
#[derive(Debug, Clone, Copy)]
enum Held {
    /// Nothing: everything must be sent.
    Nothing,
    /// The drawing of this processed candle.
    Candle(CandleTime),
    /// The drawing that is asked for, or a newer one.
    All,
}

impl Held {
    const fn candle(self) -> Option<CandleTime> {
        match self {
            Self::Candle(time) => Some(time),
            Self::Nothing | Self::All => None,
        }
    }
}

/// How a patch comes about.
enum Change {
    /// It is known.
    Patch(Vec<Instruction>),
    /// By comparison of this drawing with the one of an earlier candle.
    Since(CandleTime, Vec<Instruction>),
}

fn held(stored: &StoredSeries<'_>, wanted: &Delta) -> Result<Held, ReadError> {
    if wanted.cursor >= wanted.to.seconds() {
        return Ok(Held::All);
    }
    if wanted.cursor <= 0 || wanted.cursor <= stored.state.resync_floor.seconds() {
        return Ok(Held::Nothing);
    }
    Ok(stored
        .floor(Some(wanted.cursor))?
        .map_or(Held::Nothing, Held::Candle))
}

/// Ids of the items inside the request window, ascending, each once.
pub(crate) fn active_ids(items: &[&Instruction], wanted: &Delta) -> Vec<String> {
    let mut ids: Vec<&str> = items
        .iter()
        .filter(|item| item.definition.touches(wanted.from, wanted.to))
        .map(|item| item.instruction_id.as_str())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().map(str::to_owned).collect()
}
