//! Getting the fold of a series at a processed candle.

use std::{borrow::Cow, cell::OnceCell};

use tc_factor::{
    CHECKPOINT_EVERY, ChainError, Completer, FactorGraph, Fingerprint, FoldMode, KindId, LedgerEvent,
};
use tc_market::{Candle, CandleTime, SeriesId};
use tc_overlay::{LedgerSource, ResumeError, SeriesFold};
use tc_store::{EventQuery, Order, Payloads, SeriesKey, SeriesLedger, SeriesState, Snapshot, StoreError};

use crate::{Ledger, ReadError, ReadModel, cache::Ledgers};

/// Steps that are remembered even if nobody asked: whoever follows the newest candle comes back with a cursor.
const FOLLOWING_STEPS: i64 = 16;
/// Steps back that a fold can remember.
const REMEMBERED_STEPS: i64 = 256;
/// Candles read at once while a fold moves forward.
const PAGE_CANDLES: usize = 20_000;

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

    fn ledgers(&self, model: &ReadModel) -> Ledgers {
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
        let mut fold = self.resume(&mut way, ledgers.fingerprint)?;
        way.go(&mut fold)?;
        let answer = way.window().and_then(|events| read(&fold, &events));
        self.folds.put(stored.series, ledgers, fold);
        answer
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

/// The way of a fold to the candle that is asked for. Looks nothing up twice: the events that resuming, moving on and
/// the read itself need overlap, and are one read of the store.
struct Way<'a> {
    graph: &'a FactorGraph,
    stored: &'a StoredSeries<'a>,
    at: CandleTime,
    need: Need,
    checkpoint: OnceCell<Option<(CandleTime, Vec<u8>)>>,
    /// Oldest tick of `run`.
    run_from: CandleTime,
    run: OnceCell<Vec<LedgerEvent>>,
}

impl<'a> Way<'a> {
    fn new(graph: &'a FactorGraph, stored: &'a StoredSeries<'a>, at: CandleTime, need: Need) -> Self {
        Self {
            graph,
            stored,
            at,
            need,
            checkpoint: OnceCell::new(),
            run_from: need.window.map_or(at, |window| window.from),
            run: OnceCell::new(),
        }
    }

    fn ledger(&self) -> SeriesLedger<'a, dyn Snapshot + 'a> {
        SeriesLedger::new(self.stored.snapshot, self.stored.key)
    }

    /// The newest checkpoint at or before the candle.
    fn checkpoint(&self) -> Result<Option<&(CandleTime, Vec<u8>)>, StoreError> {
        let found = match self.checkpoint.get() {
            Some(found) => found,
            None => {
                let found = self.ledger().checkpoint_at(self.at)?;
                self.checkpoint.get_or_init(|| found)
            }
        };
        Ok(found.as_ref())
    }

    /// Whether a fold at `head` has no longer way than one from a checkpoint.
    fn is_near(&self, head: CandleTime) -> Result<bool, StoreError> {
        let checkpoint_candles = i64::try_from(CHECKPOINT_EVERY).unwrap_or(i64::MAX);
        if self.stored.is_within(head, self.at, checkpoint_candles) {
            return Ok(true);
        }
        Ok(self.checkpoint()?.is_none_or(|(time, _)| head >= *time))
    }

    /// Says which events will be needed first. A way longer than a page is read page by page.
    fn begins_at(&mut self, from: CandleTime) {
        let page = i64::try_from(PAGE_CANDLES).unwrap_or(i64::MAX);
        if self.stored.is_within(from, self.at, page) {
            self.run_from = self.run_from.min(from);
        }
    }

    /// The events that the read itself looks at.
    fn window(&self) -> Result<Cow<'_, [LedgerEvent]>, ReadError> {
        match self.need.window {
            Some(window) => self.events_between(window.from, self.at),
            None => Ok(Cow::Borrowed(&[])),
        }
    }

    /// Payloads are complete where the read itself begins, if it looks at any; folds follow either form.
    fn events_between(&self, from: CandleTime, to: CandleTime) -> Result<Cow<'_, [LedgerEvent]>, ReadError> {
        let read = |from, to| self.stored.snapshot.events(self.stored.key, from, to);
        if from < self.run_from || to > self.at {
            return Ok(Cow::Owned(read(from, to)?));
        }
        let run = match self.run.get() {
            Some(run) => run,
            None => {
                let mut events = read(self.run_from, self.at)?;
                if let Some(window) = self.need.window.filter(|window| window.payloads) {
                    self.stored.complete_first(self.graph, &mut events, window.from)?;
                }
                self.run.get_or_init(|| events)
            }
        };
        let first = run.partition_point(|event| event.visible_time < from);
        let end = run.partition_point(|event| event.visible_time <= to);
        Ok(Cow::Borrowed(run.get(first..end).unwrap_or_default()))
    }

    /// Moves the fold to the candle, tick by tick, with the stored events.
    fn go(&self, fold: &mut SeriesFold) -> Result<(), ReadError> {
        let is_within = |from: CandleTime, candles| self.stored.is_within(from, self.at, candles);
        let following = fold.head().is_some_and(|head| is_within(head, FOLLOWING_STEPS));
        let back_to = self
            .need
            .back_to
            .filter(|back_to| is_within(*back_to, REMEMBERED_STEPS));
        while fold.head().is_none_or(|head| head < self.at) {
            let from = fold.head().map_or(CandleTime::MIN, |head| head.shifted(1));
            let candles =
                self.stored
                    .snapshot
                    .candles_between(self.stored.key, from, self.at, PAGE_CANDLES)?;
            let (Some(first), Some(last)) = (candles.first(), candles.last()) else {
                return Err(ReadError::OutOfSync {
                    ledger: Ledger::Factor,
                    at: self.at,
                });
            };
            let events = self.events_between(first.time(), last.time())?;
            let mut rest = &*events;
            for candle in &candles {
                let (tick, later) =
                    rest.split_at(rest.partition_point(|event| event.visible_time <= candle.time()));
                rest = later;
                if following || back_to.is_some_and(|back_to| candle.time() > back_to) {
                    fold.follow_live(candle, tick)?
                } else {
                    fold.follow(candle, tick)?
                }
            }
        }
        Ok(())
    }
}

impl LedgerSource for Way<'_> {
    type Error = ReadError;

    fn checkpoint_at(&self, at: CandleTime) -> Result<Option<(CandleTime, Vec<u8>)>, ReadError> {
        if at == self.at {
            return Ok(self.checkpoint()?.cloned());
        }
        Ok(self.ledger().checkpoint_at(at)?)
    }

    fn candles(&self, from: CandleTime, to: CandleTime) -> Result<Vec<Candle>, ReadError> {
        Ok(self.ledger().candles(from, to)?)
    }

    fn events(&self, from: CandleTime, to: CandleTime) -> Result<Vec<LedgerEvent>, ReadError> {
        self.events_between(from, to).map(Cow::into_owned)
    }

    fn complete_events(
        &self,
        graph: &FactorGraph,
        from: CandleTime,
        to: CandleTime,
    ) -> Result<Vec<LedgerEvent>, ChainError<ReadError>> {
        let mut events = self.events(from, to).map_err(ChainError::Source)?;
        self.stored
            .complete(graph, &mut events)
            .map_err(ChainError::Source)?;
        Ok(events)
    }
}
