//! Writes of a transaction.

use std::sync::{Arc, MutexGuard, atomic::Ordering};

use tc_factor::LedgerEvent;
use tc_market::{Candle, CandleTime, SeriesId};
use tc_overlay::SettledRow;

use super::{
    access::Access,
    faults::Operation,
    lock,
    state::{EventRow, SeriesRows, SettledEntry, State},
};
use crate::{
    EpochRecord, GapRecord, MAX_EPOCHS, MAX_GAPS, PutReport, Savepoint, SeriesKey, SeriesState, StoreError,
    StoredCheckpoint, WriteTxn,
};

/// The writer's turn, and the states to return to.
pub(super) struct Writing<'a> {
    _turn: MutexGuard<'a, ()>,
    savepoints: Vec<(Savepoint, State)>,
}

/// A call that breaks the contract of a transaction.
#[derive(Debug, thiserror::Error)]
enum Misuse {
    #[error("savepoint {0:?} cannot be opened inside {1:?}")]
    Nesting(Savepoint, Savepoint),
    #[error("savepoint {0:?} is not open")]
    NotOpen(Savepoint),
    #[error("id {0} is not among the names of this store")]
    Unnamed(u16),
}

impl Misuse {
    fn during(self, action: &'static str) -> StoreError {
        StoreError::Backend {
            action,
            source: Box::new(self),
        }
    }
}

impl<'a> Writing<'a> {
    pub(super) const fn new(turn: MutexGuard<'a, ()>) -> Self {
        Self {
            _turn: turn,
            savepoints: Vec::new(),
        }
    }

    /// Closes a savepoint with those nested in it; returns the state at its opening.
    fn close(&mut self, savepoint: Savepoint, action: &'static str) -> Result<State, StoreError> {
        let position = self
            .savepoints
            .iter()
            .position(|(open, _)| *open == savepoint)
            .ok_or_else(|| Misuse::NotOpen(savepoint).during(action))?;
        let state = self.savepoints.swap_remove(position).1;
        self.savepoints.truncate(position);
        Ok(state)
    }
}

impl Access<'_, Writing<'_>> {
    fn write(&mut self, operation: Operation, key: SeriesKey) -> Result<&mut SeriesRows, StoreError> {
        self.storage.faults.check(operation)?;
        self.state.rows_mut(key)
    }
}

impl WriteTxn for Access<'_, Writing<'_>> {
    fn ensure_series(&mut self, series: &SeriesId) -> Result<SeriesKey, StoreError> {
        self.storage.faults.check(Operation::EnsureSeries)?;
        if let Some(&key) = self.state.keys.get(series) {
            return Ok(key);
        }
        let newest = self.state.series.last_key_value().map_or(0, |(key, _)| key.0);
        let key = SeriesKey(newest + 1);
        Arc::make_mut(&mut self.state.keys).insert(series.clone(), key);
        Arc::make_mut(&mut self.state.series).insert(key, Arc::default());
        Ok(key)
    }

    fn put_series_state(&mut self, key: SeriesKey, state: &SeriesState) -> Result<(), StoreError> {
        self.write(Operation::PutSeriesState, key)?.state = state.clone();
        Ok(())
    }

    fn put_candles(&mut self, key: SeriesKey, candles: &[Candle]) -> Result<PutReport, StoreError> {
        debug_assert!(
            candles.is_sorted_by(|a, b| a.time() < b.time()),
            "I2: candles come strictly ascending"
        );
        let rows = self.write(Operation::PutCandles, key)?;
        let mut report = PutReport::default();
        for &candle in candles {
            let time = candle.time();
            match rows.candles.get((time, 0)) {
                Some(stored) if *stored == candle => {
                    report.equal += 1;
                    continue;
                }
                Some(_) => {
                    report.changed += 1;
                    report.first_changed.get_or_insert(time);
                }
                None => {
                    report.inserted += 1;
                    report.first_inserted.get_or_insert(time);
                }
            }
            rows.candles.insert((time, 0), candle);
        }
        Ok(report)
    }

    fn delete_candles(&mut self, key: SeriesKey, times: &[CandleTime]) -> Result<u64, StoreError> {
        let rows = self.write(Operation::DeleteCandles, key)?;
        let deleted = times.iter().filter(|&&time| rows.candles.remove((time, 0)));
        Ok(deleted.count() as u64)
    }

    fn trim_candles(&mut self, key: SeriesKey, keep: u64) -> Result<u64, StoreError> {
        let rows = self.write(Operation::TrimCandles, key)?;
        let keep = usize::try_from(keep.max(1)).unwrap_or(usize::MAX);
        let oldest_doomed = rows.candles.all().rev().nth(keep).map(|(&(time, _), _)| time);
        let deleted = oldest_doomed.map_or(0, |time| rows.candles.remove_range(CandleTime::MIN, time));
        Ok(deleted as u64)
    }

