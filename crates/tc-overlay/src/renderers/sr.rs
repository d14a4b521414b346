//! Support and resistance: a line per level of the newest snapshot in the window.
//!
//! Overlay contract, section 4.4.

use tc_factor::{
    CodecError, LedgerEvent, Writer,
    factors::{
        pivot::Direction,
        sr::{Level, LevelStatus, Sr},
    },
};
use tc_market::CandleTime;

use super::structure;
use crate::{
    Definition, Instruction, LineStyle, Point, Polyline, RenderTick, Renderer, RendererSpec, Versions,
};

/// Registry entry.
pub const SPEC: RendererSpec = RendererSpec {
    name: "overlay.sr",
    needs: &[structure::SPEC.name],
    revision: 1,
    drawings: &[],
    new: || Box::<Levels>::default(),
};

/// Ids name prices with eight decimals: prices further apart than this have different ones.
const SAME_PRICE: f64 = 1e-7;

/// Lines of the newest snapshot in the window.
#[derive(Debug, Default)]
struct Levels {
    lines: Vec<LevelLine>,
    /// While the window begins at or before this time, the same levels are drawn until the next snapshot.
    stands_until: CandleTime,
    now: CandleTime,
    cutoff: CandleTime,
}

/// The line of one level.
#[derive(Debug, Clone, Copy, PartialEq)]
struct LevelLine {
    side: Direction,
    price: f64,
    start: CandleTime,
    broken: bool,
    /// Where it ends; `None`: at the newest candle.
    end: Option<CandleTime>,
    /// Candle since which it has been drawn, cut off at the window or not.
    since: CandleTime,
}

impl LevelLine {
    /// Times and prices of candles are positive, so every level has a price and its older pivot gives the start.
    fn of(level: &Level, now: CandleTime) -> Self {
        let broken = level.status() == LevelStatus::Broken;
        let death = level.death().filter(|_| broken);
        Self {
            side: level.level_type,
            price: level.price,
            start: level.first.time,
            broken,
            end: death.map(|death| death.time),
            since: now,
        }
    }

    fn points(&self, cutoff: CandleTime, now: CandleTime) -> Option<[Point; 2]> {
        let (from, to) = (self.start.max(cutoff), self.end.unwrap_or(now).min(now));
        let value = self.price;
        (from <= to).then_some([from, to].map(|time| Point { time, value }))
    }

    /// A line with an end at the newest candle or at the start of the window looks different at every candle.
    fn moves(&self, cutoff: CandleTime) -> bool {
        self.end.is_none() || self.start < cutoff
    }

    /// What a line that does not move looks like, in an order.
    fn look(&self) -> (CandleTime, Option<CandleTime>, u64, bool) {
        let resistance = self.side == Direction::Resistance;
        (self.start, self.end, self.price.to_bits(), resistance)
    }

    fn id(&self) -> String {
        let (side, price, start) = (self.side.word(), self.price, self.start);
        format!("{}:{side}:{price:.8}:{start}", self.feature())
    }

    fn shares_id(&self, other: &Self) -> bool {
        (self.start, self.side, self.broken) == (other.start, other.side, other.broken)
            && (self.price - other.price).abs() < SAME_PRICE
            && self.id() == other.id()
    }

    const fn feature(&self) -> &'static str {
        if self.broken { "sr.broken" } else { "sr.active" }
    }

    fn instruction(&self, cutoff: CandleTime, now: CandleTime) -> Option<Instruction> {
        let points = self.points(cutoff, now)?.to_vec();
        let (color, line_width, line_style) = match (self.broken, self.side) {
            (true, _) => ("rgba(148,163,184,0.6)", 1, Some(LineStyle::Dashed)),
            (false, Direction::Resistance) => ("#ef4444", 2, None),
            (false, Direction::Support) => ("#22c55e", 2, None),
        };
        Some(Instruction {
            instruction_id: self.id(),
            version: if self.moves(cutoff) { now } else { self.since },
            definition: Definition::Polyline(Polyline {
                feature: self.feature(),
                points,
                color,
                line_width,
                line_style,
                entry_direction: None,
            }),
        })
    }
}

