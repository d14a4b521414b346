//! Checkpoints: engine state after a candle, small, versioned, checksummed.

use tc_market::CandleTime;

use crate::{CodecError, Fingerprint, FoldMode, Reader, Writer};

/// A checkpoint is written after each candle with `(idx + 1) % CHECKPOINT_EVERY == 0`, so that the set of
/// checkpoints depends on the candles alone, never on batches.
pub const CHECKPOINT_EVERY: u64 = 512;

const FORMAT: u8 = 2;
const CHECKSUM_BYTES: usize = 16;

/// Saved state of one factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorState {
    /// The factor.
    pub factor_name: String,
    /// Version of the logic that wrote the state.
    pub logic_version: String,
    /// Tick whose events the factor must be given again.
    pub needs_event: Option<CandleTime>,
    /// What [`Factor::save`](crate::Factor::save) wrote.
    pub state: Vec<u8>,
}

/// Engine state after a given candle: no raw candles, no events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// What the state was computed with.
    pub fingerprint: Fingerprint,
    /// Ordinal of the newest candle in the state.
    pub idx: u64,
    /// Open time of that candle.
    pub time: CandleTime,
    /// Oldest candle to read again before computing on.
    pub compute_from: Option<CandleTime>,
    /// Oldest candle to read again before following on.
    pub follow_from: Option<CandleTime>,
    /// States in graph order, each with what it needs again.
    pub factors: Vec<FactorState>,
    /// State of the drawings, opaque here.
    pub overlay: Vec<u8>,
}

/// Bytes that are no usable checkpoint; readers go on with the next older one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The checksum does not fit the bytes.
    #[error("checksum of the checkpoint does not match")]
    Checksum,
    /// Fields cannot be read.
    #[error("checkpoint cannot be read: {0}")]
    Codec(#[from] CodecError),
}

impl Checkpoint {
    /// Oldest candle whose raw values must be read again to go on in `mode`.
    #[must_use]
    pub const fn needs_from(&self, mode: FoldMode) -> Option<CandleTime> {
        match mode {
            FoldMode::Compute => self.compute_from,
            FoldMode::Follow => self.follow_from,
        }
    }

    /// Bytes with a checksum over all fields.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        out.byte(FORMAT);
        out.bytes(self.fingerprint.as_bytes());
        out.unsigned(self.idx);
        out.time(self.time, CandleTime::MIN);
        for needed in [self.compute_from, self.follow_from] {
            write_needed(needed, self.time, &mut out);
        }
        out.unsigned(self.factors.len() as u64);
        for factor in &self.factors {
            out.blob(factor.factor_name.as_bytes());
            out.blob(factor.logic_version.as_bytes());
            write_needed(factor.needs_event, self.time, &mut out);
            out.blob(&factor.state);
        }
        out.blob(&self.overlay);
        let checksum = blake3::hash(&out);
        out.bytes(&checksum.as_bytes()[..CHECKSUM_BYTES]);
        out
    }

    /// Reads what [`Checkpoint::encode`] wrote.
    ///
    /// # Errors
    /// [`CheckpointError`] for any other bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let body_length = bytes
            .len()
            .checked_sub(CHECKSUM_BYTES)
            .ok_or(CodecError::Truncated)?;
        let (body, checksum) = bytes.split_at(body_length);
        if blake3::hash(body).as_bytes()[..CHECKSUM_BYTES] != *checksum {
            return Err(CheckpointError::Checksum);
        }
        let mut reader = Reader::with_format(body, FORMAT)?;
        let mut fingerprint = [0; 32];
        for byte in &mut fingerprint {
            *byte = reader.byte()?;
        }
        let idx = reader.unsigned()?;
        let time = reader.time(CandleTime::MIN)?;
        let (compute_from, follow_from) = (read_needed(&mut reader, time)?, read_needed(&mut reader, time)?);
        let mut factors = Vec::new();
        for _ in 0..reader.unsigned()? {
            factors.push(FactorState {
                factor_name: text(reader.blob()?)?,
                logic_version: text(reader.blob()?)?,
                needs_event: read_needed(&mut reader, time)?,
                state: reader.blob()?.to_vec(),
            });
        }
        let overlay = reader.blob()?.to_vec();
        reader.finish()?;
        Ok(Self {
            fingerprint: Fingerprint::from_bytes(fingerprint),
            idx,
            time,
            compute_from,
            follow_from,
            factors,
            overlay,
        })
    }
}

fn write_needed(needed: Option<CandleTime>, now: CandleTime, out: &mut Vec<u8>) {
    out.byte(u8::from(needed.is_some()));
    out.time(needed.unwrap_or(now), now);
}

fn read_needed(reader: &mut Reader<'_>, now: CandleTime) -> Result<Option<CandleTime>, CodecError> {
    let present = reader.byte()? != 0;
    let time = reader.time(now)?;
    Ok(present.then_some(time))
}

fn text(bytes: &[u8]) -> Result<String, CodecError> {
    String::from_utf8(bytes.to_vec()).map_err(|_| CodecError::OutOfRange("text"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample() -> Checkpoint {
        Checkpoint {
            fingerprint: Fingerprint::from_bytes([7; 32]),
            idx: 511,
            time: CandleTime::clamped(1_700_000_000),
            compute_from: Some(CandleTime::clamped(1_699_990_000)),
            follow_from: None,
            factors: vec![FactorState {
                factor_name: "pen".into(),
                logic_version: "1".into(),
                needs_event: Some(CandleTime::clamped(1_699_999_940)),
                state: vec![1, 2, 3],
            }],
            overlay: vec![9; 40],
        }
    }

    #[test]
    fn round_trips() {
        assert_eq!(Checkpoint::decode(&sample().encode()), Ok(sample()));
    }

    proptest! {
        #[test]
        fn any_damage_is_noticed(position in any::<prop::sample::Index>(), flip in 1u8..=255, cut in any::<prop::sample::Index>()) {
            let good = sample().encode();
            let mut flipped = good.clone();
            flipped[position.index(good.len())] ^= flip;
            prop_assert!(Checkpoint::decode(&flipped).is_err());
            prop_assert!(Checkpoint::decode(&good[..cut.index(good.len())]).is_err());
        }
    }
}
