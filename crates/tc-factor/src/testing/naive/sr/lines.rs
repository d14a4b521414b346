//! 8.1 to 8.3: the levels of one side.

use tc_market::Candle;

use super::{Level, Status};
use crate::testing::naive::{Pivot, Side};

/// Pivots per side that a snapshot looks at.
const CLUSTER_PIVOT_LIMIT: usize = 200;
/// Crossings after which a level is broken; also the most that lie between the two pivots of a level.
const BROKEN_CROSS_COUNT: usize = 3;
/// Half of an average range is noise.
const TOLERANCE_ATR: f64 = 0.5;
/// Candles of an average range.
const ATR_PERIOD: usize = 14;
/// Touches shown at least.
const MIN_TOUCHES: usize = 2;

/// 8.1.
pub(super) fn atr(c: &[Candle]) -> Vec<f64> {
    let mut ranges: Vec<f64> = Vec::with_capacity(c.len());
    let mut averages = Vec::with_capacity(c.len());
    let mut sum = 0.0;
    for (i, candle) in c.iter().enumerate() {
        let previous = if i > 0 { c[i - 1].close() } else { c[0].close() };
        let (high, low) = (candle.high(), candle.low());
        let range = (high - low)
            .max((high - previous).abs())
            .max((low - previous).abs());
        let range = 0.0_f64.max(range);
        ranges.push(range);
        sum += range;
        if i >= ATR_PERIOD {
            sum -= ranges[i - ATR_PERIOD];
        }
        averages.push(sum / (i + 1).min(ATR_PERIOD) as f64);
    }
    averages
}

/// 8.2: `+1` above the line, `-1` below, 0 on it.
fn position(x: f64, line: f64, tol: f64) -> i8 {
    if x > line + tol {
        1
    } else if x < line - tol {
        -1
    } else {
        0
    }
}

/// Changes of position between consecutive candles off the line.
pub(in super::super) fn crosses(closes: impl Iterator<Item = f64>, line: f64, tol: f64) -> usize {
    let mut last = 0;
    let mut count = 0;
    for close in closes {
        let now = position(close, line, tol);
        if now != 0 {
            if last != 0 && now != last {
                count += 1;
            }
            last = now;
        }
    }
    count
}

/// 8.3.4: status, flip direction and the crossing that decided, walking `closes`, the pairs of ordinal and close.
pub(in super::super) fn status(
    closes: impl Iterator<Item = (usize, f64)>,
    line: f64,
    tol: f64,
    current: f64,
) -> (Status, Option<&'static str>, Option<usize>) {
    let (mut before, mut count, mut last_crossing) = (0, 0, None);
    for (j, close) in closes {
        let now = position(close, line, tol);
        if now == 0 {
            continue;
        }
        if before != 0 && now != before {
            count += 1;
            last_crossing = Some(j);
            if count == BROKEN_CROSS_COUNT {
                return (Status::Broken, None, last_crossing);
            }
        }
        before = now;
    }
    if count == 0 {
        return (Status::Active, None, None);
    }
    let flip_dir = match position(current, line, tol) {
        1 => Some("up"),
        -1 => Some("down"),
        _ => None,
    };
    (Status::Flip, flip_dir, last_crossing)
}

/// Candles up to the tick and their average ranges.
pub(super) struct View<'a> {
    pub(super) c: &'a [Candle],
    pub(super) atr: &'a [f64],
}

/// The pivot that a pivot makes a line with.
struct Partner<'a> {
    pivot: &'a Pivot,
    ov_low: f64,
    ov_high: f64,
    line: f64,
    tol: f64,
}

/// Where the price has been near a line.
struct Band {
    low: f64,
    high: f64,
    width_atr: f64,
}

