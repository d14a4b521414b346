//! Section 7.

use serde_json::{Value, json};
use tc_market::Candle;

use super::pen::{Pen, tail_candidate};

/// Whether the pen that is pointed at was settled when the pointer was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PenKind {
    /// A confirmed pen.
    Confirmed,
    /// A pen that may still move.
    Candidate,
}

impl PenKind {
    /// The word of the contract.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Candidate => "candidate",
        }
    }
}

/// Pointer to a pen; its identity is `start_time` alone. Times in seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PenRef {
    /// Settled or not.
    pub kind: PenKind,
    /// Start of the pen.
    pub start_time: i64,
    /// End of the pen when the pointer was set.
    pub end_time: i64,
    /// +1 or -1.
    pub direction: i64,
}

impl PenRef {
    fn confirmed(pen: &Pen) -> Self {
        Self {
            kind: PenKind::Confirmed,
            start_time: pen.start_time,
            end_time: pen.end_time,
            direction: pen.direction,
        }
    }

    fn to_json(&self) -> Value {
        json!({
            "kind": self.kind.word(), "start_time": self.start_time, "end_time": self.end_time,
            "direction": self.direction,
        })
    }
}

/// Why the anchor moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A zone formed behind this pen.
    ZhongshuEntry,
    /// A pen stronger than the anchor.
    StrongPen,
}

impl Reason {
    /// The word of the contract.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ZhongshuEntry => "zhongshu_entry",
            Self::StrongPen => "strong_pen",
        }
    }
}

/// A move of the anchor to another pen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    /// The tick, seconds.
    pub switch_time: i64,
    /// Why it moved.
    pub reason: Reason,
    /// Where it was.
    pub old_anchor: Option<PenRef>,
    /// Where it is.
    pub new_anchor: PenRef,
}

impl Switch {
    /// Event key, 7.4.
    #[must_use]
    pub fn key(&self) -> String {
        let (time, to) = (self.switch_time, &self.new_anchor);
        let pen = format!("{}:{}:{}", to.start_time, to.end_time, to.direction);
        match self.reason {
            Reason::ZhongshuEntry => format!("zhongshu_entry:{time}:{pen}"),
            Reason::StrongPen => format!("strong_pen:{time}:{}:{pen}", to.kind.word()),
        }
    }

    /// Payload, 7.4.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "switch_time": self.switch_time, "reason": self.reason.word(),
            "old_anchor": self.old_anchor.as_ref().map(PenRef::to_json),
            "new_anchor": self.new_anchor.to_json(), "visible_time": self.switch_time,
        })
    }
}

/// Head, 7.5.
pub(super) fn head_json(current: Option<&PenRef>) -> Value {
    json!({"current_anchor_ref": current.map(PenRef::to_json)})
}

/// The anchor of one series.
#[derive(Debug, Clone, Default)]
pub(super) struct Anchor {
    pub(super) current: Option<PenRef>,
    pub(super) strength: Option<f64>,
}

/// 7.2: the strongest pen of a tick.
struct Strongest {
    baseline: Option<f64>,
    best: Option<(PenRef, f64)>,
}

impl Strongest {
    fn consider(&mut self, pen: PenRef, strength: f64) {
        let above_baseline = self.baseline.is_none_or(|baseline| strength > baseline);
        if above_baseline && self.best.as_ref().is_none_or(|(_, best)| strength > *best) {
            self.best = Some((pen, strength));
        }
    }
}

fn strength(start_price: f64, end_price: f64) -> f64 {
    (end_price - start_price).abs()
}

impl Anchor {
    /// 7.3 at the newest candle of `c`, with what pen and zhongshu did in this tick.
    pub(super) fn tick(
        &mut self,
        c: &[Candle],
        new_pens: &[Pen],
        formed_entries: &[Pen],
        last_pen: Option<&Pen>,
        mut switched: impl FnMut(Switch),
    ) {
        let now = c[c.len() - 1].time().seconds();
        let mut strongest = Strongest {
            baseline: self.strength,
            best: None,
        };
        for pen in new_pens {
            strongest.consider(PenRef::confirmed(pen), strength(pen.start_price, pen.end_price));
        }
        for entry in formed_entries {
            let entry_strength = strength(entry.start_price, entry.end_price);
            let switch = self.switch_to(
                PenRef::confirmed(entry),
                entry_strength,
                Reason::ZhongshuEntry,
                now,
            );
            switch.into_iter().for_each(&mut switched);
        }
        if let Some(leg) = tail_candidate(c, last_pen, now) {
            let candidate = PenRef {
                kind: PenKind::Candidate,
                start_time: leg.start_time,
                end_time: leg.end_time,
                direction: leg.direction,
            };
            strongest.consider(candidate, strength(leg.start_price, leg.end_price));
        }
        if let Some((pen, pen_strength)) = strongest.best {
            let switch = self.switch_to(pen, pen_strength, Reason::StrongPen, now);
            switch.into_iter().for_each(&mut switched);
        }
    }

    /// 7.1.
    fn switch_to(&mut self, to: PenRef, strength: f64, reason: Reason, now: i64) -> Option<Switch> {
        let old_anchor = self.current.replace(to.clone());
        self.strength = Some(strength);
        let moved = old_anchor
            .as_ref()
            .is_none_or(|old| old.start_time != to.start_time);
        moved.then_some(Switch {
            switch_time: now,
            reason,
            old_anchor,
            new_anchor: to,
        })
    }
}
