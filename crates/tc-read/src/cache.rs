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

/// The ledgers that a fold belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ledgers {
    pub(crate) generation: u64,
    pub(crate) fingerprint: Fingerprint,
}

/// Folds in follow mode. Readers of one fold take turns: waiting for it costs less than another way to its candle.
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
    place: Arc<Place>,
    head: CandleTime,
    ledgers: Ledgers,
    bytes: usize,
    last_use: u64,
}

/// Where a fold lies between two uses. It is empty after a use that failed.
#[derive(Debug)]
pub(crate) struct Place(Mutex<Option<SeriesFold>>);

impl Place {
    /// Waits until nobody else uses the fold.
    pub(crate) fn enter(&self) -> MutexGuard<'_, Option<SeriesFold>> {
        // A panic during a use leaves the place empty.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FoldCache {
    pub(crate) fn new(limit_bytes: usize) -> Self {
        Self {
            limit_bytes,
            inner: Mutex::default(),
        }
    }

    /// The newest fold at or before `at` that belongs to these ledgers, and its candle. Whoever used it before may have
    /// moved it on meanwhile.
    pub(crate) fn find(
        &self,
        series: &SeriesId,
        at: CandleTime,
        ledgers: Ledgers,
    ) -> Option<(CandleTime, Arc<Place>)> {
        let mut folds = self.lock();
        folds.uses += 1;
        let uses = folds.uses;
        let entries = folds.by_series.get_mut(series)?.iter_mut();
        let entry = entries
            .filter(|entry| entry.ledgers == ledgers && entry.head <= at)
            .max_by_key(|entry| entry.head)?;
        entry.last_use = uses;
        Some((entry.head, Arc::clone(&entry.place)))
    }

    /// Notes that the fold of `place` was moved to the candle it is at now.
    pub(crate) fn moved(&self, series: &SeriesId, place: &Arc<Place>, fold: &SeriesFold) {
        let mut folds = self.lock();
        let Some(entries) = folds.by_series.get_mut(series) else {
            return;
        };
        let Some(n) = entries.iter().position(|entry| Arc::ptr_eq(&entry.place, place)) else {
            return;
        };
        let entry = entries.swap_remove(n);
        folds.total_bytes = folds.total_bytes.saturating_sub(entry.bytes);
        if let Some(moved) = folds.entry(entry.ledgers, fold, entry.place) {
            folds.insert(series, moved);
            folds.shrink(self.limit_bytes);
        }
    }

    /// Forgets a fold that cannot be used any more.
    pub(crate) fn remove(&self, series: &SeriesId, place: &Arc<Place>) {
        let mut folds = self.lock();
        let Some(entries) = folds.by_series.get_mut(series) else {
            return;
        };
        let before: usize = entries.iter().map(|entry| entry.bytes).sum();
        entries.retain(|entry| !Arc::ptr_eq(&entry.place, place));
        let after: usize = entries.iter().map(|entry| entry.bytes).sum();
        folds.total_bytes = folds.total_bytes.saturating_sub(before - after);
    }

    /// Keeps a fold, unless one of a higher generation is there already.
    pub(crate) fn put(&self, series: &SeriesId, ledgers: Ledgers, fold: SeriesFold) {
        let mut folds = self.lock();
        let place = Arc::new(Place(Mutex::new(None)));
        if let Some(entry) = folds.entry(ledgers, &fold, Arc::clone(&place)) {
            *place.enter() = Some(fold);
            folds.insert(series, entry);
            folds.shrink(self.limit_bytes);
        }
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
    /// An entry for `fold` as it is now; `None` when it has seen nothing.
    fn entry(&mut self, ledgers: Ledgers, fold: &SeriesFold, place: Arc<Place>) -> Option<Entry> {
        self.uses += 1;
        Some(Entry {
            place,
            head: fold.head()?,
            ledgers,
            bytes: fold.heap_bytes() + size_of::<Entry>() + size_of::<SeriesFold>(),
            last_use: self.uses,
        })
    }

    fn insert(&mut self, series: &SeriesId, entry: Entry) {
        let entries = self.by_series.entry(series.clone()).or_default();
        let generation = entry.ledgers.generation;
        if entries.iter().any(|other| other.ledgers.generation > generation) {
            return;
        }
        let mut freed = 0;
        entries.retain(|other| {
            let keep = other.ledgers.generation == generation && other.head != entry.head;
            freed += if keep { 0 } else { other.bytes };
            keep
        });
        // The newest position is the one that live readers come back to, so it goes last.
        let newest = entries.iter().map(|other| other.head).max();
        if entries.len() >= FOLDS_PER_SERIES
            && let Some(oldest) = (0..entries.len())
                .filter(|n| Some(entries[*n].head) != newest)
                .min_by_key(|n| entries[*n].last_use)
        {
            freed += entries.swap_remove(oldest).bytes;
        }
        self.total_bytes = self.total_bytes.saturating_sub(freed) + entry.bytes;
        entries.push(entry);
    }

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
