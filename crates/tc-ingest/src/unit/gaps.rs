//! The gap records of a unit, in the transaction of its candles.

use tc_market::{Candle, CandleTime, Gap, SeriesId, gaps_between};
use tc_store::{CandleSteps, GapCause, GapQuery, GapRecord, StoreError, WriteTxn};

use super::Unit;
use crate::{
    GapAttempt, JobOrigin,
    gap_ledger::{Reconciled, attempted, reconcile},
};

/// Where the candles of a unit come from, as far as its gap records tell.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    pub(crate) origin: JobOrigin,
    /// Unix milliseconds.
    pub(crate) at_ms: i64,
    /// The series that this one is derived from: its hole explains the one here.
    pub(crate) base: Option<SeriesId>,
}

impl Unit {
    /// Opens, shrinks and heals records after `candles` were stored over a series that ended at `head_before`.
    pub(super) fn follow_gaps(
        &mut self,
        txn: &mut dyn WriteTxn,
        candles: &[Candle],
        head_before: Option<CandleTime>,
        arrival: &Arrival,
    ) -> Result<(), StoreError> {
        let (Some(first), Some(last)) = (self.put.first_inserted, candles.last().map(Candle::time)) else {
            return Ok(());
        };
        if !self.state.gaps_known {
            let came = |time| candles.binary_search_by_key(&time, Candle::time).is_ok();
            self.scan_gaps(txn, arrival, |previous, next| came(previous) || came(next))?;
            return txn.put_series_state(self.key, &self.state);
        }
        if head_before.is_none_or(|head| first > head) {
            let appended = candles
                .iter()
                .map(Candle::time)
                .filter(|time| Some(*time) > head_before);
            let holes: Vec<Gap> =
                gaps_between(head_before.into_iter().chain(appended), self.series.timeframe()).collect();
            return self.settle_gaps(txn, &[], &holes, arrival, |_| true);
        }
        let before = txn.floor_time(self.key, first.shifted(-1))?.unwrap_or(first);
        let after = txn.candles_between(self.key, last.shifted(1), CandleTime::MAX, 1)?;
        let after = after.first().map_or(last, Candle::time);
        let range = (before, after);
        let holes = self.holes(txn, range)?;
        let records = self.records(txn, range)?;
        self.settle_gaps(txn, &records, &holes, arrival, |_| true)
    }

    /// Makes the records of a series that was never looked through, and gives up what a former process was filling.
    pub(crate) fn look_for_gaps(&mut self, txn: &mut dyn WriteTxn) -> Result<(), StoreError> {
        let arrival = self.arrival.clone();
        let stuck = self.records(txn, (CandleTime::MIN, CandleTime::MAX))?;
        let stuck: Vec<GapRecord> = stuck
            .into_iter()
            .filter(|record| record.state == tc_store::GapState::Filling)
            .collect();
        if !stuck.is_empty() {
            let failed = GapAttempt::Failed("interrupted".to_owned());
            txn.put_gaps(self.key, &attempted(stuck, &failed, arrival.at_ms))?;
        }
        if !self.state.gaps_known {
            self.scan_gaps(txn, &arrival, |_, _| false)?;
            txn.put_series_state(self.key, &self.state)?;
        }
        Ok(())
    }

    /// Notes a try to fill the gaps inside `range`.
    pub(crate) fn note_attempt(
        &mut self,
        txn: &mut dyn WriteTxn,
        range: Gap,
        attempt: &GapAttempt,
    ) -> Result<(), StoreError> {
        let at_ms = self.arrival.at_ms;
        let records = self.records(txn, (range.from, range.to))?;
        txn.put_gaps(self.key, &attempted(records, attempt, at_ms))
    }

    /// After old candles were removed there is no hole before the first one that is left.
    pub(super) fn forget_gaps_before_first(&self, txn: &mut dyn WriteTxn) -> Result<(), StoreError> {
        let Some(first) = txn.first_time(self.key)? else {
            return Ok(());
        };
        let gone = txn.gaps(
            self.key,
            &GapQuery {
                to: first,
                healed: None,
                ..GapQuery::OPEN
            },
        )?;
        let gone: Vec<CandleTime> = gone.iter().map(|record| record.from).collect();
        txn.delete_gaps(self.key, &gone)
    }

    /// Compares everything that is stored. `came` says of two neighbours whether this unit brought one of them.
    fn scan_gaps(
        &mut self,
        txn: &mut dyn WriteTxn,
        arrival: &Arrival,
        came: impl Fn(CandleTime, CandleTime) -> bool,
    ) -> Result<(), StoreError> {
        let everything = (CandleTime::MIN, CandleTime::MAX);
        let holes = self.holes(txn, everything)?;
        let records = self.records(txn, everything)?;
        let timeframe_s = self.series.timeframe().seconds();
        self.settle_gaps(txn, &records, &holes, arrival, |hole| {
            came(hole.from.shifted(-timeframe_s), hole.to.shifted(timeframe_s))
        })?;
        self.state.gaps_known = true;
        Ok(())
    }

    fn holes(&self, txn: &dyn WriteTxn, range: (CandleTime, CandleTime)) -> Result<Vec<Gap>, StoreError> {
        let timeframe = self.series.timeframe();
        let CandleSteps { newest, .. } = txn.candle_steps(self.key, timeframe, range, usize::MAX)?;
        let oldest_first = newest.iter().rev();
        Ok(oldest_first
            .filter_map(|step| Gap::between(step.prev, step.next, timeframe))
            .collect())
    }

    fn records(
        &self,
        txn: &dyn WriteTxn,
        (from, to): (CandleTime, CandleTime),
    ) -> Result<Vec<GapRecord>, StoreError> {
        let query = GapQuery {
            from,
            to,
            ..GapQuery::OPEN
        };
        let mut records = txn.gaps(self.key, &query)?;
        records.reverse();
        Ok(records)
    }

    fn settle_gaps(
        &mut self,
        txn: &mut dyn WriteTxn,
        records: &[GapRecord],
        holes: &[Gap],
        arrival: &Arrival,
        ours: impl Fn(Gap) -> bool,
    ) -> Result<(), StoreError> {
        let base = match &arrival.base {
            Some(base) => txn.series_key(base)?,
            None => None,
        };
        let explained = |hole: Gap| -> Option<GapCause> {
            let query = GapQuery {
                from: hole.from,
                to: hole.to.shifted(self.series.timeframe().seconds() - 1),
                healed: None,
                limit: 1,
            };
            // A cause that cannot be read is an unknown one.
            Some(txn.gaps(base?, &query).ok()?.first()?.cause)
        };
        let cause_of = |hole| match (ours(hole), &arrival.base) {
            (false, _) => GapCause::Unknown,
            (true, Some(_)) => explained(hole).unwrap_or(GapCause::Unknown),
            (true, None) => arrival.origin.gap_cause(),
        };
        let (timeframe, from) = (self.series.timeframe(), arrival.origin.healed_from());
        let Reconciled { delete, put, changes } =
            reconcile(timeframe, records, holes, arrival.at_ms, from, cause_of);
        if !delete.is_empty() {
            txn.delete_gaps(self.key, &delete)?;
        }
        if !put.is_empty() {
            txn.put_gaps(self.key, &put)?;
        }
        self.gaps.add(changes);
        Ok(())
    }
}
