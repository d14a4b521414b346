//! Pens: the confirmed chain as one polyline, the extending leg and the candidate dashed.
//!
//! Overlay contract, sections 4.2 and 4.3.

use std::collections::VecDeque;

use tc_factor::{
    CodecError, LedgerEvent, Reader, Writer,
    factors::pen::{Pen, PenEvent, PenHead, UnconfirmedPen},
};
use tc_market::CandleTime;

use crate::{Definition, Instruction, LineStyle, Point, Polyline, RenderTick, Renderer, RendererSpec};

const COLOR: &str = "#ffffff";
const LINE_WIDTH: u8 = 2;

/// Registry entry.
pub const SPEC: RendererSpec = RendererSpec {
    name: "overlay.pen",
    needs: &[],
    revision: 1,
    drawings: &[],
    new: || Box::<Pens>::default(),
};

/// Head drawings of the pen factor and since when each has looked the way it does.
#[derive(Debug, Default)]
struct Pens {
    /// Confirmed pens that touch the window, oldest first; their polyline changes only when one comes or leaves.
    in_window: VecDeque<PenEvent>,
    confirmed_since: CandleTime,
    newest_visible: Option<CandleTime>,
    extending: Leg,
    candidate: Leg,
}

#[derive(Debug, Default, PartialEq)]
struct Leg {
    pen: Option<UnconfirmedPen>,
    since: CandleTime,
}

impl Leg {
    fn update(&mut self, pen: Option<UnconfirmedPen>, time: CandleTime) {
        if self.pen != pen {
            *self = Self { pen, since: time };
        }
    }

    fn render(&self, feature: &'static str, out: &mut Vec<Instruction>) {
        let Some(pen) = &self.pen else {
            return;
        };
        let points = vec![
            Point {
                time: pen.start_time,
                value: pen.start_price,
            },
            Point {
                time: pen.end_time,
                value: pen.end_price,
            },
        ];
        out.push(line(feature, self.since, points, Some(LineStyle::Dashed)));
    }
}

fn line(
    feature: &'static str,
    version: CandleTime,
    points: Vec<Point>,
    style: Option<LineStyle>,
) -> Instruction {
    let (color, line_width, entry_direction) = (COLOR, LINE_WIDTH, None);
    let definition = Polyline {
        feature,
        points,
        color,
        line_width,
        line_style: style,
        entry_direction,
    };
    Instruction {
        instruction_id: feature.to_owned(),
        version,
        definition: Definition::Polyline(definition),
    }
}

impl Pens {
    /// Takes the unconfirmed pens of the slice head: the slice is left out once no confirmed pen became visible
    /// within the window.
    fn head(&self, tick: &RenderTick<'_>) -> PenHead {
        let in_slice = self.newest_visible.is_some_and(|visible| visible >= tick.cutoff);
        let head = tick.factors.factor::<Pen>().and_then(Pen::head);
        head.filter(|_| in_slice).unwrap_or_default()
    }

    fn confirmed_points(&self) -> Vec<Point> {
        let mut points: Vec<Point> = Vec::with_capacity(self.in_window.len() + 1);
        for pen in &self.in_window {
            if points.last().is_none_or(|last| last.time != pen.start_time) {
                points.push(Point {
                    time: pen.start_time,
                    value: pen.start_price,
                });
            }
            points.push(Point {
                time: pen.end_time,
                value: pen.end_price,
            });
        }
        points
    }

    fn enter(&mut self, pen: PenEvent) {
        self.newest_visible = Some(pen.visible_time);
        self.in_window.push_back(pen);
    }

    /// Returns whether a pen left.
    fn leave(&mut self, cutoff: CandleTime) -> bool {
        let before = self.in_window.len();
        while self.in_window.front().is_some_and(|pen| pen.end_time < cutoff) {
            self.in_window.pop_front();
        }
        self.in_window.len() < before
    }
}

impl Renderer for Pens {
    fn on_closed(&mut self, tick: &RenderTick<'_>) {
        let confirmed = tick
            .factors
            .factor::<Pen>()
            .map_or(&[][..], Pen::confirmed_this_tick);
        for pen in confirmed {
            self.enter(*pen);
        }
        if self.leave(tick.cutoff) || !confirmed.is_empty() {
            self.confirmed_since = tick.time;
        }
        let head = self.head(tick);
        self.extending.update(head.extending, tick.time);
        self.candidate.update(head.candidate, tick.time);
    }

    fn render(&self, out: &mut Vec<Instruction>) {
        let points = self.confirmed_points();
        if points.len() >= 2 {
            out.push(line("pen.confirmed", self.confirmed_since, points, None));
        }
        self.extending.render("pen.extending", out);
        self.candidate.render("pen.candidate", out);
    }

    fn save(&self, out: &mut Vec<u8>) {
        for since in [self.confirmed_since, self.extending.since, self.candidate.since] {
            out.time(since, CandleTime::MIN);
        }
    }

    fn restore(
        &mut self,
        tick: &RenderTick<'_>,
        window: &[LedgerEvent],
        state: &mut Reader<'_>,
    ) -> Result<(), CodecError> {
        let kind = tick.factors.graph().kind(tc_factor::factors::pen::CONFIRMED);
        for event in window.iter().filter(|event| Some(event.kind) == kind) {
            self.enter(PenEvent::decode(event)?);
        }
        self.leave(tick.cutoff);
        let head = self.head(tick);
        self.confirmed_since = state.time(CandleTime::MIN)?;
        self.extending = Leg {
            pen: head.extending,
            since: state.time(CandleTime::MIN)?,
        };
        self.candidate = Leg {
            pen: head.candidate,
            since: state.time(CandleTime::MIN)?,
        };
        Ok(())
    }

    fn heap_bytes(&self) -> usize {
        self.in_window.capacity() * size_of::<PenEvent>()
    }
}
