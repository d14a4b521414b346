//! Reads, the same in a snapshot and in a transaction.

use tc_factor::{KindId, LedgerEvent, Payload};
use tc_market::{Candle, CandleTime, SeriesId, Timeframe};
use tc_overlay::{DrawingId, SettledRow};

use super::{
    MemoryStorage,
    faults::Operation,
    state::{EventRow, SeriesRows, State, no_row},
    table::{Position, Table},
};
use crate::{
    CandleStep, CandleSteps, EpochRecord, EventQuery, GapQuery, GapRecord, OpenGaps, Order, Payloads,
    SeriesKey, SeriesState, SeriesSummary, Snapshot, StoreError, StoredCheckpoint,
};

/// A state to read, and what the role adds: nothing for a snapshot, the writer's turn for a transaction.
pub(super) struct Access<'a, R> {
    pub(super) storage: &'a MemoryStorage,
    pub(super) state: State,
    pub(super) role: R,
}

impl<'a, R> Access<'a, R> {
    pub(super) const fn new(storage: &'a MemoryStorage, state: State, role: R) -> Self {
        Self { storage, state, role }
    }

    fn read(&self, key: SeriesKey) -> Result<Option<&SeriesRows>, StoreError> {
        self.storage.faults.check(Operation::Read)?;
        Ok(self.state.series.get(&key).map(AsRef::as_ref))
    }
}

fn first<V: Clone>(table: &Table<V>) -> Option<CandleTime> {
    table.all().next().map(|(&(time, _), _)| time)
}

fn last_until<V: Clone>(table: &Table<V>, at: CandleTime) -> Option<CandleTime> {
    table
        .range(CandleTime::MIN, at)
        .next_back()
        .map(|(&(time, _), _)| time)
}

fn narrow(part: u32) -> u16 {
    u16::try_from(part).unwrap_or(u16::MAX)
}

