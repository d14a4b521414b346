//! Section 6.

use serde_json::{Value, json};
use tc_market::Candle;

use super::pen::Pen;

/// What completed a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormedBy {
    /// The third pen was confirmed.
    PenConfirmed,
    /// The price went through the end of the first pen.
    PriceCross,
}

impl FormedBy {
    /// The word of the contract.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::PenConfirmed => "pen_confirmed",
            Self::PriceCross => "price_cross",
        }
    }
}

/// A zone that is or was alive. Times in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// Start of the entry pen.
    pub start_time: i64,
    /// How far it reaches.
    pub end_time: i64,
    /// Upper edge.
    pub zg: f64,
    /// Lower edge.
    pub zd: f64,
    /// Direction of the entry pen.
    pub entry_direction: i64,
    /// When it was complete.
    pub formed_time: i64,
    /// What completed it.
    pub formed_reason: FormedBy,
    awaiting_p3: bool,
    p3_start_time: i64,
}

/// A zone that a pen left behind.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadZone {
    /// The zone as it was.
    pub zone: Zone,
    /// Tick of the pen that left it.
    pub death_time: i64,
}

impl DeadZone {
    /// Event key, 6.5.
    #[must_use]
    pub fn key(&self) -> String {
        let Self { zone, death_time } = self;
        format!(
            "dead:{}:{}:{death_time}:{:.8}:{:.8}:{}",
            zone.start_time,
            zone.formed_time,
            zone.zg,
            zone.zd,
            zone.formed_reason.word()
        )
    }

    /// Payload, 6.5.
    #[must_use]
    pub fn to_json(&self) -> Value {
        self.zone.to_json(Some(self.death_time), self.death_time)
    }
}

impl Zone {
    fn to_json(&self, death_time: Option<i64>, visible_time: i64) -> Value {
        json!({
            "start_time": self.start_time, "end_time": self.end_time, "zg": self.zg, "zd": self.zd,
            "entry_direction": self.entry_direction, "formed_time": self.formed_time,
            "formed_reason": self.formed_reason.word(), "death_time": death_time, "visible_time": visible_time,
        })
    }
}

/// Head at `at` seconds, 6.6.
pub(super) fn head_json(alive: Option<&Zone>, at: i64) -> Value {
    json!({"alive": alive.map(|zone| zone.to_json(None, at)).into_iter().collect::<Vec<_>>()})
}

#[derive(Debug, Clone)]
pub(super) struct Pending {
    entry: Pen,
    p1: Pen,
    p2: Pen,
    p3_direction: i64,
    p3_start_time: i64,
    p3_start_price: f64,
    p3_extreme_price: f64,
    trigger_price: f64,
    pub(super) cross_time: Option<i64>,
}

/// State of the zones of one series.
#[derive(Debug, Clone, Default)]
pub(super) struct Zones {
    pub(super) alive: Option<Zone>,
    pub(super) pending: Option<Pending>,
    tail: Vec<Pen>,
    pub(super) reseed_floor: i64,
}

type Range = (f64, f64);

fn range(pen: &Pen) -> Range {
    between(pen.start_price, pen.end_price)
}

fn between(a: f64, b: f64) -> Range {
    (a.min(b), a.max(b))
}

/// 6.1: lower and upper edge, if the entry and the three ranges share a point.
fn try_form(entry: Range, r1: Range, r2: Range, r3: Range) -> Option<Range> {
    let highest_low = entry.0.max(r1.0).max(r2.0).max(r3.0);
    let lowest_high = entry.1.min(r1.1).min(r2.1).min(r3.1);
    let edges = (r1.0.max(r2.0).max(r3.0), r1.1.min(r2.1).min(r3.1));
    (highest_low <= lowest_high).then_some(edges)
}

/// 6.2.
fn make_pending(tail: &[Pen], floor: i64) -> Option<Pending> {
    let [.., entry, p1, p2] = tail else {
        return None;
    };
    if floor > 0 && entry.start_time < floor {
        return None;
    }
    Some(Pending {
        entry: entry.clone(),
        p1: p1.clone(),
        p2: p2.clone(),
        p3_direction: -p2.direction,
        p3_start_time: p2.end_time,
        p3_start_price: p2.end_price,
        p3_extreme_price: p2.end_price,
        trigger_price: p1.end_price,
        cross_time: None,
    })
}

impl Zones {
    /// New pens, then the candle. Returns the entry pens of the zones formed, in order.
    pub(super) fn tick(
        &mut self,
        new_pens: &[Pen],
        candle: &Candle,
        mut died: impl FnMut(DeadZone),
    ) -> Vec<Pen> {
        let mut formed_entries = Vec::new();
        for pen in new_pens {
            let (entry, dead) = self.on_pen(pen);
            formed_entries.extend(entry);
            if let Some(dead) = dead {
                died(dead);
            }
        }
        formed_entries.extend(self.on_candle(candle));
        formed_entries
    }

