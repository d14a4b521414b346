//! Support and resistance: price levels through the wicks of pairs of major pivots.
//!
//! Factor contract, section 8. A snapshot of all levels is made at every candle that confirms a pivot; between these
//! candles nothing changes. Its payload is the difference to the snapshot before, complete at every 32nd.

mod atr;
mod closes;
mod level;
mod lines;
mod pairs;
mod side;
mod snapshot;
#[cfg(test)]
mod tests;
mod text;

pub use level::{CandleRef, FlipDirection, Level, LevelStatus};
pub use snapshot::SrSnapshot;

use tc_market::CandleTime;

use self::{
    atr::Atr,
    closes::Closes,
    lines::Newest,
    pairs::Swing,
    side::{Accepted, Present, Side},
    snapshot::Chain,
};
use super::pivot::{self, Direction, Pivot, PivotEvent};
use crate::{
    CandleWindow, ChainSpec, CodecError, EventKindSpec, EventSink, Factor, FactorSpec, FeatureSpec, FoldMode,
    HeadRule, HistoryRule, MomentSpec, Reader, Slice, SliceInput, SortKey, StoredEvents, StoredTail, Tick,
    Writer,
};

/// Name of the factor.
pub const NAME: &str = "sr";
/// Moment at which a level is broken that was not.
pub const BROKEN: &str = "sr.broken";
/// Kind of the events of snapshots.
pub const SNAPSHOT: &str = "sr.snapshot";

const SNAPSHOT_KIND: u16 = 0;
/// Levels shown that are not broken.
const MAX_LEVELS: usize = 10;
/// Candles between two looks at what can be forgotten.
const FORGET_EVERY: u64 = 1024;

/// Registry entry. The constants of the contract are part of the logic version: a change of one is a change of logic.
pub const SPEC: FactorSpec = FactorSpec {
    factor_name: NAME,
    depends_on: &[pivot::NAME],
    logic_version: "1 tolerance_atr=0.5 min_touches=2 max_levels=10 broken_cross_count=3 atr_period=14 \
                    cluster_pivot_limit=200",
    params: &[],
    events: &[EventKindSpec {
        name: SNAPSHOT,
        bucket: "snapshots",
        sort: &[SortKey::VisibleTime],
        event_key: |event| SrSnapshot::decode(event).map(|snapshot| snapshot.event_key()),
        write_json: |event, out| text::payload(&SrSnapshot::decode(event)?, out),
        direction: None,
        chain: Some(ChainSpec {
            base_time: SrSnapshot::base_time,
            complete: |event, before| {
                let before = before.map(SrSnapshot::decode).transpose()?;
                Ok(SrSnapshot::decode_after(event, before.as_ref())?.encode())
            },
        }),
    }],
    head: HeadRule::LastEvent(SNAPSHOT_KIND),
    history: HistoryRule::Buckets,
    moments: &[MomentSpec {
        name: BROKEN,
        marks: |engine, marks| {
            let newest = engine.factor::<Sr>().and_then(Sr::newest);
            let levels = newest.map_or(&[][..], |snapshot| &snapshot.levels);
            marks.extend(levels.iter().filter(|level| level.is_broken()).map(Level::mark));
        },
    }],
    label: "SR",
    default_visible: true,
    enable_feature: true,
    features: &[
        FeatureSpec {
            key: "sr.active",
            label: "Active",
            default_visible: true,
        },
        FeatureSpec {
            key: "sr.broken",
            label: "Broken",
            default_visible: false,
        },
    ],
    new: |_| Box::<Sr>::default(),
    slice,
};

/// Slice: left out without a snapshot in the window and before it.
fn slice(input: &SliceInput<'_>) -> Result<Option<Slice>, CodecError> {
    let any = input
        .engine
        .factor::<Sr>()
        .is_some_and(|sr| sr.newest().is_some());
    if !any && !input.events.has(SNAPSHOT) {
        return Ok(None);
    }
    Ok(Some(Slice {
        history: input.history_by(|| text::history(input.events.of_kind(SNAPSHOT)))?,
        head: input.head()?,
    }))
}

/// State of the sr factor.
#[derive(Debug)]
pub struct Sr {
    newest_idx: Option<u64>,
    /// Half width of the window of major pivots, candles: how late a pivot is known.
    pivot_delay: u64,
    atr: Option<Atr>,
    closes: Closes,
    newest_closes: Newest,
    sides: [Side; 2],
    chain: Chain,
    newest: Option<SrSnapshot>,
    snapshot_this_tick: bool,
}

impl Default for Sr {
    fn default() -> Self {
        Self {
            newest_idx: None,
            pivot_delay: 0,
            atr: None,
            closes: Closes::default(),
            newest_closes: Newest::before(0),
            sides: [Side::new(Direction::Resistance), Side::new(Direction::Support)],
            chain: Chain::default(),
            newest: None,
            snapshot_this_tick: false,
        }
    }
}

