//! Anchor: a pointer to the pen that structure is read from, moved by new zones and by longer pens.
//!
//! Factor contract, section 7; what a slice shows of it, sections 9.3 and 9.4.

mod display;
mod event;
#[cfg(test)]
mod tests;

pub use display::{shown_anchor, surviving_switches};
pub use event::{PenRef, RefKind, SwitchEvent, SwitchReason};

use serde::Serialize;
use smallvec::SmallVec;
use tc_market::{Candle, CandleTime};

use self::event::RefJson;
use super::{
    pen::{self, Pen, PenDirection, PenEvent},
    zhongshu::{self, Zhongshu},
};
use crate::{
    CodecError, EventKindSpec, EventSink, Factor, FactorSpec, FeatureSpec, FoldMode, HeadRule, HistoryList,
    HistoryRule, LedgerEvent, Reader, Slice, SliceInput, SortKey, StoredEvents, StoredTail, Tick,
    WindowEvents, Writer,
};

/// Name of the factor.
pub const NAME: &str = "anchor";
/// Kind of the events of switches.
pub const SWITCH: &str = "anchor.switch";

const SWITCH_KIND: u16 = 0;

/// Registry entry.
pub const SPEC: FactorSpec = FactorSpec {
    factor_name: NAME,
    depends_on: &[pen::NAME, zhongshu::NAME],
    logic_version: "1",
    params: &[],
    events: &[EventKindSpec {
        name: SWITCH,
        bucket: "switches",
        sort: &[SortKey::VisibleTime, SortKey::AnchorTime],
        event_key: |event| SwitchEvent::decode(event).map(|switch| switch.event_key()),
        write_json: |event, out| SwitchEvent::decode(event)?.write_json(out),
        direction: None,
        chain: None,
    }],
    head: HeadRule::State,
    history: HistoryRule::Lists(lists),
    moments: &[],
    label: "Anchor",
    default_visible: true,
    enable_feature: true,
    features: &[
        FeatureSpec {
            key: "anchor.current",
            label: "Current",
            default_visible: true,
        },
        FeatureSpec {
            key: "anchor.history",
            label: "History",
            default_visible: true,
        },
        FeatureSpec {
            key: SWITCH,
            label: "Switches",
            default_visible: true,
        },
    ],
    new: |_| Box::<Anchor>::default(),
    slice,
};

#[derive(Serialize)]
struct HeadJson {
    current_anchor_ref: Option<RefJson>,
}

/// Slice: left out without a confirmed pen and without a switch in the window.
fn slice(input: &SliceInput<'_>) -> Result<Option<Slice>, CodecError> {
    if !input.events.has(pen::CONFIRMED) && !input.events.has(SWITCH) {
        return Ok(None);
    }
    Ok(Some(Slice {
        history: input.history()?,
        head: input.head_by(|| head(input))?,
    }))
}

/// History: the pens that the shown switches led to, and the switches.
fn lists<'a>(window: &WindowEvents<'a>) -> Result<Vec<HistoryList<'a>>, CodecError> {
    let events: Vec<&LedgerEvent> = window.of_kind(SWITCH).collect();
    let switches = events.iter().map(|event| SwitchEvent::decode(event));
    let switches: Vec<SwitchEvent> = switches.collect::<Result<_, _>>()?;
    let shown = surviving_switches(&switches);
    let shown: Vec<&LedgerEvent> = shown.iter().map(|position| events[*position]).collect();
    Ok(vec![
        HistoryList {
            key: "anchors",
            events: shown.clone(),
            write: |event, out| {
                let anchor = RefJson::from(SwitchEvent::decode(event)?.new_anchor);
                serde_json::to_writer(out, &anchor).map_err(|_| CodecError::Json)
            },
        },
        HistoryList {
            key: "switches",
            events: shown,
            write: |event, out| SwitchEvent::decode(event)?.write_json(out),
        },
    ])
}

