//! The read model: what all reads of a process share.

use std::sync::Arc;

use tc_market::SeriesId;
use tc_overlay::FoldSetup;
use tc_store::Snapshot;

use crate::{
    CandlePage, CandleQuery, ReadError,
    cache::{FoldCache, PageCache, PageKey},
};

/// Options of the read side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadOptions {
    /// Bound of live folds and encoded pages, bytes.
    pub cache_bytes: usize,
    /// Refuse feature rows while their ledger does not cover the candle that was asked for; else answer what there is.
    pub strict_features: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            cache_bytes: 128 << 20,
            strict_features: true,
        }
    }
}

/// Answers questions from snapshots, with a bounded cache of folds and pages. A cache can be behind but never wrong:
/// an entry serves a snapshot only if generation, fingerprint and render key are equal.
#[derive(Debug)]
pub struct ReadModel {
    pub(crate) setup: Arc<FoldSetup>,
    pub(crate) strict_features: bool,
    pub(crate) folds: FoldCache,
    pages: PageCache,
}

impl ReadModel {
    /// A model with empty caches.
    #[must_use]
    pub fn new(setup: Arc<FoldSetup>, options: ReadOptions) -> Self {
        let pages = PageCache::new(options.cache_bytes / 4);
        Self {
            setup,
            strict_features: options.strict_features,
            folds: FoldCache::new(options.cache_bytes / 4 * 3),
            pages,
        }
    }

    /// Factors and renderers that are running.
    #[must_use]
    pub const fn setup(&self) -> &Arc<FoldSetup> {
        &self.setup
    }

    /// Forgets everything that is warm.
    pub fn clear(&self) {
        self.folds.clear();
        self.pages.clear();
    }

    /// A page of candles in the form that `encode` gives it; the newest pages of busy series are encoded once.
    ///
    /// # Errors
    /// [`ReadError::Store`].
    pub fn encoded_candles(
        &self,
        snapshot: &dyn Snapshot,
        series: &SeriesId,
        query: &CandleQuery,
        encode: impl FnOnce(&CandlePage) -> Vec<u8>,
    ) -> Result<Arc<[u8]>, ReadError> {
        let key = match (query.since, snapshot.series_key(series)?) {
            (None, Some(key)) => Some(PageKey {
                series: series.clone(),
                limit: query.limit,
                head: snapshot.head_time(key)?,
                generation: snapshot.series_state(key)?.generation,
                closed: tc_market::latest_closed(query.now_s, series.timeframe().seconds()),
            }),
            _ => None,
        };
        if let Some(page) = key.as_ref().and_then(|key| self.pages.get(key)) {
            return Ok(page);
        }
        let page: Arc<[u8]> = encode(&CandlePage::read(snapshot, series, query)?).into();
        if let Some(key) = key {
            self.pages.put(key, Arc::clone(&page));
        }
        Ok(page)
    }
}