impl View<'_> {
    /// Mean of the two average ranges that are above zero.
    fn atr_pair(&self, a: usize, b: usize) -> Option<f64> {
        let list: Vec<f64> = [self.atr[a], self.atr[b]]
            .into_iter()
            .filter(|range| *range > 0.0)
            .collect();
        let sum: f64 = list.iter().fold(0.0, |sum, range| sum + range);
        (!list.is_empty()).then(|| sum / list.len() as f64)
    }

    fn tolerance(&self, a: usize, b: usize, reference: f64) -> f64 {
        if let Some(mean) = self.atr_pair(a, b) {
            let t = mean * TOLERANCE_ATR;
            if t > 0.0 {
                return t;
            }
        }
        let base = if reference > 0.0 { reference } else { 1.0 };
        base * 0.002
    }

    /// 8.3: levels of one side in the order of their acceptance.
    pub(super) fn side(&self, majors: &[Pivot], side: Side) -> Vec<Level> {
        let mut pivots: Vec<&Pivot> = majors.iter().filter(|p| p.direction == side).collect();
        pivots.sort_by_key(|p| p.idx);
        let pivots = &pivots[pivots.len().saturating_sub(CLUSTER_PIVOT_LIMIT)..];
        let mut levels: Vec<Level> = Vec::new();
        for start in pivots.iter().rev() {
            let Some(partner) = self.partner(pivots, start) else {
                continue;
            };
            let level = self.level(pivots, start, &partner);
            let dd = (partner.line.abs() * 0.001).max(partner.tol * 0.5);
            match levels
                .iter_mut()
                .find(|existing| (existing.price - partner.line).abs() <= dd)
            {
                None => levels.push(level),
                Some(existing) if existing.status == Status::Broken && level.status != Status::Broken => {
                    *existing = level;
                }
                Some(_) => {}
            }
        }
        levels
    }

    /// 8.3.1.
    fn partner<'p>(&self, pivots: &[&'p Pivot], start: &Pivot) -> Option<Partner<'p>> {
        let wick = |p: &Pivot| (self.c[p.idx].low(), self.c[p.idx].high());
        for pivot in pivots.iter().rev().filter(|cand| cand.idx < start.idx) {
            let (cand_wick, start_wick) = (wick(pivot), wick(start));
            let (ov_low, ov_high) = (cand_wick.0.max(start_wick.0), cand_wick.1.min(start_wick.1));
            let line = match start.direction {
                Side::Resistance => ov_high,
                Side::Support => ov_low,
            };
            let tol = self.tolerance(start.idx, pivot.idx, line);
            if ov_low > ov_high + tol {
                continue;
            }
            let between = self.c[pivot.idx + 1..start.idx].iter().map(Candle::close);
            if crosses(between, line, tol) > BROKEN_CROSS_COUNT {
                continue;
            }
            return Some(Partner {
                pivot,
                ov_low,
                ov_high,
                line,
                tol,
            });
        }
        None
    }

    /// 8.3.2.
    fn band(&self, start: &Pivot, partner: &Partner<'_>) -> Band {
        let Partner {
            ov_low,
            ov_high,
            line,
            ..
        } = *partner;
        let (lo, hi) = (ov_low.min(ov_high), ov_low.max(ov_high));
        let mut width = 0.0_f64.max(hi - lo);
        let mut range = self.atr_pair(partner.pivot.idx, start.idx).unwrap_or(line * 0.02);
        if range <= 0.0 {
            range = (line.abs() * 0.02).max(1e-9);
        }
        let (min_w, max_w) = (range * 0.5, range * 3.0);
        if width <= 0.0 {
            width = min_w;
        }
        width = width.max(min_w).min(max_w);
        let mid = (lo + hi) / 2.0;
        Band {
            low: mid - width / 2.0,
            high: mid + width / 2.0,
            width_atr: width / range,
        }
    }

    /// 8.3.3.
    fn touches(&self, pivots: &[&Pivot], band: &Band) -> usize {
        let touches = pivots.iter().filter(|p| {
            let pt = self.tolerance(p.idx, p.idx, (band.low + band.high) / 2.0);
            let candle = &self.c[p.idx];
            !(candle.high() < band.low - pt || candle.low() > band.high + pt)
        });
        touches.count()
    }

    /// 8.3.2 to 8.3.4.
    fn level(&self, pivots: &[&Pivot], start: &Pivot, partner: &Partner<'_>) -> Level {
        let v = self.c.len() - 1;
        let line = partner.line;
        let band = self.band(start, partner);
        let n = self.touches(pivots, &band);
        let (share, any) = if n > 0 {
            (1.0_f64.min(n as f64 / 4.0), 1.0)
        } else {
            (0.0, 0.0)
        };
        let current = self.c[v].close();
        let mut range = self.atr[v];
        if range <= 0.0 {
            range = (line.abs() * 0.02).max(1e-9);
        }
        let closes = (start.idx + 1..=v).map(|j| (j, self.c[j].close()));
        let (status, flip_dir, death_idx) = status(closes, line, range * TOLERANCE_ATR, current);
        Level {
            price: line,
            level_type: start.direction,
            status,
            first_idx: partner.pivot.idx,
            last_idx: start.idx,
            first_time: partner.pivot.pivot_time,
            last_time: start.pivot_time,
            count: n.max(MIN_TOUCHES),
            flip_dir,
            level_score: 0.5 * share + 0.5 * any,
            band_low: band.low,
            band_high: band.high,
            band_width_atr: band.width_atr,
            death_idx,
            death_time: death_idx.map(|j| self.c[j].time().seconds()),
        }
    }
}
