//! Factor slices: head and history of each factor at a candle.

use tc_factor::{SliceInput, WindowEvents};
use tc_market::{CandleTime, SeriesId};
use tc_store::Snapshot;

use crate::{ReadError, ReadModel, position::StoredSeries};

/// Which slices are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SliceQuery {
    /// Instant that is floored to a stored candle, seconds.
    pub at_time: i64,
    /// Length of the window, candles.
    pub window_candles: u32,
}

/// Slice of one factor; history and head are JSON objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorSlice {
    /// The factor.
    pub factor_name: &'static str,
    /// Lists of event payloads per bucket.
    pub history: Vec<u8>,
    /// Head at the aligned candle.
    pub head: Vec<u8>,
}

/// Slices of one candle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorSlices {
    /// The stored candle that the slices are of; `None`: there is none, and no slice.
    pub aligned: Option<CandleTime>,
    /// Epoch of the ledgers.
    pub epoch: u32,
    /// In graph order; factors with nothing to report are left out.
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
        let window_s = i64::from(query.window_candles) * series.timeframe().seconds();
        let events = snapshot.events(stored.key, aligned.shifted(-window_s), aligned)?;
        let factors = self.with_fold(&stored, aligned, |fold| {
            let graph = fold.factors().graph();
            let events = WindowEvents::new(graph, &events);
            let mut factors = Vec::new();
            for (position, spec) in graph.specs().enumerate() {
                let input = SliceInput {
                    position,
                    events,
                    engine: fold.factors(),
                    at: aligned,
                };
                if let Some(slice) = (spec.slice)(&input)? {
                    let factor_name = spec.factor_name;
                    factors.push(FactorSlice {
                        factor_name,
                        history: slice.history,
                        head: slice.head,
                    });
                }
            }
            Ok(factors)
        })?;
        Ok(FactorSlices {
            aligned: Some(aligned),
            epoch: stored.state.epoch,
            factors,
        })
    }
}
