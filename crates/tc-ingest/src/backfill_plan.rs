//! What must be fetched.

#[cfg(test)]
mod tests;

use tc_market::{CandleTime, Gap, Timeframe};

/// Missing candles between the store and the newest closed bucket, as ordered ranges to request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BackfillPlan {
    /// Ranges to request, oldest first; both ends of each are open times inside it.
    pub ranges: Vec<Gap>,
    /// Missing candles that are too many to be fetched now.
    pub left_out: Option<Gap>,
}

/// How much may be fetched, in candles; each at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackfillBounds {
    /// Newest candles to fetch into an empty store.
    pub bootstrap_candles: u32,
    /// Largest hole above a stored head that is fetched whole.
    pub hole_candles: u32,
    /// Most candles of one range; larger ones are cut.
    pub range_candles: u32,
}

impl Default for BackfillBounds {
    fn default() -> Self {
        Self {
            bootstrap_candles: 2_000,
            hole_candles: 20_000,
            range_candles: 20_000,
        }
    }
}

impl BackfillPlan {
    /// What lies between the newest stored candle and `latest_closed`, both known to be closed.
    ///
    /// A store without candles gets the newest `bootstrap_candles`; a hole above `hole_candles` is fetched from its
    /// newer end.
    #[must_use]
    pub fn up_to(
        head: Option<CandleTime>,
        latest_closed: CandleTime,
        timeframe: Timeframe,
        bounds: BackfillBounds,
    ) -> Self {
        let tf = timeframe.seconds();
        let newest = timeframe.align(latest_closed);
        let (missing_from, most) = match head {
            Some(head) => (first_after(head, timeframe), bounds.hole_candles),
            None => (
                oldest_of(newest, bounds.bootstrap_candles, tf),
                bounds.bootstrap_candles,
            ),
        };
        if missing_from > newest {
            return Self::default();
        }
        let from = missing_from.max(oldest_of(newest, most, tf));
        let left_out = (from > missing_from).then(|| Gap {
            from: missing_from,
            to: from.shifted(-tf),
        });
        Self {
            ranges: cut(Gap { from, to: newest }, bounds.range_candles, tf),
            left_out,
        }
    }

    /// The newest `target` candles up to `end`, whatever is stored of them.
    #[must_use]
    pub fn window(end: CandleTime, target: u32, timeframe: Timeframe, bounds: BackfillBounds) -> Self {
        let tf = timeframe.seconds();
        let to = timeframe.align(end);
        let range = Gap {
            from: oldest_of(to, target, tf),
            to,
        };
        Self {
            ranges: cut(range, bounds.range_candles, tf),
            left_out: None,
        }
    }

    /// Whether there is nothing to fetch.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }
}

/// The first open time on the grid that is later than `head`, which may lie off it.
fn first_after(head: CandleTime, timeframe: Timeframe) -> CandleTime {
    timeframe.next(timeframe.align(head))
}

fn oldest_of(newest: CandleTime, candles: u32, timeframe_s: i64) -> CandleTime {
    newest.shifted(-(i64::from(candles.max(1)) - 1) * timeframe_s)
}

fn cut(whole: Gap, range_candles: u32, timeframe_s: i64) -> Vec<Gap> {
    let step = i64::from(range_candles.max(1)) * timeframe_s;
    let mut ranges = Vec::new();
    let mut from = whole.from;
    while from <= whole.to {
        ranges.push(Gap {
            from,
            to: from.shifted(step - timeframe_s).min(whole.to),
        });
        from = from.shifted(step);
        if ranges.last().is_some_and(|last| from <= last.to) {
            break;
        }
    }
    ranges
}