impl Sr {
    /// The newest snapshot; `None` before the first major pivot.
    #[must_use]
    pub const fn newest(&self) -> Option<&SrSnapshot> {
        self.newest.as_ref()
    }

    /// The snapshot of the current tick.
    #[must_use]
    pub fn snapshot_this_tick(&self) -> Option<&SrSnapshot> {
        self.newest.as_ref().filter(|_| self.snapshot_this_tick)
    }

    fn enter(&mut self, pivot: &PivotEvent, tick: &Tick<'_>) {
        let back = tick.idx - pivot.pivot_idx;
        // The pivot factor keeps the candle of a pivot until it is confirmed.
        if let Some(candle) = tick.candles.get(pivot.pivot_idx) {
            let swing = Swing {
                candle: CandleRef {
                    idx: pivot.pivot_idx,
                    time: pivot.pivot_time,
                },
                wick_low: candle.low(),
                wick_high: candle.high(),
                atr: self.atr.as_ref().map_or(0.0, |atr| atr.back(back)),
            };
            self.sides[side_of(pivot.direction)].enter(swing, &self.closes);
        }
    }

    /// Section 8.4, steps 1 and 2: the snapshot after the candle, and where each of its levels stood in the one before.
    fn look(&mut self, now: CandleTime, close: f64) -> (SrSnapshot, Vec<Option<usize>>) {
        let present = Present {
            closes: &self.closes,
            newest: &self.newest_closes,
            close,
            atr: self.atr.as_ref().map_or(0.0, |atr| atr.back(0)),
        };
        let mut accepted = Vec::new();
        for (side, pivots) in self.sides.iter_mut().enumerate() {
            let before = accepted.len();
            pivots.accept(&present, &mut accepted);
            for level in &mut accepted[before..] {
                level.side = side;
            }
        }
        // Distances are not negative, so their bits are in the same order; later positions lose ties.
        let mut order: Vec<(u64, usize)> = accepted
            .iter()
            .map(|accepted| {
                let line = self.sides[accepted.side].price(accepted.position);
                (line - close).abs().to_bits()
            })
            .zip(0..)
            .collect();
        order.sort_unstable();
        let by_distance = || order.iter().map(|(_, n)| &accepted[*n]);
        let is_broken = |accepted: &&Accepted| accepted.standing.status == LevelStatus::Broken;
        let standing = by_distance()
            .filter(|accepted| !is_broken(accepted))
            .take(MAX_LEVELS);
        let shown: Vec<&Accepted> = standing.chain(by_distance().filter(is_broken)).collect();
        let mut levels = Vec::with_capacity(shown.len());
        let mut origins = Vec::with_capacity(shown.len());
        for accepted in shown {
            let side = &mut self.sides[accepted.side];
            origins.push(side.list(accepted.position, levels.len(), self.chain.count));
            levels.extend(side.level(accepted));
        }
        let visible_time = now;
        (SrSnapshot { visible_time, levels }, origins)
    }

    /// Oldest candle that the pivots, the pivots to come or the average look back at.
    fn oldest_needed(&self) -> u64 {
        let next = self.closes.next_idx();
        let average = next.saturating_sub(atr::PERIOD as u64 + 1);
        let undecided = next.saturating_sub(self.pivot_delay);
        let pivots = self
            .sides
            .iter()
            .filter_map(Side::oldest)
            .map(|candle| candle.idx);
        pivots.fold(average.min(undecided), u64::min)
    }
}

const fn side_of(direction: Direction) -> usize {
    match direction {
        Direction::Resistance => 0,
        Direction::Support => 1,
    }
}

impl Factor for Sr {
    fn on_closed(&mut self, tick: &Tick<'_>, out: &mut EventSink<'_>) {
        let candle = tick.candle;
        self.newest_idx = Some(tick.idx);
        self.snapshot_this_tick = false;
        let Some(pivot) = tick.upstream::<Pivot>() else {
            return;
        };
        self.pivot_delay = pivot.major_width();
        let kept = self.pivot_delay + 1;
        self.atr.get_or_insert_with(|| Atr::new(kept)).push(candle);
        self.closes.push(candle.time(), candle.close());
        self.newest_closes.push(candle.close());
        if tick.idx.is_multiple_of(FORGET_EVERY) {
            self.closes.forget_before(self.oldest_needed());
        }
        if pivot.majors_this_tick().is_empty() {
            return;
        }
        for major in pivot.majors_this_tick() {
            self.enter(major, tick);
        }
        let (now, origins) = self.look(candle.time(), candle.close());
        let before = self.newest.as_ref().map(|before| (before, origins.as_slice()));
        let payload = self.chain.encode(before, &now, candle.close());
        out.emit(SNAPSHOT_KIND, now.visible_time, payload);
        self.newest_closes = Newest::before(self.closes.next_idx());
        self.newest = Some(now);
        self.snapshot_this_tick = true;
    }

