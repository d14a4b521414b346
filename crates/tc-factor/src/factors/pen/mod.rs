//! Pens: the alternating chain between major pivots that are the most extreme of their run.
//!
//! Factor contract, section 5.

mod event;
mod head;
#[cfg(test)]
mod tests;

pub use event::{PenDirection, PenEvent};
pub use head::{PenHead, UnconfirmedPen};

use smallvec::SmallVec;
use tc_market::CandleTime;

use self::head::Legs;
use super::pivot::{self, Direction, Pivot};
use crate::{
    CodecError, EventKindSpec, EventSink, Factor, FactorSpec, FeatureSpec, FeatureValue, FoldMode, HeadRule,
    HistoryRule, Reader, Slice, SliceInput, SortKey, StoredEvents, StoredTail, Tick, Writer,
};

/// Name of the factor.
pub const NAME: &str = "pen";
/// Kind of the events of confirmed pens.
pub const CONFIRMED: &str = "pen.confirmed";

const CONFIRMED_KIND: u16 = 0;
/// Only these many of the newest effective pivots can still matter.
const EFFECTIVE_KEPT: usize = 3;

/// Registry entry.
pub const SPEC: FactorSpec = FactorSpec {
    factor_name: NAME,
    depends_on: &[pivot::NAME],
    logic_version: "1",
    params: &[],
    events: &[EventKindSpec {
        name: CONFIRMED,
        bucket: "confirmed",
        sort: &[SortKey::VisibleTime, SortKey::AnchorTime],
        event_key: |event| PenEvent::decode(event).map(|pen| pen.event_key()),
        write_json: |event, out| PenEvent::decode(event)?.write_json(out),
        chain: None,
        direction: Some(|event| {
            PenEvent::decode(event).map(|pen| FeatureValue::Int(pen.direction.sign().into()))
        }),
    }],
    head: HeadRule::State,
    history: HistoryRule::Buckets,
    moments: &[],
    label: "Pen",
    default_visible: true,
    features: &[
        FeatureSpec {
            key: CONFIRMED,
            label: "Confirmed",
            default_visible: true,
        },
        FeatureSpec {
            key: "pen.extending",
            label: "Extending",
            default_visible: true,
        },
        FeatureSpec {
            key: "pen.candidate",
            label: "Candidate",
            default_visible: true,
        },
    ],
    enable_feature: true,
    new: |_| Box::<Pen>::default(),
    slice,
};

/// Slice: left out without a confirmed pen in the window.
fn slice(input: &SliceInput<'_>) -> Result<Option<Slice>, CodecError> {
    if !input.events.has(CONFIRMED) {
        return Ok(None);
    }
    Ok(Some(Slice {
        history: input.history()?,
        head: input.head()?,
    }))
}

/// A major pivot that is the most extreme of its run.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Effective {
    time: CandleTime,
    price: f64,
    direction: Direction,
    idx: u64,
}

/// State of the pen factor.
#[derive(Debug, Default)]
pub struct Pen {
    effective: SmallVec<[Effective; 4]>,
    any_confirmed: bool,
    legs: Option<Legs>,
    new_pens: SmallVec<[PenEvent; 2]>,
}

impl Pen {
    /// Pens confirmed by the current tick, in order.
    #[must_use]
    pub fn confirmed_this_tick(&self) -> &[PenEvent] {
        &self.new_pens
    }

    /// Head after the newest candle; `None` while no pen has ever been confirmed.
    #[must_use]
    pub fn head(&self) -> Option<PenHead> {
        self.any_confirmed
            .then(|| self.legs.map_or_else(PenHead::default, |legs| legs.head()))
    }

