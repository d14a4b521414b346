//! Payload of anchor switches.

use serde::Serialize;
use tc_market::CandleTime;

use crate::{
    CodecError, LedgerEvent, Payload, Reader, Writer,
    factors::pen::{PenDirection, PenEvent, UnconfirmedPen},
};

const FORMAT: u8 = 1;

/// What kind of pen an anchor points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RefKind {
    /// A pen of the ledger.
    Confirmed,
    /// The leg after the last confirmed pen.
    Candidate,
}

impl RefKind {
    /// The word used in keys and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Candidate => "candidate",
        }
    }
}

/// Pointer to a pen. Its identity is the start time alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PenRef {
    /// Confirmed pen or candidate.
    pub kind: RefKind,
    /// Start of the pen.
    pub start_time: CandleTime,
    /// End of the pen when the pointer was set.
    pub end_time: CandleTime,
    /// Way of the pen.
    pub direction: PenDirection,
}

impl PenRef {
    /// Points to a confirmed pen.
    #[must_use]
    pub const fn confirmed(pen: &PenEvent) -> Self {
        Self {
            kind: RefKind::Confirmed,
            start_time: pen.start_time,
            end_time: pen.end_time,
            direction: pen.direction,
        }
    }

    /// Points to a pen that is not confirmed.
    #[must_use]
    pub const fn candidate(pen: &UnconfirmedPen) -> Self {
        Self {
            kind: RefKind::Candidate,
            start_time: pen.start_time,
            end_time: pen.end_time,
            direction: pen.direction,
        }
    }

    pub(super) fn write(&self, origin: CandleTime, out: &mut impl Writer) {
        out.byte(
            u8::from(self.kind == RefKind::Candidate) | u8::from(self.direction == PenDirection::Down) << 1,
        );
        out.time(self.start_time, origin);
        out.time(self.end_time, origin);
    }

    pub(super) fn read(origin: CandleTime, reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let flags = reader.byte()?;
        if flags > 3 {
            return Err(CodecError::OutOfRange("flags"));
        }
        Ok(Self {
            kind: if flags & 1 == 0 {
                RefKind::Confirmed
            } else {
                RefKind::Candidate
            },
            direction: if flags & 2 == 0 {
                PenDirection::Up
            } else {
                PenDirection::Down
            },
            start_time: reader.time(origin)?,
            end_time: reader.time(origin)?,
        })
    }
}

/// Why an anchor moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SwitchReason {
    /// A zone was formed: the anchor goes to its entry pen.
    ZhongshuEntry,
    /// A pen longer than the one anchored to.
    StrongPen,
}

impl SwitchReason {
    /// The word used in keys and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ZhongshuEntry => "zhongshu_entry",
            Self::StrongPen => "strong_pen",
        }
    }
}

/// The anchor moved to another pen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SwitchEvent {
    /// Tick of the switch; also the visible time.
    pub switch_time: CandleTime,
    /// Why.
    pub reason: SwitchReason,
    /// Where the anchor was; `None` for the first one.
    pub old_anchor: Option<PenRef>,
    /// Where it went.
    pub new_anchor: PenRef,
}

/// JSON form of a reference.
#[derive(Serialize)]
pub(super) struct RefJson {
    kind: RefKind,
    start_time: i64,
    end_time: i64,
    direction: i8,
}

impl From<PenRef> for RefJson {
    fn from(reference: PenRef) -> Self {
        Self {
            kind: reference.kind,
            start_time: reference.start_time.seconds(),
            end_time: reference.end_time.seconds(),
            direction: reference.direction.sign(),
        }
    }
}

#[derive(Serialize)]
struct SwitchJson {
    switch_time: i64,
    reason: SwitchReason,
    old_anchor: Option<RefJson>,
    new_anchor: RefJson,
    visible_time: i64,
}

impl SwitchEvent {
    /// Compact payload.
    #[must_use]
    pub fn encode(&self) -> Payload {
        let mut out = Payload::new();
        out.byte(FORMAT);
        out.byte(u8::from(self.reason == SwitchReason::StrongPen) | u8::from(self.old_anchor.is_some()) << 1);
        if let Some(old) = &self.old_anchor {
            old.write(self.switch_time, &mut out);
        }
        self.new_anchor.write(self.switch_time, &mut out);
        out
    }

    /// Reads the payload of an `anchor.switch` event.
    ///
    /// # Errors
    /// [`CodecError`] for any other bytes.
    pub fn decode(event: &LedgerEvent) -> Result<Self, CodecError> {
        let mut reader = Reader::with_format(&event.payload, FORMAT)?;
        let flags = reader.byte()?;
        if flags > 3 {
            return Err(CodecError::OutOfRange("flags"));
        }
        let switch_time = event.visible_time;
        let old_anchor = if flags & 2 == 0 {
            None
        } else {
            Some(PenRef::read(switch_time, &mut reader)?)
        };
        let new_anchor = PenRef::read(switch_time, &mut reader)?;
        reader.finish()?;
        Ok(Self {
            switch_time,
            reason: if flags & 1 == 0 {
                SwitchReason::ZhongshuEntry
            } else {
                SwitchReason::StrongPen
            },
            old_anchor,
            new_anchor,
        })
    }

    pub(super) fn event_key(&self) -> String {
        let to = &self.new_anchor;
        let (time, direction) = (self.switch_time, to.direction.sign());
        match self.reason {
            SwitchReason::ZhongshuEntry => {
                format!(
                    "zhongshu_entry:{time}:{}:{}:{direction}",
                    to.start_time, to.end_time
                )
            }
            SwitchReason::StrongPen => format!(
                "strong_pen:{time}:{}:{}:{}:{direction}",
                to.kind.word(),
                to.start_time,
                to.end_time
            ),
        }
    }

    pub(super) fn write_json(&self, out: &mut Vec<u8>) -> Result<(), CodecError> {
        let json = SwitchJson {
            switch_time: self.switch_time.seconds(),
            reason: self.reason,
            old_anchor: self.old_anchor.map(RefJson::from),
            new_anchor: self.new_anchor.into(),
            visible_time: self.switch_time.seconds(),
        };
        serde_json::to_writer(out, &json).map_err(|_| CodecError::Json)
    }
}
