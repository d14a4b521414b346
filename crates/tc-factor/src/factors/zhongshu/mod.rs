//! Zhongshu: consolidation zones, built from an entry pen and the three pens after it, alive until a pen leaves them.
//!
//! Factor contract, section 6.

mod event;
mod pending;
#[cfg(test)]
mod tests;

pub use event::{DeadZone, FormedReason, Zone};

use smallvec::SmallVec;
use tc_market::{Candle, CandleTime};

use self::pending::{Completion, Pending, Span, try_form};
use super::pen::{self, Pen, PenEvent};
use crate::{
    CodecError, EventKindSpec, EventSink, Factor, FactorSpec, FeatureSpec, FoldMode, HeadRule, HistoryRule,
    MomentSpec, Reader, Slice, SliceInput, StoredEvents, StoredTail, Tick, Writer,
};

/// Name of the factor.
pub const NAME: &str = "zhongshu";
/// Moment at which a zone is alive that was not.
pub const FORMED: &str = "zhongshu.formed";
/// Kind of the events of dead zones.
pub const DEAD: &str = "zhongshu.dead";

const DEAD_KIND: u16 = 0;
/// Only these many of the newest pens can still matter.
const TAIL_KEPT: usize = 4;

/// Registry entry.
pub const SPEC: FactorSpec = FactorSpec {
    factor_name: NAME,
    depends_on: &[pen::NAME],
    logic_version: "1",
    params: &[],
    events: &[EventKindSpec {
        name: DEAD,
        bucket: "dead",
        sort: &[],
        event_key: |event| DeadZone::decode(event).map(|dead| dead.event_key()),
        write_json: |event, out| DeadZone::decode(event)?.write_json(out),
        direction: None,
        chain: None,
    }],
    head: HeadRule::State,
    history: HistoryRule::Buckets,
    moments: &[MomentSpec {
        name: FORMED,
        marks: |engine, marks| {
            let alive = engine.factor::<Zhongshu>().and_then(Zhongshu::alive);
            marks.extend(alive.map(|zone| [zone.start_time.seconds(), zone.formed_time.seconds(), 0]));
        },
    }],
    label: "Zhongshu",
    default_visible: true,
    enable_feature: true,
    features: &[
        FeatureSpec {
            key: "zhongshu.alive",
            label: "Alive",
            default_visible: true,
        },
        FeatureSpec {
            key: DEAD,
            label: "Dead",
            default_visible: true,
        },
    ],
    new: |_| Box::<Zhongshu>::default(),
    slice,
};

/// Slice: left out without a dead zone in the window and without an alive one.
fn slice(input: &SliceInput<'_>) -> Result<Option<Slice>, CodecError> {
    let alive = input.engine.factor::<Zhongshu>().and_then(Zhongshu::alive);
    if alive.is_none() && !input.events.has(DEAD) {
        return Ok(None);
    }
    Ok(Some(Slice {
        history: input.history()?,
        head: input.head()?,
    }))
}

/// The zone that is alive, and the pen whose end it still waits for.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Alive {
    zone: Zone,
    /// Start of the third pen while it is not confirmed: that pen cannot end the zone it completed.
    awaited_start: Option<CandleTime>,
}

/// State of the zhongshu factor.
#[derive(Debug, Default)]
pub struct Zhongshu {
    any_pen: bool,
    alive: Option<Alive>,
    pending: Option<Pending>,
    tail: SmallVec<[PenEvent; TAIL_KEPT]>,
    reseed_floor: CandleTime,
    now: CandleTime,
    formed_entries: SmallVec<[PenEvent; 2]>,
    dead_this_tick: SmallVec<[DeadZone; 2]>,
}

impl Zhongshu {
    /// The zone that is alive after the newest candle.
    #[must_use]
    pub fn alive(&self) -> Option<Zone> {
        self.alive.map(|alive| alive.zone)
    }

    /// Zones that the current tick showed to have been left, in order.
    #[must_use]
    pub fn dead_this_tick(&self) -> &[DeadZone] {
        &self.dead_this_tick
    }

    /// Entry pens of the zones that the current tick formed, in order.
    #[must_use]
    pub fn formed_entries(&self) -> &[PenEvent] {
        &self.formed_entries
    }

    /// Section 6.3.
    fn on_pen(&mut self, pen: &PenEvent) {
        self.any_pen = true;
        if self.tail.len() == TAIL_KEPT {
            self.tail.remove(0);
        }
        self.tail.push(*pen);
        match self.alive {
            None => self.build_on(pen),
            Some(alive) => self.extend_or_end(alive, pen),
        }
    }

    /// Without a zone: the pen may complete the pending one, or a new one becomes pending.
    fn build_on(&mut self, pen: &PenEvent) {
        if let Some(pending) = self.pending.filter(|pending| pending.awaits(pen)) {
            self.pending = None;
            self.form(
                &pending,
                Span::of_pen(pen),
                &Completion {
                    formed_time: pen.visible_time,
                    end_time: pen.end_time,
                    reason: FormedReason::PenConfirmed,
                },
            );
        }
        if self.alive.is_none() && self.pending.is_none() {
            self.pending = Pending::after(&self.tail, self.reseed_floor);
        }
    }

