//! The five factors straight from the text of the factor contract, sections 4 to 9: the whole history is kept, every
//! window is looked at again, every level is worked out from scratch.
//!
//! Slow on purpose. Tests hold the engine against it, and the benchmark takes it as the cost of computing without
//! thinking.

mod anchor;
mod event;
mod pen;
mod pivot;
mod slices;
mod sr;
#[cfg(test)]
mod tests;
mod zhongshu;

use std::sync::Arc;

use serde_json::{Map, Value};
use tc_market::{Candle, Timeframe};

pub use self::{
    anchor::{PenKind, PenRef, Reason, Switch},
    event::{NaiveEvent, NaivePayload},
    pen::{Leg, Pen, PenHead, pen_head, tail_candidate},
    pivot::{Pivot, Side, Size},
    slices::{AnchorSlice, PenSlice, PivotSlice, Slices, SrSlice, ZhongshuSlice},
    sr::{Level, LevelPivot, Snapshot, Status},
    zhongshu::{DeadZone, FormedBy, Zone, alive_in_window},
};

/// What the results depend on besides the candles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Half width of the window of major pivots, candles, at least 1.
    pub major: usize,
    /// Half width of the window of minor pivots, candles, at least 1.
    pub minor: usize,
    /// Length of the timeframe, seconds.
    pub timeframe_s: i64,
}

impl Settings {
    /// Half widths of both pivot windows, and the timeframe.
    ///
    /// # Panics
    /// On widths below 1.
    #[must_use]
    pub fn new(major: i64, minor: i64, timeframe: Timeframe) -> Self {
        let width = |candles| match usize::try_from(candles) {
            Ok(width) if width >= 1 => width,
            _ => panic!("{candles} is no width of a window"),
        };
        Self {
            major: width(major),
            minor: width(minor),
            timeframe_s: timeframe.seconds(),
        }
    }
}

/// Heads of all factors after one candle; `None`: the factor has no head (yet).
#[derive(Debug, Clone, PartialEq)]
pub struct Heads {
    /// Legs after the last settled turning point, 5.3.
    pub pen: Option<PenHead>,
    /// The zone that is alive, 6.6; inner `None`: no zone is.
    pub zhongshu: Option<Option<Zone>>,
    /// The current anchor, 7.5; inner `None`: nothing is chosen yet.
    pub anchor: Option<Option<PenRef>>,
    /// The latest snapshot, 8.5.
    pub sr: Option<Arc<Snapshot>>,
    /// Newest candle, seconds.
    pub at: i64,
}

impl Heads {
    /// The head of one factor as a JSON object; `None`: it has none.
    #[must_use]
    pub fn json_of(&self, factor: &str) -> Option<Value> {
        match factor {
            "pen" => self.pen.as_ref().map(PenHead::to_json),
            "zhongshu" => {
                let alive = self.zhongshu.as_ref()?;
                Some(zhongshu::head_json(alive.as_ref(), self.at))
            }
            "anchor" => self.anchor.as_ref().map(|to| anchor::head_json(to.as_ref())),
            "sr" => self.sr.as_ref().map(|snapshot| snapshot.head_json()),
            _ => None,
        }
    }

    /// `{factor: head}` with the factors that have one.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let present = ["pen", "zhongshu", "anchor", "sr"]
            .into_iter()
            .filter_map(|factor| Some((factor.to_owned(), self.json_of(factor)?)));
        Value::Object(present.collect::<Map<_, _>>())
    }
}

/// All factors of one series after some candles, with everything they ever said.
#[derive(Debug, Clone)]
pub struct Naive {
    settings: Settings,
    candles: Vec<Candle>,
    events: Vec<NaiveEvent>,
    last_major_idx: Option<usize>,
    majors: Vec<Pivot>,
    pens: pen::Pens,
    zones: zhongshu::Zones,
    anchor: anchor::Anchor,
    snapshot: Option<Arc<Snapshot>>,
}

