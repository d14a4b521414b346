//! Warm state of the read side, bounded in bytes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tc_factor::Fingerprint;
use tc_market::{CandleTime, SeriesId};
use tc_overlay::SeriesFold;

/// Folds kept per series: one at the head and a few positions in the past.
const FOLDS_PER_SERIES: usize = 4;

/// Folds in follow mode. An entry is taken out while it is used, so no lock is held while folding.
#[derive(Debug)]
pub(crate) struct FoldCache {
    limit_bytes: usize,
    inner: Mutex<Folds>,
}

#[derive(Debug, Default)]
struct Folds {
    by_series: HashMap<SeriesId, Vec<Entry>>,
    total_bytes: usize,
    uses: u64,
}

#[derive(Debug)]
struct Entry {
    fold: SeriesFold,
    generation: u64,
    bytes: usize,
    last_use: u64,
}

impl FoldCache {
    pub(crate) fn new(limit_bytes: usize) -> Self {
        Self {
            limit_bytes,
            inner: Mutex::default(),
        }
    }

    /// Takes out the newest fold at or before `at` that belongs to these ledgers.
    pub(crate) fn take(
        &self,
        series: &SeriesId,
        at: CandleTime,
        generation: u64,
        fingerprint: Fingerprint,
    ) -> Option<SeriesFold> {
        let mut folds = self.lock();
        let entries = folds.by_series.get_mut(series)?;
        let (position, _) = entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| entry.generation == generation && entry.fold.fingerprint() == fingerprint)
            .filter(|(_, entry)| entry.fold.head().is_some_and(|head| head <= at))
            .max_by_key(|(_, entry)| entry.fold.head())?;
        let entry = entries.swap_remove(position);
        folds.total_bytes = folds.total_bytes.saturating_sub(entry.bytes);
        Some(entry.fold)
    }

    /// Puts a fold back, unless one of a higher generation is there already.
    pub(crate) fn put(&self, series: &SeriesId, generation: u64, fold: SeriesFold) {
        let mut folds = self.lock();
        folds.uses += 1;
        let entry = Entry {
            bytes: fold.heap_bytes() + size_of::<Entry>(),
            fold,
            generation,
            last_use: folds.uses,
        };
        let entries = folds.by_series.entry(series.clone()).or_default();
        if entries.iter().any(|other| other.generation > generation) {
            return;
        }
        let mut freed = 0;
        entries.retain(|other| {
            let keep = other.generation == generation && other.fold.head() != entry.fold.head();
            freed += if keep { 0 } else { other.bytes };
            keep
        });
        if entries.len() >= FOLDS_PER_SERIES
            && let Some(oldest) = (0..entries.len()).min_by_key(|n| entries[*n].last_use)
        {
            freed += entries.swap_remove(oldest).bytes;
        }
        let added = entry.bytes;
        entries.push(entry);
        folds.total_bytes = folds.total_bytes.saturating_sub(freed) + added;
        folds.shrink(self.limit_bytes);
    }

    pub(crate) fn clear(&self) {
        let mut folds = self.lock();
        folds.by_series.clear();
        folds.total_bytes = 0;
    }

    fn lock(&self) -> MutexGuard<'_, Folds> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Folds {
    fn shrink(&mut self, limit_bytes: usize) {
        while self.total_bytes > limit_bytes {
            let oldest = self
                .by_series
                .iter()
                .filter_map(|(series, entries)| {
                    Some((entries.iter().map(|e| e.last_use).max()?, series.clone()))
                })
                .min_by_key(|(last_use, _)| *last_use);
            let Some((_, series)) = oldest else {
                break;
            };
            let dropped = self.by_series.remove(&series).unwrap_or_default();
            self.total_bytes = self
                .total_bytes
                .saturating_sub(dropped.iter().map(|entry| entry.bytes).sum());
        }
    }
}

/// What an encoded page depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct PageKey {
    pub(crate) series: SeriesId,
    pub(crate) limit: usize,
    pub(crate) head: Option<CandleTime>,
    pub(crate) generation: u64,
    pub(crate) closed: CandleTime,
}

/// Encoded newest pages, one per series and limit.
#[derive(Debug)]
pub(crate) struct PageCache {
    limit_bytes: usize,
    inner: Mutex<Pages>,
}

type PagesBySlot = HashMap<(SeriesId, usize), (PageKey, Arc<[u8]>)>;

#[derive(Debug, Default)]
struct Pages {
    by_slot: PagesBySlot,
    total_bytes: usize,
}

impl PageCache {
    pub(crate) fn new(limit_bytes: usize) -> Self {
        Self {
            limit_bytes,
            inner: Mutex::default(),
        }
    }

    pub(crate) fn get(&self, key: &PageKey) -> Option<Arc<[u8]>> {
        let pages = self.lock();
        let (stored, page) = pages.by_slot.get(&(key.series.clone(), key.limit))?;
        (stored == key).then(|| Arc::clone(page))
    }

    pub(crate) fn put(&self, key: PageKey, page: Arc<[u8]>) {
        let mut pages = self.lock();
        if pages.total_bytes + page.len() > self.limit_bytes {
            pages.by_slot.clear();
            pages.total_bytes = 0;
        }
        pages.total_bytes += page.len();
        if let Some((_, former)) = pages.by_slot.insert((key.series.clone(), key.limit), (key, page)) {
            pages.total_bytes = pages.total_bytes.saturating_sub(former.len());
        }
    }

    pub(crate) fn clear(&self) {
        let mut pages = self.lock();
        pages.by_slot.clear();
        pages.total_bytes = 0;
    }

    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
