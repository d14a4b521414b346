//! Payload of pen events.

use serde::Serialize;
use tc_market::CandleTime;

use crate::{CodecError, LedgerEvent, Payload, Reader, Writer};

const FORMAT: u8 = 1;

/// Way of a pen, decided by price: equal prices count as down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PenDirection {
    /// +1.
    Up,
    /// -1.
    Down,
}

impl PenDirection {
    /// Up when `end` is above `start`.
    #[must_use]
    pub fn of(start: f64, end: f64) -> Self {
        if end > start { Self::Up } else { Self::Down }
    }

    /// +1 or -1.
    #[must_use]
    pub const fn sign(self) -> i8 {
        match self {
            Self::Up => 1,
            Self::Down => -1,
        }
    }

    /// The other way.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Down => Self::Up,
        }
    }
}

/// A confirmed pen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PenEvent {
    /// Pivot at which it starts.
    pub start_time: CandleTime,
    /// Pivot at which it ends.
    pub end_time: CandleTime,
    /// Price at the start.
    pub start_price: f64,
    /// Price at the end.
    pub end_price: f64,
    /// Way by price.
    pub direction: PenDirection,
    /// Tick that confirmed it.
    pub visible_time: CandleTime,
    /// Ordinal of the start candle.
    pub start_idx: u64,
    /// Ordinal of the end candle.
    pub end_idx: u64,
}

#[derive(Serialize)]
struct Json {
    start_time: i64,
    end_time: i64,
    start_price: f64,
    end_price: f64,
    direction: i8,
    visible_time: i64,
    start_idx: u64,
    end_idx: u64,
}

impl PenEvent {
    /// Compact payload; the direction follows from the prices.
    #[must_use]
    pub fn encode(&self) -> Payload {
        let mut out = Payload::new();
        out.byte(FORMAT);
        out.time(self.start_time, self.visible_time);
        out.time(self.end_time, self.visible_time);
        out.float(self.start_price);
        out.float(self.end_price);
        out.unsigned(self.start_idx);
        out.unsigned(self.end_idx.saturating_sub(self.start_idx));
        out
    }

    /// Reads the payload of a pen event.
    ///
    /// # Errors
    /// [`CodecError`] for any other bytes.
    pub fn decode(event: &LedgerEvent) -> Result<Self, CodecError> {
        let mut reader = Reader::with_format(&event.payload, FORMAT)?;
        let start_time = reader.time(event.visible_time)?;
        let end_time = reader.time(event.visible_time)?;
        let (start_price, end_price) = (reader.float()?, reader.float()?);
        let start_idx = reader.unsigned()?;
        let end_idx = start_idx
            .checked_add(reader.unsigned()?)
            .ok_or(CodecError::OutOfRange("end_idx"))?;
        reader.finish()?;
        let direction = PenDirection::of(start_price, end_price);
        let visible_time = event.visible_time;
        Ok(Self {
            start_time,
            end_time,
            start_price,
            end_price,
            direction,
            visible_time,
            start_idx,
            end_idx,
        })
    }

    /// Appends the pen to the state of a factor that remembers it.
    pub(in crate::factors) fn save(&self, out: &mut Vec<u8>) {
        out.time(self.visible_time, CandleTime::MIN);
        out.time(self.start_time, self.visible_time);
        out.time(self.end_time, self.visible_time);
        out.float(self.start_price);
        out.float(self.end_price);
        out.unsigned(self.start_idx);
        out.unsigned(self.end_idx);
    }

    /// Takes back what [`PenEvent::save`] wrote.
    pub(in crate::factors) fn restore(state: &mut Reader<'_>) -> Result<Self, CodecError> {
        let visible_time = state.time(CandleTime::MIN)?;
        let (start_time, end_time) = (state.time(visible_time)?, state.time(visible_time)?);
        let (start_price, end_price) = (state.float()?, state.float()?);
        Ok(Self {
            start_time,
            end_time,
            start_price,
            end_price,
            direction: PenDirection::of(start_price, end_price),
            visible_time,
            start_idx: state.unsigned()?,
            end_idx: state.unsigned()?,
        })
    }

    /// Length in price.
    #[must_use]
    pub fn strength(&self) -> f64 {
        (self.end_price - self.start_price).abs()
    }

    pub(super) fn event_key(&self) -> String {
        format!(
            "confirmed:{}:{}:{}",
            self.start_time,
            self.end_time,
            self.direction.sign()
        )
    }

    pub(super) fn write_json(&self, out: &mut Vec<u8>) -> Result<(), CodecError> {
        let json = Json {
            start_time: self.start_time.seconds(),
            end_time: self.end_time.seconds(),
            start_price: self.start_price,
            end_price: self.end_price,
            direction: self.direction.sign(),
            visible_time: self.visible_time.seconds(),
            start_idx: self.start_idx,
            end_idx: self.end_idx,
        };
        serde_json::to_writer(out, &json).map_err(|_| CodecError::Json)
    }
}
