//! A hole on its way into the store, page by page.

use std::collections::VecDeque;

use tc_exchange::{KlineQuery, Venue};
use tc_ingest::{Job, JobInput, JobOrigin, LatePolicy, PublishPolicy};
use tc_market::{Candle, CandleBatch, CandleTime, Gap};

use crate::{asking::Asking, desk::Desk, writer::Writer};

/// Where the missing candles lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Above everything stored: live candles wait until they are there.
    Ahead,
    /// Behind candles that were stored since: the series is folded again.
    Behind,
}

/// How far a fill has come.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It waits.
    Pending,
    /// Everything that the exchange has is stored.
    Done,
    /// Given up for now.
    Failed,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Fill {
    pub(crate) series: usize,
    pub(crate) place: Place,
    pub(crate) ranges: Vec<Gap>,
    /// Newest stored candle of the series, once something was written.
    pub(crate) head: Option<CandleTime>,
    waiting: VecDeque<Gap>,
    asking: Option<(Gap, Asking)>,
}

impl Fill {
    pub(crate) fn new(series: usize, place: Place, ranges: Vec<Gap>) -> Self {
        Self {
            series,
            place,
            waiting: ranges.iter().copied().collect(),
            ranges,
            head: None,
            asking: None,
        }
    }

    pub(crate) fn next_ms(&self) -> Option<i64> {
        self.asking.as_ref().map(|(_, asking)| asking.next_ms())
    }

    /// Goes as far as it gets now.
    pub(crate) fn step(&mut self, desk: &mut Desk, writer: &mut Writer) -> Progress {
        loop {
            let Some((range, mut asking)) = self.asking.take() else {
                let Some(range) = self.waiting.pop_front() else {
                    return self.finish(desk, writer);
                };
                match self.ask(desk, range) {
                    Some(asking) => self.asking = Some((range, asking)),
                    None => return Progress::Failed,
                }
                continue;
            };
            let Some(outcome) = asking.step(desk) else {
                self.asking = Some((range, asking));
                return Progress::Pending;
            };
            let Ok(page) = outcome else {
                return Progress::Failed;
            };
            let timeframe = desk.series[self.series].id.timeframe();
            let next = page
                .last_open
                .filter(|last| *last >= range.from)
                .map(|last| timeframe.next(last))
                .filter(|next| *next > range.from && *next <= range.to);
            if let Some(from) = next {
                self.waiting.push_front(Gap { from, to: range.to });
            }
            let mut candles: Vec<Candle> = page
                .rows
                .into_iter()
                .flatten()
                .map(|(candle, _)| candle)
                .filter(|candle| candle.time() >= range.from && candle.time() <= range.to)
                .collect();
            candles.sort_by_key(Candle::time);
            candles.dedup_by_key(|candle| candle.time());
            if !self.write(desk, writer, candles) {
                return Progress::Failed;
            }
        }
    }

    fn ask(&self, desk: &Desk, range: Gap) -> Option<Asking> {
        let tracked = &desk.series[self.series];
        let most = desk.venue.rest_limits(tracked.market).rows_per_page;
        let left = range.missing_candles(tracked.id.timeframe());
        let query = KlineQuery {
            from: Some(range.from),
            to: Some(range.to),
            limit: u32::try_from(left).unwrap_or(u32::MAX).clamp(1, most),
        };
        Asking::new(desk, self.series, &query).ok()
    }

    fn write(&mut self, desk: &mut Desk, writer: &mut Writer, candles: Vec<Candle>) -> bool {
        let (publish, late) = match self.place {
            Place::Ahead => (PublishPolicy::Everything, LatePolicy::Fold),
            Place::Behind => (PublishPolicy::Derived, LatePolicy::Defer),
        };
        let Some(batch) = CandleBatch::new(desk.series[self.series].id.clone(), candles) else {
            return true;
        };
        let job = Job {
            input: JobInput::Batch(batch),
            publish,
            late,
            origin: JobOrigin::Rest,
        };
        let written = writer.write_one(desk, self.series, job);
        if let Some(head) = written.flatten() {
            self.head = self.head.max(Some(head));
        }
        written.is_some()
    }

    /// Late candles are folded once, at the end.
    fn finish(&self, desk: &mut Desk, writer: &mut Writer) -> Progress {
        let (Place::Behind, Some(up_to)) = (self.place, self.head) else {
            return Progress::Done;
        };
        let series = desk.series[self.series].id.clone();
        let job = Job {
            input: JobInput::Refresh { series, up_to },
            publish: PublishPolicy::Derived,
            late: LatePolicy::Fold,
            origin: JobOrigin::Operator,
        };
        match writer.write_one(desk, self.series, job) {
            Some(_) => Progress::Done,
            None => Progress::Failed,
        }
    }
}
