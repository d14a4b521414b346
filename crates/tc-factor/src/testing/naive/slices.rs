//! Section 9.2 to 9.4.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{
    DeadZone, Heads, NaiveEvent, NaivePayload, Pen, PenHead, PenKind, PenRef, Pivot, Size, Snapshot, Switch,
    Zone, anchor, zhongshu,
};

/// Slices of all factors at one candle; `None`: the factor is left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Slices {
    /// Left out without a major in the window.
    pub pivot: Option<PivotSlice>,
    /// Left out without a confirmed pen in the window.
    pub pen: Option<PenSlice>,
    /// Left out without a dead zone in the window and a living one.
    pub zhongshu: Option<ZhongshuSlice>,
    /// Left out without a confirmed pen or a switch in the window.
    pub anchor: Option<AnchorSlice>,
    /// Left out without any snapshot.
    pub sr: Option<SrSlice>,
}

/// Pivots of a window; there is no head.
#[derive(Debug, Clone, PartialEq)]
pub struct PivotSlice {
    /// Majors by tick, then time.
    pub major: Vec<Pivot>,
    /// Minors in ledger order.
    pub minor: Vec<Pivot>,
}

/// Pens of a window.
#[derive(Debug, Clone, PartialEq)]
pub struct PenSlice {
    /// Pens by tick, then start.
    pub confirmed: Vec<Pen>,
    /// Legs after the last settled turning point.
    pub head: PenHead,
}

/// Zones of a window.
#[derive(Debug, Clone, PartialEq)]
pub struct ZhongshuSlice {
    /// Dead zones in ledger order.
    pub dead: Vec<DeadZone>,
    /// The zone that is alive.
    pub alive: Option<Zone>,
    at: i64,
}

/// Anchors of a window.
#[derive(Debug, Clone, PartialEq)]
pub struct AnchorSlice {
    /// Switches that are shown, 9.3.
    pub switches: Vec<Switch>,
    /// Anchor that is shown, 9.4.
    pub current: Option<PenRef>,
}

/// Snapshots of a window.
#[derive(Debug, Clone, PartialEq)]
pub struct SrSlice {
    /// Snapshots by tick.
    pub snapshots: Vec<Arc<Snapshot>>,
    /// The latest snapshot, in the window or before it.
    pub head: Option<Arc<Snapshot>>,
}

impl Slices {
    /// `{factor: {history, head}}` with the factors that are not left out.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let slices = [
            ("pivot", self.pivot.as_ref().map(PivotSlice::to_json)),
            ("pen", self.pen.as_ref().map(PenSlice::to_json)),
            ("zhongshu", self.zhongshu.as_ref().map(ZhongshuSlice::to_json)),
            ("anchor", self.anchor.as_ref().map(AnchorSlice::to_json)),
            ("sr", self.sr.as_ref().map(SrSlice::to_json)),
        ];
        let present = slices
            .into_iter()
            .filter_map(|(name, slice)| Some((name.to_owned(), slice?)));
        Value::Object(present.collect::<Map<_, _>>())
    }
}

impl PivotSlice {
    fn to_json(&self) -> Value {
        let (major, minor) = (
            list(&self.major, Pivot::to_json),
            list(&self.minor, Pivot::to_json),
        );
        json!({"history": {"major": major, "minor": minor}, "head": {}})
    }
}

impl PenSlice {
    fn to_json(&self) -> Value {
        json!({"history": {"confirmed": list(&self.confirmed, Pen::to_json)}, "head": self.head.to_json()})
    }
}

impl ZhongshuSlice {
    fn to_json(&self) -> Value {
        let head = zhongshu::head_json(self.alive.as_ref(), self.at);
        json!({"history": {"dead": list(&self.dead, DeadZone::to_json)}, "head": head})
    }
}

impl AnchorSlice {
    fn to_json(&self) -> Value {
        let switches = list(&self.switches, Switch::to_json);
        let anchors: Vec<Value> = switches
            .iter()
            .map(|switch| switch["new_anchor"].clone())
            .collect();
        json!({
            "history": {"anchors": anchors, "switches": switches}, "head": anchor::head_json(self.current.as_ref()),
        })
    }
}

impl SrSlice {
    fn to_json(&self) -> Value {
        let snapshots = list(&self.snapshots, |snapshot| snapshot.to_json());
        let head = self
            .head
            .as_ref()
            .map_or(json!({}), |snapshot| snapshot.head_json());
        json!({"history": {"snapshots": snapshots}, "head": head})
    }
}