    /// 6.3: the entry pen of a zone that the pen completed, the zone that it killed.
    pub(super) fn on_pen(&mut self, pen: &Pen) -> (Option<Pen>, Option<DeadZone>) {
        self.tail.push(pen.clone());
        if self.tail.len() > 4 {
            self.tail.remove(0);
        }
        match self.alive.take() {
            None => (self.on_pen_without_zone(pen), None),
            Some(zone) => (None, self.on_pen_with_zone(zone, pen)),
        }
    }

    /// 6.3 A.
    fn on_pen_without_zone(&mut self, pen: &Pen) -> Option<Pen> {
        let mut formed = None;
        if let Some(pending) = self
            .pending
            .take_if(|pending| pen.start_time == pending.p3_start_time)
        {
            let edges = try_form(
                range(&pending.entry),
                range(&pending.p1),
                range(&pending.p2),
                range(pen),
            );
            if let Some((zd, zg)) = edges {
                self.alive = Some(Zone {
                    start_time: pending.entry.start_time,
                    end_time: pen.end_time,
                    zg,
                    zd,
                    entry_direction: pending.entry.direction,
                    formed_time: pen.visible_time,
                    formed_reason: FormedBy::PenConfirmed,
                    awaiting_p3: false,
                    p3_start_time: pending.p3_start_time,
                });
                formed = Some(pending.entry);
            }
        }
        if self.alive.is_none() && self.pending.is_none() {
            self.pending = make_pending(&self.tail, self.reseed_floor);
        }
        formed
    }

    /// 6.3 B.
    fn on_pen_with_zone(&mut self, mut zone: Zone, pen: &Pen) -> Option<DeadZone> {
        if zone.awaiting_p3 && pen.start_time == zone.p3_start_time {
            zone.awaiting_p3 = false;
            zone.end_time = zone.end_time.max(pen.end_time);
            self.alive = Some(zone);
            return None;
        }
        let (lo, hi) = range(pen);
        if hi < zone.zd || lo > zone.zg {
            self.reseed_floor = match self.tail.as_slice() {
                [.., p0, _] => p0.start_time,
                _ => pen.start_time,
            };
            self.pending = make_pending(&self.tail, self.reseed_floor);
            return Some(DeadZone {
                zone,
                death_time: pen.visible_time,
            });
        }
        zone.end_time = zone.end_time.max(pen.end_time);
        self.alive = Some(zone);
        None
    }

    /// 6.4: the entry pen of a zone that the price completed.
    pub(super) fn on_candle(&mut self, candle: &Candle) -> Option<Pen> {
        let time = candle.time().seconds();
        if let Some(zone) = &mut self.alive {
            zone.end_time = zone.end_time.max(time);
            return None;
        }
        let pending = self.pending.as_mut()?;
        if time <= pending.p3_start_time {
            return None;
        }
        let crossed = if pending.p3_direction == -1 {
            pending.p3_extreme_price = pending.p3_extreme_price.min(candle.low());
            candle.low() <= pending.trigger_price
        } else {
            pending.p3_extreme_price = pending.p3_extreme_price.max(candle.high());
            candle.high() >= pending.trigger_price
        };
        if crossed && pending.cross_time.is_none() {
            pending.cross_time = Some(time);
        }
        let formed_time = pending.cross_time?;
        let r3 = between(pending.p3_start_price, pending.p3_extreme_price);
        let (zd, zg) = try_form(range(&pending.entry), range(&pending.p1), range(&pending.p2), r3)?;
        let entry = pending.entry.clone();
        self.alive = Some(Zone {
            start_time: entry.start_time,
            end_time: time,
            zg,
            zd,
            entry_direction: entry.direction,
            formed_time,
            formed_reason: FormedBy::PriceCross,
            awaiting_p3: true,
            p3_start_time: pending.p3_start_time,
        });
        self.pending = None;
        Some(entry)
    }
}

/// The zone alive at `t` from explicit inputs, 6.7.
#[must_use]
pub fn alive_in_window(pens: &[Pen], candles: &[Candle], t: i64) -> Option<Zone> {
    let mut pens: Vec<&Pen> = pens
        .iter()
        .filter(|pen| pen.visible_time > 0 && pen.visible_time <= t)
        .collect();
    pens.sort_by_key(|pen| pen.visible_time);
    let mut pens = pens.into_iter().peekable();
    let mut zones = Zones::default();
    for candle in super::up_to(candles, t) {
        while let Some(pen) = pens.next_if(|pen| pen.visible_time <= candle.time().seconds()) {
            zones.on_pen(pen);
        }
        zones.on_candle(candle);
    }
    for pen in pens {
        zones.on_pen(pen);
    }
    zones.alive
}
