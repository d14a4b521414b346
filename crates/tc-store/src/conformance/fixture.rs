//! Small makers of rows, and a store that can be reopened.

use tc_factor::{Fingerprint, KindId, LedgerEvent, Payload};
use tc_market::{Candle, CandleTime, SeriesId};
use tc_overlay::{DrawingId, RenderKey, SettledRow};

use super::Factory;
use crate::{Names, SeriesKey, SeriesState, Snapshot, Storage, StoreError, WriteTxn};

pub(super) const BTC: &str = "binance:futures:BTC/USDT:1m";
pub(super) const ETH: &str = "binance:futures:ETH/USDT:1m";

/// A store under test.
pub(super) struct Fixture<'f> {
    factory: &'f dyn Factory,
    storage: Option<Box<dyn Storage>>,
}

impl<'f> Fixture<'f> {
    pub(super) fn new(factory: &'f dyn Factory) -> Self {
        Self {
            factory,
            storage: Some(factory.open(names())),
        }
    }

    pub(super) fn storage(&self) -> &dyn Storage {
        self.storage.as_deref().unwrap()
    }

    pub(super) fn reopen(&mut self, names: Names) {
        self.storage = None;
        self.storage = Some(self.factory.open(names));
    }

    pub(super) fn snapshot(&self) -> Box<dyn Snapshot + '_> {
        self.storage().snapshot().unwrap()
    }

    /// Runs `work` for the BTC series in a transaction and commits.
    pub(super) fn write<T>(&self, work: impl FnOnce(&mut dyn WriteTxn, SeriesKey) -> T) -> T {
        let mut txn = self.storage().begin().unwrap();
        let key = txn.ensure_series(&id(BTC)).unwrap();
        let result = work(&mut *txn, key);
        txn.commit().unwrap();
        result
    }

    /// Runs `work` like [`write`](Self::write), and `check` inside the transaction, after its commit and after
    /// reopening.
    pub(super) fn write_and_check(
        &mut self,
        work: impl FnOnce(&mut dyn WriteTxn, SeriesKey),
        check: impl Fn(&dyn Snapshot, SeriesKey),
    ) {
        self.write(|txn, key| {
            work(txn, key);
            check(&*txn, key);
        });
        self.check(&check);
        self.reopen(names());
        self.check(&check);
    }

    /// Runs `check` on a snapshot of the BTC series.
    pub(super) fn check(&self, check: impl Fn(&dyn Snapshot, SeriesKey)) {
        let snapshot = self.snapshot();
        let key = snapshot.series_key(&id(BTC)).unwrap().unwrap();
        check(&*snapshot, key);
    }
}

pub(super) fn names() -> Names {
    named(&["pivot.major", "pivot.minor", "pen.confirmed"], &["dot", "ring"])
}

pub(super) fn named(event_kinds: &[&str], drawings: &[&str]) -> Names {
    let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    Names {
        event_kinds: owned(event_kinds),
        drawings: owned(drawings),
    }
}

pub(super) fn id(text: &str) -> SeriesId {
    text.parse().unwrap()
}

pub(super) fn at(seconds: i64) -> CandleTime {
    CandleTime::new(seconds).unwrap()
}

pub(super) fn times(seconds: &[i64]) -> Vec<CandleTime> {
    seconds.iter().map(|&seconds| at(seconds)).collect()
}

/// A candle whose five values follow from `close`.
pub(super) fn candle(time: i64, close: f64) -> Candle {
    Candle::new(
        at(time),
        close * 0.99,
        close * 1.01,
        close * 0.98,
        close,
        close * 3.7,
    )
    .unwrap()
}

/// Candles at the given times, each with a close of its own.
pub(super) fn candles(seconds: &[i64]) -> Vec<Candle> {
    seconds
        .iter()
        .map(|&time| candle(time, 100.0 + f64::from(u16::try_from(time % 977).unwrap()) / 7.0))
        .collect()
}

pub(super) fn seconds(candles: &[Candle]) -> Vec<i64> {
    candles.iter().map(|candle| candle.time().seconds()).collect()
}

pub(super) fn event(visible: i64, ord: u16, kind: u16, anchor: i64, payload: &[u8]) -> LedgerEvent {
    LedgerEvent {
        kind: KindId(kind),
        ord,
        visible_time: at(visible),
        anchor_time: at(anchor),
        payload: Payload::from_slice(payload),
    }
}

pub(super) fn drawing(version: i64, ord: u16, drawing: u16, first: i64, last: i64) -> SettledRow {
    SettledRow {
        version: at(version),
        ord,
        drawing: DrawingId(drawing),
        first_time: at(first),
        last_time: at(last),
        payload: Payload::from_slice(&version.to_le_bytes()),
    }
}

/// A state in which every field differs from the default and follows from `seed`.
pub(super) fn state(seed: u8) -> SeriesState {
    let time = |offset: i64| at(i64::from(seed) * 1000 + offset);
    SeriesState {
        factor_head: Some(time(1)),
        feature_head: Some(time(5)),
        overlay_head: Some(time(2)),
        fingerprint: Some(Fingerprint::from_bytes([seed; 32])),
        render_key: Some(RenderKey::from_bytes([seed ^ 0xff; 16])),
        resync_floor: time(3),
        stale_from: Some(time(4)),
        epoch: u32::MAX - u32::from(seed),
        generation: (1 << 40) + u64::from(seed),
        gaps_known: true,
    }
}

/// The result is an error of the backend, not of the store's contents or of the device.
pub(super) fn assert_refused<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::Backend { .. })), "{result:?}");
}