    fn follow(&mut self, _tick: &Tick<'_>, stored: StoredEvents<'_>) -> Result<(), CodecError> {
        self.snapshot_this_tick = false;
        for event in stored.of_kind(SNAPSHOT_KIND) {
            self.newest = Some(SrSnapshot::decode_after(event, self.newest.as_ref())?);
            self.snapshot_this_tick = true;
        }
        Ok(())
    }

    fn save(&self, out: &mut Vec<u8>) {
        out.unsigned(self.chain.count);
        out.time(self.chain.base_time, CandleTime::MIN);
        out.unsigned(self.pivot_delay);
        out.byte(u8::from(self.atr.is_some()));
        if let Some(atr) = &self.atr {
            atr.save(out);
        }
        for side in &self.sides {
            let swings = side.swings();
            out.unsigned(swings.len() as u64);
            let mut before = 0;
            for (swing, partner) in swings {
                out.unsigned(swing.candle.idx - before);
                out.float(swing.atr);
                out.unsigned(partner);
                before = swing.candle.idx;
            }
        }
    }

    fn restore(&mut self, state: &mut Reader<'_>, stored: &StoredTail<'_>) -> Result<(), CodecError> {
        let candles = stored.candles;
        self.newest_idx = candles.next_idx().checked_sub(1);
        self.chain.count = state.unsigned()?;
        self.chain.base_time = state.time(CandleTime::MIN)?;
        self.pivot_delay = state.unsigned()?;
        if state.byte()? != 0 {
            self.atr = Some(Atr::restore(state, candles.since(0))?);
        }
        self.closes.start_at(candles.first_idx());
        // Walks are remembered again from the next snapshot on; until then they go over all closes.
        self.newest_closes = Newest::before(candles.next_idx());
        if stored.mode == FoldMode::Compute {
            for candle in candles.since(0) {
                self.closes.push(candle.time(), candle.close());
            }
        }
        for side in &mut self.sides {
            let mut idx: u64 = 0;
            for _ in 0..state.unsigned()? {
                let distance = state.unsigned()?;
                idx = idx.checked_add(distance).ok_or(CodecError::OutOfRange("idx"))?;
                let (atr, partner) = (state.float()?, state.unsigned()?);
                if stored.mode == FoldMode::Follow {
                    continue;
                }
                let candle = candles.get(idx).ok_or(CodecError::OutOfRange("idx"))?;
                let swing = Swing {
                    candle: CandleRef {
                        idx,
                        time: candle.time(),
                    },
                    wick_low: candle.low(),
                    wick_high: candle.high(),
                    atr,
                };
                side.restore(swing, partner)
                    .ok_or(CodecError::OutOfRange("partner"))?;
            }
        }
        if let Some(event) = stored.events.of_kind(SNAPSHOT_KIND).last() {
            let newest = SrSnapshot::decode(event)?;
            let count = self.chain.count.saturating_sub(1);
            for (n, level) in newest.levels.iter().enumerate() {
                self.sides[side_of(level.level_type)].restore_listing(level.last, n, count);
            }
            self.newest = Some(newest);
        }
        Ok(())
    }

    /// Closes are kept here; the candle of a new pivot is kept by the pivot factor.
    fn reads_from(&self, _mode: FoldMode) -> Option<u64> {
        None
    }

    /// Computing looks back to the oldest pivot that still makes levels; following looks at snapshots only.
    fn needs_from(&self, mode: FoldMode, _candles: &CandleWindow) -> Option<CandleTime> {
        (mode == FoldMode::Compute && self.newest_idx.is_some())
            .then(|| self.closes.time(self.oldest_needed()))
    }

    fn needs_event(&self) -> Option<CandleTime> {
        self.newest.as_ref().map(|newest| newest.visible_time)
    }

    fn write_head(&self, out: &mut Vec<u8>) -> Result<bool, CodecError> {
        let Some(newest) = &self.newest else {
            return Ok(false);
        };
        text::head(newest, out)?;
        Ok(true)
    }

    fn heap_bytes(&self) -> usize {
        let levels = self.newest.as_ref().map_or(0, |newest| newest.levels.capacity());
        self.atr.as_ref().map_or(0, Atr::heap_bytes)
            + self.closes.heap_bytes()
            + self.sides.iter().map(Side::heap_bytes).sum::<usize>()
            + levels * size_of::<Level>()
    }
}
