//! The anchor: the pen it points to, and the pens it pointed to before.
//!
//! Which pens those are is decided by the functions that make the anchor slice, so that drawing and slice agree.

use tc_factor::{
    CodecError, LedgerEvent,
    factors::{
        anchor::{self, Anchor, PenRef, RefKind, SwitchEvent, shown_anchor, surviving_switches},
        pen::{PenHead, UnconfirmedPen},
    },
};
use tc_market::CandleTime;

use crate::{
    Definition, Instruction, LineStyle, Point, Polyline, RenderTick, Versions, dated::Dated,
    window_pens::WindowPens,
};

const CURRENT: &str = "anchor.current";
const HISTORY: &str = "anchor.history";

/// Start and end of a pen.
type Ends = [Point; 2];

/// Lines of the anchor and since when each has looked the way it does.
#[derive(Debug, Default)]
pub(super) struct AnchorLines {
    pens: WindowPens,
    /// Switches of the window in ledger order.
    switches: Vec<SwitchEvent>,
    /// Head of the pen slice.
    head: PenHead,
    /// Where the anchor points.
    pointed: Option<PenRef>,
    /// Where the anchor slice says it points.
    shown: Option<PenRef>,
    current: Dated<(Ends, Option<LineStyle>)>,
    /// One per switch that the slice shows, in its order.
    history: Vec<Former>,
    now: CandleTime,
}

/// A place where the anchor was.
#[derive(Debug)]
struct Former {
    switch_time: CandleTime,
    anchor: PenRef,
    line: Dated<Ends>,
}

impl AnchorLines {
    pub(super) fn on_closed(&mut self, tick: &RenderTick<'_>) {
        self.now = tick.time;
        let pens = self.pens.advance(tick);
        let switches = self.advance_switches(tick);
        let head = self.pens.slice_head(tick);
        let pointed = tick.factors.factor::<Anchor>().and_then(Anchor::current);
        let everything = pens.slice || switches;
        if !everything && head == self.head && pointed == self.pointed {
            return;
        }
        if switches {
            self.list_history();
        }
        let before = self.starts();
        self.point(head, pointed);
        let after = self.starts();
        // What moved without a pen or switch coming or going concerns only pens that start where it starts or started.
        self.draw(|start| everything || before.contains(&Some(start)) || after.contains(&Some(start)));
    }

    /// Returns whether a switch came or left.
    fn advance_switches(&mut self, tick: &RenderTick<'_>) -> bool {
        let left = self
            .switches
            .partition_point(|switch| switch.switch_time < tick.cutoff);
        self.switches.drain(..left);
        let new = tick
            .factors
            .factor::<Anchor>()
            .map_or(&[][..], Anchor::switches_this_tick);
        self.switches.extend_from_slice(new);
        left > 0 || !new.is_empty()
    }

    /// Lists the places of the slice anew; the line of a place that stays is kept.
    fn list_history(&mut self) {
        let mut before = std::mem::take(&mut self.history).into_iter().peekable();
        for position in surviving_switches(&self.switches) {
            let switch = &self.switches[position];
            // Both lists ascend, with one place per time at most.
            while before
                .next_if(|former| former.switch_time < switch.switch_time)
                .is_some()
            {}
            let kept = before.next_if(|former| former.switch_time == switch.switch_time);
            self.history.push(kept.unwrap_or_else(|| Former {
                switch_time: switch.switch_time,
                anchor: switch.new_anchor,
                line: Dated::default(),
            }));
        }
    }

    fn point(&mut self, head: PenHead, pointed: Option<PenRef>) {
        self.head = head;
        self.pointed = pointed;
        let in_slice = self.pens.any_in_slice() || !self.switches.is_empty();
        // Only pens that start at the anchor are looked at.
        let start = pointed.map(|anchor| anchor.start_time).unwrap_or_default();
        let shown = || shown_anchor(pointed, &head, self.pens.in_slice_from(start));
        self.shown = in_slice.then(shown).flatten();
    }

    /// Starts of everything that moves between the candles at which pens and switches come.
    fn starts(&self) -> [Option<CandleTime>; 3] {
        let leg = |leg: &Option<UnconfirmedPen>| leg.as_ref().map(|leg| leg.start_time);
        [
            leg(&self.head.extending),
            leg(&self.head.candidate),
            self.shown.map(|anchor| anchor.start_time),
        ]
    }

