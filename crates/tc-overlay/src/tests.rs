//! Tests of drawings, versions and patches.

mod endless;
mod future;
mod golden;
mod naive;
mod patches;
mod repetitions;
mod resuming;
mod versions;

use std::{collections::BTreeMap, convert::Infallible, sync::Arc};

use proptest::prelude::*;
use tc_factor::{FactorSettings, FoldMode, LedgerEvent, testing};
use tc_market::{Candle, CandleTime, SeriesId};

use crate::{
    FoldOutput, FoldSetup, Instruction, LedgerSource, OverlayGraph, OverlaySettings, SeriesFold,
    renderers::RENDERERS,
};

fn setup(major: i64, minor: i64, window_candles: u32) -> FoldSetup {
    FoldSetup {
        factors: testing::graph(major, minor),
        overlay: Arc::new(OverlayGraph::build(RENDERERS, OverlaySettings { window_candles }).unwrap()),
        settings: FactorSettings::with_pivot_windows(major, minor),
    }
}

fn one_minute_series() -> SeriesId {
    "binance:spot:A/B:1m".parse().unwrap()
}

/// What the write side leaves of a series: candles, events, and a checkpoint after every so many candles.
struct Stored {
    setup: FoldSetup,
    series: SeriesId,
    candles: Vec<Candle>,
    out: FoldOutput,
    checkpoints: BTreeMap<CandleTime, Vec<u8>>,
}

impl Stored {
    fn new(setup: FoldSetup, series: SeriesId, candles: Vec<Candle>, checkpoint_every: usize) -> Self {
        let mut fold = SeriesFold::genesis(&setup, &series, FoldMode::Compute);
        let mut out = FoldOutput::default();
        let mut checkpoints = BTreeMap::new();
        for (n, candle) in candles.iter().enumerate() {
            fold.compute(candle, &mut out).unwrap();
            if (n + 1) % checkpoint_every == 0 {
                checkpoints.insert(candle.time(), fold.checkpoint().unwrap().encode());
            }
        }
        Self {
            setup,
            series,
            candles,
            out,
            checkpoints,
        }
    }

    fn tick(&self, time: CandleTime) -> &[LedgerEvent] {
        let events = &self.out.events;
        let from = events.partition_point(|event| event.visible_time < time);
        let to = events.partition_point(|event| event.visible_time <= time);
        &events[from..to]
    }

    fn reader(&self) -> SeriesFold {
        SeriesFold::genesis(&self.setup, &self.series, FoldMode::Follow)
    }

    /// A reader at the newest usable checkpoint at or before `at`.
    fn resumed(&self, setup: &FoldSetup, at: CandleTime) -> SeriesFold {
        let fingerprint = setup.fingerprint(&self.series);
        SeriesFold::resume(setup, &self.series, FoldMode::Follow, fingerprint, self, at)
            .unwrap()
            .fold
    }

    /// Moves `fold` to `to`, remembering what changed if `live`.
    fn advance(&self, fold: &mut SeriesFold, to: CandleTime, live: bool) {
        let done = fold.head().map_or(0, |head| {
            self.candles.partition_point(|candle| candle.time() <= head)
        });
        for candle in self.candles[done..].iter().filter(|candle| candle.time() <= to) {
            let tick = self.tick(candle.time());
            let followed = if live {
                fold.follow_live(candle, tick)
            } else {
                fold.follow(candle, tick)
            };
            followed.unwrap();
        }
    }

    /// D(t) at every candle, read while the candle was the newest.
    fn drawings(&self) -> Vec<Vec<Instruction>> {
        let mut fold = self.reader();
        let drawings = self.candles.iter().map(|candle| {
            self.advance(&mut fold, candle.time(), false);
            fold.drawing().unwrap()
        });
        drawings.collect()
    }
}

impl LedgerSource for Stored {
    type Error = Infallible;

    fn checkpoint_at(&self, at: CandleTime) -> Result<Option<(CandleTime, Vec<u8>)>, Infallible> {
        let newest = self.checkpoints.range(..=at).next_back();
        Ok(newest.map(|(time, bytes)| (*time, bytes.clone())))
    }

    fn candles(&self, from: CandleTime, to: CandleTime) -> Result<Vec<Candle>, Infallible> {
        let candles = self.candles.iter().copied();
        Ok(candles
            .filter(|candle| (from..=to).contains(&candle.time()))
            .collect())
    }

    fn events(&self, from: CandleTime, to: CandleTime) -> Result<Vec<LedgerEvent>, Infallible> {
        let events = self.out.events.iter();
        let inside = events.filter(|event| (from..=to).contains(&event.visible_time));
        Ok(inside.cloned().collect())
    }
}

/// A stored series of random candles with small windows, checkpointed after every `1..=9` candles.
fn stored(count: std::ops::Range<usize>) -> impl Strategy<Value = Stored> {
    let candles = prop::collection::vec(any::<u16>(), count).prop_map(|moves| testing::walk(&moves));
    let windows = (1_i64..=4, 1_i64..=4, 3_u32..=60);
    (candles, windows, 1_usize..=9).prop_map(|(candles, (major, minor, window), every)| {
        Stored::new(setup(major, minor, window), one_minute_series(), candles, every)
    })
}

impl std::fmt::Debug for Stored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} over {:?}", self.setup.overlay.settings(), self.candles)
    }
}
