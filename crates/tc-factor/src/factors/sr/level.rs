//! Support and resistance levels as they stand in a snapshot.

use serde::Serialize;
use tc_market::CandleTime;

use crate::{CodecError, Mark, Reader, Writer, factors::pivot::Direction};

/// Fewest touches that are shown: the two pivots of a level.
const MIN_TOUCHES: u32 = 2;
/// Touches for the full score.
const FULL_SCORE_TOUCHES: f64 = 4.0;

/// What became of a level since its newest pivot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LevelStatus {
    /// Never crossed.
    Active,
    /// Crossed once or twice: support may act as resistance and the other way round.
    Flip(FlipDirection),
    /// Crossed three times.
    Broken,
}

/// Where the price stands after the last crossing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlipDirection {
    /// Above the level.
    Up,
    /// Below the level.
    Down,
    /// Within its tolerance.
    Undecided,
}

impl LevelStatus {
    /// The word used in keys and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Flip(_) => "flip",
            Self::Broken => "broken",
        }
    }

    const fn code(self) -> u8 {
        match self {
            Self::Active => 0,
            Self::Flip(FlipDirection::Up) => 1,
            Self::Flip(FlipDirection::Down) => 2,
            Self::Flip(FlipDirection::Undecided) => 3,
            Self::Broken => 4,
        }
    }

    const fn of_code(code: u8) -> Result<Self, CodecError> {
        Ok(match code {
            0 => Self::Active,
            1 => Self::Flip(FlipDirection::Up),
            2 => Self::Flip(FlipDirection::Down),
            3 => Self::Flip(FlipDirection::Undecided),
            4 => Self::Broken,
            _ => return Err(CodecError::OutOfRange("status")),
        })
    }
}

/// A candle by ordinal and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CandleRef {
    /// Ordinal, 0 at genesis.
    pub idx: u64,
    /// Open time.
    pub time: CandleTime,
}

/// What changes from snapshot to snapshot about a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) status: LevelStatus,
    /// Pivots of its side that touch the band.
    pub(super) touches: u32,
    /// Newest crossing.
    pub(super) death: Option<CandleRef>,
}

/// One level of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// Whether highs or lows made it.
    pub level_type: Direction,
    /// Price where the wicks of its pivots overlap.
    pub price: f64,
    /// Lower edge of the band.
    pub band_low: f64,
    /// Upper edge of the band.
    pub band_high: f64,
    /// Width of the band in average true ranges.
    pub band_width_atr: f64,
    /// Older pivot.
    pub first: CandleRef,
    /// Newer pivot.
    pub last: CandleRef,
    pub(super) standing: Standing,
}

#[derive(Serialize)]
struct LevelJson {
    price: f64,
    #[serde(rename = "type")]
    kind: &'static str,
    level_type: Direction,
    status: &'static str,
    first_idx: u64,
    second_idx: u64,
    last_idx: u64,
    first_time: i64,
    second_time: i64,
    last_time: i64,
    count: u32,
    flip_dir: Option<&'static str>,
    touch_indices: [u64; 2],
    touch_times: [i64; 2],
    level_score: f64,
    band_low: f64,
    band_high: f64,
    band_width_atr: f64,
    death_idx: Option<u64>,
    death_time: Option<i64>,
    death_price: Option<f64>,
}

impl Level {
    /// What became of it.
    #[must_use]
    pub const fn status(&self) -> LevelStatus {
        self.standing.status
    }

    /// Newest crossing; for a broken level the one that broke it.
    #[must_use]
    pub const fn death(&self) -> Option<CandleRef> {
        self.standing.death
    }

