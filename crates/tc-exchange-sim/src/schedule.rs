//! Which frame is sent when: the streams of one connection, in the order of virtual time.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use tc_market::{MarketKind, Timeframe};

use crate::{
    clock::VirtualClock,
    faults::FrameKind,
    feed::{Bucket, Feed, closed_at_end},
};

/// Pushes of an open bucket: every so many milliseconds of exchange time.
const SPOT_PUSH_MS: i64 = 2_000;
const FUTURES_PUSH_MS: i64 = 250;

/// The candle streams of one connection. Time is an argument (virtual Unix milliseconds).
#[derive(Debug)]
pub(crate) struct Schedule {
    market: MarketKind,
    push_ms: i64,
    streams: BTreeMap<String, Stream>,
    agenda: BTreeSet<(i64, Due, String)>,
}

/// At the same moment a bucket closes before the next one is pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Close,
    Push,
}

#[derive(Debug)]
struct Stream {
    /// Position in the feed.
    instrument: usize,
    timeframe: Timeframe,
    last_push: Option<Bucket>,
}

/// A frame that is due, before it is written down.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StreamFrame {
    pub(crate) stream: String,
    /// Position in the feed.
    pub(crate) instrument: usize,
    pub(crate) timeframe: Timeframe,
    pub(crate) bucket: Bucket,
    /// When it is due.
    pub(crate) at_ms: i64,
}

impl StreamFrame {
    pub(crate) const fn kind(&self) -> FrameKind {
        match self.bucket {
            Bucket::Open(_) => FrameKind::Forming,
            Bucket::Closed(_) => FrameKind::Closed,
        }
    }
}

/// Pause between two pushes of a stream, in virtual milliseconds: the exchange's own, or longer when the clock runs
/// so fast that a push would follow within `floor_ms` of real time.
pub(crate) fn push_period_ms(market: MarketKind, clock: &VirtualClock, floor_ms: u32) -> i64 {
    let natural_ms = match market {
        MarketKind::Spot => SPOT_PUSH_MS,
        MarketKind::Futures => FUTURES_PUSH_MS,
    };
    if clock.is_manual() {
        return natural_ms;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a floor of 32 bits times a speed of at most 10,000"
    )]
    let floor_ms = (f64::from(floor_ms) * clock.speed()).ceil() as i64;
    natural_ms.max(floor_ms)
}

impl Schedule {
    pub(crate) const fn new(market: MarketKind, push_ms: i64) -> Self {
        Self {
            market,
            push_ms,
            streams: BTreeMap::new(),
            agenda: BTreeSet::new(),
        }
    }

    /// Begins a stream after `now_ms`. A name that carries no candles here stays silent.
    pub(crate) fn add(&mut self, feed: &Feed, name: &str, now_ms: i64) {
        let Some((code, timeframe)) = parse_stream(name) else {
            return;
        };
        let Some(instrument) = feed.position(self.market, &code) else {
            return;
        };
        if self.streams.contains_key(name) {
            return;
        }
        let after = |period_ms: i64| (now_ms.div_euclid(period_ms) + 1) * period_ms;
        self.agenda
            .insert((after(timeframe.seconds() * 1000), Due::Close, name.to_owned()));
        self.agenda
            .insert((after(self.push_ms), Due::Push, name.to_owned()));
        self.streams.insert(
            name.to_owned(),
            Stream {
                instrument,
                timeframe,
                last_push: None,
            },
        );
    }

    pub(crate) fn remove(&mut self, name: &str) {
        if self.streams.remove(name).is_some() {
            self.agenda.retain(|(_, _, stream)| stream != name);
        }
    }

    /// When the next frame may be due.
    pub(crate) fn next_due_ms(&self) -> Option<i64> {
        self.agenda.first().map(|(at_ms, _, _)| *at_ms)
    }

    /// The earliest frame that is due at or before `now_ms`.
    pub(crate) fn next_frame(&mut self, feed: &Feed, now_ms: i64) -> Option<StreamFrame> {
        while self.next_due_ms().is_some_and(|at_ms| at_ms <= now_ms) {
            let (at_ms, due, name) = self.agenda.pop_first()?;
            let stream = self.streams.get_mut(&name)?;
            let period_ms = match due {
                Due::Close => stream.timeframe.seconds() * 1000,
                Due::Push => self.push_ms,
            };
            let bucket = match due {
                Due::Close => stream.close(feed, at_ms),
                Due::Push => stream.push(feed, self.market, at_ms),
            };
            let (instrument, timeframe) = (stream.instrument, stream.timeframe);
            self.agenda.insert((at_ms + period_ms, due, name.clone()));
            if let Some(bucket) = bucket {
                return Some(StreamFrame {
                    stream: name,
                    instrument,
                    timeframe,
                    bucket,
                    at_ms,
                });
            }
        }
        None
    }
}

impl Stream {
    fn close(&self, feed: &Feed, end_ms: i64) -> Option<Bucket> {
        let instrument = feed.instrument(self.instrument)?;
        closed_at_end(instrument, self.timeframe, end_ms).map(Bucket::Closed)
    }

    /// Futures stay silent when nothing changed since the last push.
    fn push(&mut self, feed: &Feed, market: MarketKind, at_ms: i64) -> Option<Bucket> {
        let instrument = feed.instrument(self.instrument)?;
        let bucket = feed.open_bucket(instrument, self.timeframe, at_ms)?;
        let unchanged = self.last_push.replace(bucket) == Some(bucket);
        (!unchanged || market != MarketKind::Futures).then_some(bucket)
    }
}

/// `btcusdt@kline_1m` → `BTCUSDT`, `1m`. Stream names are in lower case.
fn parse_stream(name: &str) -> Option<(String, Timeframe)> {
    let (symbol, interval) = name.split_once("@kline_")?;
    if symbol.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    Some((symbol.to_ascii_uppercase(), interval.parse().ok()?))
}
