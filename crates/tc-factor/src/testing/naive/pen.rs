//! Section 5.

use serde_json::{Map, Value, json};
use tc_market::Candle;

use super::pivot::{Pivot, Side};

/// A confirmed pen. Times in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Pen {
    /// Candle of the first pivot.
    pub start_time: i64,
    /// Candle of the second pivot.
    pub end_time: i64,
    /// Price of the first pivot.
    pub start_price: f64,
    /// Price of the second pivot.
    pub end_price: f64,
    /// +1 or -1, decided by price.
    pub direction: i64,
    /// Tick that confirmed it.
    pub visible_time: i64,
    /// Ordinal of the first pivot's candle.
    pub start_idx: usize,
    /// Ordinal of the second pivot's candle.
    pub end_idx: usize,
}

impl Pen {
    /// Event key, 5.2.
    #[must_use]
    pub fn key(&self) -> String {
        format!(
            "confirmed:{}:{}:{}",
            self.start_time, self.end_time, self.direction
        )
    }

    /// Payload, 5.2.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "start_time": self.start_time, "end_time": self.end_time, "start_price": self.start_price,
            "end_price": self.end_price, "direction": self.direction, "visible_time": self.visible_time,
            "start_idx": self.start_idx, "end_idx": self.end_idx,
        })
    }
}

/// A way that is not confirmed. Times in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Leg {
    /// Where it begins.
    pub start_time: i64,
    /// The extreme it has reached.
    pub end_time: i64,
    /// Price at its beginning.
    pub start_price: f64,
    /// Price of the extreme.
    pub end_price: f64,
    /// +1 or -1.
    pub direction: i64,
}

impl Leg {
    fn to_json(&self) -> Value {
        json!({
            "start_time": self.start_time, "end_time": self.end_time, "start_price": self.start_price,
            "end_price": self.end_price, "direction": self.direction,
        })
    }
}

/// Head of the pen factor, 5.3.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PenHead {
    /// From the last settled turning point to the extreme since.
    pub extending: Option<Leg>,
    /// From there to the opposite extreme since; never without `extending`.
    pub candidate: Option<Leg>,
}

impl PenHead {
    /// The head as a JSON object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let legs = [("extending", &self.extending), ("candidate", &self.candidate)];
        let present = legs
            .into_iter()
            .filter_map(|(name, leg)| Some((name.to_owned(), leg.as_ref()?.to_json())));
        Value::Object(present.collect::<Map<_, _>>())
    }
}

/// Turning points that alternate, and the pens between them.
#[derive(Debug, Clone, Default)]
pub(super) struct Pens {
    pub(super) effective: Vec<Pivot>,
    pub(super) confirmed: Vec<Pen>,
}

impl Pens {
    /// 5.1 for one major pivot.
    pub(super) fn accept(&mut self, p: &Pivot) -> Option<Pen> {
        if !collapse(&mut self.effective, p) {
            return None;
        }
        let [.., start, end, _] = self.effective.as_slice() else {
            return None;
        };
        let pen = Pen {
            start_time: start.pivot_time,
            end_time: end.pivot_time,
            start_price: start.pivot_price,
            end_price: end.pivot_price,
            direction: if end.pivot_price > start.pivot_price {
                1
            } else {
                -1
            },
            visible_time: p.visible_time,
            start_idx: start.idx,
            end_idx: end.idx,
        };
        self.confirmed.push(pen.clone());
        Some(pen)
    }
}

/// Rules 1 to 3 of 5.1: whether `p` was appended.
fn collapse(effective: &mut Vec<Pivot>, p: &Pivot) -> bool {
    match effective.last_mut() {
        Some(q) if q.direction == p.direction => {
            let more_extreme = match p.direction {
                Side::Resistance => p.pivot_price > q.pivot_price,
                Side::Support => p.pivot_price < q.pivot_price,
            };
            if more_extreme {
                *q = p.clone();
            }
            false
        }
        _ => {
            effective.push(p.clone());
            true
        }
    }
}

/// 5.3 at the newest candle of `c`.
pub(super) fn head(effective: &[Pivot], c: &[Candle]) -> PenHead {
    let [.., s, _] = effective else {
        return PenHead::default();
    };
    let up = s.direction == Side::Support;
    let Some(extending) = leg(c, s.pivot_time, s.pivot_price, if up { 1 } else { -1 }) else {
        return PenHead::default();
    };
    let candidate = leg(c, extending.end_time, extending.end_price, -extending.direction);
    PenHead {
        extending: Some(extending),
        candidate,
    }
}

/// The head at `t` from explicit inputs, 5.4.
#[must_use]
pub fn pen_head(majors: &[Pivot], candles: &[Candle], t: i64) -> PenHead {
    let mut majors: Vec<&Pivot> = majors.iter().filter(|p| p.pivot_time <= t).collect();
    majors.sort_by_key(|p| (p.visible_time, p.pivot_time));
    let mut effective = Vec::new();
    for p in majors {
        collapse(&mut effective, p);
    }
    head(&effective, super::up_to(candles, t))
}

/// The candidate at `t` for a given last confirmed pen, 5.4 and 7.3: unlike a leg it may have no length.
#[must_use]
pub fn tail_candidate(candles: &[Candle], last_pen: Option<&Pen>, t: i64) -> Option<Leg> {
    let last = last_pen?;
    let direction = if last.direction == 1 { -1 } else { 1 };
    let (end_time, end_price) = extreme(super::up_to(candles, t), last.end_time, direction)?;
    Some(Leg {
        start_time: last.end_time,
        end_time,
        start_price: last.end_price,
        end_price,
        direction,
    })
}

/// From a start to the extreme of the candles after it; none when they do not leave its price.
fn leg(c: &[Candle], start_time: i64, start_price: f64, direction: i64) -> Option<Leg> {
    let (end_time, end_price) = extreme(c, start_time, direction)?;
    (end_price.to_bits() != start_price.to_bits()).then_some(Leg {
        start_time,
        end_time,
        start_price,
        end_price,
        direction,
    })
}

/// Time and price of the highest high (+1) or lowest low (-1) after `since`, the earliest one on ties.
fn extreme(c: &[Candle], since: i64, direction: i64) -> Option<(i64, f64)> {
    let mut best: Option<(i64, f64)> = None;
    for candle in &c[c.partition_point(|candle| candle.time().seconds() <= since)..] {
        let (price, further) = if direction == 1 {
            (candle.high(), best.is_none_or(|(_, price)| candle.high() > price))
        } else {
            (candle.low(), best.is_none_or(|(_, price)| candle.low() < price))
        };
        if further {
            best = Some((candle.time().seconds(), price));
        }
    }
    best
}