impl Naive {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            candles: Vec::new(),
            events: Vec::new(),
            last_major_idx: None,
            majors: Vec::new(),
            pens: pen::Pens::default(),
            zones: zhongshu::Zones::default(),
            anchor: anchor::Anchor::default(),
            snapshot: None,
        }
    }

    /// One tick, 3.3; `candle` must be newer than all before. Returns the events of the tick.
    pub fn step(&mut self, candle: &Candle) -> &[NaiveEvent] {
        self.candles.push(*candle);
        let first = self.events.len();
        let Settings {
            major,
            minor,
            timeframe_s,
        } = self.settings;
        let c = self.candles.as_slice();
        let now = candle.time().seconds();
        let mut emit = |payload| {
            self.events.push(NaiveEvent {
                visible_time: now,
                payload,
            })
        };

        let new_majors = pivot::majors(c, major, timeframe_s);
        for p in &new_majors {
            self.last_major_idx = Some(p.idx);
            emit(NaivePayload::Pivot(p.clone()));
        }
        for p in pivot::minors(c, minor, self.last_major_idx, timeframe_s) {
            emit(NaivePayload::Pivot(p));
        }
        let mut new_pens = Vec::new();
        for p in &new_majors {
            if let Some(pen) = self.pens.accept(p) {
                emit(NaivePayload::Pen(pen.clone()));
                new_pens.push(pen);
            }
        }
        let formed_entries = self
            .zones
            .tick(&new_pens, candle, |dead| emit(NaivePayload::Dead(dead)));
        self.anchor.tick(
            c,
            &new_pens,
            &formed_entries,
            self.pens.confirmed.last(),
            |switch| {
                emit(NaivePayload::Switch(switch));
            },
        );
        if !new_majors.is_empty() {
            self.majors.extend(new_majors);
            let snapshot = Arc::new(sr::snapshot(c, &self.majors));
            self.snapshot = Some(Arc::clone(&snapshot));
            emit(NaivePayload::Snapshot(snapshot));
        }
        &self.events[first..]
    }

    /// Events so far, in ledger order.
    #[must_use]
    pub fn events(&self) -> &[NaiveEvent] {
        &self.events
    }

    /// Candles so far.
    #[must_use]
    pub fn candles(&self) -> &[Candle] {
        &self.candles
    }

    /// Heads after the newest candle.
    #[must_use]
    pub fn heads(&self) -> Heads {
        let any_pen = !self.pens.confirmed.is_empty();
        Heads {
            pen: any_pen.then(|| pen::head(&self.pens.effective, &self.candles)),
            zhongshu: any_pen.then(|| self.zones.alive.clone()),
            anchor: (any_pen || self.anchor.current.is_some()).then(|| self.anchor.current.clone()),
            sr: self.snapshot.clone(),
            at: self.candles.last().map_or(0, |candle| candle.time().seconds()),
        }
    }

    /// Slices at the newest candle over `window_candles`, 9.2; all empty without a candle.
    #[must_use]
    pub fn slices(&self, window_candles: i64) -> Slices {
        let heads = self.heads();
        let from = (heads.at - window_candles * self.settings.timeframe_s).max(0);
        let in_window = |event: &&NaiveEvent| event.visible_time >= from && event.visible_time <= heads.at;
        slices::build(self.events.iter().filter(in_window).collect(), &heads)
    }
}

/// The model after `candles`, which must ascend.
#[must_use]
pub fn fold(candles: &[Candle], settings: Settings) -> Naive {
    let mut naive = Naive::new(settings);
    for candle in candles {
        naive.step(candle);
    }
    naive
}

/// Events of all factors over `candles`, which must ascend.
#[must_use]
pub fn run(candles: &[Candle], settings: &Settings) -> Vec<NaiveEvent> {
    fold(candles, *settings).events
}

/// Heads after the newest candle at or before `at` seconds.
#[must_use]
pub fn heads_at(candles: &[Candle], settings: &Settings, at: i64) -> Heads {
    fold(up_to(candles, at), *settings).heads()
}

/// Slices at the newest candle at or before `at` seconds over `window_candles`.
#[must_use]
pub fn slices(candles: &[Candle], settings: &Settings, at: i64, window_candles: i64) -> Slices {
    fold(up_to(candles, at), *settings).slices(window_candles)
}

fn up_to(candles: &[Candle], at: i64) -> &[Candle] {
    &candles[..candles.partition_point(|candle| candle.time().seconds() <= at)]
}
