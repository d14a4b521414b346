//! Roll-up of base candles into a longer timeframe.

use crate::{Candle, CandleTime, FormingCandle, Timeframe};

/// Two timeframes of which the second is no multiple of the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{derived} candles cannot be built from {base} candles")]
pub struct RollUpError {
    /// The shorter timeframe.
    pub base: Timeframe,
    /// The longer timeframe.
    pub derived: Timeframe,
}

/// Aggregates ascending base candles; yields a derived candle only when every base candle of its bucket is there.
///
/// Open of the first, highest high, lowest low, close of the last, volumes added in ascending order.
#[derive(Debug, Clone)]
pub struct RollUp {
    base: Timeframe,
    derived: Timeframe,
    bucket: Option<Bucket>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    values: Candle,
    last: CandleTime,
    complete_so_far: bool,
}

impl RollUp {
    /// # Errors
    /// [`RollUpError`] unless `derived` is a true multiple of `base`.
    pub fn new(base: Timeframe, derived: Timeframe) -> Result<Self, RollUpError> {
        if !derived.rolls_up_from(base) {
            return Err(RollUpError { base, derived });
        }
        Ok(Self {
            base,
            derived,
            bucket: None,
        })
    }

    /// Takes the next base candle; returns the derived candle that it completes.
    ///
    /// Candles at or below the newest one taken are ignored, so re-delivery yields nothing. So are candles off the
    /// grid of the base timeframe: they are no minute of any bucket.
    pub fn push(&mut self, candle: &Candle) -> Option<Candle> {
        if !self.base.is_aligned(candle.time()) {
            return None;
        }
        if self.bucket.is_some_and(|bucket| candle.time() <= bucket.last) {
            return None;
        }
        let open_time = self.derived.align(candle.time());
        let bucket = match self.bucket.filter(|bucket| bucket.values.time() == open_time) {
            Some(bucket) => Bucket {
                values: merge(&bucket.values, candle),
                last: candle.time(),
                complete_so_far: bucket.complete_so_far && self.base.next(bucket.last) == candle.time(),
            },
            None => Bucket {
                values: candle.at(open_time),
                last: candle.time(),
                complete_so_far: candle.time() == open_time,
            },
        };
        self.bucket = Some(bucket);
        let closes = self.base.next(bucket.last) == self.derived.next(open_time);
        (bucket.complete_so_far && closes).then_some(bucket.values)
    }

    /// What the newest bucket holds so far; `None` before the first candle.
    #[must_use]
    pub fn partial(&self) -> Option<Candle> {
        self.bucket.map(|bucket| bucket.values)
    }
}

/// Rolls a whole ascending range up; incomplete buckets are left out.
///
/// # Errors
/// [`RollUpError`] unless `derived` is a true multiple of `base`.
pub fn roll_up(candles: &[Candle], base: Timeframe, derived: Timeframe) -> Result<Vec<Candle>, RollUpError> {
    let mut aggregator = RollUp::new(base, derived)?;
    Ok(candles
        .iter()
        .filter_map(|candle| aggregator.push(candle))
        .collect())
}

/// Ascending candles as one at the time of the first, whether something is missing between them or not.
#[must_use]
pub fn merged(candles: &[Candle]) -> Option<Candle> {
    let (first, rest) = candles.split_first()?;
    Some(rest.iter().fold(*first, |so_far, candle| merge(&so_far, candle)))
}

/// The open bucket of `derived`: its closed part, when there is one, and the base candle that is still forming.
#[must_use]
pub fn forming_bucket(closed: Option<&Candle>, forming: &FormingCandle, derived: Timeframe) -> FormingCandle {
    let open_time = derived.align(forming.time());
    let values = match closed {
        Some(closed) => merge(&closed.at(open_time), forming.values()),
        None => forming.values().at(open_time),
    };
    FormingCandle::new(values)
}

