//! Pivots and pens straight from the text of the factor contract, sections 4 and 5: no state that could be wrong,
//! every window is looked at again.

use serde_json::{Value, json};
use tc_market::Candle;

/// Visible time, kind, event key and payload.
pub(crate) type NaiveEvent = (i64, &'static str, String, Value);

#[derive(Debug, Clone, PartialEq)]
struct Pivot {
    time: i64,
    price: f64,
    direction: &'static str,
    idx: usize,
}

/// What the contract says about a series: events in order, and the pen head at every candle.
pub(crate) struct Naive {
    pub(crate) events: Vec<NaiveEvent>,
    pub(crate) heads: Vec<Option<Value>>,
}

pub(crate) fn run(c: &[Candle], major: i64, minor: i64, tf: i64) -> Naive {
    let (major, minor) = (usize::try_from(major).unwrap(), usize::try_from(minor).unwrap());
    let mut naive = Naive {
        events: Vec::new(),
        heads: Vec::new(),
    };
    let mut last_major = None;
    let mut effective: Vec<Pivot> = Vec::new();
    let mut pens = 0;
    for v in 0..c.len() {
        let now = c[v].time().seconds();
        let majors = majors(&c[..=v], major, tf);
        for p in &majors {
            last_major = Some(p.idx);
            naive.events.push(pivot_event("major", p, now, major));
        }
        for p in minors(&c[..=v], minor, last_major, tf) {
            naive.events.push(pivot_event("minor", &p, now, minor));
        }
        for p in majors {
            if let Some(pen) = accept(&mut effective, p, now) {
                naive.events.push(pen);
                pens += 1;
            }
        }
        naive
            .heads
            .push((pens > 0).then(|| head(&c[..=v], &effective[effective.len() - 2])));
    }
    naive
}

/// 4.1 for the newest candle of `c`.
fn majors(c: &[Candle], width: usize, tf: i64) -> Vec<Pivot> {
    let v = c.len() - 1;
    if v < 2 * width {
        return Vec::new();
    }
    let i = v - width;
    if c[v].time().seconds() - c[i].time().seconds() != i64::try_from(width).unwrap() * tf {
        return Vec::new();
    }
    let mut found = Vec::new();
    let (left, right) = (&c[i - width..i], &c[i + 1..=i + width]);
    if left.iter().all(|j| j.high() < c[i].high()) && right.iter().all(|j| j.high() <= c[i].high()) {
        found.push(pivot(c, i, "resistance"));
    }
    if left.iter().all(|j| j.low() > c[i].low()) && right.iter().all(|j| j.low() >= c[i].low()) {
        found.push(pivot(c, i, "support"));
    }
    found
}

/// 4.2 for the newest candle of `c`.
fn minors(c: &[Candle], width: usize, segment: Option<usize>, tf: i64) -> Vec<Pivot> {
    let v = c.len() - 1;
    let Some(segment) = segment else {
        return Vec::new();
    };
    if v < 2 * width || v - 2 * width < segment {
        return Vec::new();
    }
    let i = v - width;
    if c[v].time().seconds() - c[i].time().seconds() != i64::try_from(width).unwrap() * tf {
        return Vec::new();
    }
    let around = &c[i - width..=i + width];
    let mut found = Vec::new();
    if around.iter().all(|j| c[i].high() >= j.high()) {
        found.push(pivot(c, i, "resistance"));
    }
    if around.iter().all(|j| c[i].low() <= j.low()) {
        found.push(pivot(c, i, "support"));
    }
    found
}

fn pivot(c: &[Candle], idx: usize, direction: &'static str) -> Pivot {
    let price = if direction == "resistance" {
        c[idx].high()
    } else {
        c[idx].low()
    };
    Pivot {
        time: c[idx].time().seconds(),
        price,
        direction,
        idx,
    }
}

fn pivot_event(size: &str, p: &Pivot, now: i64, window: usize) -> NaiveEvent {
    let kind = if size == "major" {
        "pivot.major"
    } else {
        "pivot.minor"
    };
    let key = format!("{size}:{}:{}:{window}", p.time, p.direction);
    let payload = json!({
        "pivot_time": p.time, "pivot_price": p.price, "direction": p.direction, "visible_time": now,
        "window": window, "pivot_idx": p.idx,
    });
    (now, kind, key, payload)
}

/// 5.1 for one major pivot.
fn accept(effective: &mut Vec<Pivot>, p: Pivot, now: i64) -> Option<NaiveEvent> {
    if let Some(q) = effective.last_mut()
        && q.direction == p.direction
    {
        let more_extreme = if p.direction == "resistance" {
            p.price > q.price
        } else {
            p.price < q.price
        };
        if more_extreme {
            *q = p;
        }
        return None;
    }
    effective.push(p);
    let [.., start, end, _] = &effective[..] else {
        return None;
    };
    let direction = if end.price > start.price { 1 } else { -1 };
    let key = format!("confirmed:{}:{}:{direction}", start.time, end.time);
    let payload = json!({
        "start_time": start.time, "end_time": end.time, "start_price": start.price, "end_price": end.price,
        "direction": direction, "visible_time": now, "start_idx": start.idx, "end_idx": end.idx,
    });
    Some((now, "pen.confirmed", key, payload))
}

/// 5.3 after the newest candle of `c`.
fn head(c: &[Candle], s: &Pivot) -> Value {
    let direction = if s.direction == "support" { 1 } else { -1 };
    let since = &c[s.idx + 1..];
    let Some(extending) = leg(since, (s.time, s.price), direction) else {
        return json!({});
    };
    match leg(since, (extending.1, extending.3), -direction) {
        Some(candidate) => json!({"extending": leg_json(&extending), "candidate": leg_json(&candidate)}),
        None => json!({"extending": leg_json(&extending)}),
    }
}

type Leg = (i64, i64, f64, f64, i64);

/// From `start` to the extreme of the candles after it, the earliest one.
fn leg(c: &[Candle], start: (i64, f64), direction: i64) -> Option<Leg> {
    let mut extreme: Option<(i64, f64)> = None;
    for candle in c.iter().filter(|candle| candle.time().seconds() > start.0) {
        let price = if direction == 1 {
            candle.high()
        } else {
            candle.low()
        };
        let further = extreme.is_none_or(|(_, best)| {
            if direction == 1 {
                price > best
            } else {
                price < best
            }
        });
        if further {
            extreme = Some((candle.time().seconds(), price));
        }
    }
    let (time, price) = extreme.filter(|(_, price)| price.to_bits() != start.1.to_bits())?;
    Some((start.0, time, start.1, price, direction))
}

fn leg_json(leg: &Leg) -> Value {
    json!({"start_time": leg.0, "end_time": leg.1, "start_price": leg.2, "end_price": leg.3, "direction": leg.4})
}
