//! Missing candles between stored ones.

use crate::{CandleTime, Timeframe};

/// A maximal run of missing open times between two known candles, both ends inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gap {
    /// First missing open time.
    pub from: CandleTime,
    /// Last missing open time.
    pub to: CandleTime,
}

impl Gap {
    /// The gap between two neighbouring candles, if their step is larger than the timeframe.
    #[must_use]
    pub fn between(previous: CandleTime, next: CandleTime, timeframe: Timeframe) -> Option<Self> {
        let tf = timeframe.seconds();
        let step = next.seconds() - previous.seconds();
        (step > tf).then(|| {
            let from = previous.shifted(tf);
            Self {
                from,
                to: from.shifted((Self::missing(step, tf) - 1) * tf),
            }
        })
    }

    /// Number of missing candles: `ceil(step / tf) - 1` over the step that the gap spans.
    #[must_use]
    pub fn missing_candles(&self, timeframe: Timeframe) -> i64 {
        (self.to.seconds() - self.from.seconds()) / timeframe.seconds() + 1
    }

    const fn missing(step_s: i64, timeframe_s: i64) -> i64 {
        (step_s + timeframe_s - 1) / timeframe_s - 1
    }
}

/// Every gap in an ascending run of candle times.
pub fn gaps_between(
    times: impl IntoIterator<Item = CandleTime>,
    timeframe: Timeframe,
) -> impl Iterator<Item = Gap> {
    let mut previous: Option<CandleTime> = None;
    times.into_iter().filter_map(move |time| {
        let before = previous.replace(time)?;
        Gap::between(before, time, timeframe)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn off_grid_steps_round_up() {
        let tf: Timeframe = "1m".parse().unwrap();
        let gap = |a, b| Gap::between(CandleTime::clamped(a), CandleTime::clamped(b), tf);
        assert_eq!(gap(60, 120), None);
        assert_eq!(
            gap(100, 220).map(|g| (g.from.seconds(), g.to.seconds(), g.missing_candles(tf))),
            Some((160, 160, 1))
        );
        assert_eq!(
            gap(100, 230).map(|g| (g.from.seconds(), g.to.seconds(), g.missing_candles(tf))),
            Some((160, 220, 2))
        );
    }

    #[test]
    fn walks_neighbours() {
        let tf: Timeframe = "1m".parse().unwrap();
        let times = [60, 120, 300, 360, 480].map(CandleTime::clamped);
        let found: Vec<_> = gaps_between(times, tf)
            .map(|g| (g.from.seconds(), g.to.seconds()))
            .collect();
        assert_eq!(found, [(180, 240), (420, 420)]);
    }
}