    fn append_events(&mut self, key: SeriesKey, events: &[LedgerEvent]) -> Result<(), StoreError> {
        let storage = self.storage;
        let rows = self.write(Operation::AppendEvents, key)?;
        for event in events {
            let position = (event.visible_time, u32::from(event.ord));
            let kind = storage
                .numbering
                .events
                .to_store(event.kind.0)
                .ok_or_else(|| Misuse::Unnamed(event.kind.0).during("appending events"))?;
            if rows.events.get(position).is_none() {
                let row = EventRow {
                    kind,
                    anchor_time: event.anchor_time,
                    payload: event.payload.clone(),
                };
                rows.events.insert(position, row);
            }
        }
        Ok(())
    }

    fn append_settled(&mut self, key: SeriesKey, settled: &[SettledRow]) -> Result<(), StoreError> {
        let storage = self.storage;
        let rows = self.write(Operation::AppendSettled, key)?;
        for row in settled {
            let drawing = storage
                .numbering
                .drawings
                .to_store(row.drawing.0)
                .ok_or_else(|| Misuse::Unnamed(row.drawing.0).during("appending drawings"))?;
            let position = (row.version, u32::from(row.ord) << 16 | u32::from(drawing));
            if rows.settled.get(position).is_none() {
                let entry = SettledEntry {
                    drawing,
                    first_time: row.first_time,
                    last_time: row.last_time,
                    payload: row.payload.clone(),
                };
                rows.settled.insert(position, entry);
            }
        }
        Ok(())
    }

    fn put_checkpoint(&mut self, key: SeriesKey, checkpoint: &StoredCheckpoint) -> Result<(), StoreError> {
        let rows = self.write(Operation::PutCheckpoint, key)?;
        rows.checkpoints
            .insert((checkpoint.time, 0), checkpoint.bytes.clone());
        Ok(())
    }

    fn discard_ledger_from(&mut self, key: SeriesKey, from: CandleTime) -> Result<(), StoreError> {
        let rows = self.write(Operation::DiscardLedgerFrom, key)?;
        rows.events.remove_range(from, CandleTime::MAX);
        rows.checkpoints.remove_range(from, CandleTime::MAX);
        Ok(())
    }

    fn discard_settled_from(&mut self, key: SeriesKey, from: CandleTime) -> Result<(), StoreError> {
        let rows = self.write(Operation::DiscardSettledFrom, key)?;
        rows.settled.remove_range(from, CandleTime::MAX);
        Ok(())
    }

    fn put_gaps(&mut self, key: SeriesKey, gaps: &[GapRecord]) -> Result<(), StoreError> {
        let rows = self.write(Operation::PutGaps, key)?;
        for gap in gaps {
            rows.gaps.insert((gap.from, 0), gap.clone());
        }
        let mut by_worth: Vec<_> = rows.gaps.all().map(|(_, gap)| gap).collect();
        let surplus = by_worth.len().saturating_sub(MAX_GAPS);
        by_worth.sort_by_key(|gap| (!gap.state.is_healed(), gap.from));
        let doomed: Vec<CandleTime> = by_worth.iter().take(surplus).map(|gap| gap.from).collect();
        for from in doomed {
            rows.gaps.remove((from, 0));
        }
        Ok(())
    }

    fn delete_gaps(&mut self, key: SeriesKey, from: &[CandleTime]) -> Result<(), StoreError> {
        let rows = self.write(Operation::DeleteGaps, key)?;
        for &from in from {
            rows.gaps.remove((from, 0));
        }
        Ok(())
    }

    fn put_epoch(&mut self, key: SeriesKey, epoch: &EpochRecord) -> Result<(), StoreError> {
        let rows = self.write(Operation::PutEpoch, key)?;
        rows.epochs.insert(epoch.epoch, *epoch);
        let oldest = epoch.epoch.saturating_sub(MAX_EPOCHS - 1);
        rows.epochs.retain(|&number, _| number >= oldest);
        Ok(())
    }

    fn savepoint(&mut self, savepoint: Savepoint) -> Result<(), StoreError> {
        self.storage.faults.check(Operation::Savepoint)?;
        match self.role.savepoints.last() {
            Some((open, _)) if *open >= savepoint => {
                Err(Misuse::Nesting(savepoint, *open).during("opening a savepoint"))
            }
            _ => {
                self.role.savepoints.push((savepoint, self.state.clone()));
                Ok(())
            }
        }
    }

    fn rollback_to(&mut self, savepoint: Savepoint) -> Result<(), StoreError> {
        self.storage.faults.check(Operation::RollbackTo)?;
        self.state = self.role.close(savepoint, "rolling back to a savepoint")?;
        Ok(())
    }

    fn release(&mut self, savepoint: Savepoint) -> Result<(), StoreError> {
        self.storage.faults.check(Operation::Release)?;
        self.role.close(savepoint, "releasing a savepoint").map(drop)
    }

    fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.storage.faults.check(Operation::Commit)?;
        *lock(&self.storage.disk.committed) = self.state;
        self.storage.disk.commits.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}
