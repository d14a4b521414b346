//! A zone in the making: an entry pen and two pens after it, waiting for the third.

use tc_market::{Candle, CandleTime};

use super::{FormedReason, Zone};
use crate::{
    CodecError, Reader, Writer,
    factors::pen::{PenDirection, PenEvent},
};

/// Prices that a pen covers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Span {
    pub(super) fn between(a: f64, b: f64) -> Self {
        Self {
            low: a.min(b),
            high: a.max(b),
        }
    }

    pub(super) fn of_pen(pen: &PenEvent) -> Self {
        Self::between(pen.start_price, pen.end_price)
    }
}

/// What completes a zone, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Completion {
    pub(super) formed_time: CandleTime,
    pub(super) end_time: CandleTime,
    pub(super) reason: FormedReason,
}

/// Entry pen, first and second pen, and how far the third one has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pending {
    pub(super) entry: PenEvent,
    p1: PenEvent,
    p2: PenEvent,
    p3_extreme_price: f64,
    pub(super) cross_time: Option<CandleTime>,
}

impl Pending {
    /// Section 6.2: from the newest three pens, unless the entry would start before `floor`.
    pub(super) fn after(tail: &[PenEvent], floor: CandleTime) -> Option<Self> {
        let [.., entry, p1, p2] = tail else {
            return None;
        };
        if floor > CandleTime::MIN && entry.start_time < floor {
            return None;
        }
        Some(Self {
            entry: *entry,
            p1: *p1,
            p2: *p2,
            p3_extreme_price: p2.end_price,
            cross_time: None,
        })
    }

    /// Whether `pen` is the third one.
    pub(super) fn awaits(&self, pen: &PenEvent) -> bool {
        pen.start_time == self.p3_start_time()
    }

    pub(super) fn p3_start_time(&self) -> CandleTime {
        self.p2.end_time
    }

    /// Section 6.4, steps 2 to 4: how far the third pen has come, and whether it crossed the end of the first.
    pub(super) fn look_at(&mut self, candle: &Candle) {
        if candle.time() <= self.p3_start_time() {
            return;
        }
        let trigger_price = self.p1.end_price;
        let crossed = match self.p2.direction.opposite() {
            PenDirection::Down => {
                self.p3_extreme_price = self.p3_extreme_price.min(candle.low());
                candle.low() <= trigger_price
            }
            PenDirection::Up => {
                self.p3_extreme_price = self.p3_extreme_price.max(candle.high());
                candle.high() >= trigger_price
            }
        };
        if crossed {
            self.cross_time.get_or_insert(candle.time());
        }
    }

    /// Prices that the third pen has covered so far.
    pub(super) fn third_so_far(&self) -> Span {
        Span::between(self.p2.end_price, self.p3_extreme_price)
    }

    pub(super) fn save(&self, out: &mut Vec<u8>) {
        for pen in [&self.entry, &self.p1, &self.p2] {
            pen.save(out);
        }
        out.float(self.p3_extreme_price);
        out.byte(u8::from(self.cross_time.is_some()));
        out.time(self.cross_time.unwrap_or_default(), CandleTime::MIN);
    }

    pub(super) fn restore(state: &mut Reader<'_>) -> Result<Self, CodecError> {
        let (entry, p1, p2) = (
            PenEvent::restore(state)?,
            PenEvent::restore(state)?,
            PenEvent::restore(state)?,
        );
        let p3_extreme_price = state.float()?;
        let crossed = state.byte()? != 0;
        let cross_time = state.time(CandleTime::MIN)?;
        Ok(Self {
            entry,
            p1,
            p2,
            p3_extreme_price,
            cross_time: crossed.then_some(cross_time),
        })
    }
}

/// Section 6.1: the entry and all three pens share a point; the entry is not part of the edges.
pub(super) fn try_form(pending: &Pending, third: Span, completion: &Completion) -> Option<Zone> {
    let inner = [Span::of_pen(&pending.p1), Span::of_pen(&pending.p2), third];
    let zd = inner[0].low.max(inner[1].low).max(inner[2].low);
    let zg = inner[0].high.min(inner[1].high).min(inner[2].high);
    let entry = Span::of_pen(&pending.entry);
    if entry.low.max(zd) > entry.high.min(zg) {
        return None;
    }
    Some(Zone {
        start_time: pending.entry.start_time,
        end_time: completion.end_time,
        zg,
        zd,
        entry_direction: pending.entry.direction,
        formed_time: completion.formed_time,
        formed_reason: completion.reason,
    })
}