    /// Section 5.1 for one major pivot. Returns whether the list of effective pivots grew.
    fn accept(&mut self, pivot: Effective, visible_time: CandleTime) -> bool {
        if let Some(last) = self
            .effective
            .last_mut()
            .filter(|last| last.direction == pivot.direction)
        {
            let more_extreme = match pivot.direction {
                Direction::Resistance => pivot.price > last.price,
                Direction::Support => pivot.price < last.price,
            };
            if more_extreme {
                *last = pivot;
            }
            return false;
        }
        self.effective.push(pivot);
        if let [.., start, end, _] = self.effective.as_slice() {
            self.new_pens.push(PenEvent {
                start_time: start.time,
                end_time: end.time,
                start_price: start.price,
                end_price: end.price,
                direction: PenDirection::of(start.price, end.price),
                visible_time,
                start_idx: start.idx,
                end_idx: end.idx,
            });
            self.any_confirmed = true;
        }
        if self.effective.len() > EFFECTIVE_KEPT {
            self.effective.remove(0);
        }
        true
    }

    /// Starts the legs anew at the last but one effective pivot, over the candles before this one.
    fn restart_legs(&mut self, tick: &Tick<'_>) {
        let [.., turning, _] = self.effective.as_slice() else {
            return;
        };
        let mut legs = Legs::from_turning_point(turning.time, turning.price, turning.direction);
        let later = tick.candles.since(turning.idx + 1);
        for candle in &later[..later.len().saturating_sub(1)] {
            legs.push(candle);
        }
        self.legs = Some(legs);
    }
}

impl Factor for Pen {
    fn on_closed(&mut self, tick: &Tick<'_>, out: &mut EventSink<'_>) {
        self.new_pens.clear();
        let majors = tick.upstream::<Pivot>().map_or(&[][..], Pivot::majors_this_tick);
        let mut grew = false;
        for major in majors {
            let pivot = Effective {
                time: major.pivot_time,
                price: major.pivot_price,
                direction: major.direction,
                idx: major.pivot_idx,
            };
            grew |= self.accept(pivot, major.visible_time);
        }
        for pen in &self.new_pens {
            out.emit(CONFIRMED_KIND, pen.start_time, pen.encode());
        }
        if grew {
            self.restart_legs(tick);
        }
        if let Some(legs) = &mut self.legs {
            legs.push(tick.candle);
        }
    }

    fn follow(&mut self, _tick: &Tick<'_>, _stored: StoredEvents<'_>) -> Result<(), CodecError> {
        Ok(())
    }

    fn save(&self, out: &mut Vec<u8>) {
        out.byte(u8::from(self.any_confirmed));
        out.unsigned(self.effective.len() as u64);
        for pivot in &self.effective {
            out.time(pivot.time, CandleTime::MIN);
            out.float(pivot.price);
            out.byte(u8::from(pivot.direction == Direction::Support));
            out.unsigned(pivot.idx);
        }
        out.byte(u8::from(self.legs.is_some()));
        if let Some(legs) = &self.legs {
            legs.save(out);
        }
    }

    fn restore(&mut self, state: &mut Reader<'_>, stored: &StoredTail<'_>) -> Result<(), CodecError> {
        self.any_confirmed = state.byte()? != 0;
        for _ in 0..state.unsigned()? {
            self.effective.push(Effective {
                time: state.time(CandleTime::MIN)?,
                price: state.float()?,
                direction: if state.byte()? == 0 {
                    Direction::Resistance
                } else {
                    Direction::Support
                },
                idx: Some(state.unsigned()?)
                    .filter(|idx| *idx < stored.candles.next_idx())
                    .ok_or(CodecError::OutOfRange("idx"))?,
            });
        }
        self.legs = if state.byte()? == 0 {
            None
        } else {
            Some(Legs::restore(state)?)
        };
        Ok(())
    }

    /// The next turning point can only be the newest effective pivot or a later one.
    fn reads_from(&self, _mode: FoldMode) -> Option<u64> {
        self.effective.last().map(|pivot| pivot.idx + 1)
    }

    fn write_head(&self, out: &mut Vec<u8>) -> Result<bool, CodecError> {
        match self.head() {
            Some(head) => head.write_json(out).map(|()| true),
            None => Ok(false),
        }
    }

    fn heap_bytes(&self) -> usize {
        0
    }
}
