//! Payload of pivot events.

use serde::Serialize;
use tc_market::CandleTime;

use crate::{CodecError, LedgerEvent, Payload, Reader, Writer};

const FORMAT: u8 = 1;

/// What a pivot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// A high.
    Resistance,
    /// A low.
    Support,
}

impl Direction {
    /// The word used in keys and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Resistance => "resistance",
            Self::Support => "support",
        }
    }
}

/// A confirmed pivot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PivotEvent {
    /// Candle that holds the extreme.
    pub pivot_time: CandleTime,
    /// Its high or low.
    pub pivot_price: f64,
    /// High or low.
    pub direction: Direction,
    /// Tick that confirmed it.
    pub visible_time: CandleTime,
    /// Half width of the window, candles.
    pub window: u64,
    /// Ordinal of the candle.
    pub pivot_idx: u64,
}

#[derive(Serialize)]
struct Json {
    pivot_time: i64,
    pivot_price: f64,
    direction: Direction,
    visible_time: i64,
    window: u64,
    pivot_idx: u64,
}

impl PivotEvent {
    /// Compact payload.
    #[must_use]
    pub fn encode(&self) -> Payload {
        let mut out = Payload::new();
        out.byte(FORMAT);
        out.time(self.pivot_time, self.visible_time);
        out.float(self.pivot_price);
        out.byte(u8::from(self.direction == Direction::Support));
        out.unsigned(self.window);
        out.unsigned(self.pivot_idx);
        out
    }

    /// Reads the payload of a pivot event.
    ///
    /// # Errors
    /// [`CodecError`] for any other bytes.
    pub fn decode(event: &LedgerEvent) -> Result<Self, CodecError> {
        let mut reader = Reader::with_format(&event.payload, FORMAT)?;
        let pivot = Self {
            pivot_time: reader.time(event.visible_time)?,
            pivot_price: reader.float()?,
            direction: match reader.byte()? {
                0 => Direction::Resistance,
                1 => Direction::Support,
                _ => return Err(CodecError::OutOfRange("direction")),
            },
            visible_time: event.visible_time,
            window: reader.unsigned()?,
            pivot_idx: reader.unsigned()?,
        };
        reader.finish()?;
        Ok(pivot)
    }

    pub(super) fn event_key(&self, size: &str) -> String {
        format!(
            "{size}:{}:{}:{}",
            self.pivot_time,
            self.direction.word(),
            self.window
        )
    }

    pub(super) fn write_json(&self, out: &mut Vec<u8>) -> Result<(), CodecError> {
        let json = Json {
            pivot_time: self.pivot_time.seconds(),
            pivot_price: self.pivot_price,
            direction: self.direction,
            visible_time: self.visible_time.seconds(),
            window: self.window,
            pivot_idx: self.pivot_idx,
        };
        serde_json::to_writer(out, &json).map_err(|_| CodecError::Json)
    }
}
