//! Factor slices: head and history of each factor at a candle.

use tc_factor::{LedgerEvent, SliceInput, SlicePart, WindowEvents};
use tc_market::{CandleTime, SeriesId};
use tc_overlay::SeriesFold;
use tc_store::Snapshot;

use crate::{
    ReadError, ReadModel,
    position::{Need, StoredSeries, Window},
};

/// What of the slices of a candle is wanted. The rest is neither computed nor encoded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SliceSelection {
    /// Names of factors; `None`: all of them.
    pub factors: Option<Vec<String>>,
    /// Head, history or both.
    pub part: SlicePart,
}

impl SliceSelection {
    /// The events that these slices are made from.
    pub(crate) fn window(&self, from: CandleTime) -> Window {
        Window {
            from,
            payloads: self.part != SlicePart::Head,
        }
    }

    fn wants(&self, factor_name: &str) -> bool {
        self.factors
            .as_ref()
            .is_none_or(|names| names.iter().any(|name| name == factor_name))
    }
}

/// Which slices are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SliceQuery {
    /// Instant that is floored to a stored candle, seconds.
    pub at_time: i64,
    /// Length of the window, candles.
    pub window_candles: u32,
    /// What of them.
    pub selection: SliceSelection,
}

/// Slice of one factor; history and head are JSON objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorSlice {
    /// The factor.
    pub factor_name: &'static str,
    /// Lists of event payloads per bucket; `{}` when it is not wanted.
    pub history: Vec<u8>,
    /// Head at the aligned candle; `{}` when there is none or it is not wanted.
    pub head: Vec<u8>,
}

/// Slices of one candle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorSlices {
    /// The stored candle that the slices are of; `None`: there is none, and no slice.
    pub aligned: Option<CandleTime>,
    /// Epoch of the ledgers.
    pub epoch: u32,
    /// In graph order; factors with nothing to report are left out, and those that are not wanted.
    pub factors: Vec<FactorSlice>,
}

impl ReadModel {
    /// Factor contract 9.2.
    ///
    /// # Errors
    /// [`ReadError::OutOfSync`] when the factor ledger does not cover the candle.
    pub fn slices(
        &self,
        snapshot: &dyn Snapshot,
        series: &SeriesId,
        query: &SliceQuery,
    ) -> Result<FactorSlices, ReadError> {
        let none = FactorSlices {
            aligned: None,
            epoch: 0,
            factors: Vec::new(),
        };
        let Some(stored) = StoredSeries::open(snapshot, series)? else {
            return Ok(none);
        };
        let Some(aligned) = stored.floor(Some(query.at_time))? else {
            return Ok(none);
        };
        stored.require_factors(aligned)?;
        let from = stored.window_start(aligned, query.window_candles);
        let need = Need {
            window: Some(query.selection.window(from)),
            back_to: None,
        };
        self.with_fold(&stored, aligned, need, |fold, events| {
            slices_at(&stored, aligned, fold, events, &query.selection)
        })
    }
}

/// Slices at the candle of the fold, over the events of their window.
pub(crate) fn slices_at(
    stored: &StoredSeries<'_>,
    aligned: CandleTime,
    fold: &SeriesFold,
    events: &[LedgerEvent],
    selection: &SliceSelection,
) -> Result<FactorSlices, ReadError> {
    let graph = fold.factors().graph();
    let mut factors = Vec::new();
    for (position, spec) in graph.specs().enumerate() {
        if !selection.wants(spec.factor_name) {
            continue;
        }
        let input = SliceInput {
            position,
            events: WindowEvents::new(graph, events),
            engine: fold.factors(),
            at: aligned,
            part: selection.part,
        };
        if let Some(slice) = (spec.slice)(&input)? {
            // A factor may make the whole slice all the same; what is not wanted does not get further than here.
            factors.push(FactorSlice {
                factor_name: spec.factor_name,
                history: input.history_by(|| Ok(slice.history))?,
                head: input.head_by(|| Ok(slice.head))?,
            });
        }
    }
    Ok(FactorSlices {
        aligned: Some(aligned),
        epoch: stored.state.epoch,
        factors,
    })
}
