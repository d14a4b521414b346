//! Pens: the confirmed chain as one polyline, the extending leg and the candidate dashed.
//!
//! Overlay contract, sections 4.2 and 4.3.

use tc_factor::{CodecError, LedgerEvent, Writer, factors::pen::UnconfirmedPen};
use tc_market::CandleTime;

use crate::{
    Definition, Instruction, LineStyle, Point, Polyline, RenderTick, Renderer, RendererSpec, Versions,
    dated::Dated, window_pens::WindowPens,
};

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
    pens: WindowPens,
    /// The polyline of the confirmed pens changes only when one comes or leaves.
    confirmed_since: CandleTime,
    extending: Dated<UnconfirmedPen>,
    candidate: Dated<UnconfirmedPen>,
    now: CandleTime,
}

impl Pens {
    fn confirmed_points(&self) -> Vec<Point> {
        let pens = self.pens.touching();
        let mut points: Vec<Point> = Vec::with_capacity(pens.len() + 1);
        for pen in pens {
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
}

fn leg(feature: &'static str, leg: &Dated<UnconfirmedPen>, out: &mut Vec<Instruction>) {
    let Some((pen, since)) = leg.get() else {
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
    out.push(line(feature, since, points, Some(LineStyle::Dashed)));
}

fn line(
    feature: &'static str,
    version: CandleTime,
    points: Vec<Point>,
    style: Option<LineStyle>,
) -> Instruction {
    let definition = Polyline {
        feature,
        points,
        color: COLOR,
        line_width: LINE_WIDTH,
        line_style: style,
        entry_direction: None,
    };
    Instruction {
        instruction_id: feature.to_owned(),
        version,
        definition: Definition::Polyline(definition),
    }
}

impl Renderer for Pens {
    fn on_closed(&mut self, tick: &RenderTick<'_>) {
        if self.pens.advance(tick).touching {
            self.confirmed_since = tick.time;
        }
        let head = self.pens.slice_head(tick);
        self.extending.update(head.extending, tick.time);
        self.candidate.update(head.candidate, tick.time);
        self.now = tick.time;
    }

    fn render(&self, out: &mut Vec<Instruction>) {
        let points = self.confirmed_points();
        if points.len() >= 2 {
            out.push(line("pen.confirmed", self.confirmed_since, points, None));
        }
        leg("pen.extending", &self.extending, out);
        leg("pen.candidate", &self.candidate, out);
    }

    fn save(&self, out: &mut Vec<u8>) {
        out.time(self.confirmed_since, self.now);
        self.extending.save(self.now, out);
        self.candidate.save(self.now, out);
    }

    fn restore(
        &mut self,
        tick: &RenderTick<'_>,
        window: &[LedgerEvent],
        versions: &mut Versions<'_>,
    ) -> Result<(), CodecError> {
        self.pens.restore(tick, window)?;
        let head = self.pens.slice_head(tick);
        self.confirmed_since = versions.next_at(tick.time)?;
        self.extending = Dated::restore(head.extending, tick.time, versions)?;
        self.candidate = Dated::restore(head.candidate, tick.time, versions)?;
        self.now = tick.time;
        Ok(())
    }

    fn heap_bytes(&self) -> usize {
        self.pens.heap_bytes()
    }
}
