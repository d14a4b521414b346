//! Compact binary fields: varints, zigzag distances, raw floats.

use smallvec::{Array, SmallVec};
use tc_market::CandleTime;

/// Bytes that do not hold what they should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The bytes end inside a field.
    #[error("bytes end inside a field")]
    Truncated,
    /// A field holds a value outside its range.
    #[error("field {0} is out of range")]
    OutOfRange(&'static str),
    /// The first byte names a format that this version does not know.
    #[error("format {0} is unknown")]
    UnknownFormat(u8),
    /// The payload is a difference to the event before, which was not given.
    #[error("payload is a difference to the event before")]
    Chained,
    /// Bytes are left after the last field.
    #[error("bytes are left after the last field")]
    Trailing,
    /// A value could not be written as JSON.
    #[error("value cannot be written as JSON")]
    Json,
}

/// A byte sink that fields are appended to.
pub trait Writer {
    /// Appends raw bytes.
    fn bytes(&mut self, bytes: &[u8]);

    /// One byte.
    fn byte(&mut self, value: u8) {
        self.bytes(&[value]);
    }

    /// LEB128, at most 10 bytes.
    fn unsigned(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.byte((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.byte((value & 0x7f) as u8);
    }

    /// Zigzag LEB128.
    fn signed(&mut self, value: i64) {
        self.unsigned((value << 1 ^ value >> 63).cast_unsigned());
    }

    /// Eight raw bytes, little-endian: every bit of the float is kept.
    fn float(&mut self, value: f64) {
        self.bytes(&value.to_bits().to_le_bytes());
    }

    /// A time as its distance before `origin`, short for the near past.
    fn time(&mut self, value: CandleTime, origin: CandleTime) {
        self.signed(origin.seconds() - value.seconds());
    }

    /// A length and the bytes.
    fn blob(&mut self, bytes: &[u8]) {
        self.unsigned(bytes.len() as u64);
        self.bytes(bytes);
    }
}

impl Writer for Vec<u8> {
    #[inline]
    fn byte(&mut self, value: u8) {
        self.push(value);
    }

    #[inline]
    fn bytes(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

impl<A: Array<Item = u8>> Writer for SmallVec<A> {
    #[inline]
    fn byte(&mut self, value: u8) {
        self.push(value);
    }

    #[inline]
    fn bytes(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Reads fields in the order in which a [`Writer`] appended them.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from the start of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Starts reading a payload whose first byte must be `format`.
    ///
    /// # Errors
    /// [`CodecError::UnknownFormat`] for another byte, [`CodecError::Truncated`] for none.
    pub fn with_format(bytes: &'a [u8], format: u8) -> Result<Self, CodecError> {
        let mut reader = Self::new(bytes);
        match reader.byte()? {
            found if found == format => Ok(reader),
            found => Err(CodecError::UnknownFormat(found)),
        }
    }

    /// # Errors
    /// [`CodecError::Truncated`].
    pub fn byte(&mut self) -> Result<u8, CodecError> {
        let (first, rest) = self.rest.split_first().ok_or(CodecError::Truncated)?;
        self.rest = rest;
        Ok(*first)
    }

    /// # Errors
    /// [`CodecError::Truncated`], or [`CodecError::OutOfRange`] beyond 64 bits.
    pub fn unsigned(&mut self) -> Result<u64, CodecError> {
        let mut value = 0u64;
        for shift in (0..).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift > 63 || (shift == 63 && bits > 1) {
                return Err(CodecError::OutOfRange("varint"));
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        Ok(value)
    }

    /// # Errors
    /// As [`Reader::unsigned`].
    pub fn signed(&mut self) -> Result<i64, CodecError> {
        let value = self.unsigned()?;
        Ok((value >> 1).cast_signed() ^ -((value & 1).cast_signed()))
    }

    /// # Errors
    /// [`CodecError::Truncated`].
    pub fn float(&mut self) -> Result<f64, CodecError> {
        let (first, rest) = self.rest.split_first_chunk::<8>().ok_or(CodecError::Truncated)?;
        self.rest = rest;
        Ok(f64::from_bits(u64::from_le_bytes(*first)))
    }

    /// # Errors
    /// [`CodecError::OutOfRange`] when the result is no candle time.
    pub fn time(&mut self, origin: CandleTime) -> Result<CandleTime, CodecError> {
        let distance = self.signed()?;
        origin
            .seconds()
            .checked_sub(distance)
            .and_then(|seconds| CandleTime::new(seconds).ok())
            .ok_or(CodecError::OutOfRange("time"))
    }

    /// # Errors
    /// [`CodecError::Truncated`] when fewer bytes are left than announced.
    pub fn blob(&mut self) -> Result<&'a [u8], CodecError> {
        let length = usize::try_from(self.unsigned()?).map_err(|_| CodecError::OutOfRange("length"))?;
        let (first, rest) = self.rest.split_at_checked(length).ok_or(CodecError::Truncated)?;
        self.rest = rest;
        Ok(first)
    }

    /// # Errors
    /// [`CodecError::Trailing`] when bytes are left.
    pub const fn finish(self) -> Result<(), CodecError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(CodecError::Trailing)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn fields_round_trip(a in any::<u64>(), b in any::<i64>(), bits in any::<u64>(), blob in proptest::collection::vec(any::<u8>(), 0..40), t in 0i64..(1 << 33), o in 0i64..(1 << 33)) {
            let (time, origin) = (CandleTime::new(t).unwrap(), CandleTime::new(o).unwrap());
            let mut bytes = Vec::new();
            bytes.unsigned(a);
            bytes.signed(b);
            bytes.float(f64::from_bits(bits));
            bytes.time(time, origin);
            bytes.blob(&blob);
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.unsigned(), Ok(a));
            prop_assert_eq!(reader.signed(), Ok(b));
            prop_assert_eq!(reader.float().unwrap().to_bits(), bits);
            prop_assert_eq!(reader.time(origin), Ok(time));
            prop_assert_eq!(reader.blob(), Ok(blob.as_slice()));
            prop_assert_eq!(reader.finish(), Ok(()));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut reader = Reader::new(&bytes);
            while reader.unsigned().is_ok() && reader.time(CandleTime::MIN).is_ok() && reader.blob().is_ok() {}
        }
    }
}