    fn extend_or_end(&mut self, alive: Alive, pen: &PenEvent) {
        let mut zone = alive.zone;
        let span = Span::of_pen(pen);
        let completes = alive.awaited_start == Some(pen.start_time);
        if !completes && (span.high < zone.zd || span.low > zone.zg) {
            let death_time = pen.visible_time;
            self.dead_this_tick.push(DeadZone { zone, death_time });
            let before = self.tail.len().checked_sub(2).map(|n| self.tail[n].start_time);
            self.reseed_floor = before.unwrap_or(pen.start_time);
            self.alive = None;
            self.pending = Pending::after(&self.tail, self.reseed_floor);
            return;
        }
        zone.end_time = zone.end_time.max(pen.end_time);
        self.alive = Some(Alive {
            zone,
            awaited_start: alive.awaited_start.filter(|_| !completes),
        });
    }

    /// Section 6.4.
    fn on_candle(&mut self, candle: &Candle) {
        if let Some(alive) = &mut self.alive {
            alive.zone.end_time = alive.zone.end_time.max(candle.time());
            return;
        }
        let Some(pending) = &mut self.pending else {
            return;
        };
        pending.look_at(candle);
        let Some(formed_time) = pending.cross_time else {
            return;
        };
        let pending = *pending;
        let completion = Completion {
            formed_time,
            end_time: candle.time(),
            reason: FormedReason::PriceCross,
        };
        if self.form(&pending, pending.third_so_far(), &completion) {
            self.pending = None;
        }
    }

    /// Section 6.1 with the third span given; returns whether a zone came to life.
    fn form(&mut self, pending: &Pending, third: Span, completion: &Completion) -> bool {
        let Some(zone) = try_form(pending, third, completion) else {
            return false;
        };
        let awaited_start =
            (completion.reason == FormedReason::PriceCross).then_some(pending.p3_start_time());
        self.alive = Some(Alive { zone, awaited_start });
        self.formed_entries.push(pending.entry);
        true
    }
}

impl Factor for Zhongshu {
    fn on_closed(&mut self, tick: &Tick<'_>, out: &mut EventSink<'_>) {
        self.now = tick.candle.time();
        self.formed_entries.clear();
        self.dead_this_tick.clear();
        let confirmed = tick.upstream::<Pen>().map_or(&[][..], Pen::confirmed_this_tick);
        for pen in confirmed {
            self.on_pen(pen);
        }
        self.on_candle(tick.candle);
        for dead in &self.dead_this_tick {
            out.emit(DEAD_KIND, dead.zone.start_time, dead.encode());
        }
    }

    fn follow(&mut self, _tick: &Tick<'_>, _stored: StoredEvents<'_>) -> Result<(), CodecError> {
        Ok(())
    }

    fn save(&self, out: &mut Vec<u8>) {
        out.time(self.now, CandleTime::MIN);
        out.byte(u8::from(self.any_pen));
        out.time(self.reseed_floor, CandleTime::MIN);
        out.unsigned(self.tail.len() as u64);
        for pen in &self.tail {
            pen.save(out);
        }
        out.byte(u8::from(self.alive.is_some()));
        if let Some(alive) = &self.alive {
            alive.zone.save(out);
            out.byte(u8::from(alive.awaited_start.is_some()));
            out.time(alive.awaited_start.unwrap_or_default(), CandleTime::MIN);
        }
        out.byte(u8::from(self.pending.is_some()));
        if let Some(pending) = &self.pending {
            pending.save(out);
        }
    }

    fn restore(&mut self, state: &mut Reader<'_>, _stored: &StoredTail<'_>) -> Result<(), CodecError> {
        self.now = state.time(CandleTime::MIN)?;
        self.any_pen = state.byte()? != 0;
        self.reseed_floor = state.time(CandleTime::MIN)?;
        for _ in 0..state.unsigned()? {
            self.tail.push(PenEvent::restore(state)?);
        }
        if self.tail.len() > TAIL_KEPT {
            return Err(CodecError::OutOfRange("tail"));
        }
        if state.byte()? != 0 {
            let zone = Zone::restore(state)?;
            let awaits = state.byte()? != 0;
            let start = state.time(CandleTime::MIN)?;
            self.alive = Some(Alive {
                zone,
                awaited_start: awaits.then_some(start),
            });
        }
        if state.byte()? != 0 {
            self.pending = Some(Pending::restore(state)?);
        }
        Ok(())
    }

    fn reads_from(&self, _mode: FoldMode) -> Option<u64> {
        None
    }

    /// Section 6.6.
    fn write_head(&self, out: &mut Vec<u8>) -> Result<bool, CodecError> {
        if !self.any_pen {
            return Ok(false);
        }
        event::write_head(self.alive().as_ref(), self.now, out)?;
        Ok(true)
    }

    fn heap_bytes(&self) -> usize {
        0
    }
}
