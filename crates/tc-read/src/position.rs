//! Getting the fold of a series at a processed candle.

mod way;

use tc_factor::{ChainError, Completer, FactorGraph, Fingerprint, FoldMode, KindId, LedgerEvent};
use tc_market::{CandleTime, SeriesId};
use tc_overlay::{ResumeError, SeriesFold};
use tc_store::{EventQuery, Order, Payloads, SeriesKey, SeriesState, Snapshot, StoreError};

use self::way::Way;
use crate::{Ledger, ReadError, ReadModel, cache::Ledgers};

/// A stored series as one snapshot sees it.
pub(crate) struct StoredSeries<'a> {
    pub(crate) snapshot: &'a dyn Snapshot,
    pub(crate) series: &'a SeriesId,
    pub(crate) key: SeriesKey,
    pub(crate) state: SeriesState,
}

impl<'a> StoredSeries<'a> {
    /// `None` when nothing was ever written for the series.
    pub(crate) fn open(snapshot: &'a dyn Snapshot, series: &'a SeriesId) -> Result<Option<Self>, ReadError> {
        let Some(key) = snapshot.series_key(series)? else {
            return Ok(None);
        };
        let state = snapshot.series_state(key)?;
        Ok(Some(Self {
            snapshot,
            series,
            key,
            state,
        }))
    }

    /// The newest stored candle at or before `at`, or the newest of all.
    pub(crate) fn floor(&self, at: Option<i64>) -> Result<Option<CandleTime>, ReadError> {
        Ok(match at {
            None => self.snapshot.head_time(self.key)?,
            Some(at) if at < 0 => None,
            Some(at) => self.snapshot.floor_time(self.key, CandleTime::clamped(at))?,
        })
    }

    /// First time of the window of this many candles that ends at `at`.
    pub(crate) fn window_start(&self, at: CandleTime, candles: u32) -> CandleTime {
        at.shifted(-i64::from(candles) * self.series.timeframe().seconds())
    }

    /// Overlay contract 11 for the factor ledger.
    pub(crate) fn require_factors(&self, at: CandleTime) -> Result<(), ReadError> {
        let covered = self.state.factor_head.is_some_and(|head| head >= at);
        let stale = self.state.stale_from.is_some_and(|stale| stale <= at);
        if covered && !stale {
            Ok(())
        } else {
            Err(ReadError::OutOfSync {
                ledger: Ledger::Factor,
                at,
            })
        }
    }

    /// Factor contract 12; rows of a series that waits for its fold count as factor, overlay contract 11.
    pub(crate) fn require_features(&self, at: CandleTime) -> Result<(), ReadError> {
        if self.state.feature_head.is_some_and(|head| head >= at) {
            return self.require_factors(at);
        }
        Err(ReadError::OutOfSync {
            ledger: Ledger::Feature,
            at,
        })
    }

    /// Overlay contract 11 for the drawings.
    pub(crate) fn require_drawings(&self, model: &ReadModel, at: CandleTime) -> Result<(), ReadError> {
        let covered = self.state.overlay_head.is_some_and(|head| head >= at);
        let same_key = self.state.render_key == Some(model.setup.overlay.render_key());
        if covered && same_key {
            Ok(())
        } else {
            Err(ReadError::OutOfSync {
                ledger: Ledger::Overlay,
                at,
            })
        }
    }

    /// Whether drawings were never made for the series.
    pub(crate) const fn was_never_drawn(&self) -> bool {
        self.state.overlay_head.is_none() && self.state.render_key.is_none()
    }

    pub(crate) fn ledgers(&self, model: &ReadModel) -> Ledgers {
        Ledgers {
            generation: self.state.generation,
            fingerprint: self
                .state
                .fingerprint
                .unwrap_or_else(|| model.setup.fingerprint(self.series)),
        }
    }

    /// Makes the payloads of events complete that are stored as differences. The events are all those of their kinds
    /// from the first to the last, in ledger order.
    pub(crate) fn complete(&self, graph: &FactorGraph, events: &mut [LedgerEvent]) -> Result<(), ReadError> {
        Completer::complete_stretch(graph, events, self.earlier_of_chains(graph)).map_err(unreadable)
    }

    /// As [`StoredSeries::complete`], for the first event of each kind at or after `from` alone.
    fn complete_first(
        &self,
        graph: &FactorGraph,
        events: &mut [LedgerEvent],
        from: CandleTime,
    ) -> Result<(), ReadError> {
        Completer::complete_first(graph, events, from, self.earlier_of_chains(graph)).map_err(unreadable)
    }