fn head(input: &SliceInput<'_>) -> Result<Vec<u8>, CodecError> {
    let pens = input.events.of_kind(pen::CONFIRMED).map(PenEvent::decode);
    let pens: Vec<PenEvent> = pens.collect::<Result<_, _>>()?;
    // The pen slice, and with it its head, is there when a pen was confirmed within the window.
    let pen_head = input.engine.factor::<Pen>().and_then(Pen::head);
    let pen_head = pen_head.filter(|_| !pens.is_empty()).unwrap_or_default();
    let current = input.engine.factor::<Anchor>().and_then(Anchor::current);
    let mut out = Vec::new();
    write_reference(shown_anchor(current, &pen_head, pens.iter()), &mut out)?;
    Ok(out)
}

fn write_reference(current: Option<PenRef>, out: &mut Vec<u8>) -> Result<(), CodecError> {
    let head = HeadJson {
        current_anchor_ref: current.map(RefJson::from),
    };
    serde_json::to_writer(out, &head).map_err(|_| CodecError::Json)
}

/// End of the last confirmed pen and the furthest price back since: the leg that may become the next pen.
#[derive(Debug, Clone, Copy, PartialEq)]
struct NextLeg {
    start_time: CandleTime,
    start_price: f64,
    direction: PenDirection,
    end: Option<(CandleTime, f64)>,
}

impl NextLeg {
    fn after(pen: &PenEvent) -> Self {
        Self {
            start_time: pen.end_time,
            start_price: pen.end_price,
            direction: pen.direction.opposite(),
            end: None,
        }
    }

    #[inline]
    fn push(&mut self, candle: &Candle) {
        let (price, further) = match (self.direction, self.end) {
            (PenDirection::Down, Some((_, end))) => (candle.low(), candle.low() < end),
            (PenDirection::Up, Some((_, end))) => (candle.high(), candle.high() > end),
            (PenDirection::Down, None) => (candle.low(), true),
            (PenDirection::Up, None) => (candle.high(), true),
        };
        if further {
            self.end = Some((candle.time(), price));
        }
    }

    /// Length in price so far.
    #[inline]
    fn strength(&self) -> Option<f64> {
        self.end.map(|(_, price)| (price - self.start_price).abs())
    }

    fn reference(&self) -> Option<PenRef> {
        self.end.map(|(end_time, _)| PenRef {
            kind: RefKind::Candidate,
            start_time: self.start_time,
            end_time,
            direction: self.direction,
        })
    }
}

/// State of the anchor factor.
#[derive(Debug, Default)]
pub struct Anchor {
    current: Option<(PenRef, f64)>,
    next: Option<NextLeg>,
    switches_this_tick: SmallVec<[SwitchEvent; 2]>,
}

impl Anchor {
    /// Where the anchor points after the newest candle; `None` before the first pen.
    #[must_use]
    pub fn current(&self) -> Option<PenRef> {
        self.current.map(|(reference, _)| reference)
    }

    /// Switches of the current tick, in order.
    #[must_use]
    pub fn switches_this_tick(&self) -> &[SwitchEvent] {
        &self.switches_this_tick
    }

    /// Section 7.1.
    fn switch_to(&mut self, reference: PenRef, strength: f64, now: CandleTime, reason: SwitchReason) {
        let old_anchor = self.current();
        if old_anchor.is_none_or(|old| old.start_time != reference.start_time) {
            self.switches_this_tick.push(SwitchEvent {
                switch_time: now,
                reason,
                old_anchor,
                new_anchor: reference,
            });
        }
        self.current = Some((reference, strength));
    }

    /// Starts the candidate anew after a confirmed pen, over all candles since its end.
    fn follow_pens(&mut self, tick: &Tick<'_>, confirmed: &[PenEvent]) {
        let Some(last) = confirmed.last() else {
            if let Some(next) = &mut self.next {
                next.push(tick.candle);
            }
            return;
        };
        let mut next = NextLeg::after(last);
        for candle in tick.candles.since(last.end_idx + 1) {
            next.push(candle);
        }
        self.next = Some(next);
    }

