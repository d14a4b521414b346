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
        let source = Source {
            path: &self.path,
            layout: self.layout.name,
        };
        let bytes = source.read()?;
        self.decode_bytes(bytes, latest_closed)
    }

    /// The newest `limit` candles up to `latest_closed`, ascending.
    ///
    /// # Errors
    /// As [`CandleFile::decode`].
    pub fn newest(&self, limit: usize, latest_closed: CandleTime) -> Result<Vec<Candle>, HistoryError> {
        let mut candles = self.decode(Some(latest_closed))?.candles;
        candles.drain(..candles.len().saturating_sub(limit));
        Ok(candles)
    }

    pub(crate) fn decode_bytes(
        &self,
        bytes: Vec<u8>,
        latest_closed: Option<CandleTime>,
    ) -> Result<Decoded, HistoryError> {
        let source = Source {
            path: &self.path,
            layout: self.layout.name,
        };
        // The columnar format libraries check their input, but not in every place: what they trip over is damage
        // of the file like any other, and nothing of a half-done decode survives.
        catch_unwind(AssertUnwindSafe(|| {
            let mut rows = CandleRows::new(latest_closed);
            (self.layout.decode)(bytes, &source, &mut rows)?;
            Ok(rows.finish())
        }))
        .unwrap_or_else(|_| Err(source.damaged(None, "its structure contradicts itself")))
    }
}

#[cfg(test)]
mod damage_tests;
#[cfg(test)]
#[cfg(feature = "columnar")]
mod real_data_tests;
#[cfg(test)]
mod tests;
