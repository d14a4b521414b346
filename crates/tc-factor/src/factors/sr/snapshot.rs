//! Snapshots of all levels, and their payloads: complete, or as difference to the snapshot before.

use std::cmp::Ordering;

use sha1::{Digest, Sha1};
use tc_market::CandleTime;

use super::level::{Level, Standing};
use crate::{CodecError, LedgerEvent, Payload, Reader, Writer, factors::pivot::Direction};

const COMPLETE: u8 = 1;
const DIFFERENCE: u8 = 2;
/// Every snapshot with this distance from genesis is stored complete.
const COMPLETE_EVERY: u64 = 32;
/// Levels that enter the event key.
const KEY_LEVELS: usize = 10;

/// All levels of a series after a candle that confirmed a pivot.
#[derive(Debug, Clone, PartialEq)]
pub struct SrSnapshot {
    /// That candle.
    pub visible_time: CandleTime,
    /// Levels by distance to the close, broken ones last.
    pub levels: Vec<Level>,
}

/// Order of levels in a snapshot: broken ones last, then by distance to the close, resistance before support, newer
/// pivots first.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rank {
    broken: bool,
    distance: f64,
    support: bool,
    last_idx: u64,
}

impl Rank {
    fn of(level: &Level, close: f64) -> Self {
        Self {
            broken: level.is_broken(),
            distance: (level.price - close).abs(),
            support: level.level_type == Direction::Support,
            last_idx: level.last.idx,
        }
    }

    fn cmp(&self, other: &Self) -> Ordering {
        self.broken
            .cmp(&other.broken)
            .then(self.distance.total_cmp(&other.distance))
            .then(self.support.cmp(&other.support))
            .then(other.last_idx.cmp(&self.last_idx))
    }
}

/// Position of a snapshot in its chain of payloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Chain {
    /// Snapshots since genesis.
    pub(super) count: u64,
    /// Tick of the newest complete one.
    pub(super) base_time: CandleTime,
}

impl Chain {
    /// Payload of `now`. `before` is the snapshot before it, with the place there of each level of `now`; `close` is the
    /// close of its candle.
    pub(super) fn encode(
        &mut self,
        before: Option<(&SrSnapshot, &[Option<usize>])>,
        now: &SrSnapshot,
        close: f64,
    ) -> Payload {
        let complete = self.count.is_multiple_of(COMPLETE_EVERY);
        self.count += 1;
        match before.filter(|_| !complete) {
            Some((before, origins)) => now.encode_difference(before, origins, self.base_time, close),
            None => {
                self.base_time = now.visible_time;
                now.encode()
            }
        }
    }
}

impl SrSnapshot {
    /// Complete payload.
    #[must_use]
    pub fn encode(&self) -> Payload {
        let mut out = Vec::with_capacity(16 + 64 * self.levels.len());
        out.byte(COMPLETE);
        out.unsigned(self.levels.len() as u64);
        for level in &self.levels {
            level.write(self.visible_time, &mut out);
        }
        Payload::from_vec(out)
    }

    /// Payload that names what differs from `before`: levels gone, levels that stand differently, levels added. The
    /// order follows from the close, unless levels are equally far from it in another way than usual.
    fn encode_difference(
        &self,
        before: &Self,
        origins: &[Option<usize>],
        base_time: CandleTime,
        close: f64,
    ) -> Payload {
        let mut out = Vec::with_capacity(512);
        out.byte(DIFFERENCE);
        out.time(base_time, self.visible_time);
        out.float(close);
        let mut gone = vec![true; before.levels.len()];
        let (mut changed, mut added) = (Vec::new(), Vec::new());
        for (level, origin) in self.levels.iter().zip(origins) {
            let Some(place) = *origin else {
                added.push(level);
                continue;
            };
            gone[place] = false;
            if level.standing != before.levels[place].standing {
                changed.push((place, level));
            }
        }
        out.unsigned(gone.iter().filter(|gone| **gone).count() as u64);
        for (place, _) in gone.iter().enumerate().filter(|(_, gone)| **gone) {
            out.unsigned(place as u64);
        }
        out.unsigned(changed.len() as u64);
        for (place, level) in changed {
            out.unsigned(place as u64);
            level.standing.write(level.last, &mut out);
        }
        out.unsigned(added.len() as u64);
        for level in added {
            level.write(self.visible_time, &mut out);
        }
        self.write_order(close, &mut out);
        Payload::from_slice(&out)
    }

    fn write_order(&self, close: f64, out: &mut Vec<u8>) {
        let rank = |position: &usize| Rank::of(&self.levels[*position], close);
        let mut usual: Vec<usize> = (0..self.levels.len()).collect();
        let as_usual = usual.is_sorted_by(|a, b| rank(a).cmp(&rank(b)) == Ordering::Less);
        out.byte(u8::from(!as_usual));
        if as_usual {
            return;
        }
        usual.sort_by(|a, b| rank(a).cmp(&rank(b)));
        let mut place = vec![0; usual.len()];
        for (usual_position, position) in usual.into_iter().enumerate() {
            place[position] = usual_position;
        }
        for usual_position in place {
            out.unsigned(usual_position as u64);
        }
    }