    /// Section 7.2: the strongest pen of the tick, if it beats the anchor from before the tick. Earlier ones win ties.
    fn strongest(&self, confirmed: &[PenEvent], baseline: Option<f64>) -> Option<(PenRef, f64)> {
        let mut to_beat = baseline;
        let mut best = None;
        for pen in confirmed {
            let strength = pen.strength();
            if to_beat.is_none_or(|other| strength > other) {
                to_beat = Some(strength);
                best = Some((PenRef::confirmed(pen), strength));
            }
        }
        let candidate = self.next.as_ref().filter(|next| {
            let strength = next.strength();
            strength.is_some_and(|strength| to_beat.is_none_or(|other| strength > other))
        });
        candidate
            .and_then(|next| Some((next.reference()?, next.strength()?)))
            .or(best)
    }
}

impl Factor for Anchor {
    fn on_closed(&mut self, tick: &Tick<'_>, out: &mut EventSink<'_>) {
        self.switches_this_tick.clear();
        let now = tick.candle.time();
        let baseline = self.current.map(|(_, strength)| strength);
        let confirmed = tick.upstream::<Pen>().map_or(&[][..], Pen::confirmed_this_tick);
        let entries = tick
            .upstream::<Zhongshu>()
            .map_or(&[][..], Zhongshu::formed_entries);
        for entry in entries {
            self.switch_to(
                PenRef::confirmed(entry),
                entry.strength(),
                now,
                SwitchReason::ZhongshuEntry,
            );
        }
        self.follow_pens(tick, confirmed);
        if let Some((reference, strength)) = self.strongest(confirmed, baseline) {
            self.switch_to(reference, strength, now, SwitchReason::StrongPen);
        }
        for switch in &self.switches_this_tick {
            out.emit(SWITCH_KIND, now, switch.encode());
        }
    }

    fn follow(&mut self, _tick: &Tick<'_>, _stored: StoredEvents<'_>) -> Result<(), CodecError> {
        Ok(())
    }

    fn save(&self, out: &mut Vec<u8>) {
        out.byte(u8::from(self.current.is_some()));
        if let Some((reference, strength)) = &self.current {
            reference.write(CandleTime::MIN, out);
            out.float(*strength);
        }
        out.byte(u8::from(self.next.is_some()));
        if let Some(next) = &self.next {
            out.time(next.start_time, CandleTime::MIN);
            out.float(next.start_price);
            out.byte(u8::from(next.direction == PenDirection::Down));
            out.byte(u8::from(next.end.is_some()));
            if let Some((time, price)) = next.end {
                out.time(time, CandleTime::MIN);
                out.float(price);
            }
        }
    }

    fn restore(&mut self, state: &mut Reader<'_>, _stored: &StoredTail<'_>) -> Result<(), CodecError> {
        if state.byte()? != 0 {
            self.current = Some((PenRef::read(CandleTime::MIN, state)?, state.float()?));
        }
        if state.byte()? != 0 {
            let (start_time, start_price) = (state.time(CandleTime::MIN)?, state.float()?);
            let direction = if state.byte()? == 0 {
                PenDirection::Up
            } else {
                PenDirection::Down
            };
            let end = if state.byte()? == 0 {
                None
            } else {
                Some((state.time(CandleTime::MIN)?, state.float()?))
            };
            self.next = Some(NextLeg {
                start_time,
                start_price,
                direction,
                end,
            });
        }
        Ok(())
    }

    /// The leg after the next pen starts at the end of that pen: a turn that the pen factor still waits to confirm,
    /// so the candles that it asks for are enough.
    fn reads_from(&self, _mode: FoldMode) -> Option<u64> {
        None
    }

    /// Section 7.5.
    fn write_head(&self, out: &mut Vec<u8>) -> Result<bool, CodecError> {
        if self.current.is_none() {
            return Ok(false);
        }
        write_reference(self.current(), out)?;
        Ok(true)
    }

    fn heap_bytes(&self) -> usize {
        0
    }
}
