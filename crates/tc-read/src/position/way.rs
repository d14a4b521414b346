//! The way of a fold to the candle that is asked for.

use std::{borrow::Cow, cell::OnceCell};

use tc_factor::{CHECKPOINT_EVERY, ChainError, FactorGraph, LedgerEvent};
use tc_market::{Candle, CandleTime};
use tc_overlay::{LedgerSource, SeriesFold};
use tc_store::{SeriesLedger, Snapshot, StoreError};

use super::{Need, StoredSeries};
use crate::{Ledger, ReadError};

/// Steps that are remembered even if nobody asked: whoever follows the newest candle comes back with a cursor.
const FOLLOWING_STEPS: i64 = 16;
/// Steps back that a fold can remember.
const REMEMBERED_STEPS: i64 = 256;
/// Candles read at once while a fold moves forward.
const PAGE_CANDLES: usize = 20_000;

/// The way of a fold to the candle that is asked for. Looks nothing up twice: the events that resuming, moving on and
/// the read itself need overlap, and are one read of the store.
pub(super) struct Way<'a> {
    graph: &'a FactorGraph,
    pub(super) stored: &'a StoredSeries<'a>,
    pub(super) at: CandleTime,
    need: Need,
    checkpoint: OnceCell<Option<(CandleTime, Vec<u8>)>>,
    /// Oldest tick of `run`.
    run_from: CandleTime,
    run: OnceCell<Vec<LedgerEvent>>,
}

impl<'a> Way<'a> {
    pub(super) fn new(
        graph: &'a FactorGraph,
        stored: &'a StoredSeries<'a>,
        at: CandleTime,
        need: Need,
    ) -> Self {
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
    pub(super) fn checkpoint(&self) -> Result<Option<&(CandleTime, Vec<u8>)>, StoreError> {
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
    pub(super) fn is_near(&self, head: CandleTime) -> Result<bool, StoreError> {
        let checkpoint_candles = i64::try_from(CHECKPOINT_EVERY).unwrap_or(i64::MAX);
        if self.stored.is_within(head, self.at, checkpoint_candles) {
            return Ok(true);
        }
        Ok(self.checkpoint()?.is_none_or(|(time, _)| head >= *time))
    }

    /// Says which events will be needed first. A way longer than a page is read page by page.
    pub(super) fn begins_at(&mut self, from: CandleTime) {
        let page = i64::try_from(PAGE_CANDLES).unwrap_or(i64::MAX);
        if self.stored.is_within(from, self.at, page) {
            self.run_from = self.run_from.min(from);
        }
    }

    /// The events that the read itself looks at.
    pub(super) fn window(&self) -> Result<Cow<'_, [LedgerEvent]>, ReadError> {
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
    pub(super) fn go(&self, fold: &mut SeriesFold) -> Result<(), ReadError> {
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
