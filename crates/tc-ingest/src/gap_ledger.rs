//! What new candles mean for the gap records of a series.
//!
//! Pure: the records and holes of a range go in, the changes come out. The write path applies them in the transaction
//! of the candles, so after every commit the records that are not healed are exactly the holes between stored candles.

#[cfg(test)]
mod tests;

use tc_market::{CandleTime, Gap, Timeframe};
use tc_store::{GapCause, GapRecord, GapState, HealedFrom};

/// What a job did to the gap records of one series.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GapChanges {
    /// Records that were made.
    pub opened: Vec<GapRecord>,
    /// Records whose last missing candle is there now.
    pub healed: Vec<GapRecord>,
    /// By how much the number of gaps that are not healed changed.
    pub open_count: i64,
    /// By how much the number of candles that they miss changed.
    pub open_missing: i64,
}

impl GapChanges {
    pub(crate) fn add(&mut self, more: Self) {
        self.opened.extend(more.opened);
        self.healed.extend(more.healed);
        self.open_count += more.open_count;
        self.open_missing += more.open_missing;
    }
}

/// Rows to delete and to write, and what that means.
#[derive(Debug, Default)]
pub(crate) struct Reconciled {
    pub(crate) delete: Vec<CandleTime>,
    pub(crate) put: Vec<GapRecord>,
    pub(crate) changes: GapChanges,
}

/// Brings the records of a range that are not healed, ascending, into line with its holes, ascending.
///
/// A hole that lies in a record is what is left of it and keeps its history; a record without a hole is healed from
/// `healed_from`; a hole without a record is new, and `cause_of` says why it is there.
pub(crate) fn reconcile(
    timeframe: Timeframe,
    records: &[GapRecord],
    holes: &[Gap],
    at_ms: i64,
    healed_from: HealedFrom,
    cause_of: impl Fn(Gap) -> GapCause,
) -> Reconciled {
    let mut done = Reconciled::default();
    let mut touched = vec![false; records.len()];
    let mut oldest = 0;
    for &hole in holes {
        oldest += records[oldest..].partition_point(|record| record.to < hole.from);
        let end = oldest + records[oldest..].partition_point(|record| record.from <= hole.to);
        touched[oldest..end].fill(true);
        match &records[oldest..end] {
            [same] if (same.from, same.to) == (hole.from, hole.to) => {}
            [] => done.open(GapRecord {
                from: hole.from,
                to: hole.to,
                missing: missing(hole, timeframe),
                cause: cause_of(hole),
                state: GapState::Open,
                detected_at_ms: at_ms,
                attempts: 0,
                last_attempt_at_ms: None,
                last_error: None,
            }),
            [known, ..] => done.keep(GapRecord {
                from: hole.from,
                to: hole.to,
                missing: missing(hole, timeframe),
                ..known.clone()
            }),
        }
    }
    for (record, touched) in records.iter().zip(touched) {
        let stays = touched
            && holes
                .binary_search(&Gap {
                    from: record.from,
                    to: record.to,
                })
                .is_ok();
        if !stays {
            done.drop_open(record);
        }
        if !touched {
            done.heal(record, at_ms, healed_from);
        }
    }
    // A record that goes and one that comes may begin at the same time; the one that comes is written last.
    done
}

impl Reconciled {
    fn open(&mut self, record: GapRecord) {
        self.changes.opened.push(record.clone());
        self.keep(record);
    }

    fn keep(&mut self, record: GapRecord) {
        self.changes.open_count += 1;
        self.changes.open_missing = self.changes.open_missing.saturating_add_unsigned(record.missing);
        self.put.push(record);
    }

    fn drop_open(&mut self, record: &GapRecord) {
        self.changes.open_count -= 1;
        self.changes.open_missing = self.changes.open_missing.saturating_sub_unsigned(record.missing);
        self.delete.push(record.from);
    }

    fn heal(&mut self, record: &GapRecord, at_ms: i64, from: HealedFrom) {
        let healed = GapRecord {
            state: GapState::Healed { at_ms, from },
            ..record.clone()
        };
        self.changes.healed.push(healed.clone());
        self.put.push(healed);
    }
}

fn missing(hole: Gap, timeframe: Timeframe) -> u64 {
    hole.missing_candles(timeframe).unsigned_abs()
}

/// How a try to fill gaps went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GapAttempt {
    /// It begins.
    Begun,
    /// It ended before everything was asked for; with the cause.
    Failed(String),
    /// The exchange answered for all of it: what is missing still, it does not have.
    Answered,
}

/// The records after a try.
pub(crate) fn attempted(records: Vec<GapRecord>, attempt: &GapAttempt, at_ms: i64) -> Vec<GapRecord> {
    let after = |mut record: GapRecord| {
        match attempt {
            GapAttempt::Begun => {
                record.state = GapState::Filling;
                return record;
            }
            GapAttempt::Failed(error) => {
                record.state = GapState::Open;
                record.last_error = Some(error.clone());
            }
            GapAttempt::Answered => {
                record.state = GapState::Absent;
                record.cause = GapCause::ExchangeOutage;
                record.last_error = None;
            }
        }
        record.attempts = record.attempts.saturating_add(1);
        record.last_attempt_at_ms = Some(at_ms);
        record
    };
    records.into_iter().map(after).collect()
}
