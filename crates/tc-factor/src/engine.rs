//! One series' running factors.

use std::{any::Any, sync::Arc};

use tc_market::{Candle, CandleTime, Timeframe};

use crate::{
    CandleWindow, Checkpoint, CodecError, EventSink, Factor, FactorGraph, FactorState, Fingerprint, HeadRule,
    LedgerEvent, Reader, StoredTail,
};

/// Candles between two looks at what can be forgotten.
const FORGET_EVERY: u64 = 1024;

/// Whether events are computed or taken from the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoldMode {
    /// Every factor runs; events come out.
    Compute,
    /// Events come from the ledger; only factors whose head is a function of their state run.
    Follow,
}

/// Why an engine cannot go on from a checkpoint or take a candle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The checkpoint holds other factors, or other versions of them.
    #[error("checkpoint does not fit the factor graph")]
    GraphMismatch,
    /// The candles handed over do not end at the checkpoint.
    #[error("candles handed over do not reach from the oldest needed one to {0}")]
    CandleTail(CandleTime),
    /// A candle at or before the newest one.
    #[error("candle {candle} does not come after {head}")]
    OutOfOrder {
        /// Newest candle of the engine.
        head: CandleTime,
        /// The refused candle.
        candle: CandleTime,
    },
    /// State or payload bytes cannot be read.
    #[error("state cannot be read: {0}")]
    Codec(#[from] CodecError),
}

/// What a factor sees while it processes one candle: candles up to this one and the same-tick state of its
/// dependencies, nothing else.
#[derive(Debug, Clone, Copy)]
pub struct Tick<'a> {
    /// Ordinal of the candle, 0 at genesis.
    pub idx: u64,
    /// The candle itself.
    pub candle: &'a Candle,
    /// Candles up to and including this one.
    pub candles: &'a CandleWindow,
    /// Length of the timeframe, seconds.
    pub timeframe_s: i64,
    before: &'a [Box<dyn Factor>],
    upstream: &'a [usize],
}

impl<'a> Tick<'a> {
    /// State of the factor of type `F` after its part of this tick; `None` unless it is a declared dependency.
    #[must_use]
    #[inline]
    pub fn upstream<F: Factor>(&self) -> Option<&'a F> {
        let declared = self.upstream.iter();
        declared
            .filter_map(|position| self.before.get(*position))
            .find_map(downcast)
    }
}

/// The factors of one series after one candle.
#[derive(Debug)]
pub struct FactorEngine {
    graph: Arc<FactorGraph>,
    timeframe_s: i64,
    mode: FoldMode,
    factors: Vec<Box<dyn Factor>>,
    candles: CandleWindow,
    next_idx: u64,
    head: Option<CandleTime>,
    events: Vec<LedgerEvent>,
}

impl FactorEngine {
    /// An engine that has seen nothing.
    #[must_use]
    pub fn genesis(graph: Arc<FactorGraph>, timeframe: Timeframe, mode: FoldMode) -> Self {
        let factors = graph
            .nodes()
            .iter()
            .map(|node| (node.spec.new)(&node.params))
            .collect();
        Self {
            graph,
            timeframe_s: timeframe.seconds(),
            mode,
            factors,
            candles: CandleWindow::default(),
            next_idx: 0,
            head: None,
            events: Vec::new(),
        }
    }

    /// Continues from a checkpoint. `tail` are the stored candles from `checkpoint.needs_from(mode)` up to and
    /// including the checkpoint's own, ascending; empty when none is needed. `events` are the stored events of the
    /// ticks that the factors of the checkpoint need again, complete and in ledger order.
    ///
    /// # Errors
    /// [`EngineError`] when the checkpoint is of another graph, or the candles or bytes do not fit.
    pub fn restore(
        graph: Arc<FactorGraph>,
        timeframe: Timeframe,
        mode: FoldMode,
        checkpoint: &Checkpoint,
        tail: Vec<Candle>,
        events: &[LedgerEvent],
    ) -> Result<Self, EngineError> {
        let fits = graph.nodes().len() == checkpoint.factors.len()
            && graph
                .nodes()
                .iter()
                .zip(&checkpoint.factors)
                .all(|(node, saved)| {
                    node.spec.factor_name == saved.factor_name
                        && node.spec.logic_version == saved.logic_version
                });
        if !fits {
            return Err(EngineError::GraphMismatch);
        }
        let whole_tail = match checkpoint.needs_from(mode) {
            Some(from) => tail.first().is_some_and(|candle| candle.time() == from),
            None => true,
        };
        if !whole_tail || tail.last().is_some_and(|candle| candle.time() != checkpoint.time) {
            return Err(EngineError::CandleTail(checkpoint.time));
        }
        let next_idx = checkpoint.idx + 1;
        let first_idx = next_idx
            .checked_sub(tail.len() as u64)
            .ok_or(EngineError::CandleTail(checkpoint.time))?;
        let mut engine = Self::genesis(graph, timeframe, mode);
        engine.candles = CandleWindow::new(first_idx, tail);
        engine.next_idx = next_idx;
        engine.head = Some(checkpoint.time);
        let nodes = engine.graph.nodes().iter();
        for ((factor, saved), node) in engine.factors.iter_mut().zip(&checkpoint.factors).zip(nodes) {
            let tick = saved.needs_event.map_or(&[][..], |time| {
                let from = events.partition_point(|event| event.visible_time < time);
                let to = events.partition_point(|event| event.visible_time <= time);
                &events[from..to]
            });
            let stored = StoredTail {
                mode,
                candles: &engine.candles,
                events: node.own_events(tick),
            };
            let mut reader = Reader::new(&saved.state);
            factor.restore(&mut reader, &stored)?;
            reader.finish()?;
        }
        Ok(engine)
    }

