//! What the exchange knows at a time: closed and open buckets of every symbol and interval.

use tc_market::{Candle, CandleTime, FormingCandle, MarketKind, RollUp, Timeframe};

use crate::{
    path,
    set::{BASE_S, Instrument, SampleSet, base_timeframe},
};

/// The one source of REST rows and stream frames, so that they agree.
#[derive(Debug, Clone)]
pub(crate) struct Feed {
    set: SampleSet,
    seed: u64,
}

/// A bucket as the exchange sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Bucket {
    Closed(Candle),
    Open(FormingCandle),
}

impl Bucket {
    /// The values, final or not.
    pub(crate) const fn values(&self) -> &Candle {
        match self {
            Self::Closed(candle) => candle,
            Self::Open(candle) => candle.values(),
        }
    }
}

/// Which rows a history request asks for; bounds in milliseconds, inclusive on the open time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    pub(crate) start_ms: Option<i64>,
    pub(crate) end_ms: Option<i64>,
    pub(crate) limit: usize,
}

impl Feed {
    pub(crate) const fn new(set: SampleSet, seed: u64) -> Self {
        Self { set, seed }
    }

    pub(crate) fn instruments(&self, market: MarketKind) -> impl Iterator<Item = &Instrument> {
        self.set
            .instruments()
            .iter()
            .filter(move |instrument| instrument.market == market)
    }

    /// Finds a symbol by the exchange's spelling, in upper case.
    pub(crate) fn find(&self, market: MarketKind, code: &str) -> Option<&Instrument> {
        self.set.find(market, code)
    }

    /// Where [`Feed::instrument`] has it.
    pub(crate) fn position(&self, market: MarketKind, code: &str) -> Option<usize> {
        self.set
            .instruments()
            .iter()
            .position(|instrument| instrument.market == market && instrument.code == code)
    }

    pub(crate) fn instrument(&self, position: usize) -> Option<&Instrument> {
        self.set.instruments().get(position)
    }

    /// The bucket that is open at `now_ms`; `None` when a minute of it is missing.
    pub(crate) fn open_bucket(
        &self,
        instrument: &Instrument,
        timeframe: Timeframe,
        now_ms: i64,
    ) -> Option<Bucket> {
        let now_s = now_ms.div_euclid(1000);
        let minute_s = now_s - now_s.rem_euclid(BASE_S);
        let open_s = now_s - now_s.rem_euclid(timeframe.seconds());
        let decimals = (instrument.price_decimals, instrument.volume_decimals);
        let minute = instrument.minute(minute_s)?;
        let forming = path::forming(
            &minute,
            self.seed_of(instrument),
            now_ms - minute_s * 1000,
            decimals,
        );
        let Ok(mut aggregator) = RollUp::new(base_timeframe(), timeframe) else {
            return Some(Bucket::Open(forming));
        };
        let mut earlier_s = open_s;
        while earlier_s < minute_s {
            aggregator.push(&instrument.minute(earlier_s)?);
            earlier_s += BASE_S;
        }
        aggregator.push(forming.values());
        aggregator
            .partial()
            .map(|values| Bucket::Open(FormingCandle::new(values)))
    }

    /// The rows that a history request gets at `now_ms`, ascending; of the buckets that open at a time (seconds) those
    /// that `exists` knows.
    pub(crate) fn rows(
        &self,
        instrument: &Instrument,
        timeframe: Timeframe,
        range: Range,
        now_ms: i64,
        exists: impl Fn(i64) -> bool,
    ) -> Vec<Bucket> {
        let tf_s = timeframe.seconds();
        let floor = |ms: i64| ms.div_euclid(tf_s * 1000) * tf_s;
        let open_s = floor(now_ms);
        let last_s = range.end_ms.map_or(open_s, |end_ms| floor(end_ms).min(open_s));
        let oldest_s = instrument.origin_s();
        let bucket = |time_s: i64| {
            if !exists(time_s) {
                None
            } else if time_s == open_s {
                self.open_bucket(instrument, timeframe, now_ms)
            } else {
                instrument.closed(timeframe, time_s).map(Bucket::Closed)
            }
        };
        if let Some(start_ms) = range.start_ms {
            let first_s = floor(start_ms.max(oldest_s * 1000) + tf_s * 1000 - 1);
            return steps(first_s, tf_s)
                .take_while(|time_s| *time_s <= last_s)
                .filter_map(bucket)
                .take(range.limit)
                .collect();
        }
        let newest_first = steps(last_s, -tf_s).take_while(|time_s| *time_s >= oldest_s);
        let mut rows: Vec<_> = newest_first.filter_map(bucket).take(range.limit).collect();
        rows.reverse();
        rows
    }

    fn seed_of(&self, instrument: &Instrument) -> u64 {
        let name = instrument.code.bytes().chain(instrument.market.name().bytes());
        name.fold(self.seed, |seed, byte| path::mix(seed, i64::from(byte), 0))
    }
}

/// `BTC/USDT:USDT` → `BTCUSDT`.
pub(crate) fn code_of(symbol: &str) -> String {
    symbol
        .split(':')
        .next()
        .unwrap_or_default()
        .replace(['/', '-'], "")
        .to_ascii_uppercase()
}

