//! Section 4.

use serde_json::{Value, json};
use tc_market::Candle;

/// What a pivot is the extreme of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// A high.
    Resistance,
    /// A low.
    Support,
}

impl Side {
    /// The word of the contract.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Resistance => "resistance",
            Self::Support => "support",
        }
    }
}

/// Which of the two windows found a pivot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// The wide one, strict to the left.
    Major,
    /// The narrow one, open to ties.
    Minor,
}

/// A confirmed pivot. Times in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Pivot {
    /// Which window found it.
    pub size: Size,
    /// Candle that holds the extreme.
    pub pivot_time: i64,
    /// Its high or low.
    pub pivot_price: f64,
    /// High or low.
    pub direction: Side,
    /// Tick that confirmed it.
    pub visible_time: i64,
    /// Half width of the window, candles.
    pub window: usize,
    /// Ordinal of the candle that holds the extreme.
    pub idx: usize,
}

impl Pivot {
    /// Event key, 4.3.
    #[must_use]
    pub fn key(&self) -> String {
        let size = match self.size {
            Size::Major => "major",
            Size::Minor => "minor",
        };
        format!(
            "{size}:{}:{}:{}",
            self.pivot_time,
            self.direction.word(),
            self.window
        )
    }

    /// Payload, 4.3.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "pivot_time": self.pivot_time, "pivot_price": self.pivot_price, "direction": self.direction.word(),
            "visible_time": self.visible_time, "window": self.window, "pivot_idx": self.idx,
        })
    }
}

/// 4.1 at the newest candle of `c`.
pub(super) fn majors(c: &[Candle], width: usize, timeframe_s: i64) -> Vec<Pivot> {
    let Some(i) = centre(c, width, timeframe_s) else {
        return Vec::new();
    };
    let (left, right) = (&c[i - width..i], &c[i + 1..=i + width]);
    let mut found = Vec::new();
    if left.iter().all(|j| j.high() < c[i].high()) && right.iter().all(|j| j.high() <= c[i].high()) {
        found.push(pivot(c, i, Size::Major, Side::Resistance, width));
    }
    if left.iter().all(|j| j.low() > c[i].low()) && right.iter().all(|j| j.low() >= c[i].low()) {
        found.push(pivot(c, i, Size::Major, Side::Support, width));
    }
    found
}

/// 4.2 at the newest candle of `c`; `segment` is the ordinal of the last major.
pub(super) fn minors(c: &[Candle], width: usize, segment: Option<usize>, timeframe_s: i64) -> Vec<Pivot> {
    let (Some(segment), Some(i)) = (segment, centre(c, width, timeframe_s)) else {
        return Vec::new();
    };
    if i - width < segment {
        return Vec::new();
    }
    let around = &c[i - width..=i + width];
    let mut found = Vec::new();
    if around.iter().all(|j| c[i].high() >= j.high()) {
        found.push(pivot(c, i, Size::Minor, Side::Resistance, width));
    }
    if around.iter().all(|j| c[i].low() <= j.low()) {
        found.push(pivot(c, i, Size::Minor, Side::Support, width));
    }
    found
}

/// The candle whose window ends with the newest one, if the window is whole and has no gap to the right.
fn centre(c: &[Candle], width: usize, timeframe_s: i64) -> Option<usize> {
    let v = c.len() - 1;
    let i = v.checked_sub(width)?;
    i.checked_sub(width)?;
    let right_s = c[i + 1..=v].iter().map(|_| timeframe_s).sum::<i64>();
    (c[v].time().seconds() - c[i].time().seconds() == right_s).then_some(i)
}

fn pivot(c: &[Candle], idx: usize, size: Size, direction: Side, window: usize) -> Pivot {
    Pivot {
        size,
        pivot_time: c[idx].time().seconds(),
        pivot_price: match direction {
            Side::Resistance => c[idx].high(),
            Side::Support => c[idx].low(),
        },
        direction,
        visible_time: c[idx + window].time().seconds(),
        window,
        idx,
    }
}
