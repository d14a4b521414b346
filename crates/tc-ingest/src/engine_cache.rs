//! Live folds of the write side, at the head of their series.

use std::collections::HashMap;

use tc_factor::Fingerprint;
use tc_market::{CandleTime, SeriesId};
use tc_overlay::SeriesFold;

/// Bounded map of series to the fold at their head. May be dropped at any time: it costs only time.
#[derive(Debug)]
pub(crate) struct EngineCache {
    limit_bytes: usize,
    folds: HashMap<SeriesId, Entry>,
    uses: u64,
}

#[derive(Debug)]
struct Entry {
    fold: SeriesFold,
    generation: u64,
    last_use: u64,
}

impl EngineCache {
    pub(crate) fn new(limit_bytes: usize) -> Self {
        Self {
            limit_bytes,
            folds: HashMap::new(),
            uses: 0,
        }
    }

    /// Takes the fold out if it stands exactly where the ledgers of the series end.
    pub(crate) fn take(
        &mut self,
        series: &SeriesId,
        head: Option<CandleTime>,
        generation: u64,
        fingerprint: Fingerprint,
    ) -> Option<SeriesFold> {
        let entry = self.folds.remove(series)?;
        let fits = entry.fold.head() == head
            && entry.generation == generation
            && entry.fold.fingerprint() == fingerprint;
        fits.then_some(entry.fold)
    }

    /// Puts a fold back after its events were committed; the least recently used ones make room.
    pub(crate) fn put(&mut self, series: SeriesId, generation: u64, fold: SeriesFold) {
        self.uses += 1;
        self.folds.insert(
            series,
            Entry {
                fold,
                generation,
                last_use: self.uses,
            },
        );
        let mut total: usize = self.folds.values().map(|entry| entry.fold.heap_bytes()).sum();
        while total > self.limit_bytes && self.folds.len() > 1 {
            let oldest = self
                .folds
                .iter()
                .min_by_key(|(_, entry)| entry.last_use)
                .map(|(series, _)| series.clone());
            let Some(entry) = oldest.and_then(|series| self.folds.remove(&series)) else {
                break;
            };
            total = total.saturating_sub(entry.fold.heap_bytes());
        }
    }
}