/// `BTCUSDT` and `1m` → `btcusdt@kline_1m`.
pub(crate) fn stream_of(code: &str, timeframe: Timeframe) -> String {
    format!("{}@kline_{timeframe}", code.to_ascii_lowercase())
}

fn steps(from: i64, by: i64) -> impl Iterator<Item = i64> {
    std::iter::successors(Some(from), move |time| Some(time + by))
}

/// The final candle of the bucket that ends at `end_ms`, if it has one.
pub(crate) fn closed_at_end(instrument: &Instrument, timeframe: Timeframe, end_ms: i64) -> Option<Candle> {
    let open_s = end_ms.div_euclid(1000) - timeframe.seconds();
    CandleTime::new(open_s)
        .ok()
        .and_then(|_| instrument.closed(timeframe, open_s))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(from_s: i64, count: i64) -> Vec<Candle> {
        (0..count)
            .map(|i| {
                let price = 100.0 + f64::from(u32::try_from(i % 50).unwrap());
                let time = CandleTime::new(from_s + i * 60).unwrap();
                Candle::new(time, price, price + 2.0, price - 2.0, price + 1.0, 3.5).unwrap()
            })
            .collect()
    }

    fn feed(candles: Vec<Candle>) -> Feed {
        Feed::new(
            SampleSet::new(vec![(MarketKind::Spot, "BTC/USDT".to_owned(), candles)]).unwrap(),
            1,
        )
    }

    fn times(
        feed: &Feed,
        timeframe: &str,
        start_s: Option<i64>,
        end_s: Option<i64>,
        limit: usize,
        now_ms: i64,
    ) -> Vec<i64> {
        let range = Range {
            start_ms: start_s.map(|s| s * 1000),
            end_ms: end_s.map(|s| s * 1000),
            limit,
        };
        let instrument = feed.find(MarketKind::Spot, "BTCUSDT").unwrap();
        feed.rows(instrument, timeframe.parse().unwrap(), range, now_ms, |_| true)
            .iter()
            .map(|bucket| bucket.values().time().seconds())
            .collect()
    }

    #[test]
    fn range_rules() {
        let feed = feed(minutes(600, 100));
        let now_ms = 1_030_000;
        assert_eq!(
            times(&feed, "1m", None, None, 3, now_ms),
            [900, 960, 1020],
            "the open bucket is last"
        );
        assert_eq!(
            times(&feed, "1m", Some(700), None, 3, now_ms),
            [720, 780, 840],
            "bounds are on open times"
        );
        assert_eq!(times(&feed, "1m", Some(720), Some(780), 500, now_ms), [720, 780]);
        assert_eq!(times(&feed, "1m", None, Some(779), 2, now_ms), [660, 720]);
        assert_eq!(times(&feed, "1m", Some(0), None, 2, now_ms), [600, 660]);
        assert_eq!(times(&feed, "1m", Some(1_021), None, 2, now_ms), [0i64; 0]);
        assert_eq!(times(&feed, "1m", Some(780), Some(720), 2, now_ms), [0i64; 0]);
        assert_eq!(times(&feed, "5m", None, None, 9, now_ms), [600, 900]);
    }

    #[test]
    fn the_run_repeats_moved_by_its_length() {
        let feed = feed(minutes(600, 100));
        let instrument = feed.find(MarketKind::Spot, "BTCUSDT").unwrap();
        let first = instrument.minute(600).unwrap();
        let again = instrument.minute(600 + 2 * 6_000).unwrap();
        assert_eq!(again, first.at(CandleTime::clamped(12_600)));
        assert_eq!(instrument.minute(540), None);
        let seam = times(&feed, "1m", Some(6_480), None, 4, 20_000_000);
        assert_eq!(seam, [6_480, 6_540, 6_600, 6_660], "no hole at the seam");
    }

    #[test]
    fn a_missing_minute_takes_its_longer_buckets_with_it() {
        let mut candles = minutes(600, 100);
        candles.remove(7);
        let feed = feed(candles);
        assert_eq!(
            times(&feed, "1m", Some(960), None, 3, 5_000_000),
            [960, 1_080, 1_140]
        );
        assert_eq!(
            times(&feed, "5m", Some(600), None, 3, 5_000_000),
            [600, 1_200, 1_500]
        );
        let instrument = feed.find(MarketKind::Spot, "BTCUSDT").unwrap();
        let five: Timeframe = "5m".parse().unwrap();
        assert!(
            feed.open_bucket(instrument, five, 1_030_000).is_none()
                && feed.open_bucket(instrument, five, 1_230_000).is_some()
        );
    }

    #[test]
    fn an_open_bucket_ends_inside_its_final_candle() {
        let feed = feed(minutes(600, 100));
        let instrument = feed.find(MarketKind::Spot, "BTCUSDT").unwrap();
        let five: Timeframe = "5m".parse().unwrap();
        let last = *feed.open_bucket(instrument, five, 899_999).unwrap().values();
        let closed = closed_at_end(instrument, five, 900_000).unwrap();
        assert_eq!(
            (last.time(), last.open(), last.high(), last.low()),
            (closed.time(), closed.open(), closed.high(), closed.low())
        );
        assert!(last.volume() <= closed.volume());
    }
}