    /// Computes the next closed candle; returns the events of its tick, in order.
    ///
    /// # Errors
    /// [`EngineError::OutOfOrder`] unless the candle is newer than all before.
    pub fn compute(&mut self, candle: &Candle) -> Result<&[LedgerEvent], EngineError> {
        self.begin_tick(candle)?;
        for position in 0..self.factors.len() {
            let node = &self.graph.nodes()[position];
            let (before, rest) = self.factors.split_at_mut(position);
            let tick = Tick {
                idx: self.next_idx,
                candle,
                candles: &self.candles,
                timeframe_s: self.timeframe_s,
                before,
                upstream: &node.upstream,
            };
            rest[0].on_closed(
                &tick,
                &mut EventSink::new(&mut self.events, node.first_kind, candle.time()),
            );
        }
        self.end_tick(candle);
        Ok(&self.events)
    }

    /// Moves one candle forward with the stored events of its tick.
    ///
    /// # Errors
    /// [`EngineError::OutOfOrder`] unless the candle is newer than all before, [`EngineError::Codec`] for an
    /// unreadable payload.
    pub fn follow(&mut self, candle: &Candle, stored: &[LedgerEvent]) -> Result<(), EngineError> {
        self.begin_tick(candle)?;
        for position in 0..self.factors.len() {
            let node = &self.graph.nodes()[position];
            let (before, rest) = self.factors.split_at_mut(position);
            let tick = Tick {
                idx: self.next_idx,
                candle,
                candles: &self.candles,
                timeframe_s: self.timeframe_s,
                before,
                upstream: &node.upstream,
            };
            if node.spec.head == HeadRule::State {
                rest[0].on_closed(
                    &tick,
                    &mut EventSink::new(&mut self.events, node.first_kind, candle.time()),
                );
            } else {
                rest[0].follow(&tick, node.own_events(stored))?;
            }
        }
        self.events.clear();
        self.end_tick(candle);
        Ok(())
    }

    /// State of the factor of type `F`, `None` when the graph has no such factor.
    #[must_use]
    pub fn factor<F: Factor>(&self) -> Option<&F> {
        find(&self.factors)
    }

    /// Newest candle processed.
    #[must_use]
    pub const fn head(&self) -> Option<CandleTime> {
        self.head
    }

    /// Number of candles processed since genesis.
    #[must_use]
    pub const fn processed(&self) -> u64 {
        self.next_idx
    }

    /// The graph that runs.
    #[must_use]
    pub const fn graph(&self) -> &Arc<FactorGraph> {
        &self.graph
    }

    /// Whether events are computed or followed.
    #[must_use]
    pub const fn mode(&self) -> FoldMode {
        self.mode
    }

    /// Head of the factor at `position` in graph order as a JSON object; `None`: no head.
    ///
    /// # Errors
    /// [`CodecError::Json`].
    pub fn head_json(&self, position: usize) -> Result<Option<Vec<u8>>, CodecError> {
        let Some(factor) = self.factors.get(position) else {
            return Ok(None);
        };
        let mut out = Vec::new();
        Ok(factor.write_head(&mut out)?.then_some(out))
    }

    /// State after the newest candle; `None` before the first one. The drawings add their own part.
    #[must_use]
    pub fn checkpoint(&self, fingerprint: Fingerprint) -> Option<Checkpoint> {
        let time = self.head?;
        let factors = self
            .graph
            .nodes()
            .iter()
            .zip(&self.factors)
            .map(|(node, factor)| {
                let mut state = Vec::new();
                factor.save(&mut state);
                FactorState {
                    factor_name: node.spec.factor_name.to_owned(),
                    logic_version: node.spec.logic_version.to_owned(),
                    needs_event: factor.needs_event(),
                    state,
                }
            })
            .collect();
        Some(Checkpoint {
            fingerprint,
            idx: self.next_idx - 1,
            time,
            compute_from: self.needs_from(FoldMode::Compute),
            follow_from: self.needs_from(FoldMode::Follow),
            factors,
            overlay: Vec::new(),
        })
    }

    /// Approximate heap use in bytes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.candles.heap_bytes()
            + self
                .factors
                .iter()
                .map(|factor| factor.heap_bytes())
                .sum::<usize>()
    }

    fn needs_from(&self, mode: FoldMode) -> Option<CandleTime> {
        self.factors
            .iter()
            .filter_map(|factor| factor.needs_from(mode, &self.candles))
            .min()
    }

    fn begin_tick(&mut self, candle: &Candle) -> Result<(), EngineError> {
        if let Some(head) = self.head.filter(|head| candle.time() <= *head) {
            return Err(EngineError::OutOfOrder {
                head,
                candle: candle.time(),
            });
        }
        self.events.clear();
        self.candles.push(*candle);
        Ok(())
    }

    fn end_tick(&mut self, candle: &Candle) {
        self.head = Some(candle.time());
        self.next_idx += 1;
        if self.next_idx.is_multiple_of(FORGET_EVERY) {
            let oldest = self
                .factors
                .iter()
                .filter_map(|factor| factor.reads_from(self.mode))
                .min();
            self.candles.forget_before(oldest.unwrap_or(self.next_idx));
        }
    }
}

fn find<F: Factor>(factors: &[Box<dyn Factor>]) -> Option<&F> {
    factors.iter().find_map(downcast)
}

#[expect(clippy::borrowed_box, reason = "called with the elements of a list of boxes")]
fn downcast<F: Factor>(factor: &Box<dyn Factor>) -> Option<&F> {
    (factor.as_ref() as &dyn Any).downcast_ref()
}