impl Levels {
    /// Lines of the snapshot that are drawn at `tick`, each id once: the first stays.
    fn list(&mut self, tick: &RenderTick<'_>) {
        self.lines.clear();
        self.stands_until = CandleTime::MAX;
        let newest = tick.factors.factor::<Sr>().and_then(Sr::newest);
        let Some(snapshot) = newest.filter(|snapshot| snapshot.visible_time >= tick.cutoff) else {
            return;
        };
        self.stands_until = snapshot.visible_time;
        for level in &snapshot.levels {
            let line = LevelLine::of(level, tick.time);
            let drawn = line.points(tick.cutoff, tick.time).is_some();
            if drawn && !self.lines.iter().any(|earlier| earlier.shares_id(&line)) {
                self.stands_until = line.end.unwrap_or(CandleTime::MAX).min(self.stands_until);
                self.lines.push(line);
            }
        }
    }

    /// Lines whose version has to be remembered.
    fn at_rest(&mut self, cutoff: CandleTime) -> impl Iterator<Item = &mut LevelLine> {
        self.lines.iter_mut().filter(move |line| !line.moves(cutoff))
    }
}

impl Renderer for Levels {
    fn on_closed(&mut self, tick: &RenderTick<'_>) {
        (self.now, self.cutoff) = (tick.time, tick.cutoff);
        let snapshot = tick.factors.factor::<Sr>().and_then(Sr::snapshot_this_tick);
        if snapshot.is_none() && tick.cutoff <= self.stands_until {
            return;
        }
        let mut before = std::mem::take(&mut self.lines);
        before.sort_unstable_by_key(LevelLine::look);
        self.list(tick);
        for line in self.at_rest(tick.cutoff) {
            if let Ok(same) = before.binary_search_by_key(&line.look(), LevelLine::look) {
                line.since = before[same].since;
            }
        }
    }

    fn render(&self, out: &mut Vec<Instruction>) {
        let lines = self.lines.iter();
        out.extend(lines.filter_map(|line| line.instruction(self.cutoff, self.now)));
    }

    fn save(&self, out: &mut Vec<u8>) {
        for line in self.lines.iter().filter(|line| !line.moves(self.cutoff)) {
            out.time(line.since, self.now);
        }
    }

    /// The levels come from the factor: stored snapshots may be differences to others before the window.
    fn restore(
        &mut self,
        tick: &RenderTick<'_>,
        _window: &[LedgerEvent],
        versions: &mut Versions<'_>,
    ) -> Result<(), CodecError> {
        (self.now, self.cutoff) = (tick.time, tick.cutoff);
        self.list(tick);
        for line in self.at_rest(tick.cutoff) {
            line.since = versions.next_at(tick.time)?;
        }
        Ok(())
    }

    fn heap_bytes(&self) -> usize {
        self.lines.capacity() * size_of::<LevelLine>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> CandleTime {
        CandleTime::clamped(seconds)
    }

    fn line(price: f64, end: Option<i64>) -> LevelLine {
        LevelLine {
            side: Direction::Support,
            price,
            start: at(120),
            broken: end.is_some(),
            end: end.map(at),
            since: at(300),
        }
    }

    #[test]
    fn lines_that_read_the_same_share_an_id() {
        assert_eq!(line(0.25, None).id(), "sr.active:support:0.25000000:120");
        assert_eq!(line(0.25, Some(240)).id(), "sr.broken:support:0.25000000:120");
        let shares = |a: LevelLine, b: LevelLine| {
            assert_eq!(a.shares_id(&b), a.id() == b.id());
            a.shares_id(&b)
        };
        assert!(shares(line(1.2e-6, None), line(1.203e-6, None)));
        assert!(!shares(line(1.2e-6, None), line(1.216e-6, None)));
        assert!(!shares(line(1.2e-6, None), line(1.203e-6, Some(240))));
        assert!(!shares(line(70_000.01, None), line(70_000.02, None)));
    }

    #[test]
    fn a_line_that_is_cut_off_moves_with_the_window() {
        let version =
            |line: LevelLine, cutoff| line.instruction(at(cutoff), at(600)).map(|item| item.version);
        assert_eq!(version(line(1.0, Some(240)), 60), Some(at(300)));
        assert_eq!(version(line(1.0, Some(240)), 120), Some(at(300)));
        assert_eq!(version(line(1.0, Some(240)), 180), Some(at(600)));
        assert_eq!(version(line(1.0, Some(240)), 240), Some(at(600)));
        assert_eq!(version(line(1.0, Some(240)), 300), None);
        assert_eq!(version(line(1.0, None), 60), Some(at(600)));
    }
}
