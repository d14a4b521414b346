//! The confirmed pens of the overlay window.

use std::collections::VecDeque;

use tc_factor::{
    CodecError, LedgerEvent,
    factors::pen::{self, Pen, PenEvent, PenHead},
};
use tc_market::CandleTime;

use crate::RenderTick;

/// Confirmed pens that became visible within the window, oldest first: those of the pen slice. Pens form a chain, so
/// their starts, ends and visible times ascend, and those that touch the window with their ends are the newest ones.
#[derive(Debug, Default)]
pub(crate) struct WindowPens {
    pens: VecDeque<PenEvent>,
    /// How many end before the window.
    ended: usize,
}

/// What the newest candle changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct PenChange {
    /// A pen came to or left those that touch the window.
    pub(crate) touching: bool,
    /// A pen came to or left the slice.
    pub(crate) slice: bool,
}

impl WindowPens {
    /// Moves on to the next candle.
    pub(crate) fn advance(&mut self, tick: &RenderTick<'_>) -> PenChange {
        let confirmed = tick
            .factors
            .factor::<Pen>()
            .map_or(&[][..], Pen::confirmed_this_tick);
        self.pens.extend(confirmed);
        let left = self.leave(tick.cutoff);
        PenChange {
            touching: left.touching || !confirmed.is_empty(),
            slice: left.slice || !confirmed.is_empty(),
        }
    }

    /// Takes the pens of the window that ends at `tick` from its stored events.
    pub(crate) fn restore(
        &mut self,
        tick: &RenderTick<'_>,
        window: &[LedgerEvent],
    ) -> Result<(), CodecError> {
        let kind = tick.factors.graph().kind(pen::CONFIRMED);
        for event in window.iter().filter(|event| Some(event.kind) == kind) {
            self.pens.push_back(PenEvent::decode(event)?);
        }
        self.leave(tick.cutoff);
        Ok(())
    }

    fn leave(&mut self, cutoff: CandleTime) -> PenChange {
        let mut change = PenChange::default();
        while self.pens.get(self.ended).is_some_and(|pen| pen.end_time < cutoff) {
            self.ended += 1;
            change.touching = true;
        }
        while self.pens.front().is_some_and(|pen| pen.visible_time < cutoff) {
            self.pens.pop_front();
            // A pen ends before it is visible, so it has been counted.
            self.ended -= 1;
            change.slice = true;
        }
        change
    }

    /// Whether the window has a pen slice.
    pub(crate) fn any_in_slice(&self) -> bool {
        !self.pens.is_empty()
    }

    /// Head of the pen slice.
    pub(crate) fn slice_head(&self, tick: &RenderTick<'_>) -> PenHead {
        let head = tick.factors.factor::<Pen>().and_then(Pen::head);
        head.filter(|_| self.any_in_slice()).unwrap_or_default()
    }

    /// Pens of the slice that start at `time`.
    pub(crate) fn in_slice_from(&self, time: CandleTime) -> impl Iterator<Item = &PenEvent> {
        let first = self.pens.partition_point(|pen| pen.start_time < time);
        let from = self.pens.range(first..);
        from.take_while(move |pen| pen.start_time == time)
    }

    /// Pens that touch the window.
    pub(crate) fn touching(&self) -> impl ExactSizeIterator<Item = &PenEvent> {
        self.pens.range(self.ended..)
    }

    /// Approximate heap use in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.pens.capacity() * size_of::<PenEvent>()
    }
}