    /// Reads a complete payload.
    ///
    /// # Errors
    /// [`CodecError::Chained`] for a difference, [`CodecError`] for any other bytes.
    pub fn decode(event: &LedgerEvent) -> Result<Self, CodecError> {
        let mut reader = match event.payload.first() {
            Some(&DIFFERENCE) => return Err(CodecError::Chained),
            _ => Reader::with_format(&event.payload, COMPLETE)?,
        };
        let levels = read_list(&mut reader, |reader| Level::read(event.visible_time, reader))?;
        reader.finish()?;
        Ok(Self {
            visible_time: event.visible_time,
            levels,
        })
    }

    /// Reads a payload of either kind; `before` is the snapshot before it.
    ///
    /// # Errors
    /// [`CodecError::Chained`] for a difference without a snapshot before it, [`CodecError`] for any other bytes.
    pub fn decode_after(event: &LedgerEvent, before: Option<&Self>) -> Result<Self, CodecError> {
        if event.payload.first() != Some(&DIFFERENCE) {
            return Self::decode(event);
        }
        let before = before.ok_or(CodecError::Chained)?;
        let mut reader = Reader::with_format(&event.payload, DIFFERENCE)?;
        reader.time(event.visible_time)?;
        let close = reader.float()?;
        let mut levels: Vec<Option<Level>> = before.levels.iter().copied().map(Some).collect();
        let below = levels.len();
        let gone = read_list(&mut reader, |reader| read_place(reader, below))?;
        for _ in 0..reader.unsigned()? {
            let place = read_place(&mut reader, below)?;
            if let Some(level) = &mut levels[place] {
                level.standing = Standing::read(level.last, &mut reader)?;
            }
        }
        for place in gone {
            levels[place] = None;
        }
        let mut levels: Vec<Level> = levels.into_iter().flatten().collect();
        levels.append(&mut read_list(&mut reader, |reader| {
            Level::read(event.visible_time, reader)
        })?);
        levels.sort_by(|a, b| Rank::of(a, close).cmp(&Rank::of(b, close)));
        if reader.byte()? != 0 {
            levels = read_order(&mut reader, &levels)?;
        }
        reader.finish()?;
        Ok(Self {
            visible_time: event.visible_time,
            levels,
        })
    }

    /// Tick of the complete snapshot that the chain of `event` begins with.
    ///
    /// # Errors
    /// [`CodecError`] for bytes that are no snapshot.
    pub fn base_time(event: &LedgerEvent) -> Result<CandleTime, CodecError> {
        if event.payload.first() != Some(&DIFFERENCE) {
            return Ok(event.visible_time);
        }
        Reader::with_format(&event.payload, DIFFERENCE)?.time(event.visible_time)
    }

    /// Section 8.5.
    pub(super) fn event_key(&self) -> String {
        let (time, count) = (self.visible_time, self.levels.len());
        if self.levels.is_empty() {
            return format!("snapshot:{time}:0:none");
        }
        let text: Vec<String> = self
            .levels
            .iter()
            .take(KEY_LEVELS)
            .map(|level| {
                let (status, kind) = (level.status().word(), level.kind());
                format!("{status}:{kind}:{:.8}:{}", level.price, level.last.time)
            })
            .collect();
        let digest = Sha1::digest(text.join(";").as_bytes());
        let digest: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        format!("snapshot:{time}:{count}:{digest}")
    }
}

fn read_place(reader: &mut Reader<'_>, below: usize) -> Result<usize, CodecError> {
    usize::try_from(reader.unsigned()?)
        .ok()
        .filter(|place| *place < below)
        .ok_or(CodecError::OutOfRange("place"))
}

fn read_list<T>(
    reader: &mut Reader<'_>,
    mut read: impl FnMut(&mut Reader<'_>) -> Result<T, CodecError>,
) -> Result<Vec<T>, CodecError> {
    (0..reader.unsigned()?).map(|_| read(reader)).collect()
}

/// Puts levels that are in the usual order into the order that was written.
fn read_order(reader: &mut Reader<'_>, usual: &[Level]) -> Result<Vec<Level>, CodecError> {
    let mut left: Vec<Option<Level>> = usual.iter().copied().map(Some).collect();
    let take = |left: &mut Vec<Option<Level>>, position: u64| {
        let slot = usize::try_from(position).ok().and_then(|n| left.get_mut(n))?;
        slot.take()
    };
    (0..usual.len())
        .map(|_| take(&mut left, reader.unsigned()?).ok_or(CodecError::OutOfRange("order")))
        .collect()
}
