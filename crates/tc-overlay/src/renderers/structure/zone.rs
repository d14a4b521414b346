//! Zones: two edges each. Those of a dead zone are settled, those of the alive one follow the newest candle.

use tc_factor::{
    CodecError, LedgerEvent, Payload, Reader, Writer,
    factors::{
        pen::PenDirection,
        zhongshu::{self, DeadZone, Zhongshu, Zone},
    },
};
use tc_market::CandleTime;

use crate::{Definition, DrawingId, DrawingSpec, Instruction, Point, Polyline, RenderTick, SettledRow};

const FORMAT: u8 = 1;
const LINE_WIDTH: u8 = 2;

const DEAD: Style = Style {
    feature: zhongshu::DEAD,
    up: "rgba(74,222,128,0.58)",
    down: "rgba(248,113,113,0.58)",
};
const ALIVE: Style = Style {
    feature: "zhongshu.alive",
    up: "rgba(22,163,74,0.72)",
    down: "rgba(220,38,38,0.72)",
};

/// Upper edge of a dead zone.
pub(super) const DEAD_TOP: DrawingSpec = DrawingSpec {
    name: "zhongshu.dead:top",
    event_kind: zhongshu::DEAD,
    settle: settle_dead,
    instruction: |row| dead_edge(row, Edge::Top),
};

/// Lower edge of a dead zone.
pub(super) const DEAD_BOTTOM: DrawingSpec = DrawingSpec {
    name: "zhongshu.dead:bottom",
    event_kind: zhongshu::DEAD,
    settle: settle_dead,
    instruction: |row| dead_edge(row, Edge::Bottom),
};

#[derive(Debug, Clone, Copy)]
enum Edge {
    Top,
    Bottom,
}

impl Edge {
    const fn word(self) -> &'static str {
        match self {
            Self::Top => "top",
            Self::Bottom => "bottom",
        }
    }

    const fn price(self, zg: f64, zd: f64) -> f64 {
        match self {
            Self::Top => zg,
            Self::Bottom => zd,
        }
    }
}

/// Looks of one kind of zone; colours by the way of the entry pen.
#[derive(Debug)]
struct Style {
    feature: &'static str,
    up: &'static str,
    down: &'static str,
}

impl Style {
    fn edge(&self, times: [CandleTime; 2], price: f64, entry: PenDirection) -> Definition {
        Definition::Polyline(Polyline {
            feature: self.feature,
            points: times.map(|time| Point { time, value: price }).to_vec(),
            color: match entry {
                PenDirection::Up => self.up,
                PenDirection::Down => self.down,
            },
            line_width: LINE_WIDTH,
            line_style: None,
            entry_direction: Some(entry.sign()),
        })
    }
}

fn settle_dead(event: &LedgerEvent) -> Result<Option<SettledRow>, CodecError> {
    let DeadZone { zone, death_time } = DeadZone::decode(event)?;
    let times = [zone.start_time, zone.end_time, death_time];
    if times.iter().any(|time| time.seconds() <= 0) {
        return Ok(None);
    }
    let mut payload = Payload::new();
    payload.byte(FORMAT);
    payload.byte(u8::from(zone.entry_direction == PenDirection::Down));
    payload.float(zone.zg);
    payload.float(zone.zd);
    Ok(Some(SettledRow {
        version: event.visible_time,
        ord: event.ord,
        drawing: DrawingId(0),
        first_time: zone.start_time,
        last_time: zone.end_time,
        payload,
    }))
}

fn dead_edge(row: &SettledRow, edge: Edge) -> Result<Instruction, CodecError> {
    let mut reader = Reader::with_format(&row.payload, FORMAT)?;
    let entry = match reader.byte()? {
        0 => PenDirection::Up,
        1 => PenDirection::Down,
        _ => return Err(CodecError::OutOfRange("direction")),
    };
    let (zg, zd) = (reader.float()?, reader.float()?);
    reader.finish()?;
    let (start, end) = (row.first_time, row.last_time);
    Ok(Instruction {
        instruction_id: format!("{}:{start}:{end}:{zg:.6}:{zd:.6}:{}", DEAD.feature, edge.word()),
        version: row.version,
        definition: DEAD.edge([start, end], edge.price(zg, zd), entry),
    })
}

/// The alive zone. It ends at the newest candle, so it looks different at every candle and its version is that candle.
#[derive(Debug, Default)]
pub(super) struct AliveZone {
    zone: Option<Zone>,
    now: CandleTime,
}

impl AliveZone {
    pub(super) fn take(&mut self, tick: &RenderTick<'_>) {
        self.zone = tick.factors.factor::<Zhongshu>().and_then(Zhongshu::alive);
        self.now = tick.time;
    }

    pub(super) fn render(&self, out: &mut Vec<Instruction>) {
        let Some(zone) = &self.zone else {
            return;
        };
        for edge in [Edge::Top, Edge::Bottom] {
            let times = [zone.start_time, zone.end_time];
            out.push(Instruction {
                instruction_id: format!("{}:{}", ALIVE.feature, edge.word()),
                version: self.now,
                definition: ALIVE.edge(times, edge.price(zone.zg, zone.zd), zone.entry_direction),
            });
        }
    }
}