    /// Reads the events between two times, both inclusive, that differences may build on.
    fn earlier_of_chains(
        &self,
        graph: &FactorGraph,
    ) -> impl Fn(CandleTime, CandleTime) -> Result<Vec<LedgerEvent>, StoreError> {
        let names = graph.kind_names().filter_map(|name| graph.kind(name));
        let chained: Vec<KindId> = names
            .filter(|kind| graph.kind_spec(*kind).is_some_and(|spec| spec.chain.is_some()))
            .collect();
        move |from, to| {
            let query = EventQuery {
                from,
                to,
                kinds: Some(&chained),
                order: Order::Ascending,
                limit: usize::MAX,
                payloads: Payloads::Stored,
            };
            self.snapshot.find_events(self.key, &query)
        }
    }

    /// Whether at most this many buckets lie between the two.
    fn is_within(&self, from: CandleTime, to: CandleTime, candles: i64) -> bool {
        to.seconds() - from.seconds() <= candles * self.series.timeframe().seconds()
    }
}

fn unreadable(error: ChainError<StoreError>) -> ReadError {
    match error {
        ChainError::Source(error) => ReadError::Store(error),
        ChainError::Codec(error) => ReadError::Codec(error),
    }
}

/// Events that a read looks at itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    /// Oldest tick.
    pub(crate) from: CandleTime,
    /// Whether it reads payloads, not only what there is.
    pub(crate) payloads: bool,
}

/// What a read needs beside the fold.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Need {
    /// Events up to the candle; `None`: it looks at none.
    pub(crate) window: Option<Window>,
    /// Candle to whose drawing the fold should know the way back.
    pub(crate) back_to: Option<CandleTime>,
}

impl ReadModel {
    /// Runs `read` on the fold at the processed candle `at`, from the cache or the nearest checkpoint, and on the events
    /// it needs; keeps the fold warm. Follows stored events only; nothing is written.
    pub(crate) fn with_fold<T>(
        &self,
        stored: &StoredSeries<'_>,
        at: CandleTime,
        need: Need,
        read: impl FnOnce(&SeriesFold, &[LedgerEvent]) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let ledgers = stored.ledgers(self);
        let mut way = Way::new(&self.setup.factors, stored, at, need);
        if let Some((head, place)) = self.folds.find(stored.series, at, ledgers)
            && way.is_near(head)?
        {
            let mut turn = place.enter();
            // Another reader may have moved it past this candle.
            if let Some(mut fold) = turn.take_if(|fold| fold.head() <= Some(at)) {
                way.begins_at(fold.head().map_or(at, |head| head.shifted(1)));
                if let Err(error) = way.go(&mut fold) {
                    self.folds.remove(stored.series, &place);
                    return Err(error);
                }
                let answer = way.window().and_then(|events| read(&fold, &events));
                self.folds.moved(stored.series, &place, &fold);
                *turn = Some(fold);
                return answer;
            }
        }
        let (fold, answer) = self.travel(&mut way, ledgers.fingerprint, read)?;
        self.folds.put(stored.series, ledgers, fold);
        answer
    }

    /// As [`ReadModel::with_fold`], with a fold that the caller keeps, from the nearest checkpoint.
    pub(crate) fn own_fold<T>(
        &self,
        stored: &StoredSeries<'_>,
        at: CandleTime,
        need: Need,
        read: impl FnOnce(&SeriesFold, &[LedgerEvent]) -> Result<T, ReadError>,
    ) -> Result<(SeriesFold, T), ReadError> {
        let mut way = Way::new(&self.setup.factors, stored, at, need);
        let (fold, answer) = self.travel(&mut way, stored.ledgers(self).fingerprint, read)?;
        Ok((fold, answer?))
    }

    fn travel<T>(
        &self,
        way: &mut Way<'_>,
        fingerprint: Fingerprint,
        read: impl FnOnce(&SeriesFold, &[LedgerEvent]) -> Result<T, ReadError>,
    ) -> Result<(SeriesFold, Result<T, ReadError>), ReadError> {
        let mut fold = self.resume(way, fingerprint)?;
        way.go(&mut fold)?;
        let answer = way.window().and_then(|events| read(&fold, &events));
        Ok((fold, answer))
    }

    fn resume(&self, way: &mut Way<'_>, fingerprint: Fingerprint) -> Result<SeriesFold, ReadError> {
        let overlay_window = self.setup.overlay.settings().window_candles;
        let first = match way.checkpoint()? {
            Some((time, _)) => Some(way.stored.window_start(*time, overlay_window)),
            None => way.stored.snapshot.first_time(way.stored.key)?,
        };
        way.begins_at(first.unwrap_or(way.at));
        let resumed = SeriesFold::resume(
            &self.setup,
            way.stored.series,
            FoldMode::Follow,
            fingerprint,
            way,
            way.at,
        );
        match resumed {
            Ok(resumed) => Ok(resumed.fold),
            Err(ResumeError::Source(error)) => Err(error),
            Err(ResumeError::Fold(error)) => Err(ReadError::Fold(error)),
        }
    }
}
