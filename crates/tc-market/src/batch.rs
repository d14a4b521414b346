//! Batches: what the write path takes.

use crate::{Candle, CandleTime, SeriesId};

/// Closed candles of one series: non-empty, strictly ascending by time (I2).
#[derive(Debug, Clone, PartialEq)]
pub struct CandleBatch {
    series: SeriesId,
    candles: Vec<Candle>,
}

impl CandleBatch {
    /// Sorts by time and keeps the last of the candles with equal times; `None` when there are none.
    #[must_use]
    pub fn new(series: SeriesId, mut candles: Vec<Candle>) -> Option<Self> {
        if candles.is_empty() {
            return None;
        }
        if !candles.is_sorted_by(|a, b| a.time() < b.time()) {
            candles.sort_by_key(Candle::time);
            candles.dedup_by(|later, earlier| {
                let same = later.time() == earlier.time();
                if same {
                    *earlier = *later;
                }
                same
            });
        }
        Some(Self { series, candles })
    }

    /// The series of all candles.
    #[must_use]
    pub const fn series(&self) -> &SeriesId {
        &self.series
    }

    /// The candles, ascending; at least one.
    #[must_use]
    pub fn candles(&self) -> &[Candle] {
        &self.candles
    }

    /// Time of the oldest candle.
    #[must_use]
    pub fn first_time(&self) -> CandleTime {
        self.candles[0].time()
    }

    /// Time of the newest candle.
    #[must_use]
    pub fn last_time(&self) -> CandleTime {
        self.candles[self.candles.len() - 1].time()
    }

    /// Gives the parts back.
    #[must_use]
    pub fn into_parts(self) -> (SeriesId, Vec<Candle>) {
        (self.series, self.candles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_and_keeps_the_last_of_equal_times() {
        let series: SeriesId = "binance:spot:BTC/USDT:1m".parse().unwrap();
        let candle = |t, p| Candle::new(CandleTime::clamped(t), p, p, p, p, 1.0).unwrap();
        assert!(CandleBatch::new(series.clone(), vec![]).is_none());
        let batch = CandleBatch::new(
            series,
            vec![
                candle(180, 1.0),
                candle(60, 2.0),
                candle(60, 3.0),
                candle(120, 4.0),
                candle(60, 5.0),
            ],
        )
        .unwrap();
        assert_eq!(
            batch.candles(),
            [candle(60, 5.0), candle(120, 4.0), candle(180, 1.0)]
        );
        assert_eq!(
            (batch.first_time().seconds(), batch.last_time().seconds()),
            (60, 180)
        );
    }
}