/// `earlier` and `later` as one candle at the time of the earlier one. Valid inputs make a valid candle.
fn merge(earlier: &Candle, later: &Candle) -> Candle {
    let volume = earlier.volume() + later.volume();
    Candle::new(
        earlier.time(),
        earlier.open(),
        earlier.high().max(later.high()),
        earlier.low().min(later.low()),
        later.close(),
        if volume.is_finite() { volume } else { f64::MAX },
    )
    .unwrap_or(*earlier)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn minute(time: i64, o: f64, h: f64, l: f64, c: f64, v: f64) -> Candle {
        Candle::new(CandleTime::clamped(time), o, h, l, c, v).unwrap()
    }

    fn tf(text: &str) -> Timeframe {
        text.parse().unwrap()
    }

    fn worked() -> Vec<Candle> {
        vec![
            minute(0, 10.0, 11.0, 9.0, 10.5, 1.0),
            minute(60, 10.5, 12.0, 10.0, 11.0, 2.0),
            minute(120, 11.0, 13.0, 10.8, 12.0, 3.0),
            minute(180, 12.0, 12.2, 11.5, 11.8, 4.0),
            minute(240, 11.8, 12.5, 11.7, 12.4, 5.0),
        ]
    }

    #[test]
    fn five_minutes_make_one_candle_once() {
        let mut aggregator = RollUp::new(tf("1m"), tf("5m")).unwrap();
        let closed: Vec<_> = worked().iter().filter_map(|c| aggregator.push(c)).collect();
        assert_eq!(closed, [minute(0, 10.0, 13.0, 9.0, 12.4, 15.0)]);
        assert!(worked().iter().all(|c| aggregator.push(c).is_none()));
    }

    #[test]
    fn a_hole_or_a_late_start_yields_nothing() {
        let mut candles = worked();
        candles.remove(2);
        assert_eq!(roll_up(&candles, tf("1m"), tf("5m")), Ok(vec![]));
        assert_eq!(roll_up(&worked()[1..], tf("1m"), tf("5m")), Ok(vec![]));
    }

    #[test]
    fn a_candle_off_the_grid_is_no_minute() {
        let mut candles = worked();
        candles.insert(2, minute(100, 50.0, 60.0, 1.0, 50.0, 9.0));
        assert_eq!(
            roll_up(&candles, tf("1m"), tf("5m")),
            Ok(vec![minute(0, 10.0, 13.0, 9.0, 12.4, 15.0)])
        );
    }

    #[test]
    fn an_open_bucket_is_its_closed_minutes_and_the_forming_one() {
        let minutes = worked();
        let closed = merged(&minutes[..4]);
        let forming = FormingCandle::new(minutes[4]);
        let shown = forming_bucket(closed.as_ref(), &forming, tf("5m"));
        assert_eq!(shown.values(), &minute(0, 10.0, 13.0, 9.0, 12.4, 15.0));
        let late_start = forming_bucket(None, &forming, tf("5m"));
        assert_eq!(late_start.values(), &minute(0, 11.8, 12.5, 11.7, 12.4, 5.0));
        assert_eq!(merged(&[]), None);
    }

    #[test]
    fn only_multiples() {
        assert!(RollUp::new(tf("2m"), tf("5m")).is_err());
        assert!(RollUp::new(tf("5m"), tf("5m")).is_err());
    }

    proptest! {
        #[test]
        fn equals_the_plain_aggregate(prices in proptest::collection::vec(1u32..1000, 1..80), skip in proptest::collection::vec(any::<bool>(), 80)) {
            let candles: Vec<_> = prices.iter().enumerate()
                .filter(|(i, _)| !(skip[*i] && i % 7 == 0))
                .map(|(i, p)| { let p = f64::from(*p); minute(i64::try_from(i).unwrap() * 60, p, p + 1.0, p / 2.0, p, p) })
                .collect();
            let rolled = roll_up(&candles, tf("1m"), tf("5m")).unwrap();
            let mut expected = Vec::new();
            for open in (0..80 * 60).step_by(300) {
                let members: Vec<_> = candles.iter().filter(|c| (open..open + 300).contains(&c.time().seconds())).collect();
                if members.len() == 5 {
                    expected.push(minute(
                        open,
                        members[0].open(),
                        members.iter().map(|c| c.high()).fold(f64::MIN, f64::max),
                        members.iter().map(|c| c.low()).fold(f64::MAX, f64::min),
                        members[4].close(),
                        members.iter().map(|c| c.volume()).fold(0.0, |a, b| a + b),
                    ));
                }
            }
            prop_assert_eq!(rolled, expected);
        }
    }
}
