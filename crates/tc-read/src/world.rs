//! World frames: slices and drawing of one candle, from one snapshot and one fold.

use tc_market::{CandleTime, SeriesId};
use tc_store::Snapshot;

use crate::{
    DrawDelta, FactorSlices, ReadError, ReadModel, SliceSelection, draw::Delta, position::StoredSeries,
    slices::slices_at,
};

/// Which frame is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameQuery {
    /// Instant that is floored to a stored candle, seconds; `None`: the newest candle.
    pub at_time: Option<i64>,
    /// Length of the window, candles.
    pub window_candles: u32,
    /// What of the slices.
    pub selection: SliceSelection,
}

/// What the chart shows at a candle.
#[derive(Debug, Clone, PartialEq)]
pub struct WorldFrame {
    /// The instant that was asked for; the candle itself when that was the newest one.
    pub at_time: i64,
    /// The candle.
    pub aligned: CandleTime,
    /// Slices at the candle.
    pub slices: FactorSlices,
    /// The whole drawing of the candle.
    pub drawing: DrawDelta,
}

/// Which changes are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollQuery {
    /// Candle that the client has; 0: none.
    pub after_id: i64,
    /// Length of the window, candles.
    pub window_candles: u32,
}

/// What is new since the candle that a client has.
#[derive(Debug, Clone, PartialEq)]
pub struct WorldRecord {
    /// The newest candle.
    pub to: CandleTime,
    /// Its drawing, from that of the client's candle.
    pub delta: DrawDelta,
    /// Slices at the newest candle.
    pub slices: FactorSlices,
}

impl ReadModel {
    /// Overlay contract 9.
    ///
    /// # Errors
    /// [`ReadError::NoData`] without a candle, [`ReadError::NoOverlay`] when the newest frame of a series that was never
    /// drawn is asked for, [`ReadError::OutOfSync`] when a ledger does not cover the candle (the factors are looked at
    /// first), [`ReadError::Integrity`] when the stored drawings differ from a fresh render.
    pub fn frame(
        &self,
        snapshot: &dyn Snapshot,
        series: &SeriesId,
        query: &FrameQuery,
    ) -> Result<WorldFrame, ReadError> {
        let stored = StoredSeries::open(snapshot, series)?.ok_or(ReadError::NoData)?;
        let aligned = stored.floor(query.at_time)?.ok_or(ReadError::NoData)?;
        if query.at_time.is_none() && stored.was_never_drawn() {
            return Err(ReadError::NoOverlay);
        }
        stored.require_factors(aligned)?;
        stored.require_drawings(self, aligned)?;
        let from = stored.window_start(aligned, query.window_candles);
        let whole = Delta {
            to: aligned,
            cursor: 0,
            from,
        };
        let window = query.selection.window(from);
        let (drawing, slices) = self.delta(&stored, &whole, Some(window), |fold, events| {
            slices_at(&stored, aligned, fold, events, &query.selection)
        })?;
        Ok(WorldFrame {
            at_time: query.at_time.unwrap_or(aligned.seconds()),
            aligned,
            slices,
            drawing,
        })
    }

    /// Overlay contract 10; `None`: there is no newer candle.
    ///
    /// # Errors
    /// As [`ReadModel::draw_delta`].
    pub fn poll(
        &self,
        snapshot: &dyn Snapshot,
        series: &SeriesId,
        query: &PollQuery,
    ) -> Result<Option<WorldRecord>, ReadError> {
        let Some(stored) = StoredSeries::open(snapshot, series)? else {
            return Ok(None);
        };
        let Some(to) = stored.floor(None)?.filter(|head| head.seconds() > query.after_id) else {
            return Ok(None);
        };
        stored.require_drawings(self, to)?;
        stored.require_factors(to)?;
        let from = stored.window_start(to, query.window_candles);
        let wanted = Delta {
            to,
            cursor: query.after_id,
            from,
        };
        let selection = SliceSelection::default();
        let window = selection.window(from);
        let (delta, slices) = self.delta(&stored, &wanted, Some(window), |fold, events| {
            slices_at(&stored, to, fold, events, &selection)
        })?;
        Ok(Some(WorldRecord { to, delta, slices }))
    }
}
