//! A candle file and its decoding.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
};

use tc_market::{Candle, CandleTime, SeriesId};

use crate::{Decoded, HistoryError, Layout, rows::CandleRows, source::Source};

/// A file that, going by its name, holds candles of one series.
#[derive(Debug, Clone)]
pub struct CandleFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it holds.
    pub series: SeriesId,
    /// How it is written.
    pub layout: &'static Layout,
    /// The part of the history that it covers, as its name says it: `2019`, `2023-08` or `2023-08-01`.
    pub period: Option<String>,
    /// Its size in bytes when it was found.
    pub size_bytes: u64,
}

impl CandleFile {
    /// Decodes the whole file; rows later than `latest_closed` are dropped and counted.
    ///
    /// # Errors
    /// [`HistoryError`] when the file cannot be read or is not decodable from the first byte to the last: another
    /// format, cut short, a column missing, text where a number is due.
    pub fn decode(&self, latest_closed: Option<CandleTime>) -> Result<Decoded, HistoryError> {
        self.decode_bytes(self.source().read()?, latest_closed)
    }

    /// The newest `limit` candles up to `latest_closed`, ascending. Of a long file in order, hardly more is held.
    ///
    /// # Errors
    /// As [`CandleFile::decode`].
    pub fn newest(&self, limit: usize, latest_closed: CandleTime) -> Result<Vec<Candle>, HistoryError> {
        let mut rows = CandleRows::newest(limit, latest_closed);
        self.decode_into(self.source().read()?, &mut rows)?;
        let mut candles = if rows.may_lack_candles() {
            self.decode(Some(latest_closed))?.candles
        } else {
            rows.finish().candles
        };
        candles.drain(..candles.len().saturating_sub(limit));
        Ok(candles)
    }

    /// As [`CandleFile::decode`], of bytes that are at hand already.
    ///
    /// # Errors
    /// As [`CandleFile::decode`].
    pub fn decode_bytes(
        &self,
        bytes: Vec<u8>,
        latest_closed: Option<CandleTime>,
    ) -> Result<Decoded, HistoryError> {
        let mut rows = CandleRows::new(latest_closed);
        self.decode_into(bytes, &mut rows)?;
        Ok(rows.finish())
    }

    fn decode_into(&self, bytes: Vec<u8>, rows: &mut CandleRows) -> Result<(), HistoryError> {
        let source = self.source();
        // The columnar format libraries check their input, but not in every place: what they trip over is damage
        // of the file like any other, and nothing of a half-done decode survives.
        catch_unwind(AssertUnwindSafe(|| (self.layout.decode)(bytes, &source, rows)))
            .unwrap_or_else(|_| Err(source.damaged(None, "its structure contradicts itself")))
    }

    fn source(&self) -> Source<'_> {
        Source {
            path: &self.path,
            layout: self.layout.name,
        }
    }
}

#[cfg(test)]
mod damage_tests;
#[cfg(test)]
#[cfg(feature = "columnar")]
mod real_data_tests;
#[cfg(test)]
mod tests;
