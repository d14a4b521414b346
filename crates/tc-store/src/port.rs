//! The traits that a backend implements.

use tc_factor::LedgerEvent;
use tc_market::{Candle, CandleTime, SeriesId, Timeframe};
use tc_overlay::SettledRow;

use crate::{
    CandleSteps, EpochRecord, EventQuery, GapQuery, GapRecord, OpenGaps, PutReport, SeriesKey, SeriesState,
    SeriesSummary, StoreError, StoredCheckpoint,
};

/// Opens snapshots and write transactions. Many readers, one writer at a time.
pub trait Storage: Send + Sync {
    /// A consistent view of everything committed so far. Readers never block behind a writer. Short-lived.
    ///
    /// # Errors
    /// [`StoreError`] when no view can be opened.
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError>;

    /// A write transaction. Waits while another one is open; dropping it without commit rolls back.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot begin.
    fn begin(&self) -> Result<Box<dyn WriteTxn + '_>, StoreError>;

    /// Moves the write-ahead log into the main file, before a clean exit.
    ///
    /// # Errors
    /// [`StoreError`].
    fn checkpoint_log(&self) -> Result<(), StoreError>;
}

/// Consistent read view. Every list is ascending by time and without duplicates; bounds are inclusive.
pub trait Snapshot {
    /// Key of a series, `None` when nothing was ever written for it.
    ///
    /// # Errors
    /// [`StoreError`].
    fn series_key(&self, series: &SeriesId) -> Result<Option<SeriesKey>, StoreError>;

    /// Heads, fingerprint, epoch and the like of a series.
    ///
    /// # Errors
    /// [`StoreError`].
    fn series_state(&self, key: SeriesKey) -> Result<SeriesState, StoreError>;

    /// Every stored series, ascending by id.
    ///
    /// # Errors
    /// [`StoreError`].
    fn list_series(&self) -> Result<Vec<SeriesSummary>, StoreError>;

    /// Newest stored candle time.
    ///
    /// # Errors
    /// [`StoreError`].
    fn head_time(&self, key: SeriesKey) -> Result<Option<CandleTime>, StoreError>;

    /// Oldest stored candle time.
    ///
    /// # Errors
    /// [`StoreError`].
    fn first_time(&self, key: SeriesKey) -> Result<Option<CandleTime>, StoreError>;

    /// Newest stored candle time at or before `at`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn floor_time(&self, key: SeriesKey, at: CandleTime) -> Result<Option<CandleTime>, StoreError>;

    /// Number of candles with `from <= time <= to`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn count_between(&self, key: SeriesKey, from: CandleTime, to: CandleTime) -> Result<u64, StoreError>;

    /// Which of `times` are stored, ascending.
    ///
    /// # Errors
    /// [`StoreError`].
    fn existing_times(&self, key: SeriesKey, times: &[CandleTime]) -> Result<Vec<CandleTime>, StoreError>;

    /// The newest `limit` candles.
    ///
    /// # Errors
    /// [`StoreError`].
    fn newest_candles(&self, key: SeriesKey, limit: usize) -> Result<Vec<Candle>, StoreError>;

    /// The oldest `limit` candles with `from <= time <= to`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn candles_between(
        &self,
        key: SeriesKey,
        from: CandleTime,
        to: CandleTime,
        limit: usize,
    ) -> Result<Vec<Candle>, StoreError>;

    /// Ledger events with `from <= visible_time <= to`, ordered by `(visible_time, ord)`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn events(
        &self,
        key: SeriesKey,
        from: CandleTime,
        to: CandleTime,
    ) -> Result<Vec<LedgerEvent>, StoreError>;

    /// The first events that the query wants, in its order. Reads no more rows than it takes to find them, and nothing of
    /// a payload that is left out.
    ///
    /// # Errors
    /// [`StoreError`].
    fn find_events(&self, key: SeriesKey, query: &EventQuery<'_>) -> Result<Vec<LedgerEvent>, StoreError>;

    /// The newest checkpoint at or before `at`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn checkpoint_at(&self, key: SeriesKey, at: CandleTime) -> Result<Option<StoredCheckpoint>, StoreError>;

    /// Settled drawings with `version <= to` and `last_time >= cutoff`, ordered by `(version, ord, drawing)`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn settled(
        &self,
        key: SeriesKey,
        cutoff: CandleTime,
        to: CandleTime,
    ) -> Result<Vec<SettledRow>, StoreError>;

    /// How the candles with `from <= time <= to` follow each other; at most `limit` of the steps larger than
    /// `timeframe`, the newest ones.
    ///
    /// # Errors
    /// [`StoreError`].
    fn candle_steps(
        &self,
        key: SeriesKey,
        timeframe: Timeframe,
        range: (CandleTime, CandleTime),
        limit: usize,
    ) -> Result<CandleSteps, StoreError>;

    /// The gap records that the query wants, newest `from` first.
    ///
    /// # Errors
    /// [`StoreError`].
    fn gaps(&self, key: SeriesKey, query: &GapQuery) -> Result<Vec<GapRecord>, StoreError>;

    /// Gaps that are not healed, in numbers.
    ///
    /// # Errors
    /// [`StoreError`].
    fn open_gaps(&self, key: SeriesKey) -> Result<OpenGaps, StoreError>;

    /// The newest `limit` rebuilds, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    fn epochs(&self, key: SeriesKey, limit: usize) -> Result<Vec<EpochRecord>, StoreError>;
}

