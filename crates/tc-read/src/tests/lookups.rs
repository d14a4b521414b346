//! How often the store is asked: every read of a fold overlaps with the one before it, and none is made twice.

use std::cell::Cell;

use tc_factor::LedgerEvent;
use tc_market::{Candle, CandleTime, SeriesId, Timeframe};
use tc_overlay::SettledRow;
use tc_store::{
    CandleSteps, EpochRecord, EventQuery, GapQuery, GapRecord, OpenGaps, SeriesKey, SeriesState,
    SeriesSummary, Snapshot, Storage, StoreError, StoredCheckpoint,
};

use super::{World, reader, walk};
use crate::{DrawQuery, FrameQuery, ReadModel, SliceQuery, SliceSelection};

/// Counts what is asked.
struct Counting<'a> {
    inner: &'a dyn Snapshot,
    checkpoints: Cell<usize>,
    stretches: Cell<usize>,
}

fn count(counter: &Cell<usize>) {
    counter.set(counter.get() + 1);
}

impl Snapshot for Counting<'_> {
    fn series_key(&self, series: &SeriesId) -> Result<Option<SeriesKey>, StoreError> {
        self.inner.series_key(series)
    }

    fn series_state(&self, key: SeriesKey) -> Result<SeriesState, StoreError> {
        self.inner.series_state(key)
    }

    fn list_series(&self) -> Result<Vec<SeriesSummary>, StoreError> {
        self.inner.list_series()
    }

    fn head_time(&self, key: SeriesKey) -> Result<Option<CandleTime>, StoreError> {
        self.inner.head_time(key)
    }

    fn first_time(&self, key: SeriesKey) -> Result<Option<CandleTime>, StoreError> {
        self.inner.first_time(key)
    }

    fn floor_time(&self, key: SeriesKey, at: CandleTime) -> Result<Option<CandleTime>, StoreError> {
        self.inner.floor_time(key, at)
    }

    fn count_between(&self, key: SeriesKey, from: CandleTime, to: CandleTime) -> Result<u64, StoreError> {
        self.inner.count_between(key, from, to)
    }

    fn existing_times(&self, key: SeriesKey, times: &[CandleTime]) -> Result<Vec<CandleTime>, StoreError> {
        self.inner.existing_times(key, times)
    }

    fn newest_candles(&self, key: SeriesKey, limit: usize) -> Result<Vec<Candle>, StoreError> {
        self.inner.newest_candles(key, limit)
    }

    fn candles_between(
        &self,
        key: SeriesKey,
        from: CandleTime,
        to: CandleTime,
        limit: usize,
    ) -> Result<Vec<Candle>, StoreError> {
        self.inner.candles_between(key, from, to, limit)
    }

    fn events(
        &self,
        key: SeriesKey,
        from: CandleTime,
        to: CandleTime,
    ) -> Result<Vec<LedgerEvent>, StoreError> {
        // One tick is what a factor may need again; a stretch is what the window or the way needs.
        if to.seconds() - from.seconds() >= MINUTE {
            count(&self.stretches);
        }
        self.inner.events(key, from, to)
    }

    fn find_events(&self, key: SeriesKey, query: &EventQuery<'_>) -> Result<Vec<LedgerEvent>, StoreError> {
        self.inner.find_events(key, query)
    }

    fn checkpoint_at(&self, key: SeriesKey, at: CandleTime) -> Result<Option<StoredCheckpoint>, StoreError> {
        count(&self.checkpoints);
        self.inner.checkpoint_at(key, at)
    }

    fn settled(
        &self,
        key: SeriesKey,
        cutoff: CandleTime,
        to: CandleTime,
    ) -> Result<Vec<SettledRow>, StoreError> {
        self.inner.settled(key, cutoff, to)
    }

    fn candle_steps(
        &self,
        key: SeriesKey,
        timeframe: Timeframe,
        range: (CandleTime, CandleTime),
        limit: usize,
    ) -> Result<CandleSteps, StoreError> {
        self.inner.candle_steps(key, timeframe, range, limit)
    }

    fn gaps(&self, key: SeriesKey, query: &GapQuery) -> Result<Vec<GapRecord>, StoreError> {
        self.inner.gaps(key, query)
    }

    fn open_gaps(&self, key: SeriesKey) -> Result<OpenGaps, StoreError> {
        self.inner.open_gaps(key)
    }

    fn epochs(&self, key: SeriesKey, limit: usize) -> Result<Vec<EpochRecord>, StoreError> {
        self.inner.epochs(key, limit)
    }
}

