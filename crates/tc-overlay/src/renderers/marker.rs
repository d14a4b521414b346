//! Markers: pivots and anchor switches. All of them are settled.
//!
//! Overlay contract, section 4.1.

use tc_factor::{
    CodecError, LedgerEvent, Payload, Reader, Writer,
    factors::{
        anchor::{self, SwitchEvent, SwitchReason},
        pen::PenDirection,
        pivot::{self, Direction, PivotEvent},
    },
};

use crate::{
    Definition, DrawingId, DrawingSpec, Instruction, Marker, MarkerPosition, MarkerShape, RenderTick,
    Renderer, RendererSpec, SettledRow, Versions,
};

const FORMAT: u8 = 1;

/// Registry entry.
pub const SPEC: RendererSpec = RendererSpec {
    name: "overlay.marker",
    needs: &[],
    revision: 2,
    drawings: &[
        DrawingSpec {
            name: pivot::MAJOR,
            event_kind: pivot::MAJOR,
            settle: settle_pivot,
            instruction: |row| {
                pivot_marker(
                    row,
                    &PivotStyle {
                        feature: pivot::MAJOR,
                        high: "#ef4444",
                        low: "#22c55e",
                        size: 1.0,
                    },
                )
            },
        },
        DrawingSpec {
            name: pivot::MINOR,
            event_kind: pivot::MINOR,
            settle: settle_pivot,
            instruction: |row| {
                let (high, low) = ("rgba(239,68,68,0.6)", "rgba(34,197,94,0.6)");
                pivot_marker(
                    row,
                    &PivotStyle {
                        feature: pivot::MINOR,
                        high,
                        low,
                        size: 0.5,
                    },
                )
            },
        },
        DrawingSpec {
            name: anchor::SWITCH,
            event_kind: anchor::SWITCH,
            settle: settle_switch,
            instruction: switch_marker,
        },
    ],
    new: || Box::new(Markers),
};

struct PivotStyle {
    feature: &'static str,
    high: &'static str,
    low: &'static str,
    size: f64,
}

fn settle_pivot(event: &LedgerEvent) -> Result<Option<SettledRow>, CodecError> {
    let pivot = PivotEvent::decode(event)?;
    if pivot.pivot_time.seconds() <= 0 {
        return Ok(None);
    }
    let mut payload = Payload::new();
    payload.byte(FORMAT);
    payload.byte(u8::from(pivot.direction == Direction::Support));
    payload.unsigned(pivot.window);
    Ok(Some(SettledRow {
        version: event.visible_time,
        ord: event.ord,
        drawing: DrawingId(0),
        first_time: pivot.pivot_time,
        last_time: pivot.pivot_time,
        payload,
    }))
}

fn pivot_marker(row: &SettledRow, style: &PivotStyle) -> Result<Instruction, CodecError> {
    let mut reader = Reader::with_format(&row.payload, FORMAT)?;
    let (direction, position, color) = match reader.byte()? {
        0 => (Direction::Resistance, MarkerPosition::AboveBar, style.high),
        1 => (Direction::Support, MarkerPosition::BelowBar, style.low),
        _ => return Err(CodecError::OutOfRange("direction")),
    };
    let window = reader.unsigned()?;
    reader.finish()?;
    Ok(Instruction {
        instruction_id: format!(
            "{}:{}:{}:{window}",
            style.feature,
            row.first_time,
            direction.word()
        ),
        version: row.version,
        definition: Definition::Marker(Marker {
            feature: style.feature,
            time: row.first_time,
            position,
            color,
            shape: MarkerShape::Circle,
            text: "",
            size: style.size,
        }),
    })
}

fn settle_switch(event: &LedgerEvent) -> Result<Option<SettledRow>, CodecError> {
    let switch = SwitchEvent::decode(event)?;
    let mut payload = Payload::new();
    payload.byte(FORMAT);
    payload.byte(u8::from(switch.new_anchor.direction == PenDirection::Down));
    payload.byte(u8::from(switch.reason == SwitchReason::StrongPen));
    Ok(Some(SettledRow {
        version: event.visible_time,
        ord: event.ord,
        drawing: DrawingId(0),
        first_time: switch.switch_time,
        last_time: switch.switch_time,
        payload,
    }))
}

fn switch_marker(row: &SettledRow) -> Result<Instruction, CodecError> {
    let mut reader = Reader::with_format(&row.payload, FORMAT)?;
    let (direction, position, shape) = match reader.byte()? {
        0 => (PenDirection::Up, MarkerPosition::BelowBar, MarkerShape::ArrowUp),
        1 => (
            PenDirection::Down,
            MarkerPosition::AboveBar,
            MarkerShape::ArrowDown,
        ),
        _ => return Err(CodecError::OutOfRange("direction")),
    };
    let reason = match reader.byte()? {
        0 => SwitchReason::ZhongshuEntry,
        1 => SwitchReason::StrongPen,
        _ => return Err(CodecError::OutOfRange("reason")),
    };
    reader.finish()?;
    let (time, sign, reason) = (row.first_time, direction.sign(), reason.word());
    Ok(Instruction {
        instruction_id: format!("{}:{time}:{sign}:{reason}", anchor::SWITCH),
        version: row.version,
        definition: Definition::Marker(Marker {
            feature: anchor::SWITCH,
            time,
            position,
            color: "#f59e0b",
            shape,
            text: "A",
            size: 1.0,
        }),
    })
}

/// Markers have no head drawings.
#[derive(Debug)]
struct Markers;

impl Renderer for Markers {
    fn on_closed(&mut self, _tick: &RenderTick<'_>) {}

    fn render(&self, _out: &mut Vec<Instruction>) {}

    fn save(&self, _out: &mut Vec<u8>) {}

    fn restore(
        &mut self,
        _tick: &RenderTick<'_>,
        _window: &[LedgerEvent],
        _versions: &mut Versions<'_>,
    ) -> Result<(), CodecError> {
        Ok(())
    }

    fn heap_bytes(&self) -> usize {
        0
    }
}