/// Levels of nesting within a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Savepoint {
    /// One batch of one series inside a group commit.
    Unit,
    /// The derived steps of that batch.
    Derived,
}

/// Everything a batch writes. Its reads see its own writes.
pub trait WriteTxn: Snapshot {
    /// Key of a series, made when it is new.
    ///
    /// # Errors
    /// [`StoreError`].
    fn ensure_series(&mut self, series: &SeriesId) -> Result<SeriesKey, StoreError>;

    /// Replaces heads, fingerprint, epoch and the like.
    ///
    /// # Errors
    /// [`StoreError`].
    fn put_series_state(&mut self, key: SeriesKey, state: &SeriesState) -> Result<(), StoreError>;

    /// Inserts or overwrites candles, strictly ascending by time. Equal rows are not written. Two values are equal
    /// when they are equal as `f64`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn put_candles(&mut self, key: SeriesKey, candles: &[Candle]) -> Result<PutReport, StoreError>;

    /// Deletes candles; returns how many were there.
    ///
    /// # Errors
    /// [`StoreError`].
    fn delete_candles(&mut self, key: SeriesKey, times: &[CandleTime]) -> Result<u64, StoreError>;

    /// Keeps the newest `max(1, keep)` candles; returns how many were deleted.
    ///
    /// # Errors
    /// [`StoreError`].
    fn trim_candles(&mut self, key: SeriesKey, keep: u64) -> Result<u64, StoreError>;

    /// Appends events in order. An event whose `(visible_time, ord)` is stored already is left as it is.
    ///
    /// # Errors
    /// [`StoreError`].
    fn append_events(&mut self, key: SeriesKey, events: &[LedgerEvent]) -> Result<(), StoreError>;

    /// Appends settled drawings in order. A row whose `(version, ord, drawing)` is stored already is left as it is.
    ///
    /// # Errors
    /// [`StoreError`].
    fn append_settled(&mut self, key: SeriesKey, rows: &[SettledRow]) -> Result<(), StoreError>;

    /// Stores a checkpoint, replacing one of the same time.
    ///
    /// # Errors
    /// [`StoreError`].
    fn put_checkpoint(&mut self, key: SeriesKey, checkpoint: &StoredCheckpoint) -> Result<(), StoreError>;

    /// Deletes events and checkpoints at or after `from`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn discard_ledger_from(&mut self, key: SeriesKey, from: CandleTime) -> Result<(), StoreError>;

    /// Deletes settled drawings with `version >= from`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn discard_settled_from(&mut self, key: SeriesKey, from: CandleTime) -> Result<(), StoreError>;

    /// Stores gap records, each in the place of one with the same `from`. Beyond [`MAX_GAPS`](crate::MAX_GAPS) of the
    /// series healed ones are dropped, oldest first, then others, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    fn put_gaps(&mut self, key: SeriesKey, gaps: &[GapRecord]) -> Result<(), StoreError>;

    /// Deletes the gap records that begin at these times.
    ///
    /// # Errors
    /// [`StoreError`].
    fn delete_gaps(&mut self, key: SeriesKey, from: &[CandleTime]) -> Result<(), StoreError>;

    /// Records a rebuild, and forgets those of more than [`MAX_EPOCHS`](crate::MAX_EPOCHS) epochs ago.
    ///
    /// # Errors
    /// [`StoreError`].
    fn put_epoch(&mut self, key: SeriesKey, epoch: &EpochRecord) -> Result<(), StoreError>;

    /// Opens a savepoint. Savepoints nest: `Unit`, then `Derived`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn savepoint(&mut self, savepoint: Savepoint) -> Result<(), StoreError>;

    /// Undoes everything since the savepoint and closes it, with those nested in it.
    ///
    /// # Errors
    /// [`StoreError`].
    fn rollback_to(&mut self, savepoint: Savepoint) -> Result<(), StoreError>;

    /// Keeps everything since the savepoint and closes it.
    ///
    /// # Errors
    /// [`StoreError`].
    fn release(&mut self, savepoint: Savepoint) -> Result<(), StoreError>;

    /// Makes everything durable. After it returns, a crash loses nothing of this transaction.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was kept.
    fn commit(self: Box<Self>) -> Result<(), StoreError>;
}