fn list<T>(items: &[T], to_json: impl Fn(&T) -> Value) -> Vec<Value> {
    items.iter().map(to_json).collect()
}

/// 9.2 step 4, from the events of the window and the heads at its newest candle.
pub(super) fn build(window: Vec<&NaiveEvent>, heads: &Heads) -> Slices {
    let (mut major, mut minor, mut confirmed) = (Vec::new(), Vec::new(), Vec::new());
    let (mut dead, mut switches, mut snapshots) = (Vec::new(), Vec::new(), Vec::new());
    for event in window {
        match &event.payload {
            NaivePayload::Pivot(pivot) if pivot.size == Size::Major => major.push(pivot.clone()),
            NaivePayload::Pivot(pivot) => minor.push(pivot.clone()),
            NaivePayload::Pen(pen) => confirmed.push(pen.clone()),
            NaivePayload::Dead(zone) => dead.push(zone.clone()),
            NaivePayload::Switch(switch) => switches.push(switch.clone()),
            NaivePayload::Snapshot(snapshot) => snapshots.push(Arc::clone(snapshot)),
        }
    }
    major.sort_by_key(|p| (p.visible_time, p.pivot_time));
    confirmed.sort_by_key(|pen: &Pen| (pen.visible_time, pen.start_time));
    snapshots.sort_by_key(|snapshot| snapshot.visible_time);
    let pen = (!confirmed.is_empty()).then(|| PenSlice {
        confirmed,
        head: heads.pen.clone().unwrap_or_default(),
    });
    let anchor = (pen.is_some() || !switches.is_empty()).then(|| AnchorSlice {
        switches: shown_switches(switches),
        current: shown_anchor(heads.anchor.clone().flatten(), pen.as_ref()),
    });
    let alive = heads.zhongshu.clone().flatten();
    Slices {
        pivot: (!major.is_empty()).then_some(PivotSlice { major, minor }),
        pen,
        zhongshu: (!dead.is_empty() || alive.is_some()).then_some(ZhongshuSlice {
            dead,
            alive,
            at: heads.at,
        }),
        anchor,
        sr: (!snapshots.is_empty() || heads.sr.is_some()).then(|| SrSlice {
            snapshots,
            head: heads.sr.clone(),
        }),
    }
}

/// 9.3. The engine never writes the rows that step 0 leaves out.
fn shown_switches(mut rows: Vec<Switch>) -> Vec<Switch> {
    rows.sort_by_key(|row| row.switch_time);
    let mut last_of_time: Vec<Switch> = Vec::new();
    for row in rows {
        match last_of_time
            .iter_mut()
            .find(|kept| kept.switch_time == row.switch_time)
        {
            Some(kept) => *kept = row,
            None => last_of_time.push(row),
        }
    }
    let mut shown: Vec<Switch> = Vec::new();
    for row in last_of_time {
        let start = row.new_anchor.start_time;
        if shown.iter().all(|earlier| earlier.new_anchor.start_time != start) {
            shown.push(row);
        }
    }
    shown
}

/// 9.4.
fn shown_anchor(current: Option<PenRef>, pens: Option<&PenSlice>) -> Option<PenRef> {
    let Some(leg) = pens.and_then(|pens| pens.head.candidate.as_ref()) else {
        return current;
    };
    let candidate = PenRef {
        kind: PenKind::Candidate,
        start_time: leg.start_time,
        end_time: leg.end_time,
        direction: leg.direction,
    };
    let candidate_strength = (leg.end_price - leg.start_price).abs();
    let show_candidate = current.as_ref().is_none_or(|current| {
        candidate.start_time == current.start_time || candidate_strength > shown_strength(current, pens)
    });
    if show_candidate { Some(candidate) } else { current }
}

/// 9.4.3.
fn shown_strength(current: &PenRef, pens: Option<&PenSlice>) -> f64 {
    let Some(pens) = pens else {
        return -1.0;
    };
    for leg in [&pens.head.extending, &pens.head.candidate].into_iter().flatten() {
        let same = (leg.start_time, leg.end_time, leg.direction);
        if same == (current.start_time, current.end_time, current.direction) {
            return (leg.end_price - leg.start_price).abs();
        }
    }
    let same_start = pens
        .confirmed
        .iter()
        .filter(|pen| (pen.start_time, pen.direction) == (current.start_time, current.direction));
    // The last of several greatest.
    let longest = same_start.max_by_key(|pen| pen.end_time);
    longest.map_or(-1.0, |pen| (pen.end_price - pen.start_price).abs())
}