    /// Number of touches shown.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.standing.touches.max(MIN_TOUCHES)
    }

    /// The word used as type: `flip` for a level that flipped, else its side.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self.standing.status {
            LevelStatus::Flip(_) => "flip",
            LevelStatus::Active | LevelStatus::Broken => self.level_type.word(),
        }
    }

    /// Section 8.3, step 3.
    fn score(&self) -> f64 {
        let touches = self.standing.touches;
        if touches == 0 {
            return 0.0;
        }
        0.5 * (f64::from(touches) / FULL_SCORE_TOUCHES).min(1.0) + 0.5
    }

    /// What tells it from other levels, whatever its standing.
    pub(super) fn mark(&self) -> Mark {
        let side = match self.level_type {
            Direction::Resistance => 1,
            Direction::Support => -1,
        };
        [self.first.time.seconds(), self.last.time.seconds(), side]
    }

    pub(super) fn is_broken(&self) -> bool {
        self.standing.status == LevelStatus::Broken
    }

    pub(super) fn write_json(&self, out: &mut Vec<u8>) -> Result<(), CodecError> {
        let (first, last) = (self.first, self.last);
        let death = self.standing.death;
        let json = LevelJson {
            price: self.price,
            kind: self.kind(),
            level_type: self.level_type,
            status: self.standing.status.word(),
            first_idx: first.idx,
            second_idx: last.idx,
            last_idx: last.idx,
            first_time: first.time.seconds(),
            second_time: last.time.seconds(),
            last_time: last.time.seconds(),
            count: self.count(),
            flip_dir: match self.standing.status {
                LevelStatus::Flip(FlipDirection::Up) => Some("up"),
                LevelStatus::Flip(FlipDirection::Down) => Some("down"),
                _ => None,
            },
            touch_indices: [first.idx, last.idx],
            touch_times: [first.time.seconds(), last.time.seconds()],
            level_score: self.score(),
            band_low: self.band_low,
            band_high: self.band_high,
            band_width_atr: self.band_width_atr,
            death_idx: death.map(|death| death.idx),
            death_time: death.map(|death| death.time.seconds()),
            death_price: death.map(|_| self.price),
        };
        serde_json::to_writer(out, &json).map_err(|_| CodecError::Json)
    }

    /// Appends the whole level; times are distances before `origin`.
    pub(super) fn write(&self, origin: CandleTime, out: &mut impl Writer) {
        out.byte(u8::from(self.level_type == Direction::Support));
        for candle in [self.first, self.last] {
            out.unsigned(candle.idx);
            out.time(candle.time, origin);
        }
        for price in [self.price, self.band_low, self.band_high, self.band_width_atr] {
            out.float(price);
        }
        self.standing.write(self.last, out);
    }

    pub(super) fn read(origin: CandleTime, reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let level_type = match reader.byte()? {
            0 => Direction::Resistance,
            1 => Direction::Support,
            _ => return Err(CodecError::OutOfRange("level_type")),
        };
        let mut candle = || {
            Ok::<_, CodecError>(CandleRef {
                idx: reader.unsigned()?,
                time: reader.time(origin)?,
            })
        };
        let (first, last) = (candle()?, candle()?);
        Ok(Self {
            level_type,
            price: reader.float()?,
            band_low: reader.float()?,
            band_high: reader.float()?,
            band_width_atr: reader.float()?,
            first,
            last,
            standing: Standing::read(last, reader)?,
        })
    }
}

impl Standing {
    /// Appends it; the crossing as distances after the newer pivot.
    pub(super) fn write(&self, last: CandleRef, out: &mut impl Writer) {
        out.byte(self.status.code() | u8::from(self.death.is_some()) << 3);
        out.unsigned(u64::from(self.touches));
        if let Some(death) = self.death {
            out.unsigned(death.idx - last.idx);
            out.time(last.time, death.time);
        }
    }

    pub(super) fn read(last: CandleRef, reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let flags = reader.byte()?;
        let touches = u32::try_from(reader.unsigned()?).map_err(|_| CodecError::OutOfRange("touches"))?;
        let death = if flags & 8 == 0 {
            None
        } else {
            let idx = last.idx.checked_add(reader.unsigned()?);
            let time = last.time.seconds().checked_add(reader.signed()?);
            Some(CandleRef {
                idx: idx.ok_or(CodecError::OutOfRange("death_idx"))?,
                time: time
                    .and_then(|seconds| CandleTime::new(seconds).ok())
                    .ok_or(CodecError::OutOfRange("death_time"))?,
            })
        };
        Ok(Self {
            status: LevelStatus::of_code(flags & !8)?,
            touches,
            death,
        })
    }
}
