//! Runs the renderers of one series.

use std::{
    cell::OnceCell,
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use tc_factor::{CodecError, FactorEngine, LedgerEvent, Reader, Writer};
use tc_market::{CandleTime, Timeframe};

use crate::{Instruction, OverlayGraph, RenderTick, Renderer, SettledRow, Settler, Versions};

/// Whether settled drawings of the window are kept for readers, or only handed out for the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    Window,
    Nothing,
}

/// A settled drawing of the window, and what it looks like once somebody asked.
#[derive(Debug)]
struct Settled {
    row: SettledRow,
    instruction: OnceCell<Instruction>,
}

impl From<SettledRow> for Settled {
    fn from(row: SettledRow) -> Self {
        Self {
            row,
            instruction: OnceCell::new(),
        }
    }
}

/// Drawings of one series after one candle: settled ones (stored, append-only) apart from head drawings (rendered on
/// read, once per candle).
#[derive(Debug)]
pub struct OverlayEngine {
    graph: Arc<OverlayGraph>,
    renderers: Vec<Box<dyn Renderer>>,
    settler: Settler,
    window_s: i64,
    keep: Keep,
    settled: VecDeque<Settled>,
    head_drawings: OnceCell<Vec<Instruction>>,
    time: CandleTime,
}

impl OverlayEngine {
    pub(crate) fn genesis(
        graph: Arc<OverlayGraph>,
        factors: &FactorEngine,
        timeframe: Timeframe,
        keep: Keep,
    ) -> Self {
        Self {
            renderers: graph.specs().iter().map(|spec| (spec.new)()).collect(),
            settler: Settler::new(&graph, factors.graph()),
            window_s: i64::from(graph.settings().window_candles) * timeframe.seconds(),
            keep,
            settled: VecDeque::new(),
            head_drawings: OnceCell::new(),
            time: CandleTime::MIN,
            graph,
        }
    }

    /// First time of the overlay window that ends at `time`.
    #[must_use]
    pub const fn cutoff(&self, time: CandleTime) -> CandleTime {
        time.shifted(-self.window_s)
    }

    /// Newest candle taken.
    #[must_use]
    pub const fn time(&self) -> CandleTime {
        self.time
    }

    /// Takes the next candle after the factors did; appends the settled drawings of its events.
    pub(crate) fn on_closed(
        &mut self,
        factors: &FactorEngine,
        time: CandleTime,
        events: &[LedgerEvent],
        settled: &mut Vec<SettledRow>,
    ) -> Result<(), CodecError> {
        self.time = time;
        self.head_drawings.take();
        let first_new = settled.len();
        self.settler.settle(events, settled)?;
        let tick = RenderTick {
            time,
            cutoff: self.cutoff(time),
            factors,
        };
        for renderer in &mut self.renderers {
            renderer.on_closed(&tick);
        }
        if self.keep == Keep::Window {
            self.settled
                .extend(settled[first_new..].iter().cloned().map(Settled::from));
            while self
                .settled
                .front()
                .is_some_and(|settled| settled.row.version < tick.cutoff)
            {
                self.settled.pop_front();
            }
        }
        Ok(())
    }

    /// Head drawings of the newest candle, each id once: the first in emission order stays.
    #[must_use]
    pub fn head_drawings(&self) -> &[Instruction] {
        self.head_drawings.get_or_init(|| self.render())
    }

    /// The same, handed over; they are rendered anew if somebody asks again.
    pub(crate) fn take_head_drawings(&mut self) -> Vec<Instruction> {
        self.head_drawings.take().unwrap_or_else(|| self.render())
    }

    fn render(&self) -> Vec<Instruction> {
        let mut out = Vec::new();
        for renderer in &self.renderers {
            renderer.render(&mut out);
        }
        let mut taken = HashSet::new();
        let first: Vec<bool> = out
            .iter()
            .map(|item| taken.insert(item.instruction_id.as_str()))
            .collect();
        drop(taken);
        let mut first = first.into_iter();
        out.retain(|_| first.next().unwrap_or_default());
        out
    }

