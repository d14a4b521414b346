//! From decoded rows to valid, ascending candles.

use std::collections::BTreeMap;

use tc_market::{Candle, CandleError, CandleTime};

/// How many left-out rows a [`DecodeReport`] lists one by one.
pub const MAX_LISTED_ROWS: usize = 10;

/// Fewer candles than this are kept whatever is wanted.
const LET_GO_AT: usize = if cfg!(test) { 8 } else { 4_096 };

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decoded {
    /// Strictly ascending by time.
    pub candles: Vec<Candle>,
    /// What became of every row.
    pub report: DecodeReport,
}

/// What became of the rows of a file: `rows` is the sum of the candles and of all other counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DecodeReport {
    /// Data rows of the file.
    pub rows: u64,
    /// Rows with at least one null.
    pub null_rows: u64,
    /// Rows replaced by a later row of the same time.
    pub duplicate_rows: u64,
    /// Rows later than the latest closed time: their candle may still change.
    pub unfinished_rows: u64,
    /// Rows that break a candle rule, by [`RowFault::reason`].
    pub left_out: BTreeMap<&'static str, u64>,
    /// The first [`MAX_LISTED_ROWS`] of them, in file order.
    pub first_left_out: Vec<LeftOutRow>,
}

impl DecodeReport {
    /// Number of rows that break a candle rule.
    #[must_use]
    pub fn left_out_rows(&self) -> u64 {
        self.left_out.values().sum()
    }
}

/// A row that breaks a candle rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftOutRow {
    /// Data row, from 1.
    pub row: u64,
    /// The broken rule.
    pub fault: RowFault,
}

/// Which candle rule a row breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    /// A value, or how the values relate.
    #[error(transparent)]
    Candle(#[from] CandleError),
    /// The time, in Unix seconds, is not in `1 ..= 2^33 - 1`.
    #[error("time {0} is not in 1 .. 2^33")]
    Time(i64),
}

impl RowFault {
    /// A short stable name of the rule.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Candle(error) => error.reason(),
            Self::Time(_) => "time_out_of_range",
        }
    }
}

/// Collects the rows of one file in file order.
#[derive(Debug)]
pub(crate) struct CandleRows {
    candles: Vec<Candle>,
    report: DecodeReport,
    latest_closed: CandleTime,
    ascending: bool,
    /// How many of the newest candles are wanted.
    wanted: usize,
    /// Whether older ones were let go.
    let_go: bool,
}

impl CandleRows {
    /// Rows later than `latest_closed` will be left out.
    pub(crate) fn new(latest_closed: Option<CandleTime>) -> Self {
        Self {
            candles: Vec::new(),
            report: DecodeReport::default(),
            latest_closed: latest_closed.unwrap_or(CandleTime::MAX),
            ascending: true,
            wanted: usize::MAX,
            let_go: false,
        }
    }

    /// As [`CandleRows::new`]; as long as rows come in order, older candles than the newest `wanted` are let go.
    pub(crate) fn newest(wanted: usize, latest_closed: CandleTime) -> Self {
        Self {
            wanted,
            ..Self::new(Some(latest_closed))
        }
    }

    /// Whether candles were let go that might have been among the newest: the rows do not ascend.
    pub(crate) const fn may_lack_candles(&self) -> bool {
        self.let_go && !self.ascending
    }

    #[cfg(feature = "columnar")]
    pub(crate) fn reserve(&mut self, rows: usize) {
        self.candles.reserve(rows);
    }

    /// Number of the row that the next push adds, from 1.
    pub(crate) const fn next_row(&self) -> u64 {
        self.report.rows + 1
    }

    /// Adds a row: `seconds` since the Unix epoch, then open, high, low, close and volume.
    #[inline]
    pub(crate) fn push(&mut self, seconds: i64, [open, high, low, close, volume]: [f64; 5]) {
        self.report.rows += 1;
        let Some(time) = CandleTime::new(seconds)
            .ok()
            .filter(|time| *time > CandleTime::MIN)
        else {
            return self.leave_out(RowFault::Time(seconds));
        };
        if time > self.latest_closed {
            self.report.unfinished_rows += 1;
            return;
        }
        match Candle::new(time, open, high, low, close, volume) {
            Ok(candle) => {
                self.ascending &= self.candles.last().is_none_or(|last| last.time() < time);
                self.candles.push(candle);
                if self.candles.len() / 2 >= self.wanted && self.candles.len() >= LET_GO_AT && self.ascending
                {
                    self.let_go_of_old();
                }
            }
            Err(error) => self.leave_out(RowFault::Candle(error)),
        }
    }

    #[cold]
    fn let_go_of_old(&mut self) {
        self.candles.drain(..self.candles.len() - self.wanted);
        self.let_go = true;
    }

    /// Adds a row in which a value is null.
    pub(crate) const fn push_null(&mut self) {
        self.report.rows += 1;
        self.report.null_rows += 1;
    }

