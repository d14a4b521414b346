//! Feature vectors of a window, made from the events of the ledger.

use std::sync::Arc;

use tc_factor::{FeatureRow, FeatureType, FeatureValue};
use tc_market::{CandleTime, SeriesId};
use tc_store::Snapshot;

use crate::{ReadError, ReadModel, position::StoredSeries};

/// Which rows are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeatureQuery {
    /// Instant that is floored to a stored candle, seconds; `None`: the newest candle.
    pub at_time: Option<i64>,
    /// Length of the window, candles; 0 counts as 1.
    pub window_candles: u32,
}

/// A column of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeatureColumn {
    /// `[a-z][a-z0-9_]*`, unique within the batch.
    pub key: Arc<str>,
    /// What its newest value is.
    pub kind: FeatureType,
}

/// Rows of a window. A candle without events has none.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FeatureBatch {
    /// The instant that was asked for; without one the newest candle, `None` when there is none.
    pub at_time: Option<i64>,
    /// The stored candle that the window ends at; `None`: there is none, and no row.
    pub aligned: Option<CandleTime>,
    /// Columns that a row of the window fills, in order of first appearance; those of one row ascending.
    pub columns: Vec<FeatureColumn>,
    /// Ascending; the values of each row are those of [`FeatureBatch::columns`].
    pub rows: Vec<FeatureRow>,
}

impl ReadModel {
    /// Factor contract 12.
    ///
    /// # Errors
    /// [`ReadError::OutOfSync`] when the rows do not cover the candle and reads are strict.
    pub fn features(
        &self,
        snapshot: &dyn Snapshot,
        series: &SeriesId,
        query: &FeatureQuery,
    ) -> Result<FeatureBatch, ReadError> {
        let none = FeatureBatch {
            at_time: query.at_time,
            ..FeatureBatch::default()
        };
        let Some(stored) = StoredSeries::open(snapshot, series)? else {
            return Ok(none);
        };
        let Some(aligned) = stored.floor(query.at_time)? else {
            return Ok(none);
        };
        if self.strict_features {
            stored.require_features(aligned)?;
        }
        let window_s = i64::from(query.window_candles.max(1)) * series.timeframe().seconds();
        let events = match stored.state.feature_head {
            Some(head) => snapshot.events(stored.key, aligned.shifted(-window_s), aligned.min(head))?,
            None => Vec::new(),
        };
        let all = self.setup.factors.features();
        let rows = all.rows(&events)?;
        let shown = appearing(&rows, all.keys().len());
        Ok(FeatureBatch {
            at_time: Some(query.at_time.unwrap_or(aligned.seconds())),
            aligned: Some(aligned),
            columns: shown
                .iter()
                .map(|(column, kind)| FeatureColumn {
                    key: Arc::clone(&all.keys()[*column]),
                    kind: *kind,
                })
                .collect(),
            rows: rows.into_iter().map(|row| narrowed(&row, &shown)).collect(),
        })
    }
}

/// Columns with a value, in order of first appearance, each with the kind of its newest value.
fn appearing(rows: &[FeatureRow], width: usize) -> Vec<(usize, FeatureType)> {
    let mut places: Vec<Option<usize>> = vec![None; width];
    let mut shown: Vec<(usize, FeatureType)> = Vec::new();
    for row in rows {
        let values = row.values.iter().enumerate();
        for (column, value) in values.filter_map(|(column, value)| Some((column, (*value)?))) {
            match places[column] {
                Some(place) => shown[place].1 = value.kind(),
                None => {
                    places[column] = Some(shown.len());
                    shown.push((column, value.kind()));
                }
            }
        }
    }
    shown
}

/// The row with these columns only.
fn narrowed(row: &FeatureRow, shown: &[(usize, FeatureType)]) -> FeatureRow {
    let values: Vec<Option<FeatureValue>> = shown.iter().map(|(column, _)| row.values[*column]).collect();
    FeatureRow {
        time: row.time,
        values,
    }
}
