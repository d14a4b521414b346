//! Instructions: one drawing each.

use serde::Serialize;
use tc_market::CandleTime;

/// Family of shapes an instruction belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InstructionKind {
    /// One symbol at one candle.
    Marker,
    /// A line through points.
    Polyline,
}

/// Side of the bar that a marker stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum MarkerPosition {
    /// Above the high.
    AboveBar,
    /// Below the low.
    BelowBar,
}

/// Symbol of a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum MarkerShape {
    /// Dot.
    Circle,
    /// Arrow pointing up.
    ArrowUp,
    /// Arrow pointing down.
    ArrowDown,
}

/// Definition of a marker.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Marker {
    /// Key in the factor catalogue.
    pub feature: &'static str,
    /// Candle it belongs to.
    #[serde(serialize_with = "seconds")]
    pub time: CandleTime,
    /// Side of the bar.
    pub position: MarkerPosition,
    /// CSS colour.
    pub color: &'static str,
    /// Symbol.
    pub shape: MarkerShape,
    /// Letter beside it; may be empty.
    pub text: &'static str,
    /// Relative size, 1.0 is normal.
    pub size: f64,
}

/// Point of a polyline.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// Candle.
    #[serde(serialize_with = "seconds")]
    pub time: CandleTime,
    /// Price.
    pub value: f64,
}

/// Stroke other than solid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LineStyle {
    /// Interrupted stroke: not settled.
    Dashed,
}

/// Definition of a polyline.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Polyline {
    /// Key in the factor catalogue.
    pub feature: &'static str,
    /// At least two points, ascending by time.
    pub points: Vec<Point>,
    /// CSS colour.
    pub color: &'static str,
    /// Pixels, 1 to 4.
    pub line_width: u8,
    /// Absent: solid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_style: Option<LineStyle>,
    /// +1 or -1 for the drawings that know where they were entered from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry_direction: Option<i8>,
}

/// What to draw.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Definition {
    /// One symbol.
    Marker(Marker),
    /// One line.
    Polyline(Polyline),
}

impl Definition {
    /// Family of the shape.
    #[must_use]
    pub const fn kind(&self) -> InstructionKind {
        match self {
            Self::Marker(_) => InstructionKind::Marker,
            Self::Polyline(_) => InstructionKind::Polyline,
        }
    }

    /// Gate of a request window: a marker by its time, a polyline if at least one point lies inside.
    #[must_use]
    pub fn touches(&self, from: CandleTime, to: CandleTime) -> bool {
        match self {
            Self::Marker(marker) => (from..=to).contains(&marker.time),
            Self::Polyline(line) => line.points.iter().any(|point| (from..=to).contains(&point.time)),
        }
    }
}

/// One drawing of D(t).
#[derive(Debug, Clone, PartialEq)]
pub struct Instruction {
    /// Stable name, unique within D(t).
    pub instruction_id: String,
    /// Evaluation at which the drawing became what it is; never before it was known.
    pub version: CandleTime,
    /// What to draw.
    pub definition: Definition,
}

impl Instruction {
    /// Approximate heap use in bytes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let points = match &self.definition {
            Definition::Marker(_) => 0,
            Definition::Polyline(line) => line.points.capacity() * size_of::<Point>(),
        };
        self.instruction_id.capacity() + points
    }
}

fn seconds<S: serde::Serializer>(time: &CandleTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(time.seconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_form() {
        let marker = Definition::Marker(Marker {
            feature: "pivot.major",
            time: CandleTime::clamped(60),
            position: MarkerPosition::AboveBar,
            color: "#ef4444",
            shape: MarkerShape::ArrowUp,
            text: "",
            size: 1.0,
        });
        assert_eq!(
            serde_json::to_string(&marker).unwrap(),
            r##"{"type":"marker","feature":"pivot.major","time":60,"position":"aboveBar","color":"#ef4444","shape":"arrowUp","text":"","size":1.0}"##
        );
        let line = Polyline {
            feature: "pen.extending",
            points: vec![
                Point {
                    time: CandleTime::clamped(60),
                    value: 2.0,
                },
                Point {
                    time: CandleTime::clamped(120),
                    value: 3.5,
                },
            ],
            color: "#ffffff",
            line_width: 2,
            line_style: Some(LineStyle::Dashed),
            entry_direction: None,
        };
        assert_eq!(
            serde_json::to_string(&Definition::Polyline(line)).unwrap(),
            r##"{"type":"polyline","feature":"pen.extending","points":[{"time":60,"value":2.0},{"time":120,"value":3.5}],"color":"#ffffff","lineWidth":2,"lineStyle":"dashed"}"##
        );
    }
}