/// One candle of the walks, seconds.
const MINUTE: i64 = 60;

/// Checkpoints and stretches of events that a question looked up.
fn lookups(world: &World, ask: impl FnOnce(&Counting<'_>)) -> (usize, usize) {
    let snapshot = world.storage.snapshot().unwrap();
    let counting = Counting {
        inner: &*snapshot,
        checkpoints: Cell::new(0),
        stretches: Cell::new(0),
    };
    ask(&counting);
    (counting.checkpoints.get(), counting.stretches.get())
}

fn frame(world: &World, reader: &ReadModel, at: &Candle) -> (usize, usize) {
    lookups(world, |snapshot| {
        let query = FrameQuery {
            at_time: Some(at.time().seconds()),
            window_candles: 30,
            selection: SliceSelection::default(),
        };
        reader.frame(snapshot, &world.series, &query).unwrap();
    })
}

fn delta(world: &World, cursor: &Candle, to: &Candle) -> (usize, usize) {
    lookups(world, |snapshot| {
        let query = DrawQuery {
            cursor: cursor.time().seconds(),
            window_candles: 30,
            at_time: Some(to.time().seconds()),
        };
        world.reader.draw_delta(snapshot, &world.series, &query).unwrap();
    })
}

#[test]
fn a_cold_frame_reads_one_checkpoint_and_its_events_once() {
    let candles = walk(1, 2_000);
    let world = World::with(&candles);
    for n in [5, 300, 511, 512, 700, 1_400, 1_999] {
        assert_eq!(
            frame(&world, &reader(&world.setup), &candles[n]),
            (1, 1),
            "at {n}"
        );
        let slices = lookups(&world, |snapshot| {
            let query = SliceQuery {
                at_time: candles[n].time().seconds(),
                window_candles: 60,
                selection: SliceSelection::default(),
            };
            reader(&world.setup)
                .slices(snapshot, &world.series, &query)
                .unwrap();
        });
        assert_eq!(slices, (1, 1), "at {n}");
    }
}

#[test]
fn whoever_follows_the_newest_candle_reads_its_events_alone() {
    let candles = walk(2, 1_300);
    let mut world = World::with(&candles[..1_200]);
    frame(&world, &world.reader, &candles[1_199]);
    for n in 1_200..1_210 {
        world.ingest(&candles[n..=n]);
        assert_eq!(delta(&world, &candles[n - 1], &candles[n]), (0, 0), "one tick");
        assert_eq!(
            delta(&world, &candles[(n - 9).max(1_199)], &candles[n]),
            (0, 0),
            "is there already"
        );
        assert_eq!(
            frame(&world, &world.reader, &candles[n]),
            (0, 1),
            "the window of the slices"
        );
    }
    // A client that comes back with an older cursor: its candles are remembered on the way.
    world.ingest(&candles[1_210..]);
    assert_eq!(delta(&world, &candles[1_209], &candles[1_299]), (0, 1));
    assert_eq!(delta(&world, &candles[1_250], &candles[1_299]), (0, 0));
}

#[test]
fn readers_of_the_past_do_not_displace_the_newest_fold() {
    let candles = walk(3, 6_000);
    let world = World::with(&candles);
    frame(&world, &world.reader, &candles[5_999]);
    for n in [100, 900, 1_800, 2_700, 3_600, 4_500, 5_300] {
        assert_eq!(frame(&world, &world.reader, &candles[n]).0, 1, "at {n}");
    }
    assert_eq!(frame(&world, &world.reader, &candles[5_999]).0, 0);
    assert_eq!(
        frame(&world, &world.reader, &candles[5_310]).0,
        0,
        "the last of them is still there"
    );
    assert_eq!(
        frame(&world, &world.reader, &candles[110]).0,
        1,
        "the first one is not"
    );
}