    /// Settled part of D(newest candle) with versions above `since`, oldest first, each id once: the first in emission
    /// order stays.
    ///
    /// # Errors
    /// [`CodecError`] when a row cannot be read.
    pub fn settled_drawings(&self, since: Option<CandleTime>) -> Result<Vec<&Instruction>, CodecError> {
        let cutoff = self.cutoff(self.time);
        let start = since.map_or(0, |since| {
            self.settled
                .partition_point(|settled| settled.row.version <= since)
        });
        let mut drawings = Vec::with_capacity(self.settled.len() - start);
        for (position, settled) in self.settled.iter().enumerate().skip(start) {
            if settled.row.is_part_of(cutoff, self.time) {
                let instruction = self.look(settled)?;
                if !self.is_repetition(position, &settled.row, &instruction.instruction_id)? {
                    drawings.push(instruction);
                }
            }
        }
        Ok(drawings)
    }

    /// Whether an earlier row has this id. The id of a settled drawing names the candles it touches, so only rows that
    /// touch the same ones can share it, and none of them is older than the last of those candles.
    fn is_repetition(&self, position: usize, row: &SettledRow, id: &str) -> Result<bool, CodecError> {
        let earlier = self.settled.range(..position).rev();
        for other in earlier.take_while(|other| other.row.version >= row.last_time) {
            let same_candles = (other.row.drawing, other.row.first_time, other.row.last_time)
                == (row.drawing, row.first_time, row.last_time);
            if same_candles && self.look(other)?.instruction_id == id {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What a settled drawing looks like, made when it is first asked for.
    fn look<'a>(&self, settled: &'a Settled) -> Result<&'a Instruction, CodecError> {
        if let Some(instruction) = settled.instruction.get() {
            return Ok(instruction);
        }
        let instruction = self.instruction(&settled.row)?;
        Ok(settled.instruction.get_or_init(|| instruction))
    }

    /// Settled rows that the store must hold for D(newest candle), oldest first.
    pub fn settled_rows(&self) -> impl Iterator<Item = &SettledRow> {
        let cutoff = self.cutoff(self.time);
        self.settled
            .iter()
            .map(|settled| &settled.row)
            .filter(move |row| row.is_part_of(cutoff, self.time))
    }

    /// The instruction that a settled row stands for.
    ///
    /// # Errors
    /// [`CodecError`] when the row is of an unknown kind or cannot be read.
    pub fn instruction(&self, row: &SettledRow) -> Result<Instruction, CodecError> {
        let drawing = self
            .graph
            .drawing(row.drawing)
            .ok_or(CodecError::OutOfRange("drawing"))?;
        (drawing.instruction)(row)
    }

    pub(crate) fn save(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.bytes(self.graph.render_key().as_bytes());
        for renderer in &self.renderers {
            renderer.save(&mut out);
        }
        out
    }

    /// Draws `time`, whose overlay window holds the events `window`. Since when drawings have looked the way they do is
    /// taken from `state` if that was saved with the same render key, and is not known otherwise.
    pub(crate) fn restore(
        &mut self,
        factors: &FactorEngine,
        time: CandleTime,
        window: &[LedgerEvent],
        state: &[u8],
    ) -> Result<(), CodecError> {
        let (key, rest) = state.split_first_chunk::<16>().ok_or(CodecError::Truncated)?;
        let mut versions = if key == self.graph.render_key().as_bytes() {
            Versions::Saved(Reader::new(rest))
        } else {
            Versions::Unknown
        };
        self.time = time;
        self.head_drawings.take();
        let tick = RenderTick {
            time,
            cutoff: self.cutoff(time),
            factors,
        };
        for renderer in &mut self.renderers {
            renderer.restore(&tick, window, &mut versions)?;
        }
        versions.finish()?;
        if self.keep == Keep::Window {
            let mut settled = Vec::new();
            self.settler.settle(window, &mut settled)?;
            self.settled = settled.into_iter().map(Settled::from).collect();
        }
        Ok(())
    }

    /// Whether it is known of everything drawn since when it has looked the way it does.
    pub(crate) fn knows_versions(&self) -> bool {
        self.head_drawings()
            .iter()
            .all(|item| item.version != Versions::UNKNOWN)
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let looks = self
            .settled
            .iter()
            .filter_map(|settled| settled.instruction.get());
        let head = self.head_drawings.get().map_or(&[][..], Vec::as_slice);
        self.settled.capacity() * size_of::<Settled>()
            + looks.map(Instruction::heap_bytes).sum::<usize>()
            + size_of_val(head)
            + head.iter().map(Instruction::heap_bytes).sum::<usize>()
            + self
                .renderers
                .iter()
                .map(|renderer| renderer.heap_bytes())
                .sum::<usize>()
    }
}
