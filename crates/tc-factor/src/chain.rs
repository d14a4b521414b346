//! Payloads that are differences to the event before, made complete for readers.

use tc_market::CandleTime;

use crate::{ChainSpec, CodecError, FactorGraph, KindId, LedgerEvent};

/// Why events could not be made complete.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError<E> {
    /// Earlier events could not be read.
    #[error(transparent)]
    Source(E),
    /// A payload cannot be read, or the event it builds on is missing.
    #[error("event cannot be completed: {0}")]
    Codec(#[from] CodecError),
}

/// Makes the payloads of events complete that are given in ledger order.
#[derive(Debug, Clone)]
pub struct Completer<'a> {
    graph: &'a FactorGraph,
    newest: Vec<(KindId, ChainSpec, Option<LedgerEvent>)>,
}

impl<'a> Completer<'a> {
    /// Knows no event yet.
    #[must_use]
    pub fn new(graph: &'a FactorGraph) -> Self {
        let kinds = graph.kind_names().filter_map(|name| graph.kind(name));
        let newest = kinds
            .filter_map(|kind| Some((kind, graph.kind_spec(kind)?.chain?, None)))
            .collect();
        Self { graph, newest }
    }

    /// The graph that the events belong to.
    #[must_use]
    pub const fn graph(&self) -> &'a FactorGraph {
        self.graph
    }

    /// Makes the payload of the next event complete.
    ///
    /// # Errors
    /// [`CodecError::Chained`] when the chain of the event was not given from its beginning, or [`CodecError`] for a
    /// payload that cannot be read.
    pub fn complete(&mut self, event: &mut LedgerEvent) -> Result<(), CodecError> {
        let slot = self.newest.iter_mut().find(|(kind, ..)| *kind == event.kind);
        if let Some((_, chain, newest)) = slot {
            event.payload = (chain.complete)(event, newest.as_ref())?;
            *newest = Some(event.clone());
        }
        Ok(())
    }

    /// Makes the payloads of a stretch of the ledger complete. `earlier` reads the events between two times, both
    /// inclusive; it is asked for those before the stretch that its chains begin with.
    ///
    /// # Errors
    /// [`ChainError`].
    pub fn complete_stretch<E>(
        graph: &FactorGraph,
        events: &mut [LedgerEvent],
        earlier: impl Fn(CandleTime, CandleTime) -> Result<Vec<LedgerEvent>, E>,
    ) -> Result<(), ChainError<E>> {
        let mut completer = Completer::new(graph);
        let mut begin = None;
        for (kind, chain, _) in &completer.newest {
            if let Some(first) = events.iter().find(|event| event.kind == *kind) {
                let base = (chain.base_time)(first)?;
                begin = Some(begin.map_or(base, |begin: CandleTime| begin.min(base)));
            }
        }
        let (Some(begin), Some(first)) = (begin, events.first().map(|event| event.visible_time)) else {
            return Ok(());
        };
        if begin < first {
            let before = earlier(begin, first.shifted(-1)).map_err(ChainError::Source)?;
            for mut event in before {
                let base = completer.base_time(&event)?;
                // A chain that began before the others is of no interest here.
                if base.is_some_and(|base| base >= begin) {
                    completer.complete(&mut event)?;
                }
            }
        }
        for event in events {
            completer.complete(event)?;
        }
        Ok(())
    }

    /// Makes the payload of the first event of each kind at or after `from` complete, and leaves the others as they are: a
    /// reader that goes through them in order needs no more. `earlier` is as for [`Completer::complete_stretch`].
    ///
    /// # Errors
    /// [`ChainError`].
    pub fn complete_first<E>(
        graph: &FactorGraph,
        events: &mut [LedgerEvent],
        from: CandleTime,
        earlier: impl Fn(CandleTime, CandleTime) -> Result<Vec<LedgerEvent>, E>,
    ) -> Result<(), ChainError<E>> {
        for (kind, ..) in Completer::new(graph).newest {
            let is_first = |event: &LedgerEvent| event.kind == kind && event.visible_time >= from;
            let Some(place) = events.iter().position(is_first) else {
                continue;
            };
            let of_kind = events[..=place].iter().filter(|event| event.kind == kind);
            let mut stretch: Vec<LedgerEvent> = of_kind.cloned().collect();
            Self::complete_stretch(graph, &mut stretch, &earlier)?;
            if let Some(first) = stretch.pop() {
                events[place] = first;
            }
        }
        Ok(())
    }

    fn base_time(&self, event: &LedgerEvent) -> Result<Option<CandleTime>, CodecError> {
        let slot = self.newest.iter().find(|(kind, ..)| *kind == event.kind);
        slot.map(|(_, chain, _)| (chain.base_time)(event)).transpose()
    }
}