impl<R> Snapshot for Access<'_, R> {
    fn series_key(&self, series: &SeriesId) -> Result<Option<SeriesKey>, StoreError> {
        self.storage.faults.check(Operation::Read)?;
        Ok(self.state.keys.get(series).copied())
    }

    fn series_state(&self, key: SeriesKey) -> Result<SeriesState, StoreError> {
        let rows = self.read(key)?.ok_or_else(|| no_row(key))?;
        Ok(rows.state.clone())
    }

    fn list_series(&self) -> Result<Vec<SeriesSummary>, StoreError> {
        self.storage.faults.check(Operation::Read)?;
        let summaries = self.state.keys.iter().filter_map(|(series, key)| {
            let rows = self.state.series.get(key)?;
            Some(SeriesSummary {
                series: series.clone(),
                first_time: first(&rows.candles),
                head_time: last_until(&rows.candles, CandleTime::MAX),
                epoch: rows.state.epoch,
            })
        });
        Ok(summaries.collect())
    }

    fn head_time(&self, key: SeriesKey) -> Result<Option<CandleTime>, StoreError> {
        self.floor_time(key, CandleTime::MAX)
    }

    fn first_time(&self, key: SeriesKey) -> Result<Option<CandleTime>, StoreError> {
        Ok(self.read(key)?.and_then(|rows| first(&rows.candles)))
    }

    fn floor_time(&self, key: SeriesKey, at: CandleTime) -> Result<Option<CandleTime>, StoreError> {
        Ok(self.read(key)?.and_then(|rows| last_until(&rows.candles, at)))
    }

    fn count_between(&self, key: SeriesKey, from: CandleTime, to: CandleTime) -> Result<u64, StoreError> {
        let rows = self.read(key)?;
        Ok(rows.map_or(0, |rows| rows.candles.range(from, to).count() as u64))
    }

    fn existing_times(&self, key: SeriesKey, times: &[CandleTime]) -> Result<Vec<CandleTime>, StoreError> {
        let Some(rows) = self.read(key)? else {
            return Ok(Vec::new());
        };
        let mut stored: Vec<CandleTime> = times.to_vec();
        stored.retain(|&time| rows.candles.get((time, 0)).is_some());
        stored.sort_unstable();
        stored.dedup();
        Ok(stored)
    }

    fn newest_candles(&self, key: SeriesKey, limit: usize) -> Result<Vec<Candle>, StoreError> {
        let Some(rows) = self.read(key)? else {
            return Ok(Vec::new());
        };
        let mut candles: Vec<Candle> = rows
            .candles
            .all()
            .rev()
            .take(limit)
            .map(|(_, &candle)| candle)
            .collect();
        candles.reverse();
        Ok(candles)
    }

    fn candles_between(
        &self,
        key: SeriesKey,
        from: CandleTime,
        to: CandleTime,
        limit: usize,
    ) -> Result<Vec<Candle>, StoreError> {
        let Some(rows) = self.read(key)? else {
            return Ok(Vec::new());
        };
        let candles = rows.candles.range(from, to).take(limit);
        Ok(candles.map(|(_, &candle)| candle).collect())
    }

    fn events(
        &self,
        key: SeriesKey,
        from: CandleTime,
        to: CandleTime,
    ) -> Result<Vec<LedgerEvent>, StoreError> {
        let Some(rows) = self.read(key)? else {
            return Ok(Vec::new());
        };
        let kinds = &self.storage.numbering.events;
        let events = rows
            .events
            .range(from, to)
            .filter_map(|(&(visible_time, ord), row)| {
                Some(LedgerEvent {
                    kind: KindId(kinds.to_local(row.kind)?),
                    ord: narrow(ord),
                    visible_time,
                    anchor_time: row.anchor_time,
                    payload: row.payload.clone(),
                })
            });
        Ok(events.collect())
    }

    fn find_events(&self, key: SeriesKey, query: &EventQuery<'_>) -> Result<Vec<LedgerEvent>, StoreError> {
        let Some(rows) = self.read(key)? else {
            return Ok(Vec::new());
        };
        let kinds = &self.storage.numbering.events;
        let event = |(&(visible_time, ord), row): (&Position, &EventRow)| {
            let kind = KindId(kinds.to_local(row.kind)?);
            query.wants(kind).then(|| LedgerEvent {
                kind,
                ord: narrow(ord),
                visible_time,
                anchor_time: row.anchor_time,
                payload: match query.payloads {
                    Payloads::Stored => row.payload.clone(),
                    Payloads::LeftOut => Payload::new(),
                },
            })
        };
        let events = rows.events.range(query.from, query.to);
        Ok(match query.order {
            Order::Ascending => events.filter_map(event).take(query.limit).collect(),
            Order::Descending => events.rev().filter_map(event).take(query.limit).collect(),
        })
    }

    fn checkpoint_at(&self, key: SeriesKey, at: CandleTime) -> Result<Option<StoredCheckpoint>, StoreError> {
        let rows = self.read(key)?;
        let newest = rows.and_then(|rows| rows.checkpoints.range(CandleTime::MIN, at).next_back());
        Ok(newest.map(|(&(time, _), bytes)| StoredCheckpoint {
            time,
            bytes: bytes.clone(),
        }))
    }

    fn settled(
        &self,
        key: SeriesKey,
        cutoff: CandleTime,
        to: CandleTime,
    ) -> Result<Vec<SettledRow>, StoreError> {
        let Some(rows) = self.read(key)? else {
            return Ok(Vec::new());
        };
        let drawings = &self.storage.numbering.drawings;
        let mut settled: Vec<SettledRow> = rows
            .settled
            .range(CandleTime::MIN, to)
            .filter(|(_, row)| row.last_time >= cutoff)
            .filter_map(|(&(version, place), row)| {
                Some(SettledRow {
                    version,
                    ord: narrow(place >> 16),
                    drawing: DrawingId(drawings.to_local(row.drawing)?),
                    first_time: row.first_time,
                    last_time: row.last_time,
                    payload: row.payload.clone(),
                })
            })
            .collect();
        // Rows lie in the order of stored numbers, which need not be the order of this process's ids.
        settled.sort_by_key(|row| (row.version, row.ord, row.drawing));
        Ok(settled)
    }

    fn candle_steps(
        &self,
        key: SeriesKey,
        timeframe: Timeframe,
        (from, to): (CandleTime, CandleTime),
        limit: usize,
    ) -> Result<CandleSteps, StoreError> {
        let mut steps = CandleSteps::default();
        let Some(rows) = self.read(key)? else {
            return Ok(steps);
        };
        for (&(next, _), _) in rows.candles.range(from, to) {
            steps.count += 1;
            steps.off_grid += u64::from(next.seconds() % timeframe.seconds() != 0);
            steps.first.get_or_insert(next);
            let Some(prev) = steps.last.replace(next) else {
                continue;
            };
            let step_s = next.seconds() - prev.seconds();
            if step_s > timeframe.seconds() {
                steps.gaps += 1;
                steps.max_gap_s = steps.max_gap_s.max(Some(step_s));
                steps.newest.push(CandleStep { prev, next });
            }
        }
        steps.newest.reverse();
        steps.newest.truncate(limit);
        Ok(steps)
    }

    fn gaps(&self, key: SeriesKey, query: &GapQuery) -> Result<Vec<GapRecord>, StoreError> {
        let wanted = |rows: &SeriesRows| {
            let newest_first = rows.gaps.all().rev().map(|(_, gap)| gap);
            newest_first
                .filter(|gap| query.wants(gap))
                .take(query.limit)
                .cloned()
                .collect()
        };
        Ok(self.read(key)?.map_or_else(Vec::new, wanted))
    }

    fn open_gaps(&self, key: SeriesKey) -> Result<OpenGaps, StoreError> {
        let open = self.gaps(key, &GapQuery::OPEN)?;
        Ok(OpenGaps {
            count: open.len() as u64,
            missing: open.iter().map(|gap| gap.missing).sum(),
        })
    }

    fn epochs(&self, key: SeriesKey, limit: usize) -> Result<Vec<EpochRecord>, StoreError> {
        let newest = |rows: &SeriesRows| rows.epochs.values().rev().take(limit).copied().collect();
        Ok(self.read(key)?.map_or_else(Vec::new, newest))
    }
}