    #[cold]
    fn leave_out(&mut self, fault: RowFault) {
        *self.report.left_out.entry(fault.reason()).or_default() += 1;
        if self.report.first_left_out.len() < MAX_LISTED_ROWS {
            self.report.first_left_out.push(LeftOutRow {
                row: self.report.rows,
                fault,
            });
        }
    }

    /// Sorts by time; of equal times the row that came last stays.
    pub(crate) fn finish(mut self) -> Decoded {
        if !self.ascending {
            let before = self.candles.len();
            self.candles.sort_by_key(Candle::time);
            self.candles.dedup_by(|later, earlier| {
                let same = later.time() == earlier.time();
                if same {
                    *earlier = *later;
                }
                same
            });
            self.report.duplicate_rows = (before - self.candles.len()) as u64;
        }
        Decoded {
            candles: self.candles,
            report: self.report,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FLAT: [f64; 5] = [1.0, 1.0, 1.0, 1.0, 0.0];

    #[test]
    fn faults_are_counted_and_the_first_ten_listed() {
        let mut rows = CandleRows::new(None);
        rows.push(60, FLAT);
        rows.push(0, FLAT);
        for _ in 0..11 {
            rows.push(120, [1.0, 0.5, 1.0, 1.0, 0.0]);
        }
        rows.push(1 << 33, FLAT);
        let report = rows.finish().report;
        assert_eq!(
            report.left_out,
            BTreeMap::from([("high_below_body", 11), ("time_out_of_range", 2)])
        );
        assert_eq!(report.first_left_out.len(), MAX_LISTED_ROWS);
        assert_eq!(
            report.first_left_out[0],
            LeftOutRow {
                row: 2,
                fault: RowFault::Time(0)
            }
        );
        assert_eq!(
            report.first_left_out[1],
            LeftOutRow {
                row: 3,
                fault: RowFault::Candle(CandleError::HighBelowBody)
            }
        );
        assert_eq!((report.rows, report.left_out_rows()), (14, 13));
    }

    #[test]
    fn the_latest_closed_candle_stays_and_later_ones_go() {
        let mut rows = CandleRows::new(Some(CandleTime::clamped(120)));
        for time in [60, 120, 180, 121] {
            rows.push(time, FLAT);
        }
        let decoded = rows.finish();
        assert_eq!(decoded.candles.len(), 2);
        assert_eq!(decoded.report.unfinished_rows, 2);
    }

    proptest! {
        #[test]
        fn the_newest_are_the_end_of_all_unless_some_may_be_lacking(
            times in prop::collection::vec(1i64..60, 0..80), in_order in any::<bool>(), wanted in 0usize..20,
            latest in 1i64..60,
        ) {
            let mut times = times;
            if in_order {
                times.sort_unstable();
                times.dedup();
            }
            let latest = CandleTime::clamped(latest);
            let (mut all, mut newest) = (CandleRows::new(Some(latest)), CandleRows::newest(wanted, latest));
            for (n, time) in times.iter().enumerate() {
                let values = [1.0, 1.0, 1.0, 1.0, f64::from(u32::try_from(n).unwrap())];
                all.push(*time, values);
                newest.push(*time, values);
                prop_assert!(newest.candles.len() <= (2 * wanted).max(LET_GO_AT) || !newest.ascending);
            }
            let end = |candles: Vec<Candle>| candles[candles.len().saturating_sub(wanted)..].to_vec();
            prop_assert!(!(in_order && newest.may_lack_candles()));
            if !newest.may_lack_candles() {
                prop_assert_eq!(end(newest.finish().candles), end(all.finish().candles));
            }
        }

        #[test]
        fn every_row_is_accounted_for(
            pushed in prop::collection::vec((prop::option::of(-1i64..40), -1.0f64..5.0, 0.5f64..5.0), 0..80),
            latest in prop::option::of(1i64..40),
        ) {
            let mut rows = CandleRows::new(latest.map(CandleTime::clamped));
            for &(time, low, high) in &pushed {
                match time {
                    Some(time) => rows.push(time, [low, high, low, low, 1.0]),
                    None => rows.push_null(),
                }
            }
            let Decoded { candles, report } = rows.finish();
            prop_assert_eq!(report.rows, pushed.len() as u64);
            prop_assert_eq!(
                report.rows,
                candles.len() as u64
                    + report.null_rows + report.duplicate_rows + report.unfinished_rows + report.left_out_rows()
            );
            prop_assert!(candles.is_sorted_by(|a, b| a.time() < b.time()));
            for candle in &candles {
                let last = pushed
                    .iter()
                    .rfind(|(time, low, high)| *time == Some(candle.time().seconds()) && *low > 0.0 && low <= high);
                prop_assert_eq!(last.map(|(_, low, high)| (*low, *high)), Some((candle.low(), candle.high())));
            }
        }
    }
}