    fn draw(&mut self, concerned: impl Fn(CandleTime) -> bool) {
        self.current.update(self.current_line(), self.now);
        let mut history = std::mem::take(&mut self.history);
        for former in &mut history {
            if concerned(former.anchor.start_time) {
                former.line.update(self.former_line(&former.anchor), self.now);
            }
        }
        self.history = history;
    }

    fn current_line(&self) -> Option<(Ends, Option<LineStyle>)> {
        self.line(&self.shown?)
    }

    fn former_line(&self, anchor: &PenRef) -> Option<Ends> {
        let is_current = |shown: PenRef| shown.start_time == anchor.start_time;
        if self.shown.is_some_and(is_current) {
            return None;
        }
        self.line(anchor).map(|(ends, _)| ends)
    }

    /// The pen that a reference points to, as far as the window knows it; dashed while it is not confirmed.
    fn line(&self, anchor: &PenRef) -> Option<(Ends, Option<LineStyle>)> {
        if anchor.kind == RefKind::Candidate {
            let legs = [&self.head.candidate, &self.head.extending].into_iter().flatten();
            let mut same = legs.filter(|leg| PenRef::candidate(leg) == *anchor);
            if let Some(leg) = same.next() {
                let ends = ends(leg.start_time, leg.start_price, leg.end_time, leg.end_price);
                return Some((ends, Some(LineStyle::Dashed)));
            }
        }
        let same_way = self
            .pens
            .in_slice_from(anchor.start_time)
            .filter(|pen| pen.direction == anchor.direction);
        let pen = same_way.max_by_key(|pen| (pen.end_time == anchor.end_time, pen.end_time))?;
        Some((
            ends(pen.start_time, pen.start_price, pen.end_time, pen.end_price),
            None,
        ))
    }

    pub(super) fn render(&self, out: &mut Vec<Instruction>) {
        if let Some(((ends, style), version)) = self.current.get() {
            let definition = line(CURRENT, *ends, "#f59e0b", 2, *style);
            out.push(Instruction {
                instruction_id: CURRENT.to_owned(),
                version,
                definition,
            });
        }
        for former in &self.history {
            let Some((ends, version)) = former.line.get() else {
                continue;
            };
            let (switch_time, anchor) = (former.switch_time, &former.anchor);
            let (start, end) = (anchor.start_time, anchor.end_time);
            let direction = anchor.direction.sign();
            out.push(Instruction {
                instruction_id: format!("{HISTORY}:{switch_time}:{start}:{end}:{direction}"),
                version,
                definition: line(HISTORY, *ends, "rgba(59,130,246,0.55)", 1, None),
            });
        }
    }

    pub(super) fn save(&self, out: &mut Vec<u8>) {
        self.current.save(self.now, out);
        for former in &self.history {
            former.line.save(self.now, out);
        }
    }

    pub(super) fn restore(
        &mut self,
        tick: &RenderTick<'_>,
        window: &[LedgerEvent],
        versions: &mut Versions<'_>,
    ) -> Result<(), CodecError> {
        self.now = tick.time;
        self.pens.restore(tick, window)?;
        let kind = tick.factors.graph().kind(anchor::SWITCH);
        for event in window.iter().filter(|event| Some(event.kind) == kind) {
            self.switches.push(SwitchEvent::decode(event)?);
        }
        self.list_history();
        let pointed = tick.factors.factor::<Anchor>().and_then(Anchor::current);
        self.point(self.pens.slice_head(tick), pointed);
        self.current = Dated::restore(self.current_line(), self.now, versions)?;
        let mut history = std::mem::take(&mut self.history);
        for former in &mut history {
            former.line = Dated::restore(self.former_line(&former.anchor), self.now, versions)?;
        }
        self.history = history;
        Ok(())
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.pens.heap_bytes()
            + self.switches.capacity() * size_of::<SwitchEvent>()
            + self.history.capacity() * size_of::<Former>()
    }
}

fn ends(start_time: CandleTime, start_price: f64, end_time: CandleTime, end_price: f64) -> Ends {
    [
        Point {
            time: start_time,
            value: start_price,
        },
        Point {
            time: end_time,
            value: end_price,
        },
    ]
}

fn line(
    feature: &'static str,
    ends: Ends,
    color: &'static str,
    line_width: u8,
    line_style: Option<LineStyle>,
) -> Definition {
    Definition::Polyline(Polyline {
        feature,
        points: ends.to_vec(),
        color,
        line_width,
        line_style,
        entry_direction: None,
    })
}
