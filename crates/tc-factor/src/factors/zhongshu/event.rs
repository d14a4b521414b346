//! Payload of zone events.

use serde::Serialize;
use tc_market::CandleTime;

use crate::{CodecError, LedgerEvent, Payload, Reader, Writer, factors::pen::PenDirection};

const FORMAT: u8 = 1;

/// What completed a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FormedReason {
    /// The third pen after the entry was confirmed.
    PenConfirmed,
    /// The price crossed the end of the first pen before the third one was confirmed.
    PriceCross,
}

impl FormedReason {
    /// The word used in keys and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::PenConfirmed => "pen_confirmed",
            Self::PriceCross => "price_cross",
        }
    }
}

/// A consolidation zone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Zone {
    /// Start of the entry pen.
    pub start_time: CandleTime,
    /// Newest candle or pen end that belongs to the zone.
    pub end_time: CandleTime,
    /// Upper edge.
    pub zg: f64,
    /// Lower edge.
    pub zd: f64,
    /// Way of the entry pen.
    pub entry_direction: PenDirection,
    /// Tick, or first crossing candle, that completed it.
    pub formed_time: CandleTime,
    /// What completed it.
    pub formed_reason: FormedReason,
}

/// A zone that a pen has left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeadZone {
    /// The zone as it was.
    pub zone: Zone,
    /// Tick that confirmed the leaving pen; also the visible time.
    pub death_time: CandleTime,
}

#[derive(Serialize)]
struct DeadJson {
    start_time: i64,
    end_time: i64,
    zg: f64,
    zd: f64,
    entry_direction: i8,
    formed_time: i64,
    death_time: i64,
    visible_time: i64,
    formed_reason: FormedReason,
}

#[derive(Serialize)]
struct AliveJson {
    start_time: i64,
    end_time: i64,
    zg: f64,
    zd: f64,
    entry_direction: i8,
    formed_time: i64,
    formed_reason: FormedReason,
    death_time: Option<i64>,
    visible_time: i64,
}

#[derive(Serialize)]
struct HeadJson {
    alive: Vec<AliveJson>,
}

impl Zone {
    pub(super) fn save(&self, out: &mut Vec<u8>) {
        for time in [self.start_time, self.end_time, self.formed_time] {
            out.time(time, CandleTime::MIN);
        }
        out.float(self.zg);
        out.float(self.zd);
        out.byte(flags(self));
    }

    pub(super) fn restore(state: &mut Reader<'_>) -> Result<Self, CodecError> {
        let [start_time, end_time, formed_time] = [
            state.time(CandleTime::MIN)?,
            state.time(CandleTime::MIN)?,
            state.time(CandleTime::MIN)?,
        ];
        let (zg, zd) = (state.float()?, state.float()?);
        let (entry_direction, formed_reason) = unflagged(state.byte()?)?;
        Ok(Self {
            start_time,
            end_time,
            zg,
            zd,
            entry_direction,
            formed_time,
            formed_reason,
        })
    }
}

impl DeadZone {
    /// Compact payload.
    #[must_use]
    pub fn encode(&self) -> Payload {
        let zone = &self.zone;
        let mut out = Payload::new();
        out.byte(FORMAT);
        out.byte(flags(zone));
        for time in [zone.start_time, zone.end_time, zone.formed_time] {
            out.time(time, self.death_time);
        }
        out.float(zone.zg);
        out.float(zone.zd);
        out
    }

    /// Reads the payload of a `zhongshu.dead` event.
    ///
    /// # Errors
    /// [`CodecError`] for any other bytes.
    pub fn decode(event: &LedgerEvent) -> Result<Self, CodecError> {
        let mut reader = Reader::with_format(&event.payload, FORMAT)?;
        let (entry_direction, formed_reason) = unflagged(reader.byte()?)?;
        let death_time = event.visible_time;
        let zone = Zone {
            start_time: reader.time(death_time)?,
            end_time: reader.time(death_time)?,
            formed_time: reader.time(death_time)?,
            zg: reader.float()?,
            zd: reader.float()?,
            entry_direction,
            formed_reason,
        };
        reader.finish()?;
        Ok(Self { zone, death_time })
    }

    pub(super) fn event_key(&self) -> String {
        let zone = &self.zone;
        format!(
            "dead:{}:{}:{}:{:.8}:{:.8}:{}",
            zone.start_time,
            zone.formed_time,
            self.death_time,
            zone.zg,
            zone.zd,
            zone.formed_reason.word()
        )
    }

    pub(super) fn write_json(&self, out: &mut Vec<u8>) -> Result<(), CodecError> {
        let zone = &self.zone;
        let json = DeadJson {
            start_time: zone.start_time.seconds(),
            end_time: zone.end_time.seconds(),
            zg: zone.zg,
            zd: zone.zd,
            entry_direction: zone.entry_direction.sign(),
            formed_time: zone.formed_time.seconds(),
            death_time: self.death_time.seconds(),
            visible_time: self.death_time.seconds(),
            formed_reason: zone.formed_reason,
        };
        serde_json::to_writer(out, &json).map_err(|_| CodecError::Json)
    }
}

/// Head of the factor at `now`.
pub(super) fn write_head(alive: Option<&Zone>, now: CandleTime, out: &mut Vec<u8>) -> Result<(), CodecError> {
    let zone = |zone: &Zone| AliveJson {
        start_time: zone.start_time.seconds(),
        end_time: zone.end_time.seconds(),
        zg: zone.zg,
        zd: zone.zd,
        entry_direction: zone.entry_direction.sign(),
        formed_time: zone.formed_time.seconds(),
        formed_reason: zone.formed_reason,
        death_time: None,
        visible_time: now.seconds(),
    };
    let head = HeadJson {
        alive: alive.map(zone).into_iter().collect(),
    };
    serde_json::to_writer(out, &head).map_err(|_| CodecError::Json)
}

fn flags(zone: &Zone) -> u8 {
    u8::from(zone.entry_direction == PenDirection::Down)
        | u8::from(zone.formed_reason == FormedReason::PriceCross) << 1
}

fn unflagged(flags: u8) -> Result<(PenDirection, FormedReason), CodecError> {
    if flags > 3 {
        return Err(CodecError::OutOfRange("flags"));
    }
    let direction = if flags & 1 == 0 {
        PenDirection::Up
    } else {
        PenDirection::Down
    };
    let reason = if flags & 2 == 0 {
        FormedReason::PenConfirmed
    } else {
        FormedReason::PriceCross
    };
    Ok((direction, reason))
}
