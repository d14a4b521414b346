//! Unconfirmed pens: the leg that still extends and the one that may follow it.

use serde::Serialize;
use tc_market::{Candle, CandleTime};

use super::PenDirection;
use crate::{CodecError, Reader, Writer, factors::pivot::Direction};

/// A pen that is not settled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnconfirmedPen {
    /// Where it starts.
    pub start_time: CandleTime,
    /// Where its extreme is so far.
    pub end_time: CandleTime,
    /// Price at the start.
    pub start_price: f64,
    /// Price of the extreme so far.
    pub end_price: f64,
    /// Way of the leg.
    pub direction: PenDirection,
}

impl UnconfirmedPen {
    /// Length in price.
    #[must_use]
    pub fn strength(&self) -> f64 {
        (self.end_price - self.start_price).abs()
    }
}

/// Head of the pen factor.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PenHead {
    /// Leg from the last settled turning point to the extreme since.
    pub extending: Option<UnconfirmedPen>,
    /// Leg back from that extreme.
    pub candidate: Option<UnconfirmedPen>,
}

#[derive(Serialize)]
struct LegJson {
    start_time: i64,
    end_time: i64,
    start_price: f64,
    end_price: f64,
    direction: i8,
}

#[derive(Serialize)]
struct HeadJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    extending: Option<LegJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    candidate: Option<LegJson>,
}

impl PenHead {
    pub(super) fn write_json(&self, out: &mut Vec<u8>) -> Result<(), CodecError> {
        let leg = |pen: UnconfirmedPen| LegJson {
            start_time: pen.start_time.seconds(),
            end_time: pen.end_time.seconds(),
            start_price: pen.start_price,
            end_price: pen.end_price,
            direction: pen.direction.sign(),
        };
        let head = HeadJson {
            extending: self.extending.map(leg),
            candidate: self.candidate.map(leg),
        };
        serde_json::to_writer(out, &head).map_err(|_| CodecError::Json)
    }
}

/// Time and price of an extreme.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Extreme {
    time: CandleTime,
    price: f64,
}

/// Running extremes since a turning point: the furthest one, and the furthest back after it. Earliest on ties.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Legs {
    start: Extreme,
    direction: PenDirection,
    furthest: Option<Extreme>,
    back: Option<Extreme>,
}

impl Legs {
    /// Nothing seen after the turning point at `time` and `price`; a support leads up.
    pub(super) fn from_turning_point(time: CandleTime, price: f64, kind: Direction) -> Self {
        let direction = match kind {
            Direction::Support => PenDirection::Up,
            Direction::Resistance => PenDirection::Down,
        };
        Self {
            start: Extreme { time, price },
            direction,
            furthest: None,
            back: None,
        }
    }

    pub(super) fn push(&mut self, candle: &Candle) {
        let (with, against) = match self.direction {
            PenDirection::Up => (candle.high(), candle.low()),
            PenDirection::Down => (candle.low(), candle.high()),
        };
        let time = candle.time();
        if self
            .furthest
            .is_none_or(|furthest| beyond(self.direction, with, furthest.price))
        {
            self.furthest = Some(Extreme { time, price: with });
            self.back = None;
        } else if self
            .back
            .is_none_or(|back| beyond(self.direction.opposite(), against, back.price))
        {
            self.back = Some(Extreme { time, price: against });
        }
    }

    pub(super) fn head(&self) -> PenHead {
        let Some(extending) = leg(self.start, self.furthest, self.direction) else {
            return PenHead::default();
        };
        let end = Extreme {
            time: extending.end_time,
            price: extending.end_price,
        };
        PenHead {
            extending: Some(extending),
            candidate: leg(end, self.back, self.direction.opposite()),
        }
    }

    pub(super) fn save(&self, out: &mut Vec<u8>) {
        out.byte(u8::from(self.direction == PenDirection::Down));
        for extreme in [Some(self.start), self.furthest, self.back] {
            out.byte(u8::from(extreme.is_some()));
            if let Some(extreme) = extreme {
                out.time(extreme.time, CandleTime::MIN);
                out.float(extreme.price);
            }
        }
    }

    pub(super) fn restore(state: &mut Reader<'_>) -> Result<Self, CodecError> {
        let direction = if state.byte()? == 0 {
            PenDirection::Up
        } else {
            PenDirection::Down
        };
        let mut extremes = [None; 3];
        for extreme in &mut extremes {
            if state.byte()? != 0 {
                *extreme = Some(Extreme {
                    time: state.time(CandleTime::MIN)?,
                    price: state.float()?,
                });
            }
        }
        let [Some(start), furthest, back] = extremes else {
            return Err(CodecError::OutOfRange("turning point"));
        };
        Ok(Self {
            start,
            direction,
            furthest,
            back,
        })
    }
}

fn beyond(direction: PenDirection, price: f64, than: f64) -> bool {
    match direction {
        PenDirection::Up => price > than,
        PenDirection::Down => price < than,
    }
}

/// The leg between two extremes; none when there is no end or it has exactly the price of the start.
fn leg(start: Extreme, end: Option<Extreme>, direction: PenDirection) -> Option<UnconfirmedPen> {
    let end = end.filter(|end| end.price.to_bits() != start.price.to_bits())?;
    Some(UnconfirmedPen {
        start_time: start.time,
        end_time: end.time,
        start_price: start.price,
        end_price: end.price,
        direction,
    })
}
